#include "codec/lz4_block.h"

using namespace wherry;
using namespace wherry::codec;

/// The first three bytes are the committed length, the rest is the block. Also: what is compressed must come back.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 4) return 0;
    const ByteView in(data, size);
    const size_t committed = (size_t{in[0]} << 16 | size_t{in[1]} << 8 | in[2]) % (512 * 1024);
    Bytes out(committed);
    (void)lz4Decompress(in.subspan(3), out).has_value();

    Bytes block(lz4Room(size));
    if (const auto length = lz4Compress(in, block)) {
        ASSERT(*length <= block.size());
        Bytes back(size);
        ASSERT(lz4Decompress(ByteView(block).first(*length), back).has_value());
        ASSERT(equal(back, in));
    }
    return 0;
}
