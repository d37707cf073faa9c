#pragma once

#include "transfer/outbox.h"
#include "transfer/resume_state.h"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace wherry::transfer {

/// Keeps on record which parts an attempt would leave behind if it ended now, so that they can be removed when nobody
/// comes back for them (PartSweep) or when the source has changed and the transfer is delivered without them. A part is
/// on record before the job that creates it is submitted.
class PartBook {
  public:
    explicit PartBook(MachineContext& context) : m_context(context) {}
    /// `leftOver`: parts that earlier attempts have on record.
    void begin(const LocalKey& local, std::vector<std::string> leftOver);

    /// A chunked file begins to arrive; its row goes with its chunks.
    void addChunked(const EntryKey& entry, const std::string& part, UnixTime expires);
    /// The files of a batch are about to be written, each into a part.
    void addBatch(const std::vector<uint32_t>& entries, const std::vector<std::string>& parts, UnixTime expires);
    /// The part of a batched file is there no longer: published, removed, or never written.
    void settled(uint32_t entry);

    /// Parts of that name in a folder are not left over: the next attempt goes on with them.
    void keep(const std::set<std::string>& names);
    /// The next of what earlier attempts have left, at most kPathsPerJob; empty: no more.
    std::vector<std::string> takeLeftOver();

  private:
    struct Batch {
        Bytes key;
        size_t files = 0;
    };

    MachineContext& m_context;
    LocalKey m_local{};
    std::vector<std::string> m_leftOver;
    uint64_t m_lastBatch = 0;
    std::map<uint64_t, Batch> m_batches;
    std::unordered_map<uint32_t, uint64_t> m_batchOf; ///< entries whose parts are there
};

} // namespace wherry::transfer
