#include "transfer/placed_check.h"

namespace wherry::transfer {

void PlacedCheck::pump(const DestinationPtr& destination) {
    while (!m_waiting.empty() && m_running.size() < m_context.jobBudget()) {
        Running next{std::move(m_waiting.front()), {}};
        m_waiting.pop_front();
        submit(std::move(next), destination);
    }
}

void PlacedCheck::submit(Running running, const DestinationPtr& destination) {
    const Question& question = running.question;
    HashPlacedJob job{destination, question.path, question.existing.size, running.roots.count()};
    m_running.emplace(m_context.out.submit(m_transfer, JobLane::Worker, std::move(job)), std::move(running));
}

std::optional<PlacedCheck::Answer> PlacedCheck::onJobDone(const JobDone& done, const DestinationPtr& destination) {
    const auto found = m_running.find(done.id);
    ASSERT(found != m_running.end());
    Running running = std::move(found->second);
    m_running.erase(found);
    const uint64_t size = running.question.existing.size;
    const AttemptMemory::Verdict otherwise = running.question.judged.verdict;
    // What cannot be read, or changes while it is, is not what we know.
    if (!done.outcome) return Answer{std::move(running.question), otherwise, std::nullopt};
    if (size > 0) running.roots.add(std::get<ChunkRoots>(*done.outcome)->root());
    if (running.roots.count() < groupCount(size)) return submit(std::move(running), destination), std::nullopt;
    const ContentId is = contentId(fileDigest(size, running.roots.root()));
    for (const auto& [content, verdict] : running.question.judged.byContent)
        if (content == is) return Answer{std::move(running.question), verdict, content};
    return Answer{std::move(running.question), otherwise, std::nullopt};
}

} // namespace wherry::transfer
