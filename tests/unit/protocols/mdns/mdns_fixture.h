#pragma once

#include "crypto/identity.h"
#include "protocols/mdns/mdns.h"
#include "support/seeded_random.h"

#include <memory>
#include <vector>

namespace wherry::mdns::testing {

inline crypto::PeerId peerOf(uint8_t number) {
    std::array<uint8_t, 32> seed{};
    seed.fill(number);
    return crypto::Identity::fromSeed(seed).peerId();
}
inline codec::IpAddress ip(std::string_view text) {
    return codec::parseIp(text).value();
}
inline codec::DnsName name(std::string_view text) {
    return codec::DnsName::parse(text).value();
}
/// 10.0.NUMBER.host/24 on interface NUMBER, and a link-local IPv6 address.
inline discovery::LocalLink linkOf(uint32_t number, uint8_t host) {
    const auto v4 = codec::IpAddress::v4({10, 0, static_cast<uint8_t>(number), host});
    using codec::Transport;
    const auto v6 = ip("fe80::" + std::to_string(number) + ":" + std::to_string(host));
    return {number, {{v4, 24}, {v6, 64}}, {{Transport::Quic, {v4, 4001, 0}}, {Transport::Quic, {v6, 4001, 0}}}};
}

/// A response as another implementation makes it: PTR in the answers, TXT in the additionals.
struct Said {
    std::string label = "stranger";
    std::vector<std::string> strings;
    uint32_t ptrTtl = 120;
    uint32_t txtTtl = 120;
    bool flush = false;
    bool txtInAnswers = false; ///< as js-libp2p does

    Bytes bytes() const {
        const codec::DnsName service = name("_p2p._udp.local");
        const codec::DnsName instance = service.below(label).value();
        codec::DnsMessage message;
        message.isResponse = true;
        message.answers.push_back({service, codec::kDnsClassIn, false, ptrTtl, codec::DnsPtr{instance}});
        codec::DnsRecord txt{instance, codec::kDnsClassIn, flush, txtTtl, codec::DnsTxt{strings}};
        if (!strings.empty()) (txtInAnswers ? message.answers : message.additionals).push_back(std::move(txt));
        return encodeDnsMessage(message);
    }
    static std::string address(const std::string& address, const crypto::PeerId& peer) {
        return "dnsaddr=" + address + "/p2p/" + peer.text();
    }
};

inline Now at(Duration sinceStart) {
    return {Instant(std::chrono::hours(1)) + sinceStart, {}};
}

/// One node on links; time moves by the test.
struct Station {
    explicit Station(uint8_t number, std::vector<discovery::LocalLink> links = {})
        : random(number),
          peer(peerOf(number)),
          mdns(MdnsDiscovery::create({peer, "_p2p._udp.local"}, random, log).value()) {
        if (!links.empty()) mdns->setLinks(std::move(links), now);
    }
    /// Runs every deadline up to `to` and keeps what comes out, with its time.
    void runTo(Duration to) {
        drain();
        while (mdns->deadline() <= at(to).mono) {
            now.mono = std::max(now.mono, mdns->deadline());
            mdns->onDeadline(now);
            drain();
        }
        now = at(to);
    }
    void drain() {
        while (auto action = mdns->poll()) {
            if (auto* out = std::get_if<discovery::SendMulticast>(&*action))
                sent.push_back({now.mono, std::move(*out)});
            else if (auto* peerFound = std::get_if<discovery::PeerFound>(&*action))
                found.push_back(std::move(*peerFound));
            else
                expired.push_back(std::get<discovery::PeerExpired>(*action).peer);
        }
    }
    void hear(ByteView bytes, uint32_t interface = 1, std::string_view source = "10.0.1.99", bool toGroup = true,
              uint16_t port = kPort) {
        mdns->onDatagram({interface, {ip(source), port, 0}, toGroup, bytes}, now);
        drain();
    }
    struct Sent {
        Instant when;
        discovery::SendMulticast what;
        codec::DnsMessage message() const { return codec::decodeDnsMessage(what.bytes).value(); }
    };
    std::vector<Sent> queries(codec::IpAddress::Family family = codec::IpAddress::Family::V4) const {
        return pick(false, family);
    }
    std::vector<Sent> answers(codec::IpAddress::Family family = codec::IpAddress::Family::V4) const {
        return pick(true, family);
    }
    std::vector<Sent> pick(bool responses, codec::IpAddress::Family family) const {
        std::vector<Sent> out;
        for (const Sent& one : sent)
            if (one.what.family == family && one.message().isResponse == responses) out.push_back(one);
        return out;
    }

    Log log;
    test::SeededRandom random;
    crypto::PeerId peer;
    Now now = at({});
    std::unique_ptr<MdnsDiscovery> mdns;
    std::vector<Sent> sent;
    std::vector<discovery::PeerFound> found;
    std::vector<crypto::PeerId> expired;
};

} // namespace wherry::mdns::testing
