#pragma once

#include "codec/dns_message.h"
#include "crypto/peer_id.h"
#include "discovery/discovery.h"

#include <optional>
#include <vector>

/// What libp2p peers say in multicast DNS (libp2p/specs discovery/mdns, RFC 6763).
namespace wherry::mdns {

/// The names that this node goes by.
struct OwnNames {
    codec::DnsName service;  ///< _p2p._udp.local
    codec::DnsName instance; ///< <random>._p2p._udp.local
    codec::DnsName host;     ///< <random>.local
    crypto::PeerId peer;
};

/// A name that a peer of the service goes by, and for how much longer it is known.
struct KnownName {
    codec::DnsName name;
    uint32_t ttl = 0; ///< seconds
};

/// "Who is there?" The names in `known` need not answer (RFC 6762 7.1); those that do not fit are left out.
Bytes makeQuery(const codec::DnsName& service, const std::vector<KnownName>& known);
/// PTR, and additionally TXT with one dnsaddr for each address in `link.reach`, SRV and addresses; as many messages as
/// that takes. TTL 0 is goodbye. Empty: there is no address to tell.
std::vector<Bytes> makeAnswers(const OwnNames& names, const discovery::LocalLink& link, uint32_t ttl);
/// The answer to tools that ask for all service types (RFC 6763 9).
Bytes makeServiceList(const codec::DnsName& service);

/// What a query wants of us.
struct Wanted {
    bool peers = false;    ///< we should say who we are
    bool services = false; ///< we should name our service type
};
/// Nothing when the asker knows us already and for long enough (RFC 6762 7.1).
Wanted readQuery(const codec::DnsMessage& query, const OwnNames& names);

/// What one message says about one name.
struct Claim {
    codec::DnsName name;
    crypto::PeerId peer; ///< nobody: the message only says goodbye
    std::vector<codec::TransportAddress> addresses;
    uint32_t ttl = 0;      ///< seconds; 0: goodbye
    bool complete = false; ///< other addresses of the name are outdated (RFC 6762 10.2)
};
/// Only QUIC, TCP and WebSocket over plain IP addresses are taken (a secure WebSocket is one of a name, and no name is
/// heard here); strings that say anything else, or another peer than the first, are
/// skipped, and so are names beyond kMaxClaimsPerMessage. `response` is one.
std::vector<Claim> readAnswers(const codec::DnsMessage& response, const codec::DnsName& service);

} // namespace wherry::mdns
