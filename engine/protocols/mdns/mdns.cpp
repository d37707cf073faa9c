#include "protocols/mdns/mdns.h"

#include "protocols/mdns/mdns_limits.h"

#include <algorithm>

namespace wherry::mdns {

using codec::DnsName;
using codec::IpAddress;
using codec::TransportAddress;
using discovery::Heard;
using discovery::LocalLink;

IpAddress group(IpAddress::Family family) {
    if (family == IpAddress::Family::V4) return IpAddress::v4({224, 0, 0, 251});
    return IpAddress::v6({0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFB});
}

namespace {

/// Lower-case letters and digits; 36 of 256 values do not divide evenly, which costs less than a bit.
std::string randomName(Random& random) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string out;
    for (size_t i = 0; i < kPeerNameChars; ++i) out.push_back(alphabet[random.below(alphabet.size())]);
    return out;
}

bool onLink(const LocalLink& link, const IpAddress& ip) {
    return ip.isLinkLocal() ||
           std::ranges::any_of(link.addresses, [&](const auto& own) { return onSameNetwork(own, ip); });
}

/// Whether what `source` claims may be dialled: a place on this link or in a private network (an mDNS repeater joins
/// two of them), never this machine itself, a group, or a stranger on the Internet whom somebody wants us to call. What
/// listens for TCP below 1024 is something else, but for the web's ports, which get through firewalls.
bool mayDial(const TransportAddress& address, const LocalLink& link, const IpAddress& source) {
    const IpAddress& ip = address.socket.ip;
    const uint16_t port = address.socket.port;
    if (port == 0 || ip.isLoopback() || ip.isMulticast() || ip.isUnspecified()) return false;
    if (address.transport != codec::Transport::Quic && port < 1024 && port != 80 && port != 443) return false;
    if (ip == IpAddress::v4({255, 255, 255, 255})) return false;
    return ip.isPrivate() || ip == source || onLink(link, ip);
}

} // namespace

// --- links --------------------------------------------------------------------------------------------------------

Result<std::unique_ptr<MdnsDiscovery>> MdnsDiscovery::create(const MdnsConfig& config, Random& random, const Log& log) {
    auto service = DnsName::parse(config.serviceName);
    if (!service || *service == DnsName())
        return makeError(Errc::InvalidArgument, "'" + config.serviceName + "' is no DNS service name");
    const std::string name = randomName(random);
    TRY(DnsName instance, service->below(name));
    TRY(DnsName host, DnsName::parse(name + ".local"));
    OwnNames names{std::move(*service), std::move(instance), std::move(host), config.self};
    return std::unique_ptr<MdnsDiscovery>(new MdnsDiscovery(std::move(names), random, log));
}

MdnsDiscovery::MdnsDiscovery(OwnNames names, Random& random, const Log& log)
    : m_names(std::move(names)),
      m_random(random),
      m_log(log),
      m_cache(random) {}

void MdnsDiscovery::setLinks(std::vector<LocalLink> links, Now now) {
    if (links.size() > kMaxLinks) {
        LOG(m_log, Warning, "mdns", "speaking on " << kMaxLinks << " of " << links.size() << " interfaces only");
        links.resize(kMaxLinks);
    }
    std::map<uint32_t, LocalLink> next;
    std::set<ChannelKey> channels;
    for (LocalLink& link : links) {
        for (const auto& own : link.addresses) channels.emplace(link.interface, own.ip.family);
        next.insert_or_assign(link.interface, std::move(link));
    }
    std::erase_if(m_channels, [&](const auto& one) { return !channels.contains(one.first); });
    for (const auto& [interface, link] : m_links)
        if (!next.contains(interface)) m_cache.forgetLink(interface);
    std::swap(m_links, next);
    for (const ChannelKey& key : channels) {
        const auto before = next.find(key.first);
        const auto found = m_channels.find(key);
        if (found == m_channels.end())
            startChannel(key, now);
        else if (before != next.end() && before->second != m_links.at(key.first))
            announce(found->second, now);
    }
}

void MdnsDiscovery::startChannel(ChannelKey key, Now now) {
    Channel& channel = m_channels[key];
    if (m_quiet) return;
    channel.query = now.mono + answerDelay();
    channel.pause = kFirstQueryPause;
    announce(channel, now);
}

void MdnsDiscovery::announce(Channel& channel, Now now) {
    if (m_quiet) return;
    channel.announcements = kAnnouncements;
    channel.answer = std::min(channel.answer, now.mono + answerDelay());
}

void MdnsDiscovery::setQuiet(bool quiet, Now now) {
    if (std::exchange(m_quiet, quiet) == quiet) return;
    for (auto& [key, channel] : m_channels) {
        channel.query = kNever;
        if (std::exchange(channel.announcements, 0) > 0) channel.answer = kNever;
        startChannel(key, now);
    }
}

void MdnsDiscovery::ask(Now now) {
    for (auto& [key, channel] : m_channels) askSoon(channel, now);
}

/// Not as soon as the last time, though.
void MdnsDiscovery::askSoon(Channel& channel, Now now) {
    const bool asked = channel.lastQuery != Instant::min();
    const Instant when = asked ? std::max(now.mono, channel.lastQuery + kFirstQueryPause) : now.mono;
    channel.query = std::min(channel.query, when);
}

Duration MdnsDiscovery::answerDelay() {
    const auto range = static_cast<uint64_t>((kMaxAnswerDelay - kMinAnswerDelay).count());
    return kMinAnswerDelay + Duration(static_cast<int64_t>(m_random.below(range + 1)));
}

// --- what is heard ------------------------------------------------------------------------------------------------

void MdnsDiscovery::onDatagram(const Heard& heard, Now now) {
    const auto link = m_links.find(heard.interface);
    const auto channel = m_channels.find({heard.interface, heard.source.ip.family});
    if (link == m_links.end() || channel == m_channels.end()) return;
    // What is sent to the group cannot come from elsewhere; anything else must be from this link (RFC 6762 11).
    if (!heard.toGroup && !onLink(link->second, heard.source.ip)) return;
    const auto message = codec::decodeDnsMessage(heard.bytes);
    if (!message || message->opcode != 0 || message->responseCode != 0) return; // RFC 6762 18.3, 18.11
    if (message->isResponse)
        onResponse(*message, heard, now);
    else
        onQuery(*message, channel->second, now);
}

void MdnsDiscovery::onQuery(const codec::DnsMessage& query, Channel& channel, Now now) {
    const Wanted wanted = readQuery(query, m_names);
    if (!wanted.peers && !wanted.services) return;
    channel.services |= wanted.services;
    Instant when = now.mono + answerDelay();
    if (channel.lastAnswer != Instant::min()) when = std::max(when, channel.lastAnswer + kAnswerPause);
    channel.answer = std::min(channel.answer, when);
}

/// RFC 6762 6 has answers from other ports than 5353 ignored, but rust-libp2p answers from whatever port the system
/// gives it. So they may say who is there, and nothing that takes away what others have said.
void MdnsDiscovery::onResponse(const codec::DnsMessage& response, const Heard& heard, Now now) {
    const LocalLink& link = m_links.at(heard.interface);
    std::vector<Claim> claims = readAnswers(response, m_names.service);
    std::erase_if(claims,
                  [&](const Claim& claim) { return claim.name == m_names.instance || claim.peer == m_names.peer; });
    if (heard.source.port != kPort) {
        std::erase_if(claims, [](const Claim& claim) { return claim.ttl == 0; });
        for (Claim& claim : claims) claim.complete = false;
    }
    for (Claim& claim : claims) {
        std::erase_if(claim.addresses, [&](const auto& each) { return !mayDial(each, link, heard.source.ip); });
        for (auto& [transport, socket] : claim.addresses)
            if (!socket.ip.isV4() && socket.ip.isLinkLocal()) socket.scope = heard.interface;
    }
    m_cache.hear(heard.interface, heard.source.ip, claims, now.mono);
}

// --- what is said -------------------------------------------------------------------------------------------------

void MdnsDiscovery::onDeadline(Now now) {
    if (now.mono >= m_cache.deadline()) {
        for (uint32_t interface : m_cache.onDeadline(now.mono)) {
            for (Family family : {Family::V4, Family::V6}) {
                const auto found = m_channels.find({interface, family});
                if (found != m_channels.end() && !m_quiet) askSoon(found->second, now);
            }
        }
    }
    for (auto& [key, channel] : m_channels) {
        if (now.mono >= channel.query) ask(key, channel, now);
        if (now.mono >= channel.answer) answer(key, channel, now);
    }
}

void MdnsDiscovery::ask(ChannelKey key, Channel& channel, Now now) {
    send(key, makeQuery(m_names.service, m_cache.known(key.first, now.mono)));
    channel.lastQuery = now.mono;
    channel.query = m_quiet ? kNever : now.mono + channel.pause;
    channel.pause = std::min(channel.pause * 2, kMaxQueryPause);
}

void MdnsDiscovery::answer(ChannelKey key, Channel& channel, Now now) {
    for (Bytes& message : makeAnswers(m_names, m_links.at(key.first), kAnswerTtl)) send(key, std::move(message));
    if (std::exchange(channel.services, false)) send(key, makeServiceList(m_names.service));
    channel.lastAnswer = now.mono;
    channel.answer = kNever;
    if (channel.announcements > 0 && --channel.announcements > 0) channel.answer = now.mono + kAnnouncePause;
}

void MdnsDiscovery::send(ChannelKey key, Bytes bytes) {
    if (m_out.size() < kMaxWaitingActions) m_out.push_back({key.first, key.second, std::move(bytes)});
}

void MdnsDiscovery::shutdown(Now) {
    m_out.clear();
    for (const auto& [key, channel] : m_channels) {
        if (channel.lastAnswer == Instant::min()) continue; // nobody has heard of us there
        for (Bytes& message : makeAnswers(m_names, m_links.at(key.first), 0)) send(key, std::move(message));
    }
    m_channels.clear();
    m_links.clear();
    m_cache.forgetAll();
}

Instant MdnsDiscovery::deadline() const {
    Instant next = m_cache.deadline();
    for (const auto& [key, channel] : m_channels) next = std::min({next, channel.query, channel.answer});
    return next;
}

std::optional<discovery::Action> MdnsDiscovery::poll() {
    if (!m_out.empty()) {
        discovery::SendMulticast out = std::move(m_out.front());
        m_out.pop_front();
        return out;
    }
    if (auto change = m_cache.poll())
        return std::visit([](auto& what) -> discovery::Action { return std::move(what); }, *change);
    return std::nullopt;
}

} // namespace wherry::mdns
