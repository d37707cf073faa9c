#include "base/assert.h"
#include "crypto/identity.h"
#include "protocols/mdns/mdns.h"
#include "protocols/mdns/mdns_limits.h"
#include "support/seeded_random.h"

#include <algorithm>

using namespace wherry;
using namespace wherry::mdns;

/// A stranger's datagrams, each with two bytes of length in front, one a second: what is sent and reported stays
/// within its bounds.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const crypto::PeerId self = crypto::Identity::fromSeed({}).peerId();
    static const Log log;
    test::SeededRandom random(1);
    const auto mdns = MdnsDiscovery::create({self, "_p2p._udp.local"}, random, log).value();
    const auto own = codec::IpAddress::v4({10, 0, 0, 1});
    const auto source = codec::IpAddress::v4({10, 0, 0, 2});
    Now now{Instant(std::chrono::hours(1)), {}};
    mdns->setLinks({{1, {{own, 24}}, {{codec::Transport::Quic, {own, 4001, 0}}}}}, now);
    ByteView in(data, size);
    while (in.size() >= 2) {
        const size_t length = std::min<size_t>(getBigEndian<uint16_t>(in), in.size() - 2);
        mdns->onDatagram({1, {source, 5353, 0}, true, in.subspan(2, length)}, now);
        in = in.subspan(2 + length);
        now.mono += std::chrono::seconds(1);
        if (now.mono >= mdns->deadline()) mdns->onDeadline(now);
        while (auto action = mdns->poll()) {
            if (const auto* sent = std::get_if<discovery::SendMulticast>(&*action)) {
                ASSERT(sent->bytes.size() <= kMaxSentBytes && codec::decodeDnsMessage(sent->bytes));
            } else if (const auto* found = std::get_if<discovery::PeerFound>(&*action)) {
                ASSERT(found->peer != self && !found->addresses.empty());
                ASSERT(found->addresses.size() <= kMaxReportedAddresses);
                for (const auto& address : found->addresses) ASSERT(address.transportAddress());
            }
        }
    }
    return 0;
}
