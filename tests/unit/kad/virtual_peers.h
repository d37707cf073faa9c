#pragma once

#include "kad/key.h"
#include "kad/routing_table.h"

#include <string>

namespace wherry::test {

/// Peer ids without keys: sha2-256 multihashes of a number, so that thousands cost nothing.
inline crypto::PeerId virtualPeer(uint64_t number) {
    Bytes id = {0x12, 0x20};
    Bytes counted(8);
    putBigEndian<uint64_t>(counted, number);
    append(id, kad::Key::of(counted).bits);
    return crypto::PeerId::fromMultihash(id).value();
}

inline codec::Multiaddr quicAt(const std::string& ip) {
    const bool v6 = ip.find(':') != std::string::npos;
    return codec::Multiaddr::parse((v6 ? "/ip6/" : "/ip4/") + ip + "/udp/4001/quic-v1").value();
}

/// A public address of its own /16.
inline codec::Multiaddr farAddress(uint32_t number) {
    return quicAt(std::to_string(1 + number / 256 % 9) + "." + std::to_string(number % 256) + ".1.1");
}

/// Virtual peers, from `first` on, that share exactly `prefix` bits with `self`.
inline std::vector<crypto::PeerId> peersInBucket(const kad::Key& self, unsigned prefix, size_t count,
                                                 uint64_t first = 1) {
    std::vector<crypto::PeerId> out;
    for (uint64_t number = first; out.size() < count; ++number)
        if (auto peer = virtualPeer(number); kad::commonPrefix(self, kad::Key::ofPeer(peer)) == prefix)
            out.push_back(std::move(peer));
    return out;
}

} // namespace wherry::test
