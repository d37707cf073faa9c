#pragma once

#include "transfer/frame.h"
#include "transfer/frame_reader.h"
#include "transfer/group_bits.h"
#include "transfer/merkle.h"

#include <map>
#include <optional>
#include <vector>

namespace wherry::transfer {

/// Which chunks of one chunked file are here, verified against what. A chunk counts when its write job has verified it
/// against its group's root; the group roots count when together they make the digest that FileEnd brings. Groups that
/// are complete are folded into the file's root and forgotten, so the state does not grow with the file but with what
/// is unfinished.
class ArrivingFile {
  public:
    explicit ArrivingFile(uint64_t size) : m_size(size) {}

    uint64_t size() const { return m_size; }
    /// Chunks that an earlier attempt has left in the part; they count once they have been checked. Before anything
    /// else.
    void claim(uint32_t group, const GroupBits& bits);

    enum class Verdict { Take, OtherRoot };
    /// A chunk is about to arrive. ProtocolViolation: no such chunk, wrong length or proof, or it is here or on its way
    /// already (B14). OtherRoot: the group has another root than its earlier chunks said; the chunk is not taken.
    Result<Verdict> begin(const ChunkHeader& header);
    /// Its write job is done. False: the group has got another root meanwhile, the chunk does not count.
    bool onVerified(uint32_t chunk, const crypto::Digest& groupRoot);
    void onFailed(uint32_t chunk);

    /// The sender's chunk roots of a group with claims. Returns the claimed chunks to check; the errors are
    /// ProtocolViolation (nothing is claimed, or asked twice, or a wrong number) and VerificationFailed (not the
    /// group's root).
    Result<std::vector<bool>> beginCheck(uint32_t group, const GroupTree& roots);
    /// Returns the claimed chunks that are not good: they are needed.
    GroupBits onChecked(uint32_t group, const std::vector<bool>& good);

    /// False: the sender has said it before.
    bool end(const crypto::Digest& digest);
    /// Every chunk is verified and the digest is known.
    bool complete() const { return m_digest && m_roots.count() == groupCount(m_size); }
    /// Only when complete.
    const crypto::Digest& digest() const { return *m_digest; }
    bool digestMatches() const { return fileDigest(m_size, m_roots.root()) == *m_digest; }

    /// Bitmaps that have changed since the last call, as another attempt may claim them: what this one has claimed and
    /// not checked yet is among them.
    std::map<uint32_t, GroupBits> takeChanged() { return std::exchange(m_changed, {}); }
    bool changed() const { return !m_changed.empty(); }

    bool prepared = false;             ///< the part is open for writing
    std::vector<ArrivedFrame> waiting; ///< frames that came before that

  private:
    struct Group {
        std::optional<crypto::Digest> root;
        GroupBits verified;
        GroupBits inFlight;
        GroupBits claimed;
        bool checking = false;
    };
    void mark(uint32_t group, Group& state);
    void foldComplete();

    uint64_t m_size;
    std::map<uint32_t, Group> m_groups; ///< not yet folded
    RootAccumulator m_roots;            ///< of groups 0, 1, 2 ... that are complete
    std::optional<crypto::Digest> m_digest;
    std::map<uint32_t, GroupBits> m_changed;
};

} // namespace wherry::transfer
