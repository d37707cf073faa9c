#include "transfer/frame.h"

#include "transfer/transfer_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

constexpr uint8_t kChunkFrame = 1;
constexpr uint8_t kBatchFrame = 2;
constexpr uint8_t kCompressedFlag = 0x01;
constexpr uint8_t kContinuedFlag = 0x02; ///< of chunks only
constexpr size_t kDigestSize = 32;
/// type, flags, proofCount, entry, chunk, wireLength, plainLength, groupRoot
constexpr size_t kChunkFixedSize = 1 + 1 + 2 + 4 + 4 + 4 + 4 + kDigestSize;
/// from, of a continued chunk
constexpr size_t kFromSize = 4;
/// type, flags, count, wireLength, plainLength
constexpr size_t kBatchFixedSize = 1 + 1 + 2 + 4 + 4;
constexpr size_t kBatchFileSize = 4 + 4 + kDigestSize;

static_assert(kFramePrefixSize == kBatchFixedSize);

/// Reads on; the caller has checked that enough is there.
class Reader {
  public:
    explicit Reader(ByteView bytes) : m_rest(bytes) {}
    template <typename Unsigned> Unsigned take() {
        const Unsigned value = getBigEndian<Unsigned>(m_rest);
        m_rest = m_rest.subspan(sizeof(Unsigned));
        return value;
    }
    crypto::Digest takeDigest() {
        crypto::Digest digest;
        std::copy_n(m_rest.begin(), digest.size(), digest.begin());
        m_rest = m_rest.subspan(digest.size());
        return digest;
    }

  private:
    ByteView m_rest;
};

template <typename Unsigned> void put(Bytes& out, Unsigned value) {
    out.resize(out.size() + sizeof(Unsigned));
    putBigEndian(MutableBytes(out).last(sizeof(Unsigned)), value);
}

/// What both kinds have in common: nothing longer than a chunk, compression only where it saves, and no other flags.
Result<void> checkLengths(uint8_t flags, uint32_t wireLength, uint32_t plainLength) {
    if (flags & ~kCompressedFlag) return makeError(Errc::Malformed, "frame with unknown flags");
    if (plainLength > kChunkSize) return makeError(Errc::TooLarge, "frame longer than a chunk");
    const bool compressed = flags & kCompressedFlag;
    if (compressed ? wireLength >= plainLength : wireLength != plainLength)
        return makeError(Errc::Malformed, "frame whose lengths do not fit each other");
    if (compressed && wireLength == 0) return makeError(Errc::Malformed, "compressed frame without payload");
    return {};
}

Result<FrameHeader> decodeChunk(ByteView bytes) {
    Reader in(bytes);
    in.take<uint8_t>();
    const auto flags = in.take<uint8_t>();
    const auto proofCount = in.take<uint16_t>();
    ChunkHeader header;
    header.entry = in.take<uint32_t>();
    header.chunk = in.take<uint32_t>();
    header.wireLength = in.take<uint32_t>();
    header.plainLength = in.take<uint32_t>();
    header.compressed = flags & kCompressedFlag;
    const bool continued = flags & kContinuedFlag;
    TRY_OK(checkLengths(static_cast<uint8_t>(flags & ~kContinuedFlag), header.wireLength, header.plainLength));
    if (header.plainLength == 0) return makeError(Errc::Malformed, "chunk frame without content");
    if (header.entry >= kMaxEntries) return makeError(Errc::TooLarge, "frame of an entry beyond any manifest");
    if (header.chunk >= kMaxFileSize / kChunkSize) return makeError(Errc::TooLarge, "chunk beyond the end of any file");
    header.groupRoot = in.takeDigest();
    if (continued) header.from = in.take<uint32_t>();
    if (continued && (header.from == 0 || header.from >= header.wireLength))
        return makeError(Errc::Malformed, "chunk frame that goes on where nothing is left out, or nothing is left");
    header.proof.reserve(proofCount);
    for (size_t i = 0; i < proofCount; ++i) header.proof.push_back(in.takeDigest());
    return FrameHeader(std::move(header));
}

Result<FrameHeader> decodeBatch(ByteView bytes) {
    Reader in(bytes);
    in.take<uint8_t>();
    const auto flags = in.take<uint8_t>();
    const auto count = in.take<uint16_t>();
    BatchHeader header;
    header.wireLength = in.take<uint32_t>();
    header.plainLength = in.take<uint32_t>();
    header.compressed = flags & kCompressedFlag;
    TRY_OK(checkLengths(flags, header.wireLength, header.plainLength));
    header.files.reserve(count);
    uint64_t total = 0;
    for (size_t i = 0; i < count; ++i) {
        BatchFile file;
        file.entry = in.take<uint32_t>();
        file.size = in.take<uint32_t>();
        file.digest = in.takeDigest();
        if (file.entry >= kMaxEntries) return makeError(Errc::TooLarge, "frame of an entry beyond any manifest");
        if (file.size > kSmallFileMax) return makeError(Errc::TooLarge, "batch with a file that is not small");
        total += file.size;
        header.files.push_back(file);
    }
    if (total != header.plainLength) return makeError(Errc::Malformed, "batch whose sizes do not add up");
    return FrameHeader(std::move(header));
}

Bytes encode(const ChunkHeader& header) {
    ASSERT(header.proof.size() <= kMaxProofLength && (header.from == 0 || header.from < header.wireLength));
    Bytes out;
    out.reserve(kChunkFixedSize + kFromSize + header.proof.size() * kDigestSize);
    put(out, kChunkFrame);
    put(out, static_cast<uint8_t>((header.compressed ? kCompressedFlag : 0) + (header.from > 0 ? kContinuedFlag : 0)));
    put(out, uint16_t(header.proof.size()));
    put(out, header.entry);
    put(out, header.chunk);
    put(out, header.wireLength);
    put(out, header.plainLength);
    append(out, header.groupRoot);
    if (header.from > 0) put(out, header.from);
    for (const crypto::Digest& sibling : header.proof) append(out, sibling);
    return out;
}

Bytes encode(const BatchHeader& header) {
    ASSERT(!header.files.empty() && header.files.size() <= kMaxBatchFiles);
    Bytes out;
    out.reserve(kBatchFixedSize + header.files.size() * kBatchFileSize);
    put(out, kBatchFrame);
    put(out, header.compressed ? kCompressedFlag : uint8_t(0));
    put(out, uint16_t(header.files.size()));
    put(out, header.wireLength);
    put(out, header.plainLength);
    for (const BatchFile& file : header.files) {
        put(out, file.entry);
        put(out, file.size);
        append(out, file.digest);
    }
    return out;
}

} // namespace

Result<size_t> frameHeaderSize(ByteView prefix) {
    if (prefix.size() < kFramePrefixSize) return makeError(Errc::Malformed, "frame cut off in its header");
    const size_t count = getBigEndian<uint16_t>(prefix.subspan(2));
    switch (prefix[0]) {
    case kChunkFrame:
        if (count > kMaxProofLength) return makeError(Errc::TooLarge, "chunk frame with too long a proof");
        return kChunkFixedSize + (prefix[1] & kContinuedFlag ? kFromSize : 0) + count * kDigestSize;
    case kBatchFrame:
        if (count == 0) return makeError(Errc::Malformed, "batch frame without files");
        if (count > kMaxBatchFiles) return makeError(Errc::TooLarge, "batch frame with too many files");
        return kBatchFixedSize + count * kBatchFileSize;
    default:
        return makeError(Errc::Malformed, "frame of an unknown type");
    }
}

Result<FrameHeader> decodeFrameHeader(ByteView header) {
    TRY(const size_t size, frameHeaderSize(header));
    if (header.size() != size) return makeError(Errc::Malformed, "frame header of the wrong length");
    return header[0] == kChunkFrame ? decodeChunk(header) : decodeBatch(header);
}

Bytes encodeFrameHeader(const FrameHeader& header) {
    return std::visit([](const auto& kind) { return encode(kind); }, header);
}

} // namespace wherry::transfer
