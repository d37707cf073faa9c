#pragma once

#include "transfer/attempt_memory.h"
#include "transfer/outbox.h"
#include "transfer/placed_file.h"

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace wherry::transfer {

/// Hashes files under their final names, to say which of several contents each holds: some group of each at a time,
/// several files at once.
class PlacedCheck {
  public:
    struct Question {
        uint32_t entry = 0;
        std::string path; ///< in the destination
        ExistingEntry existing;
        AttemptMemory::Judgement judged; ///< with byContent
    };
    struct Answer {
        Question question;
        AttemptMemory::Verdict verdict = AttemptMemory::Verdict::Foreign;
        std::optional<ContentId> content{}; ///< of Question::judged; nullopt: none of these
    };

    PlacedCheck(MachineContext& context, TransferId transfer) : m_context(context), m_transfer(transfer) {}

    void ask(Question question) { m_waiting.push_back(std::move(question)); }
    /// Submits what may be under way.
    void pump(const DestinationPtr& destination);
    bool owns(JobId id) const { return m_running.contains(id); }
    /// Of a job of ours. nullopt: the file has more groups.
    std::optional<Answer> onJobDone(const JobDone& done, const DestinationPtr& destination);
    bool idle() const { return m_waiting.empty() && m_running.empty(); }

  private:
    struct Running {
        Question question;
        RootAccumulator roots; ///< of the groups so far
    };
    void submit(Running running, const DestinationPtr& destination);

    MachineContext& m_context;
    TransferId m_transfer;
    std::deque<Question> m_waiting;
    std::unordered_map<JobId, Running> m_running;
};

} // namespace wherry::transfer
