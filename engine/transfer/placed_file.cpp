#include "transfer/placed_file.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// A published flag alone, as it was before there was anything to compare.
constexpr size_t kBareSize = 1;
constexpr size_t kFullSize = 1 + 8 + 8 + std::tuple_size_v<ContentId>;

/// Never 0.
uint64_t hashOf(uint64_t size, int64_t modifiedNs, int64_t changedNs, uint64_t inode) {
    uint8_t fixed[32];
    MutableBytes out(fixed);
    putBigEndian(out, size);
    putBigEndian(out.subspan(8), static_cast<uint64_t>(modifiedNs));
    putBigEndian(out.subspan(16), static_cast<uint64_t>(changedNs));
    putBigEndian(out.subspan(24), inode);
    return getBigEndian<uint64_t>(crypto::sha256(fixed)) | 1;
}

} // namespace

uint64_t changeMark(const SourceStamp& stamp, bool inodeStays) {
    if (stamp.changedNs == 0) return 0;
    return hashOf(stamp.size, stamp.modifiedNs, stamp.changedNs, inodeStays ? stamp.inode : 0);
}

uint64_t placedMark(const ExistingEntry& existing) {
    if (existing.isFolder || existing.isSpecial || existing.changedNs == 0) return 0;
    return hashOf(existing.size, existing.modifiedNs, existing.changedNs, existing.inode);
}

ContentId contentId(const crypto::Digest& digest) {
    ContentId id;
    std::copy_n(digest.begin(), id.size(), id.begin());
    return id;
}

Bytes encodePlaced(const PlacedFile& placed) {
    if (!placed.content) return {placed.published ? uint8_t(1) : uint8_t(0)};
    Bytes out(17);
    out[0] = placed.published ? 1 : 0;
    putBigEndian(MutableBytes(out).subspan(1), placed.change);
    putBigEndian(MutableBytes(out).subspan(9), placed.mark);
    append(out, *placed.content);
    return out;
}

Result<PlacedFile> decodePlaced(ByteView value) {
    if ((value.size() != kBareSize && value.size() != kFullSize) || value[0] > 1)
        return makeError(Errc::Malformed, "record of a file");
    PlacedFile placed;
    placed.published = value[0] == 1;
    if (value.size() == kBareSize) return placed;
    placed.change = getBigEndian<uint64_t>(value.subspan(1));
    placed.mark = getBigEndian<uint64_t>(value.subspan(9));
    placed.content.emplace();
    std::copy_n(value.subspan(17).begin(), placed.content->size(), placed.content->begin());
    return placed;
}

} // namespace wherry::transfer
