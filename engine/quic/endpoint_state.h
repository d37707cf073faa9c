#pragma once

#include "link/admission.h"
#include "link/deadline_queue.h"
#include "quic/closing_table.h"
#include "quic/connection.h"
#include "quic/endpoint.h"
#include "quic/stateless.h"

#include <deque>
#include <map>
#include <unordered_map>

namespace wherry::quic {

/// What an Endpoint consists of: the connections, the tables that lead datagrams and deadlines to them, and what waits
/// to be sent. A connection is in `connections` until its LinkClosed has been polled.
struct Endpoint::State {
    State(const EndpointConfig& endpointConfig, const crypto::Identity& identity, Random& randomSource,
          std::shared_ptr<BlockPool> blocks, const Log& logSink);

    Connection* find(link::LinkId link) const;
    void route(const Path& path, uint8_t ecn, ByteView payload, Now now);
    void onUnknown(const Path& path, uint8_t ecn, ByteView payload, const ngtcp2_version_cid& ids, Now now);
    void onStranger(const Path& path, uint8_t ecn, ByteView payload, const ngtcp2_pkt_hd& initial, Now now);
    void admit(const Path& path, uint8_t ecn, ByteView payload, const ngtcp2_pkt_hd& initial,
               const StatelessReplies::TokenCheck& token, Now now);
    /// A handshake gives way to one from `newcomer` (Admission::givesWay). Whether one did.
    bool makeRoom(const codec::IpAddress& newcomer, Now now);
    void deliver(Connection& connection, const Path& path, uint8_t ecn, ByteView payload, Now now);
    /// Whether QUIC can be spoken with this address at all.
    bool reaches(const codec::SocketAddress& remote) const;
    Path pathTo(const codec::SocketAddress& remote) const;
    /// Public addresses of ours from which `remote`, which is public as well, may be reached; empty: there are not
    /// several, and the system knows best.
    std::vector<codec::SocketAddress> sourcesFor(const codec::SocketAddress& remote) const;
    /// A dial that nobody has answered goes out from every source: the one that the system has chosen may lead nowhere.
    void repeatFromEverySource(const SendBatch& batch, ByteView bytes);
    void onPunchDeadlines(Now now);
    Instant punchDeadline() const;
    void answer(const Path& path, std::optional<Bytes> packet);
    void answer(ReadyPacket packet);
    /// After every input to a connection: counts its handshake, buries it when it has ended, else it may have to send.
    void settle(Connection& connection, Now now);
    void bury(Connection& connection, Now now);
    void forget(link::LinkId link);
    void markDirty(Connection& connection);
    /// What changes a stream of a link may give it something to send.
    template <typename Change> void change(link::StreamKey key, Change change) {
        Connection* connection = find(key.link);
        if (!connection) return;
        change(*connection);
        markDirty(*connection);
    }
    void markAllDirty();
    size_t maxPayload(const Path& path) const;
    std::optional<SendBatch> takeOutbox(MutableBytes buffer, const CanSend& canSend);
    /// Puts a connection whose socket is full aside. Its timers run on, but never so that an overdue one is due again
    /// at once: only a packet might end it.
    void hold(Connection& connection, Now now);
    void armHeld(Connection& connection, Now now);

    const EndpointConfig config;
    Random& random;
    std::shared_ptr<BlockPool> pool;
    const Log& log;
    std::unique_ptr<crypto::TlsContext> tls;
    StatelessReplies stateless;
    ConnectionIds ids;
    link::Admission admission;
    ClosingTable closing;
    link::DeadlineQueue deadlines;
    std::deque<link::LinkEvent> events;
    DatagramQueue<ReceivedDatagram> datagrams;
    link::Bandwidth unlimited;
    link::Bandwidth& bandwidth{config.bandwidth ? *config.bandwidth : unlimited};
    std::unique_ptr<ConnectionServices> services;
    std::map<link::LinkId, std::unique_ptr<Connection>> connections;
    mutable Connection* lastFound = nullptr;
    std::deque<Connection*> dirty;
    std::vector<Connection*> held; // dirty, and their socket is full
    std::deque<ReadyPacket> outbox;
    std::deque<ReadyPacket> heldOutbox;
    std::optional<ReadyPacket> stash;
    std::vector<LocalAddress> localAddresses;
    struct Punch {
        codec::SocketAddress remote;
        Instant next{};
        Instant until{};
        size_t left = kMaxPunchDatagrams;
    };
    std::vector<Punch> punches;
    IdSource<link::LinkId> linkIds;
    bool shuttingDown = false;
};

} // namespace wherry::quic
