#include "quic/endpoint_state.h"

#include <algorithm>

namespace wherry::quic {

using link::LinkId;

Endpoint::State::State(const EndpointConfig& endpointConfig, const crypto::Identity& identity, Random& randomSource,
                       std::shared_ptr<BlockPool> blocks, const Log& logSink)
    : config(endpointConfig),
      random(randomSource),
      pool(std::move(blocks)),
      log(logSink),
      stateless(identity, randomSource),
      ids(randomSource),
      admission(config.admission()),
      closing(ids) {}

Connection* Endpoint::State::find(LinkId link) const {
    if (lastFound && lastFound->id() == link) return lastFound;
    const auto found = connections.find(link);
    if (found == connections.end()) return nullptr;
    lastFound = found->second.get();
    return lastFound;
}

void Endpoint::State::route(const Path& path, uint8_t ecn, ByteView payload, Now now) {
    if (payload.empty()) return;
    if (!punches.empty()) // the way is open, or this is no way
        std::erase_if(punches, [&](const Punch& punch) { return punch.remote == path.remote; });
    ngtcp2_version_cid header;
    const int result = ngtcp2_pkt_decode_version_cid(&header, payload.data(), payload.size(), kConnectionIdLength);
    const bool longHeader = (payload[0] & 0x80) != 0;
    // ngtcp2 also speaks version 2, libp2p does not.
    const bool foreign = longHeader && header.version != 0 && header.version != NGTCP2_PROTO_VER_V1;
    if (result == NGTCP2_ERR_VERSION_NEGOTIATION || (result == 0 && foreign)) {
        if (config.listen && !shuttingDown && payload.size() >= kMinInitialDatagram)
            answer(path, stateless.versionNegotiation(header, now.mono));
        return;
    }
    if (result != 0) return;
    const ConnectionIds::Route* found = ids.find({header.dcid, header.dcidlen});
    if (!found) return onUnknown(path, ecn, payload, header, now);
    if (found->connection) return deliver(*found->connection, path, ecn, payload, now);
    if (auto packet = closing.onDatagram(found->link, path, payload.size()))
        answer(packet->path, std::move(packet->bytes));
}

void Endpoint::State::onUnknown(const Path& path, uint8_t ecn, ByteView payload, const ngtcp2_version_cid& header,
                                Now now) {
    if ((payload[0] & 0x80) == 0) {
        if (payload.size() >= NGTCP2_STATELESS_RESET_TOKENLEN) {
            const ConnectionIds::Route* reset = ids.findResetToken(payload.last(NGTCP2_STATELESS_RESET_TOKENLEN));
            if (reset) return deliver(*reset->connection, path, ecn, payload, now);
        }
        answer(path, stateless.reset({header.dcid, header.dcidlen}, payload.size(), now.mono));
        return;
    }
    ngtcp2_pkt_hd initial;
    if (!config.listen || shuttingDown || ngtcp2_accept(&initial, payload.data(), payload.size()) != 0) return;
    onStranger(path, ecn, payload, initial, now);
}

void Endpoint::State::onStranger(const Path& path, uint8_t ecn, ByteView payload, const ngtcp2_pkt_hd& initial,
                                 Now now) {
    const StatelessReplies::TokenCheck token = stateless.checkToken(initial, path.remote, now);
    if (token.verdict == StatelessReplies::Token::Invalid) {
        constexpr uint64_t kInvalidToken = 0xb; // RFC 9000 20.1
        return answer(path, stateless.refuse(initial, kInvalidToken, now.mono));
    }
    const bool proven = token.verdict == StatelessReplies::Token::Valid;
    if (!proven && initial.dcid.datalen < NGTCP2_MIN_INITIAL_DCIDLEN) return;
    switch (admission.judge(path.remote.ip, proven)) {
    case link::Admission::Verdict::Accept:
        return admit(path, ecn, payload, initial, token, now);
    case link::Admission::Verdict::Retry:
        return answer(path, stateless.retry(initial, path.remote, now));
    case link::Admission::Verdict::Refuse:
        break;
    case link::Admission::Verdict::Crowded:
        if (makeRoom(path.remote.ip, now)) return admit(path, ecn, payload, initial, token, now);
        break;
    }
    answer(path, stateless.refuse(initial, NGTCP2_CONNECTION_REFUSED, now.mono));
}

bool Endpoint::State::makeRoom(const codec::IpAddress& newcomer, Now now) {
    const auto countedFrom = [](const Connection& connection) -> const codec::IpAddress& {
        return connection.marks.countedFrom;
    };
    Connection* connection = admission.givesWay(connections, countedFrom, newcomer);
    if (!connection) return false;
    connection->abandon(makeError(Errc::LimitReached, "a handshake that did not end gave way to another"),
                        NGTCP2_CONNECTION_REFUSED, now);
    settle(*connection, now);
    return true;
}

void Endpoint::State::admit(const Path& path, uint8_t ecn, ByteView payload, const ngtcp2_pkt_hd& initial,
                            const StatelessReplies::TokenCheck& token, Now now) {
    const bool proven = token.verdict == StatelessReplies::Token::Valid;
    const LinkId link = linkIds.take();
    auto accepted =
        Connection::accept(*services, link, path, initial, proven ? &token.originalId : nullptr, maxPayload(path), now);
    if (!accepted) {
        LOG(log, Warning, "quic", accepted.error().text());
        return;
    }
    Connection& connection = **accepted;
    connections.emplace(link, std::move(*accepted));
    connection.marks.countedHalfOpen = true;
    connection.marks.tokenProven = proven;
    connection.marks.countedFrom = path.remote.ip;
    admission.addAccepted(path.remote.ip, proven);
    connection.onDatagram(path, ecn, payload, now);
    if (connection.wantsRetry()) answer(path, stateless.retry(initial, path.remote, now));
    settle(connection, now);
}

void Endpoint::State::deliver(Connection& connection, const Path& path, uint8_t ecn, ByteView payload, Now now) {
    connection.onDatagram(path, ecn, payload, now);
    settle(connection, now);
}

void Endpoint::State::answer(const Path& path, std::optional<Bytes> packet) {
    if (!packet || packet->empty()) return;
    answer({path, 0, std::move(*packet)});
}

void Endpoint::State::answer(ReadyPacket packet) {
    if (outbox.size() >= kMaxOutbox) outbox.pop_front();
    outbox.push_back(std::move(packet));
}

void Endpoint::State::settle(Connection& connection, Now now) {
    if (connection.marks.countedHalfOpen && (connection.opened() || connection.ended())) {
        connection.marks.countedHalfOpen = false;
        admission.handshakeDone(connection.marks.countedFrom, connection.marks.tokenProven);
    }
    if (connection.ended()) return bury(connection, now);
    markDirty(connection);
}

void Endpoint::State::bury(Connection& connection, Now now) {
    if (connection.marks.buried) return;
    connection.marks.buried = true;
    const LinkId link = connection.id();
    if (connection.side() == link::Side::Dialer)
        admission.removeDialled();
    else
        admission.removeAccepted(connection.marks.countedFrom);
    deadlines.erase(link);
    Farewell farewell = connection.takeFarewell();
    if (!farewell.packet.bytes.empty()) answer(farewell.packet.path, farewell.packet.bytes);
    if (farewell.period > Duration::zero())
        closing.add(link, std::move(farewell), now.mono + farewell.period);
    else
        for (const ngtcp2_cid& id : farewell.ids) ids.remove(id, link);
    if (!connection.announcedEnd()) forget(link);
}

void Endpoint::State::forget(LinkId link) {
    const auto found = connections.find(link);
    if (found == connections.end()) return;
    if (lastFound == found->second.get()) lastFound = nullptr;
    if (found->second->marks.dirty) std::erase(dirty, found->second.get());
    if (found->second->marks.heldBack) std::erase(held, found->second.get());
    connections.erase(found);
}

void Endpoint::State::markDirty(Connection& connection) {
    if (connection.marks.dirty || connection.marks.heldBack || connection.ended()) return;
    connection.marks.dirty = true;
    dirty.push_back(&connection);
}

bool Endpoint::State::reaches(const codec::SocketAddress& remote) const {
    if (remote.port == 0 || remote.ip.isUnspecified() || remote.ip.isMulticast()) return false;
    return remote.ip.isV4() ? config.ipv4 : config.ipv6;
}

Path Endpoint::State::pathTo(const codec::SocketAddress& remote) const {
    Path path;
    path.remote = remote;
    path.local.ip.family = remote.ip.family;
    path.local.port = config.localPort;
    path.local.scope = remote.scope;
    return path;
}

std::vector<codec::SocketAddress> Endpoint::State::sourcesFor(const codec::SocketAddress& remote) const {
    std::vector<codec::SocketAddress> sources;
    if (!remote.ip.isPublic()) return sources;
    for (const LocalAddress& known : localAddresses) {
        const codec::IpAddress& ip = known.address.ip;
        const bool fits = ip.family == remote.ip.family && ip.isPublic();
        const bool isNew = std::ranges::find(sources, ip, &codec::SocketAddress::ip) == sources.end();
        if (fits && isNew && sources.size() < kMaxSources) sources.push_back(known.address);
    }
    if (sources.size() < 2) sources.clear();
    return sources;
}

void Endpoint::State::repeatFromEverySource(const SendBatch& batch, ByteView bytes) {
    for (const codec::SocketAddress& source : sourcesFor(batch.path.remote))
        for (size_t at = 0; at < bytes.size(); at += batch.segmentSize) {
            const ByteView one = bytes.subspan(at, std::min(batch.segmentSize, bytes.size() - at));
            answer({{source, batch.path.remote}, batch.ecn, toBytes(one)});
        }
}

/// They look like packets of a version of QUIC that nobody speaks, too short to be answered (RFC 9000 section 6).
/// Firewalls let in what answers an address of ours, so each has to send.
void Endpoint::State::onPunchDeadlines(Now now) {
    std::erase_if(punches, [&](Punch& punch) {
        if (punch.next > now.mono) return false;
        if (punch.until <= now.mono || punch.left == 0) return true;
        std::vector<codec::SocketAddress> sources = sourcesFor(punch.remote);
        if (sources.empty()) sources.push_back(pathTo(punch.remote).local);
        sources.resize(std::min(sources.size(), punch.left));
        for (const codec::SocketAddress& source : sources) {
            Bytes bytes = random.bytes(kPunchBytes);
            bytes[0] |= 0x80;
            bytes[1] |= 0x80;
            answer({{source, punch.remote}, 0, std::move(bytes)});
        }
        const auto spread = static_cast<uint64_t>((kMaxPunchPause - kMinPunchPause).count());
        punch.next = now.mono + kMinPunchPause + Duration(random.below(spread + 1));
        punch.left -= sources.size();
        return false;
    });
}

Instant Endpoint::State::punchDeadline() const {
    Instant next = kNever;
    for (const Punch& punch : punches) next = std::min(next, punch.next);
    return next;
}

void Endpoint::State::markAllDirty() {
    for (auto& [id, connection] : connections) markDirty(*connection);
}

void Endpoint::State::hold(Connection& connection, Now now) {
    if (connection.deadline() <= now.mono) connection.onDeadline(now);
    if (connection.ended()) return bury(connection, now);
    connection.marks.heldBack = true;
    held.push_back(&connection);
    armHeld(connection, now);
}

void Endpoint::State::armHeld(Connection& connection, Now now) {
    const Instant next = connection.deadline();
    deadlines.set(connection.id(), next > now.mono ? next : now.mono + kHeldCheckInterval);
}

size_t Endpoint::State::maxPayload(const Path& path) const {
    size_t mtu = 0;
    const bool loopback = path.remote.ip.isLoopback();
    for (const LocalAddress& known : localAddresses) {
        const codec::IpAddress& ip = known.address.ip;
        if (ip.family != path.remote.ip.family || ip.isLoopback() != loopback) continue;
        if (!path.local.ip.isUnspecified() && ip != path.local.ip) continue;
        mtu = std::max(mtu, known.linkMtu);
    }
    if (mtu == 0) mtu = loopback ? config.loopbackMtu : config.linkMtu;
    const size_t headers = path.remote.ip.isV4() ? 28 : 48;
    return std::clamp(mtu - std::min(mtu, headers), kMinInitialDatagram, kMaxUdpPayload);
}

std::optional<SendBatch> Endpoint::State::takeOutbox(MutableBytes buffer, const CanSend& canSend) {
    for (;;) {
        ReadyPacket packet;
        if (stash) {
            packet = std::move(*stash);
            stash.reset();
        } else if (!outbox.empty()) {
            packet = std::move(outbox.front());
            outbox.pop_front();
        } else {
            return std::nullopt;
        }
        if (canSend && !canSend(packet.path)) {
            if (heldOutbox.size() >= kMaxOutbox) heldOutbox.pop_front();
            heldOutbox.push_back(std::move(packet));
            continue;
        }
        std::copy(packet.bytes.begin(), packet.bytes.end(), buffer.begin());
        return SendBatch{packet.path, packet.ecn, packet.bytes.size(), packet.bytes.size(), packet.mtuProbe};
    }
}

} // namespace wherry::quic
