#pragma once

#include "transfer/chunk_failures.h"
#include "transfer/frame.h"
#include "transfer/group_bits.h"
#include "transfer/manifest.h"
#include "wire/transfer.pb.h"

#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace wherry::transfer {

/// Small files that go into one batch frame.
struct BatchUnit {
    std::vector<uint32_t> entries;
    bool resend = false;
};
/// One group of a chunked file: it is hashed, then the wanted chunks are sent.
struct GroupUnit {
    uint32_t entry = 0;
    uint32_t group = 0;
    GroupBits wanted;
    GroupBits sentBefore; ///< of these, what has been sent once and did not arrive intact
    bool claimed = false; ///< the receiver holds some of it and needs the chunk roots to check them
    bool resend = false;
};
using SendUnit = std::variant<BatchUnit, GroupUnit>;

/// What is to be sent in one attempt, in manifest order, from what the receiver has accepted, has already, and needs
/// again. One byte per entry; nothing is scanned twice.
class SendPlan {
  public:
    explicit SendPlan(const Manifest& manifest);

    /// One Accept message. ProtocolViolation: runs or claims out of order, out of range or about what cannot be.
    Result<void> addAccept(const wire::Accept& accept);
    /// The last Accept has come.
    bool complete() const { return m_complete; }

    bool wants(uint32_t entry) const { return m_states[entry] == State::Wanted; }
    /// The file is not sent (any more).
    void drop(uint32_t entry);
    /// Units that must be sent again come first. nullopt: nothing more for now; ask again after need().
    std::optional<SendUnit> next();
    bool exhausted() const { return m_cursor == m_manifest.count() && m_batch.empty() && m_resend.empty(); }

    /// Small files go in batches that a relay's limit leaves room for.
    void setRelayed(bool relayed);
    /// What the receiver has of the beginning of this chunk; told once.
    std::optional<HeldPart> takePart(uint32_t entry, uint32_t chunk);

    /// What was sent has been lost on the way: it goes again.
    void resendChunk(uint32_t entry, uint32_t chunk);
    void resendBatch(std::vector<uint32_t> entries);
    /// Errors: ProtocolViolation; VerificationFailed when a chunk fails too often.
    Result<void> need(const wire::Need& need);

    uint64_t bytesTotal() const { return m_bytesTotal; }
    uint64_t bytesAlready() const { return m_bytesAlready; }
    /// Of chunks that are there in part; none of it is in bytesAlready().
    uint64_t bytesInParts() const { return m_bytesInParts; }
    uint64_t filesTotal() const { return m_filesTotal; }
    /// Frames that the attempt takes, about; for the number of streams.
    uint64_t framesExpected() const { return m_frames; }

  private:
    enum class State : uint8_t { Unwanted, Wanted, Complete, Dropped };
    struct Claim {
        uint32_t entry = 0;
        uint32_t group = 0;
        GroupBits bits;
        GroupBits lost; ///< of these, what the receiver has not found in its part after all
    };

    Result<uint32_t> checkRun(const wire::EntryRun& run, uint32_t end) const;
    Result<void> addClaim(const wire::HaveGroup& have);
    Result<void> addPart(const wire::HavePart& part);
    Result<void> settleAccept();
    GroupUnit nextGroup();
    bool addToBatch(uint32_t entry);
    BatchUnit takeBatch();
    Claim* claimOf(uint32_t entry, uint32_t group);
    Result<void> countFailure(uint32_t entry, uint32_t chunk);

    const Manifest& m_manifest;
    std::vector<State> m_states;
    std::vector<std::pair<uint32_t, uint32_t>> m_completeRuns; ///< first, after
    std::vector<Claim> m_claims;
    std::map<std::pair<uint32_t, uint32_t>, HeldPart> m_parts; ///< of entry and chunk
    bool m_complete = false;
    bool m_someWanted = false;
    uint32_t m_wantedEnd = 0;
    uint32_t m_completeEnd = 0;
    // walking
    uint32_t m_cursor = 0;
    uint32_t m_group = 0;
    size_t m_claimCursor = 0;
    std::vector<uint32_t> m_batch;
    uint64_t m_batchBytes = 0;
    uint64_t m_maxBatchBytes = kChunkSize;
    std::deque<SendUnit> m_resend;
    ChunkFailures m_failures;
    // figures
    uint64_t m_bytesTotal = 0;
    uint64_t m_bytesAlready = 0;
    uint64_t m_bytesInParts = 0;
    uint64_t m_filesTotal = 0;
    uint64_t m_frames = 0;
};

} // namespace wherry::transfer
