#include "base/assert.h"
#include "transfer/frame.h"
#include "transfer/transfer_limits.h"

using namespace wherry;
using namespace wherry::transfer;

/// A header that decodes encodes to the same bytes, and nothing in it is above its bound.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView input(data, size);
    const auto length = frameHeaderSize(input);
    if (!length || *length > size) return 0;
    const auto header = decodeFrameHeader(input.first(*length));
    if (!header) return 0;
    ASSERT(equal(encodeFrameHeader(*header), input.first(*length)));
    if (const auto* chunk = std::get_if<ChunkHeader>(&*header)) {
        ASSERT(chunk->plainLength > 0 && chunk->plainLength <= kChunkSize && chunk->wireLength <= chunk->plainLength);
        ASSERT(chunk->from == 0 || chunk->from < chunk->wireLength);
        ASSERT(chunk->proof.size() <= kMaxProofLength && chunk->entry < kMaxEntries);
    } else {
        const auto& batch = std::get<BatchHeader>(*header);
        ASSERT(!batch.files.empty() && batch.files.size() <= kMaxBatchFiles && batch.plainLength <= kChunkSize);
    }
    return 0;
}
