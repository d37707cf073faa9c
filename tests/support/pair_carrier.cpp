#include "support/pair_carrier.h"

#include <algorithm>
#include <utility>

namespace wherry::test {

using namespace link;

/// Bytes of what says that something has arrived.
static constexpr uint64_t kAcknowledgement = 1;

// --- PairNetwork --------------------------------------------------------------------------------------------------

bool PairNetwork::deliverOne() {
    if (m_queue.empty()) return false;
    Message message = std::move(m_queue.front());
    m_queue.pop_front();
    if (m_isolated.contains(message.from) || m_isolated.contains(message.to)) return true;
    if (PairCarrier* to = carrier(message.to)) message.apply(*to);
    return true;
}

size_t PairNetwork::deliverAll() {
    size_t count = 0;
    while (deliverOne()) ++count;
    return count;
}

void PairNetwork::release(const codec::Multiaddr& address) {
    m_held.erase(address.withoutPeer());
    for (auto it = m_parked.begin(); it != m_parked.end();) {
        if (it->first != address.withoutPeer()) {
            ++it;
            continue;
        }
        m_queue.push_back(std::move(it->second));
        it = m_parked.erase(it);
    }
}

void PairNetwork::isolate(const PairCarrier& carrier) {
    m_isolated.insert(carrier.m_node);
}

uint64_t PairNetwork::enter(PairCarrier& carrier, const std::vector<codec::Multiaddr>& listen) {
    m_carriers[++m_lastNode] = &carrier;
    for (const auto& address : listen) m_listeners[address.withoutPeer()] = m_lastNode;
    return m_lastNode;
}

void PairNetwork::leave(uint64_t node) {
    m_carriers.erase(node);
    std::erase_if(m_listeners, [&](const auto& entry) { return entry.second == node; });
}

void PairNetwork::send(uint64_t from, uint64_t to, std::function<void(PairCarrier&)> apply) {
    m_queue.push_back({from, to, std::move(apply)});
}

/// The listener is looked up when the message arrives: it may have been replaced in the meantime.
void PairNetwork::dial(const codec::Multiaddr& address, uint64_t from, std::function<void(PairCarrier*)> apply) {
    const codec::Multiaddr plain = address.withoutPeer();
    if (m_blackholes.contains(plain)) return;
    Message message{from, from, [this, plain, from, apply = std::move(apply)](PairCarrier&) {
                        const auto found = m_listeners.find(plain);
                        const bool reachable = found != m_listeners.end() && !m_isolated.contains(found->second);
                        if (found != m_listeners.end() && !reachable) return;
                        apply(reachable && found->second != from ? carrier(found->second) : nullptr);
                    }};
    if (m_held.contains(plain))
        m_parked.emplace_back(plain, std::move(message));
    else
        m_queue.push_back(std::move(message));
}

PairCarrier* PairNetwork::carrier(uint64_t node) {
    const auto found = m_carriers.find(node);
    return found == m_carriers.end() ? nullptr : found->second;
}

// --- links --------------------------------------------------------------------------------------------------------

PairCarrier::PairCarrier(PairNetwork& network, crypto::PeerId self, std::vector<codec::Multiaddr> listen)
    : m_network(network),
      m_self(std::move(self)),
      m_listen(std::move(listen)),
      m_node(network.enter(*this, m_listen)) {}

PairCarrier::~PairCarrier() {
    m_network.leave(m_node);
}

PairCarrier::Link* PairCarrier::find(LinkId id) {
    const auto found = m_links.find(id);
    return found == m_links.end() ? nullptr : &found->second;
}

void PairCarrier::tell(Link& link, std::function<void(PairCarrier&, LinkId)> apply) {
    if (link.peerNode == 0) return;
    m_network.send(m_node, link.peerNode,
                   [apply = std::move(apply), peerLink = link.peerLink](PairCarrier& to) { apply(to, peerLink); });
}

/// Every kind of address at which the product dials.
bool PairCarrier::canDial(const codec::Multiaddr& address) const {
    if (m_relayed || address.isCircuit()) return m_relayed && address.isCircuit();
    return address.quicAddress() || address.tcpAddress() || address.wsAddress() || address.wssTarget();
}

Result<LinkId> PairCarrier::dial(const codec::Multiaddr& address, const crypto::PeerId& expected, Now) {
    if (!canDial(address)) return makeError(Errc::Unsupported, "dialling " + address.text());
    const LinkId id = m_linkIds.take();
    Link& link = m_links[id];
    link.side = Side::Dialer;
    link.expected = expected;
    link.remote = address.withoutPeer();
    if (!m_listen.empty()) link.local = m_listen.front();
    m_network.dial(address, m_node, [this, id, local = link.local](PairCarrier* listener) {
        if (!find(id)) return;
        if (!listener) return end(id, makeError(Errc::Unreachable, "nobody listens there"), false, kNoError);
        listener->onDial(m_node, id, m_self, local);
    });
    return id;
}

void PairCarrier::onDial(uint64_t node, LinkId peerLink, const crypto::PeerId& peer, const codec::Multiaddr& from) {
    const LinkId id = m_linkIds.take();
    Link& link = m_links[id];
    link.side = Side::Listener;
    link.peerNode = node;
    link.peerLink = peerLink;
    link.peer = peer;
    link.remote = from;
    if (!m_listen.empty()) link.local = m_listen.front();
    tell(link,
         [node = m_node, id, self = m_self](PairCarrier& to, LinkId theirs) { to.onHello(theirs, node, id, self); });
}

/// The dialler judges the listener's key, then the listener opens, and only then the dialler.
void PairCarrier::onHello(LinkId id, uint64_t node, LinkId peerLink, const crypto::PeerId& peer) {
    Link* link = find(id);
    if (!link) return;
    link->peerNode = node;
    link->peerLink = peerLink;
    link->peer = peer;
    if (!link->expected.empty() && link->expected != peer) {
        tell(*link, [](PairCarrier& to, LinkId theirs) { to.m_links.erase(theirs); });
        return end(id, makeError(Errc::IdentityMismatch, "another key answered"), false, kNoError);
    }
    tell(*link, [](PairCarrier& to, LinkId theirs) {
        Link* mine = to.find(theirs);
        if (!mine) return;
        to.startLink(theirs);
        to.tell(*mine, [](PairCarrier& dialler, LinkId dialled) {
            if (dialler.find(dialled)) dialler.startLink(dialled);
        });
    });
}

void PairCarrier::startLink(LinkId id) {
    Link& link = *find(id);
    link.opened = true;
    link.window = m_network.options().linkWindow;
    link.streamsLeft = m_network.options().maxStreams;
    link.nextStream = link.side == Side::Dialer ? 0 : 1;
    m_events.push_back(LinkOpened{id, link.peer, link.side, link.local, link.remote});
}

void PairCarrier::close(LinkId id, uint64_t code, std::string_view reason, Now) {
    Link* link = find(id);
    if (!link) return;
    tell(*link, [code](PairCarrier& to, LinkId theirs) {
        Link* mine = to.find(theirs);
        if (!mine) return;
        const bool wasOpen = mine->opened;
        if (wasOpen || mine->side == Side::Dialer)
            to.end(theirs, makeError(Errc::ConnectionLost, "closed by the peer"), true, code);
        else
            to.m_links.erase(theirs);
    });
    end(id, makeError(Errc::Cancelled, std::string(reason)), false, code);
}

void PairCarrier::breakLink(LinkId id, Error error) {
    if (find(id)) end(id, std::move(error), false, kNoError);
}

void PairCarrier::end(LinkId id, Error error, bool byPeer, uint64_t code) {
    Link* link = find(id);
    if (!link) return;
    for (auto& [number, stream] : link->streams)
        if (stream.taken > 0) m_lateCredit[{id, number}] = stream.taken;
    m_links.erase(id);
    m_events.push_back(LinkClosed{id, std::move(error), byPeer, code});
}

std::vector<LinkId> PairCarrier::links() const {
    std::vector<LinkId> ids;
    for (const auto& [id, link] : m_links)
        if (link.opened) ids.push_back(id);
    return ids;
}

std::optional<LinkStats> PairCarrier::stats(LinkId id) const {
    const auto found = m_links.find(id);
    if (found == m_links.end()) return std::nullopt;
    LinkStats stats;
    stats.bytesSent = found->second.bytesSent;
    stats.bytesReceived = found->second.bytesReceived;
    return stats;
}

std::optional<LinkEvent> PairCarrier::poll() {
    if (m_events.empty()) return std::nullopt;
    LinkEvent event = std::move(m_events.front());
    m_events.pop_front();
    // A stream can be asked about (atEnd) until its end has been told.
    if (const auto* closed = std::get_if<StreamClosed>(&event)) forget(closed->key);
    return event;
}

void PairCarrier::forget(StreamKey key) {
    Stream* stream = find(key);
    if (!stream) return;
    if (stream->taken > 0) m_lateCredit[key] = stream->taken;
    Link& link = *find(key.link);
    link.gone.insert(key.stream);
    link.streams.erase(key.stream);
}

// --- streams ------------------------------------------------------------------------------------------------------

const PairCarrier::Stream* PairCarrier::find(StreamKey key) const {
    const auto link = m_links.find(key.link);
    if (link == m_links.end()) return nullptr;
    const auto stream = link->second.streams.find(key.stream);
    return stream == link->second.streams.end() ? nullptr : &stream->second;
}

PairCarrier::Stream* PairCarrier::find(StreamKey key) {
    return const_cast<Stream*>(std::as_const(*this).find(key));
}

size_t PairCarrier::openStreams(LinkId id) const {
    const auto found = m_links.find(id);
    return found == m_links.end() ? 0 : found->second.streams.size();
}

size_t PairCarrier::unread() const {
    size_t total = 0;
    for (const auto& [id, link] : m_links)
        for (const auto& [number, stream] : link.streams) total += stream.receivedBytes;
    return total;
}

Result<StreamKey> PairCarrier::openStream(LinkId id) {
    Link* link = find(id);
    if (!link || !link->opened) return makeError(Errc::NotFound, "the link has ended");
    if (link->streamsLeft == 0) return makeError(Errc::LimitReached, "the peer allows no more streams");
    --link->streamsLeft;
    const StreamKey key{id, link->nextStream};
    link->nextStream += 4;
    Stream& stream = link->streams[key.stream];
    stream.window = m_network.options().streamWindow;
    stream.ours = true;
    return key;
}

/// The stream that a message is about; made when the peer has just opened it, nullptr when it is gone.
PairCarrier::Stream* PairCarrier::remoteStream(StreamKey key) {
    if (Stream* known = find(key)) return known;
    Link* link = find(key.link);
    if (!link || !link->opened || link->gone.contains(key.stream)) return nullptr;
    const bool theirs = key.stream % 2 == (link->side == Side::Dialer ? 1u : 0u);
    if (!theirs) return nullptr;
    Stream& stream = link->streams[key.stream];
    stream.window = m_network.options().streamWindow;
    m_events.push_back(StreamOpened{key});
    return &stream;
}

size_t PairCarrier::available(StreamKey key) const {
    const Stream* stream = find(key);
    return stream ? stream->receivedBytes : 0;
}

ByteView PairCarrier::front(StreamKey key) const {
    const Stream* stream = find(key);
    return stream && !stream->received.empty() ? stream->received.front().view() : ByteView();
}

void PairCarrier::consume(StreamKey key, size_t count) {
    if (!find(key)) return;
    credit(key, totalLength(take(key, count)));
}

Slices PairCarrier::take(StreamKey key, size_t count) {
    Slices out;
    Stream* stream = find(key);
    if (!stream) return out;
    ASSERT(count <= stream->receivedBytes);
    stream->receivedBytes -= count;
    stream->taken += count;
    m_uncredited += count;
    while (count > 0) {
        Slice& first = stream->received.front();
        const size_t part = std::min(count, first.length);
        out.push_back(first.first(part));
        first = first.from(part);
        count -= part;
        if (first.empty()) stream->received.pop_front();
    }
    settleStream(key);
    return out;
}

void PairCarrier::credit(StreamKey key, size_t count) {
    if (count == 0) return;
    Stream* stream = find(key);
    const auto late = m_lateCredit.find(key);
    if (!stream && late == m_lateCredit.end()) return;
    size_t& left = stream ? stream->taken : late->second;
    ASSERT(count <= left);
    left -= count;
    m_uncredited -= count;
    giveCredit(key, count);
}

void PairCarrier::giveCredit(StreamKey key, size_t count) {
    if (Link* link = find(key.link); link && count > 0)
        tell(*link, [number = key.stream, count](PairCarrier& to, LinkId theirs) {
            to.onCredit({theirs, number}, count);
        });
}

bool PairCarrier::atEnd(StreamKey key) const {
    const Stream* stream = find(key);
    return stream && stream->finReceived && stream->receivedBytes == 0;
}

size_t PairCarrier::roomOf(const Link& link, const Stream& stream) const {
    if (stream.sendDone || stream.finSent) return 0;
    const size_t buffer = m_network.options().sendBuffer;
    return std::min({link.window, stream.window, buffer - std::min(buffer, stream.inFlight)});
}

size_t PairCarrier::lowWater() const {
    const PairOptions& options = m_network.options();
    return std::min({options.sendBuffer, options.streamWindow, options.linkWindow}) / 2;
}

/// Only who has asked and found little room is told when there is more.
size_t PairCarrier::writable(StreamKey key) const {
    const Stream* stream = find(key);
    if (!stream) return 0;
    const size_t room = roomOf(m_links.at(key.link), *stream);
    if (room < lowWater() && !stream->sendDone && !stream->finSent) stream->wantsWritable = true;
    return room;
}

size_t PairCarrier::unacknowledged(StreamKey key) const {
    const Stream* stream = find(key);
    return stream ? stream->inFlight : 0;
}

void PairCarrier::write(StreamKey key, Slice bytes, Fin fin) {
    Stream* stream = find(key);
    if (!stream || stream->sendDone) return;
    Link& link = *find(key.link);
    ASSERT(!stream->finSent);
    ASSERT(bytes.length <= roomOf(link, *stream));
    link.window -= bytes.length;
    stream->window -= bytes.length;
    stream->inFlight += bytes.length;
    stream->finSent = fin == Fin::Yes;
    link.bytesSent += bytes.length;
    do {
        const size_t part = std::min(bytes.length, m_network.options().maxPiece);
        const Fin last = part == bytes.length ? fin : Fin::No;
        if (part > 0 || last == Fin::Yes)
            tell(link, [number = key.stream, piece = bytes.first(part), last](PairCarrier& to, LinkId theirs) {
                to.onData({theirs, number}, piece, last);
            });
        bytes = bytes.from(part);
    } while (!bytes.empty());
}

void PairCarrier::onData(StreamKey key, const Slice& bytes, Fin fin) {
    Link* link = find(key.link);
    if (!link) return;
    Stream* stream = remoteStream(key);
    tell(*link, [number = key.stream, count = bytes.length, fin](PairCarrier& to, LinkId theirs) {
        to.onDelivered({theirs, number}, count, fin);
    });
    if (!stream) return giveCredit(key, bytes.length);
    link->bytesReceived += bytes.length;
    if (fin == Fin::Yes) stream->finReceived = true;
    if (stream->stopped || stream->receiveDone) {
        giveCredit(key, bytes.length);
        return settleStream(key);
    }
    if (!bytes.empty()) stream->received.push_back(Slice::copyOf(bytes.view()));
    stream->receivedBytes += bytes.length;
    m_events.push_back(StreamReadable{key});
    settleStream(key);
}

void PairCarrier::onDelivered(StreamKey key, size_t count, Fin fin) {
    Stream* stream = find(key);
    if (!stream) return;
    stream->inFlight -= std::min(stream->inFlight, count);
    find(key.link)->bytesReceived += kAcknowledgement;
    if (fin == Fin::Yes) stream->sendDone = true;
    wakeWriters(key.link);
    settleStream(key);
}

void PairCarrier::onCredit(StreamKey key, size_t count) {
    Link* link = find(key.link);
    if (!link) return;
    link->window += count;
    if (Stream* stream = find(key)) stream->window += count;
    wakeWriters(key.link);
}

void PairCarrier::wakeWriters(LinkId id) {
    Link& link = *find(id);
    for (auto& [number, stream] : link.streams) {
        if (!stream.wantsWritable || roomOf(link, stream) < lowWater()) continue;
        stream.wantsWritable = false;
        m_events.push_back(StreamWritable{{id, number}});
    }
}

void PairCarrier::reset(StreamKey key, uint64_t code) {
    Stream* stream = find(key);
    if (!stream || stream->sendDone) return;
    stream->sendDone = true;
    tell(*find(key.link), [number = key.stream, code](PairCarrier& to, LinkId theirs) {
        to.onReset({theirs, number}, code);
    });
    settleStream(key);
}

void PairCarrier::onReset(StreamKey key, uint64_t code) {
    Stream* stream = remoteStream(key);
    if (!stream || stream->receiveDone) return;
    giveCredit(key, stream->receivedBytes);
    stream->received.clear();
    stream->receivedBytes = 0;
    stream->receiveDone = true;
    if (!stream->stopped) m_events.push_back(StreamReset{key, code});
    settleStream(key);
}

void PairCarrier::stop(StreamKey key, uint64_t code) {
    Stream* stream = find(key);
    if (!stream || stream->stopped || stream->receiveDone) return;
    stream->stopped = true;
    giveCredit(key, stream->receivedBytes);
    stream->received.clear();
    stream->receivedBytes = 0;
    if (!stream->finReceived)
        tell(*find(key.link), [number = key.stream, code](PairCarrier& to, LinkId theirs) {
            to.onStop({theirs, number}, code);
        });
    settleStream(key);
}

void PairCarrier::onStop(StreamKey key, uint64_t code) {
    Stream* stream = remoteStream(key);
    if (!stream || stream->sendDone) return;
    m_events.push_back(StreamStopped{key, code});
    reset(key, code);
}

/// Closes a stream whose halves are both done; the acceptor's side then allows the opener another one.
void PairCarrier::settleStream(StreamKey key) {
    Stream* stream = find(key);
    if (!stream) return;
    if (stream->finReceived && stream->receivedBytes == 0) stream->receiveDone = true;
    if (!stream->sendDone || !stream->receiveDone || stream->closed) return;
    stream->closed = true;
    Link& link = *find(key.link);
    if (!stream->ours)
        tell(link, [](PairCarrier& to, LinkId theirs) {
            if (Link* mine = to.find(theirs)) ++mine->streamsLeft;
        });
    m_events.push_back(StreamClosed{key});
}

} // namespace wherry::test
