#include "codec/codec_limits.h"
#include "codec/multiaddr.h"

using namespace wherry;
using namespace wherry::codec;

/// Reads the input as bytes and as text. Whatever is accepted must survive both forms and every question about it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView in(data, size);
    for (const auto& read : {Multiaddr::decode(in), Multiaddr::parse(asText(in))}) {
        if (!read) continue;
        const Bytes binary = read->encode();
        ASSERT(binary.size() <= kMaxMultiaddrBytes);
        ASSERT(*Multiaddr::decode(binary) == *read);
        ASSERT(*Multiaddr::parse(read->text()) == *read);
        if (const auto address = read->quicAddress()) {
            // What we would write for it may leave out the peer, nothing else.
            ASSERT(Multiaddr::quic(*address).quicAddress() == address);
        }
        if (const auto peer = read->peerMultihash()) ASSERT(read->withPeer(*peer).peerMultihash() == peer);
        (void)read->dnsTarget();
        ASSERT(read->withoutPeer().parts().size() <= read->parts().size());
    }
    return 0;
}
