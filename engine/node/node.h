#pragma once

#include "base/log.h"
#include "base/random.h"
#include "base/store.h"
#include "bytepipe/endpoint.h"
#include "crypto/identity.h"
#include "discovery/discovery.h"
#include "node/command.h"
#include "node/dht_config.h"
#include "node/dialer.h"
#include "node/discovery_config.h"
#include "node/event.h"
#include "node/job.h"
#include "node/node_limits.h"
#include "node/relay_config.h"
#include "node/waiting_requests.h"
#include "quic/endpoint.h"
#include "swarm/swarm.h"
#include "transfer/transfers.h"

#include <deque>
#include <memory>
#include <optional>
#include <variant>

namespace wherry::node {

struct NodeConfig {
    quic::EndpointConfig quic{.keepAlive = kKeepAlive};
    bytepipe::EndpointConfig pipes; ///< links over TCP and WebSocket
    bool servePerf = false;         ///< answer /perf/1.0.0
    /// The port of a second UDP socket, from which this node dials for peers that ask whether they can be reached
    /// (AutoNAT), and by pipes from any; 0: it does not. Its datagrams come in and go out as those of the first.
    uint16_t dialBackPort = 0;
    size_t workers = 2;  ///< worker threads that run jobs
    SpillMaker spills{}; ///< for what is too large for memory; empty: everything is kept in it
    Duration connectTimeout = std::chrono::seconds(30); ///< of an attempt to reach a peer
    link::BandwidthLimits limits{};
    DiscoveryConfig discovery;
    DhtConfig dht;
    RelayConfig relay;
    uint32_t parallelSends = kParallelSends;               ///< transfers that are sent at once
    uint32_t parallelReceives = transfer::kReceivesAtOnce; ///< incoming transfers whose content comes at once
    Duration historyKeep = kHistoryKeep;                   ///< how long transfers that have ended are remembered
    bool quiet = false;                                    ///< as SetQuiet
    bool presence = false;                                 ///< as SetPresence
    peers::Claims profile; ///< what this node says about itself, within profile::checkOwnProfile(); empty: nothing
};

/// Work for runtime (or the simulator).
struct SubmitJob {
    Job job;
};
struct StoreWork {
    StoreOp op;
};
struct Emit {
    Event event;
};
/// Shutdown is complete: peers have been told, the last datagrams are in nextBatch(), no file waits for its name.
struct Stopped {};
using NodeAction = std::variant<SubmitJob, StoreWork, ResolveNames, Emit, Stopped, discovery::SendMulticast,
                                bytepipe::OpenPipe, bytepipe::ClosePipe, bytepipe::LoadWebTrust>;

/// A peer: the composition root of everything below. It owns the endpoints of QUIC and of pipes, the swarm and the
/// protocols, and wires them; it decides nothing that one of them could decide. Sans-I/O like its parts: after any
/// input call poll(), nextPipeWrite() and nextBatch() until all are empty, and poll() again, then sleep until
/// deadline() or the next input. One thread.
class Node {
  public:
    static Result<std::unique_ptr<Node>> create(NodeConfig config, crypto::Identity identity, Random& random,
                                                std::shared_ptr<BlockPool> pool, const Log& log, Now now);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    const crypto::PeerId& self() const;

    // --- inputs ---
    /// The real addresses that datagrams arrive at, and those where pipes are accepted (/tcp, /tcp/.../ws); emits Ready
    /// the first time, and tells peers of changes afterwards.
    void onListening(std::vector<quic::LocalAddress> datagrams, const std::vector<codec::Multiaddr>& pipes, Now now);
    void onDatagram(const quic::Path& path, uint8_t ecn, ByteView payload, Now now);
    void onSendFailed(const quic::Path& path, quic::SendFailure failure, Now now);
    void onSocketWritable();
    // Pipes, as in bytepipe::Endpoint: each has the number of its link, and numbers that are not known are harmless.
    Result<link::LinkId> onPipeAccepted(const bytepipe::PipePath& path, Now now);
    void onPipeOpened(link::LinkId pipe, const codec::SocketAddress& local);
    void onPipeBytes(link::LinkId pipe, ByteView bytes, Now now);
    void onPipeEnded(link::LinkId pipe);
    void onPipeFailed(link::LinkId pipe, Error error);
    void onPipeBlocked(link::LinkId pipe);
    void onPipeWritable(link::LinkId pipe);
    // Secure WebSockets, as in bytepipe::Endpoint.
    void setWebCertificate(std::shared_ptr<const crypto::WebCertificate> certificate);
    void onWebTrust(Result<std::shared_ptr<const crypto::WebTrust>> trust);
    void forgetWebTrust();
    void onCommand(RequestId id, Command command, Now now);
    void onJobDone(JobDone done, Now now);
    /// Tells the person: as an event, and in every StatusReport.
    void warn(Error error);
    /// The store's file was damaged: it was set aside under this name, and the rows are gone.
    void onStoreBegunAnew(const std::string& aside, Now now);
    void onStoreScanned(StoreScanned scanned, Now now);
    void onNamesResolved(ResolveId id, Result<std::vector<codec::Multiaddr>> addresses, Now now);
    /// The interfaces that discovery may speak on, now and after each change.
    void onLinks(std::vector<discovery::LocalLink> links, Now now);
    /// Whether the network is metered, at first (No until then) and after each change.
    void onMetered(link::Metered metered);
    /// A datagram to the port of multicast DNS.
    void onMulticast(const discovery::Heard& heard, Now now);
    void onDeadline(Now now);
    /// Tells every peer and cancels every request; Stopped follows once the jobs of the disk lane are done.
    void shutdown(Now now);

    // --- outputs ---
    /// Settles what the inputs since the last call have started and gives the next action.
    std::optional<NodeAction> poll(Now now);
    /// `canSend`: as in quic::Endpoint::nextBatch(); onSocketWritable() when one that was full has room again.
    std::optional<quic::SendBatch> nextBatch(MutableBytes buffer, Now now, const quic::CanSend& canSend = {});
    /// As bytepipe::Endpoint::nextWrite(): fills `out` anew and says for which pipe.
    std::optional<link::LinkId> nextPipeWrite(Bytes& out, Now now);
    Instant deadline() const;

    std::optional<swarm::PeerInfo> peer(const crypto::PeerId& id) const;

  private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> m;
};

} // namespace wherry::node
