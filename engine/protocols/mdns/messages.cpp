#include "protocols/mdns/messages.h"

#include "crypto/named_peer.h"
#include "protocols/mdns/mdns_limits.h"

#include <algorithm>
#include <map>
#include <set>

namespace wherry::mdns {

using codec::DnsMessage;
using codec::DnsName;
using codec::DnsRecord;
using codec::DnsType;
using codec::Multiaddr;

namespace {

constexpr std::string_view kAddressKey = "dnsaddr=";
constexpr size_t kHeaderBytes = 12;

DnsName serviceTypes() {
    return DnsName::parse("_services._dns-sd._udp.local").value();
}

DnsRecord pointer(const DnsName& from, const DnsName& to, uint32_t ttl) {
    return {from, codec::kDnsClassIn, false, ttl, codec::DnsPtr{to}};
}

DnsMessage response() {
    DnsMessage out;
    out.isResponse = out.isAuthoritative = true;
    return out;
}

std::vector<std::string> addressStrings(const OwnNames& names, const discovery::LocalLink& link) {
    std::vector<std::string> out;
    for (const codec::TransportAddress& address : link.reach) {
        if (out.size() == kMaxToldAddresses) break;
        out.push_back(std::string(kAddressKey) + Multiaddr::of(address).withPeer(names.peer.multihash()).text());
    }
    return out;
}

/// SRV, A and AAAA: libp2p does not need them, but tools and some implementations ask for them.
void addHost(DnsMessage& message, size_t room, const OwnNames& names, const discovery::LocalLink& link, uint32_t ttl) {
    const auto add = [&](DnsRecord record) {
        const size_t size = encodedSize(record);
        if (size > room) return;
        room -= size;
        message.additionals.push_back(std::move(record));
    };
    const uint16_t port = link.reach.front().socket.port;
    add({names.instance, codec::kDnsClassIn, true, ttl, codec::DnsSrv{0, 0, port, names.host}});
    std::set<codec::IpAddress> told; // one may be reached in several ways
    for (size_t i = 0; i < std::min(link.reach.size(), kMaxToldAddresses); ++i)
        if (const codec::IpAddress& ip = link.reach[i].socket.ip; told.insert(ip).second)
            add({names.host, codec::kDnsClassIn, true, ttl, ip});
}

bool asksFor(const codec::DnsQuestion& question, const DnsName& name, std::initializer_list<DnsType> types) {
    const bool rightClass = question.recordClass == codec::kDnsClassIn || question.recordClass == codec::kDnsClassAny;
    const bool rightType = question.type == DnsType::Any || std::ranges::find(types, question.type) != types.end();
    return rightClass && rightType && question.name == name;
}

/// The value behind "dnsaddr=", whose key has no case (RFC 6763 6.4).
std::optional<std::string_view> addressText(std::string_view string) {
    if (string.size() < kAddressKey.size()) return std::nullopt;
    for (size_t i = 0; i < kAddressKey.size(); ++i) {
        const char c = string[i] >= 'A' && string[i] <= 'Z' ? static_cast<char>(string[i] - 'A' + 'a') : string[i];
        if (c != kAddressKey[i]) return std::nullopt;
    }
    return string.substr(kAddressKey.size());
}

void readString(std::string_view string, Claim& claim) {
    const auto text = addressText(string);
    if (!text) return;
    const auto address = Multiaddr::parse(*text);
    if (!address) return;
    const auto peer = crypto::namedPeer(*address);
    if (!peer || (!claim.peer.empty() && claim.peer != *peer)) return;
    claim.peer = *peer; // also when we cannot dial this address: it is the same peer's
    auto target = address->transportAddress();
    if (!target || target->transport == codec::Transport::SecureWebSocket) return;
    if (claim.addresses.size() == kMaxAddressesPerName) return;
    target->socket.scope = 0; // zones are the speaker's, and mean nothing here
    claim.addresses.push_back(*target);
}

} // namespace

Bytes makeQuery(const DnsName& service, const std::vector<KnownName>& known) {
    DnsMessage query;
    query.questions.push_back({service, DnsType::Ptr, codec::kDnsClassIn, false});
    size_t size = kHeaderBytes + service.wire().size() + 5;
    for (const KnownName& name : known) {
        DnsRecord record = pointer(service, name.name, name.ttl);
        size += encodedSize(record);
        if (size > kMaxSentBytes) break;
        query.answers.push_back(std::move(record));
    }
    return encodeDnsMessage(query);
}

std::vector<Bytes> makeAnswers(const OwnNames& names, const discovery::LocalLink& link, uint32_t ttl) {
    const std::vector<std::string> strings = addressStrings(names, link);
    std::vector<Bytes> out;
    const DnsRecord ptr = pointer(names.service, names.instance, ttl);
    const DnsRecord emptyTxt{names.instance, codec::kDnsClassIn, false, ttl, codec::DnsTxt{}};
    const size_t fixed = kHeaderBytes + encodedSize(ptr) + encodedSize(emptyTxt) - 1;
    for (size_t next = 0; next < strings.size();) {
        size_t size = fixed;
        codec::DnsTxt txt;
        while (next < strings.size() && size + 1 + strings[next].size() <= kMaxSentBytes) {
            size += 1 + strings[next].size();
            txt.strings.push_back(strings[next++]);
        }
        DnsMessage message = response();
        message.answers.push_back(ptr);
        // A set that is spread over several messages may not say that it is complete.
        const bool whole = txt.strings.size() == strings.size();
        message.additionals.push_back({names.instance, codec::kDnsClassIn, whole, ttl, std::move(txt)});
        if (next == strings.size()) addHost(message, kMaxSentBytes - size, names, link, ttl);
        out.push_back(encodeDnsMessage(message));
    }
    return out;
}

Bytes makeServiceList(const DnsName& service) {
    DnsMessage message = response();
    message.answers.push_back(pointer(serviceTypes(), service, kAnswerTtl));
    return encodeDnsMessage(message);
}

Wanted readQuery(const DnsMessage& query, const OwnNames& names) {
    Wanted out;
    for (const codec::DnsQuestion& question : query.questions) {
        if (asksFor(question, names.service, {DnsType::Ptr}) ||
            asksFor(question, names.instance, {DnsType::Txt, DnsType::Srv}) ||
            asksFor(question, names.host, {DnsType::A, DnsType::Aaaa}))
            out.peers = true;
        if (asksFor(question, serviceTypes(), {DnsType::Ptr})) out.services = true;
    }
    const auto isUs = [&](const DnsRecord& known) {
        const auto* ptr = std::get_if<codec::DnsPtr>(&known.data);
        return ptr && known.name == names.service && ptr->target == names.instance && known.ttl >= kAnswerTtl / 2;
    };
    if (std::ranges::any_of(query.answers, isUs)) out.peers = false;
    return out;
}

std::vector<Claim> readAnswers(const DnsMessage& response, const DnsName& service) {
    std::map<DnsName, Claim> claims;
    size_t strings = 0;
    const auto claimOf = [&](Claim fresh) -> Claim* {
        if (const auto found = claims.find(fresh.name); found != claims.end()) return &found->second;
        if (claims.size() >= kMaxClaimsPerMessage) return nullptr;
        return &claims.emplace(fresh.name, fresh).first->second;
    };
    const auto read = [&](const DnsRecord& record) {
        if (record.recordClass != codec::kDnsClassIn) return;
        if (const auto* ptr = std::get_if<codec::DnsPtr>(&record.data)) {
            if (record.name == service && record.ttl == 0 && ptr->target.parent() == service)
                claimOf({ptr->target, {}, {}, 0, false});
        } else if (const auto* txt = std::get_if<codec::DnsTxt>(&record.data)) {
            if (record.name.parent() != service || record.name == service) return;
            Claim* claim = claimOf({record.name, {}, {}, record.ttl, record.cacheFlush});
            if (!claim || claim->ttl == 0) return; // gone, whatever else is said about it
            for (const std::string& string : txt->strings)
                if (strings++ < kMaxStringsPerMessage) readString(string, *claim);
        }
    };
    for (const DnsRecord& record : response.answers) read(record);
    for (const DnsRecord& record : response.additionals) read(record);
    std::vector<Claim> out;
    for (auto& [name, claim] : claims)
        if (claim.ttl == 0 || !claim.peer.empty()) out.push_back(std::move(claim));
    return out;
}

} // namespace wherry::mdns
