#pragma once

#include "link/link.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

/// A carrier without packets or keys: links between PairCarriers of one process. Deterministic; nothing moves before
/// PairNetwork::deliverOne(). It is strict where QUIC is: bounded windows per stream and link, a limit of streams that
/// only comes back when the acceptor's side has closed them, StreamWritable only for those who have asked writable()
/// and found little, bytes that are gone with their link, and ASSERTs on bytes written beyond writable() or credited
/// more than once.
namespace wherry::test {

class PairCarrier;

struct PairOptions {
    size_t streamWindow = 256 * 1024; ///< bytes that a receiver grants ahead on a stream
    size_t linkWindow = 1024 * 1024;  ///< bytes that a receiver grants ahead on a link
    size_t sendBuffer = 128 * 1024;   ///< bytes of a stream written and not yet delivered
    size_t maxStreams = 256;          ///< streams that each end may have open at once
    size_t maxPiece = 64 * 1024;      ///< bytes of one delivery; 1 cuts everywhere
};

/// What lies between carriers: a queue of messages, delivered in order, one by one.
class PairNetwork {
  public:
    explicit PairNetwork(PairOptions options = {}) : m_options(options) {}

    const PairOptions& options() const { return m_options; }
    /// Delivers the next message; false when there is none.
    bool deliverOne();
    /// Delivers what waits now and what comes of it; returns how many messages.
    size_t deliverAll();
    size_t waiting() const { return m_queue.size(); }

    /// Dials of this address are never answered.
    void blackhole(const codec::Multiaddr& address) { m_blackholes.insert(address.withoutPeer()); }
    /// Dials of this address wait until release().
    void hold(const codec::Multiaddr& address) { m_held.insert(address.withoutPeer()); }
    void release(const codec::Multiaddr& address);
    /// From now on nothing reaches or leaves this carrier, and nobody is told.
    void isolate(const PairCarrier& carrier);

  private:
    friend class PairCarrier;
    struct Message {
        uint64_t from;
        uint64_t to;
        std::function<void(PairCarrier&)> apply;
    };

    uint64_t enter(PairCarrier& carrier, const std::vector<codec::Multiaddr>& listen);
    void leave(uint64_t node);
    void send(uint64_t from, uint64_t to, std::function<void(PairCarrier&)> apply);
    void dial(const codec::Multiaddr& address, uint64_t from, std::function<void(PairCarrier*)> apply);
    PairCarrier* carrier(uint64_t node);

    PairOptions m_options;
    std::deque<Message> m_queue;
    std::map<uint64_t, PairCarrier*> m_carriers;
    std::map<codec::Multiaddr, uint64_t> m_listeners;
    std::set<codec::Multiaddr> m_blackholes;
    std::set<codec::Multiaddr> m_held;
    std::vector<std::pair<codec::Multiaddr, Message>> m_parked;
    std::set<uint64_t> m_isolated;
    uint64_t m_lastNode = 0;
};

/// One node's end of all its links. A carrier that is destroyed vanishes without a word, as a killed process does; a
/// new one with the same address takes its place.
class PairCarrier final : public link::Carrier {
  public:
    PairCarrier(PairNetwork& network, crypto::PeerId self, std::vector<codec::Multiaddr> listen);
    ~PairCarrier() override;

    size_t available(link::StreamKey key) const override;
    ByteView front(link::StreamKey key) const override;
    void consume(link::StreamKey key, size_t count) override;
    Slices take(link::StreamKey key, size_t count) override;
    void credit(link::StreamKey key, size_t count) override;
    bool atEnd(link::StreamKey key) const override;
    size_t writable(link::StreamKey key) const override;
    size_t unacknowledged(link::StreamKey key) const override;
    void write(link::StreamKey key, Slice bytes, link::Fin fin) override;
    void reset(link::StreamKey key, uint64_t code) override;
    void stop(link::StreamKey key, uint64_t code) override;

    bool canDial(const codec::Multiaddr& address) const override;
    Result<link::LinkId> dial(const codec::Multiaddr& address, const crypto::PeerId& expected, Now now) override;
    void close(link::LinkId link, uint64_t code, std::string_view reason, Now now) override;
    Result<link::StreamKey> openStream(link::LinkId link) override;
    std::optional<link::LinkStats> stats(link::LinkId link) const override;
    std::optional<link::LinkEvent> poll() override;

    /// Ends our end of a link as an idle time-out does; the other end is not told.
    void breakLink(link::LinkId link, Error error);
    std::vector<link::LinkId> links() const;
    /// Streams of a link that have not been closed.
    size_t openStreams(link::LinkId link) const;
    /// Bytes handed out by take() and not yet credited, over all open streams and those closed before the credit came.
    size_t uncredited() const { return m_uncredited; }
    /// From now on its links are relayed ones: it dials circuit addresses, and nothing else.
    void beRelayed() { m_relayed = true; }
    /// Bytes received and neither consumed nor taken.
    size_t unread() const;
    const crypto::PeerId& self() const { return m_self; }

  private:
    friend class PairNetwork;
    struct Stream {
        // receiving
        std::deque<Slice> received;
        size_t receivedBytes = 0;
        size_t taken = 0;
        bool finReceived = false;
        bool stopped = false;
        bool receiveDone = false;
        // sending
        size_t window = 0;
        size_t inFlight = 0;
        bool finSent = false;
        mutable bool wantsWritable = false;
        bool sendDone = false;
        bool ours = false;
        bool closed = false; ///< told, or about to be
    };
    struct Link {
        uint64_t peerNode = 0;
        link::LinkId peerLink;
        crypto::PeerId peer;
        crypto::PeerId expected;
        link::Side side = link::Side::Dialer;
        codec::Multiaddr local;
        codec::Multiaddr remote;
        bool opened = false;
        size_t window = 0;
        size_t streamsLeft = 0;
        uint64_t nextStream = 0;
        std::map<uint64_t, Stream> streams;
        std::set<uint64_t> gone;
        uint64_t bytesSent = 0;
        uint64_t bytesReceived = 0;
    };

    Link* find(link::LinkId id);
    Stream* find(link::StreamKey key);
    const Stream* find(link::StreamKey key) const;
    void tell(Link& link, std::function<void(PairCarrier&, link::LinkId)> apply);
    void end(link::LinkId id, Error error, bool byPeer, uint64_t code);
    void startLink(link::LinkId id);
    void giveCredit(link::StreamKey key, size_t count);
    void settleStream(link::StreamKey key);
    void wakeWriters(link::LinkId id);
    void forget(link::StreamKey key);
    size_t lowWater() const;
    size_t roomOf(const Link& link, const Stream& stream) const;
    Stream* remoteStream(link::StreamKey key);

    void onDial(uint64_t node, link::LinkId peerLink, const crypto::PeerId& peer, const codec::Multiaddr& address);
    void onHello(link::LinkId id, uint64_t node, link::LinkId peerLink, const crypto::PeerId& peer);
    void onData(link::StreamKey key, const Slice& bytes, link::Fin fin);
    void onDelivered(link::StreamKey key, size_t count, link::Fin fin);
    void onCredit(link::StreamKey key, size_t count);
    void onReset(link::StreamKey key, uint64_t code);
    void onStop(link::StreamKey key, uint64_t code);

    PairNetwork& m_network;
    crypto::PeerId m_self;
    std::vector<codec::Multiaddr> m_listen;
    uint64_t m_node = 0;
    bool m_relayed = false;
    IdSource<link::LinkId> m_linkIds;
    std::map<link::LinkId, Link> m_links;
    std::map<link::StreamKey, size_t> m_lateCredit;
    std::deque<link::LinkEvent> m_events;
    size_t m_uncredited = 0;
};

} // namespace wherry::test
