#include "transfer/send_plan.h"

#include "transfer/machine_limits.h"
#include "transfer/merkle.h"
#include "transfer/violation.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

uint64_t bytesOf(const GroupBits& bits, uint64_t size, uint32_t group) {
    uint64_t bytes = 0;
    const uint32_t count = chunksInGroup(size, group);
    for (uint32_t i = 0; i < count; ++i)
        if (bits[i]) bytes += chunkLength(size, group * kChunksPerGroup + i);
    return bytes;
}

} // namespace

SendPlan::SendPlan(const Manifest& manifest) : m_manifest(manifest), m_states(manifest.count(), State::Unwanted) {}

/// The end of a run that begins at or after `end` and stays within the manifest.
Result<uint32_t> SendPlan::checkRun(const wire::EntryRun& run, uint32_t end) const {
    const uint64_t after = uint64_t(run.first()) + run.count();
    if (run.first() < end || after > m_manifest.count()) return violation("entry run out of order or range");
    return static_cast<uint32_t>(after);
}

Result<void> SendPlan::addClaim(const wire::HaveGroup& have) {
    if (have.entry() >= m_manifest.count() || m_manifest.isFolder(have.entry())) return violation("claim of no file");
    const uint64_t size = m_manifest.fileSize(have.entry());
    if (size <= kSmallFileMax || have.group() >= groupCount(size)) return violation("claim of no group");
    if (!m_claims.empty() &&
        std::pair(m_claims.back().entry, m_claims.back().group) >= std::pair(have.entry(), have.group()))
        return violation("claims out of order");
    Result<GroupBits> bits = decodeBits(asBytes(have.bitmap()), chunksInGroup(size, have.group()));
    if (!bits) return violation("bitmap of a claim");
    m_claims.push_back({have.entry(), have.group(), *bits, {}});
    return {};
}

Result<void> SendPlan::addPart(const wire::HavePart& part) {
    if (part.entry() >= m_manifest.count() || m_manifest.isFolder(part.entry())) return violation("part of no file");
    const uint64_t size = m_manifest.fileSize(part.entry());
    if (size <= kSmallFileMax || part.chunk() >= chunkCount(size)) return violation("part of no chunk");
    HeldPart held{part.bytes(), {}};
    if (held.bytes == 0 || held.bytes >= chunkLength(size, part.chunk()) ||
        part.digest().size() != held.digest.size() || m_parts.size() == kMaxBeginnings)
        return violation("part of a chunk");
    std::copy(part.digest().begin(), part.digest().end(), held.digest.begin());
    if (!m_parts.emplace(std::pair(part.entry(), part.chunk()), held).second) return violation("a part twice");
    m_bytesInParts += held.bytes;
    return {};
}

std::optional<HeldPart> SendPlan::takePart(uint32_t entry, uint32_t chunk) {
    const auto part = m_parts.extract({entry, chunk});
    return part ? std::optional(part.mapped()) : std::nullopt;
}

void SendPlan::setRelayed(bool relayed) {
    m_maxBatchBytes = relayed ? kRelayedBatchBytes : kChunkSize;
}

Result<void> SendPlan::addAccept(const wire::Accept& accept) {
    if (m_complete) return violation("Accept after the last");
    m_someWanted = m_someWanted || accept.wanted_size() > 0;
    for (const wire::EntryRun& run : accept.wanted()) {
        TRY(m_wantedEnd, checkRun(run, m_wantedEnd));
        std::fill(m_states.begin() + run.first(), m_states.begin() + m_wantedEnd, State::Wanted);
    }
    // What is complete may be among what is wanted, which is not known before the last message.
    for (const wire::EntryRun& run : accept.complete()) {
        TRY(m_completeEnd, checkRun(run, m_completeEnd));
        if (run.count() > 0) m_completeRuns.emplace_back(run.first(), m_completeEnd);
    }
    for (const wire::HaveGroup& have : accept.have()) TRY_OK(addClaim(have));
    for (const wire::HavePart& part : accept.part()) TRY_OK(addPart(part));
    return accept.more() ? Result<void>() : settleAccept();
}

Result<void> SendPlan::settleAccept() {
    m_complete = true;
    if (!m_someWanted) std::fill(m_states.begin(), m_states.end(), State::Wanted);
    for (const auto& [first, after] : m_completeRuns)
        std::fill(m_states.begin() + first, m_states.begin() + after, State::Complete);
    m_completeRuns = {};
    for (const Claim& claim : m_claims) {
        if (m_states[claim.entry] != State::Wanted) return violation("claim of an entry that is not wanted");
        m_bytesAlready += bytesOf(claim.bits, m_manifest.fileSize(claim.entry), claim.group);
    }
    uint64_t smallBytes = 0;
    uint64_t smallFiles = 0;
    for (uint32_t i = 0; i < m_manifest.count(); ++i) {
        if (m_manifest.isFolder(i) || m_states[i] == State::Unwanted) continue;
        const uint64_t size = m_manifest.fileSize(i);
        ++m_filesTotal;
        m_bytesTotal += size;
        if (m_states[i] == State::Complete) {
            m_bytesAlready += size;
        } else if (size > kSmallFileMax) {
            m_frames += chunkCount(size);
        } else {
            smallBytes += size;
            ++smallFiles;
        }
    }
    m_frames +=
        std::max((smallBytes + kChunkSize - 1) / kChunkSize, (smallFiles + kMaxBatchFiles - 1) / kMaxBatchFiles);
    return {};
}

void SendPlan::drop(uint32_t entry) {
    m_states[entry] = State::Dropped;
}

bool SendPlan::addToBatch(uint32_t entry) {
    const uint64_t size = m_manifest.fileSize(entry);
    const bool full = m_batchBytes + size > m_maxBatchBytes || m_batch.size() == kMaxBatchFiles;
    if (full && !m_batch.empty()) return false;
    m_batch.push_back(entry);
    m_batchBytes += size;
    return true;
}

BatchUnit SendPlan::takeBatch() {
    BatchUnit unit{std::move(m_batch), false};
    m_batch = {};
    m_batchBytes = 0;
    return unit;
}

/// The group at m_group of the file at m_cursor; moves on.
GroupUnit SendPlan::nextGroup() {
    const uint64_t size = m_manifest.fileSize(m_cursor);
    GroupUnit unit{m_cursor, m_group, firstBits(chunksInGroup(size, m_group)), {}, false, false};
    while (m_claimCursor < m_claims.size() &&
           std::pair(m_claims[m_claimCursor].entry, m_claims[m_claimCursor].group) < std::pair(unit.entry, unit.group))
        ++m_claimCursor;
    if (m_claimCursor < m_claims.size() && m_claims[m_claimCursor].entry == unit.entry &&
        m_claims[m_claimCursor].group == unit.group) {
        unit.wanted &= ~m_claims[m_claimCursor].bits;
        unit.claimed = true;
    }
    if (++m_group == groupCount(size)) {
        m_group = 0;
        ++m_cursor;
    }
    return unit;
}

std::optional<SendUnit> SendPlan::next() {
    if (!m_resend.empty()) {
        SendUnit unit = std::move(m_resend.front());
        m_resend.pop_front();
        return unit;
    }
    for (; m_cursor < m_manifest.count(); ++m_cursor) {
        if (!wants(m_cursor) || m_manifest.isFolder(m_cursor)) {
            m_group = 0;
            continue;
        }
        if (m_manifest.fileSize(m_cursor) > kSmallFileMax) return SendUnit(nextGroup());
        if (!addToBatch(m_cursor)) return SendUnit(takeBatch());
    }
    if (m_batch.empty()) return std::nullopt;
    return SendUnit(takeBatch());
}

SendPlan::Claim* SendPlan::claimOf(uint32_t entry, uint32_t group) {
    const auto found = std::lower_bound(m_claims.begin(), m_claims.end(), std::pair(entry, group),
                                        [](const Claim& claim, const std::pair<uint32_t, uint32_t>& sought) {
                                            return std::pair(claim.entry, claim.group) < sought;
                                        });
    return found != m_claims.end() && found->entry == entry && found->group == group ? &*found : nullptr;
}

Result<void> SendPlan::countFailure(uint32_t entry, uint32_t chunk) {
    if (m_failures.full()) return makeError(Errc::VerificationFailed, "too many chunks did not arrive intact");
    if (m_failures.add(entry, chunk, kMaxChunkFailures)) return {};
    return makeError(Errc::VerificationFailed, m_manifest.path(entry));
}

void SendPlan::resendChunk(uint32_t entry, uint32_t chunk) {
    if (!wants(entry)) return;
    const uint32_t group = groupOfChunk(chunk);
    GroupUnit* last = m_resend.empty() ? nullptr : std::get_if<GroupUnit>(&m_resend.back());
    if (!last || last->entry != entry || last->group != group)
        last = &std::get<GroupUnit>(m_resend.emplace_back(GroupUnit{entry, group, {}, {}, false, true}));
    last->wanted.set(indexInGroup(chunk));
    last->sentBefore.set(indexInGroup(chunk));
}

void SendPlan::resendBatch(std::vector<uint32_t> entries) {
    m_resend.push_back(BatchUnit{std::move(entries), true});
}

Result<void> SendPlan::need(const wire::Need& need) {
    if (!m_complete || need.entry() >= m_manifest.count() || m_manifest.isFolder(need.entry()))
        return violation("Need of no file");
    const uint32_t entry = need.entry();
    if (m_states[entry] == State::Dropped) return {};
    if (!wants(entry)) return violation("Need of an entry that is not wanted");
    const uint64_t size = m_manifest.fileSize(entry);
    const bool small = size <= kSmallFileMax;
    if (need.group() >= (small ? 1 : groupCount(size))) return violation("Need of no group");
    const Result<GroupBits> bits = decodeBits(asBytes(need.bitmap()), small ? 1 : chunksInGroup(size, need.group()));
    if (!bits || bits->none()) return violation("bitmap of a Need");
    // A claimed chunk has not been sent yet: that it is needed once is no failure.
    Claim* claim = small ? nullptr : claimOf(entry, need.group());
    const GroupBits first = claim ? *bits & claim->bits & ~claim->lost : GroupBits();
    if (claim) claim->lost |= first;
    for (uint32_t i = 0; i < kChunksPerGroup; ++i)
        if (bits->test(i) && !first[i]) TRY_OK(countFailure(entry, need.group() * kChunksPerGroup + i));
    if (small)
        m_resend.push_back(BatchUnit{{entry}, true});
    else
        m_resend.push_back(GroupUnit{entry, need.group(), *bits, *bits & ~first, false, true});
    return {};
}

} // namespace wherry::transfer
