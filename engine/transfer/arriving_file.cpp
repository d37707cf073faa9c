#include "transfer/arriving_file.h"

namespace wherry::transfer {

void ArrivingFile::claim(uint32_t group, const GroupBits& bits) {
    m_groups[group].claimed = bits;
}

Result<ArrivingFile::Verdict> ArrivingFile::begin(const ChunkHeader& header) {
    if (header.chunk >= chunkCount(m_size) || header.plainLength != chunkLength(m_size, header.chunk))
        return makeError(Errc::ProtocolViolation, "a chunk that the file does not have");
    const uint32_t number = groupOfChunk(header.chunk);
    const uint32_t index = indexInGroup(header.chunk);
    if (header.proof.size() != proofLength(index, chunksInGroup(m_size, number)))
        return makeError(Errc::ProtocolViolation, "a proof of the wrong length");
    if (number < m_roots.count()) return makeError(Errc::ProtocolViolation, "a chunk that is here already");
    Group& group = m_groups[number];
    if (group.verified[index] || group.inFlight[index] || group.claimed[index])
        return makeError(Errc::ProtocolViolation, "a chunk that is here already");
    if (group.root && *group.root != header.groupRoot) return Verdict::OtherRoot;
    group.inFlight.set(index);
    return Verdict::Take;
}

bool ArrivingFile::onVerified(uint32_t chunk, const crypto::Digest& groupRoot) {
    Group& group = m_groups[groupOfChunk(chunk)];
    group.inFlight.reset(indexInGroup(chunk));
    if (!group.root) group.root = groupRoot;
    if (*group.root != groupRoot) return false;
    group.verified.set(indexInGroup(chunk));
    mark(groupOfChunk(chunk), group);
    return true;
}

void ArrivingFile::onFailed(uint32_t chunk) {
    m_groups[groupOfChunk(chunk)].inFlight.reset(indexInGroup(chunk));
}

Result<std::vector<bool>> ArrivingFile::beginCheck(uint32_t group, const GroupTree& roots) {
    const auto found = m_groups.find(group);
    if (group >= groupCount(m_size) || found == m_groups.end() || found->second.claimed.none() ||
        found->second.checking || roots.size() != chunksInGroup(m_size, group))
        return makeError(Errc::ProtocolViolation, "roots of a group that were not asked for");
    Group& state = found->second;
    const crypto::Digest root = roots.root();
    if (state.root && *state.root != root) return makeError(Errc::VerificationFailed, "two roots of one group");
    state.root = root;
    state.checking = true;
    std::vector<bool> claimed(roots.size());
    for (size_t i = 0; i < claimed.size(); ++i) claimed[i] = state.claimed[i];
    return claimed;
}

GroupBits ArrivingFile::onChecked(uint32_t group, const std::vector<bool>& good) {
    Group& state = m_groups[group];
    GroupBits bad;
    for (size_t i = 0; i < kChunksPerGroup; ++i) {
        if (!state.claimed[i]) continue;
        const bool holds = i < good.size() && good[i];
        (holds ? state.verified : bad).set(i);
    }
    state.claimed.reset();
    mark(group, state);
    return bad;
}

bool ArrivingFile::end(const crypto::Digest& digest) {
    if (m_digest) return false;
    m_digest = digest;
    return true;
}

void ArrivingFile::mark(uint32_t group, Group& state) {
    m_changed[group] = state.verified | state.claimed;
    foldComplete();
}

void ArrivingFile::foldComplete() {
    while (!m_groups.empty()) {
        const auto first = m_groups.begin();
        if (first->first != m_roots.count()) return;
        if (!first->second.root || first->second.verified != firstBits(chunksInGroup(m_size, first->first))) return;
        m_roots.add(*first->second.root);
        m_groups.erase(first);
    }
}

} // namespace wherry::transfer
