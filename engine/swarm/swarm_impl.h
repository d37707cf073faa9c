#pragma once

#include "swarm/link_budget.h"
#include "swarm/path_choice.h"
#include "swarm/stream_table.h"
#include "swarm/swarm.h"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wherry::swarm {

/// What a link is to its peer (path_choice.h decides). Both ends come to the same judgement:
/// - A direct link beside a relayed one: the direct one is Current; the relayed one is Losing, and is kept for
///   kRelayedLinkGrace in case the direct one does not last.
/// - Two links that both ends dialled at the same time: the one dialled by the smaller peer id is Current, the other is
///   Losing. It takes no new streams from us, lives as long as it has any, and is closed when it has had none for
///   kLosingLinkGrace; nothing on it is lost.
/// - A second link by the same dialler: only the dialler knows why. It closes the one that lost its race; one that it
///   uses has replaced the first, which died without our hearing of it (the peer restarted). Until then the second is
///   a Candidate.
/// - A second link of a peer that was asked to dial (allowSecondLink): Losing, as one that nobody wants for itself.
/// - A link the peer dialled long after ours opened, or uses long after it lost: it does not know ours any more; it
///   replaces ours.
enum class LinkRole : uint8_t { Current, Candidate, Losing };

struct Swarm::Impl {
    struct LinkState {
        size_t carrierIndex = 0;
        link::Carrier* carrier = nullptr;
        link::LinkId inner;
        PeerInfo info;
        std::optional<codec::IpAddress> countedAs; ///< inbound: the address in the budget
        LinkRole role = LinkRole::Current;
        Instant openedAt{};
        Instant roleSince{};
        Instant check = kNever; ///< its entry in linkTimers
        size_t negotiating = 0;
        std::set<uint64_t> streams;
    };
    struct PeerState {
        link::LinkId current;
        std::vector<link::LinkId> links; ///< by age
        std::map<const std::string*, size_t> inboundStreams;
    };
    struct DialKey {
        size_t carrierIndex = 0;
        link::LinkId inner;
        auto operator<=>(const DialKey&) const = default;
    };
    struct DialState {
        crypto::PeerId peer;
        codec::Multiaddr address;
    };
    /// What is wanted of a race.
    struct Wish {
        bool direct = false; ///< a relayed link is not enough
        DialPace pace = DialPace::Staggered;
    };
    struct Waiter {
        Instant until;
        bool direct = false;
        std::vector<codec::Multiaddr> given; ///< nobody answers for what others have added to the race
    };
    struct RaceState {
        DialRace race;
        std::set<DialKey> dials;
        std::map<ConnectId, Waiter> waiters;
        Instant lingerUntil = kNever; ///< nobody waits; dials under way may still end well
    };

    Impl(SwarmConfig swarmConfig, const Log& swarmLog)
        : config(std::move(swarmConfig)),
          log(swarmLog),
          budget(config.maxLinks, config.maxInboundLinksPerPrefix) {}

    // --- swarm.cpp: links and peers
    void handle(size_t carrierIndex, link::LinkEvent event, Now now);
    void onLinkOpened(size_t carrierIndex, const link::LinkOpened& event, Now now);
    void onLinkClosed(size_t carrierIndex, const link::LinkClosed& event, Now now);
    void onLinkMoved(size_t carrierIndex, const link::LinkMoved& event, Now now);
    bool admit(size_t carrierIndex, const link::LinkOpened& event, Now now);
    void allowSecondLink(const crypto::PeerId& peer, Instant until);
    void judge(link::LinkId id, Now now);
    static PathLink pathLink(const LinkState& link);
    PathChoice choose(const LinkState& current, const PathLink& opened, Now now) const;
    void lose(link::LinkId id, Now now);
    void makeCurrent(PeerState& state, link::LinkId id, PathReason reason, Now now);
    void moveTo(PeerState& state, link::LinkId id, PathReason reason, Now now);
    void setRole(link::LinkId id, LinkRole role, Instant check, Now now);
    void replaceCurrent(link::LinkId by, Now now);
    void noteUse(link::LinkId id, Now now);
    void onLinkTimer(link::LinkId id, Now now);
    /// Ends a link that we no longer want.
    void closeLink(link::LinkId id, uint64_t code, std::string_view reason, Now now);
    void closeSilent(link::LinkId id, Now now);
    /// Forgets a link that has ended, with all that hangs on it.
    void dropLink(link::LinkId id, const Error& error, Now now);
    Successor successor(const PeerState& state, const LinkState& ended) const;
    void beginAnew(PeerState& state, const Successor& next, const Error& error, Now now);
    void tellConnected(const PeerInfo& info, Now now);
    void tellGone(const crypto::PeerId& peer, const Error& error, Now now);
    void tellMoved(const PeerInfo& info, Now now);
    static Error denial(const crypto::PeerId& peer);
    LinkState* find(link::LinkId id);
    const LinkState* currentLink(const crypto::PeerId& peer) const;

    // --- swarm_dials.cpp
    ConnectId connect(const crypto::PeerId& peer, const std::vector<codec::Multiaddr>& addresses, Wish wish, Now now);
    void cancelConnect(ConnectId id, Now now);
    void failConnect(ConnectId id, const crypto::PeerId& peer, Error error);
    bool startDials(Now now);
    void startDial(const crypto::PeerId& peer, RaceState& state, const codec::Multiaddr& address, Now now);
    void onDialFailed(DialKey key, const Error& error, Now now);
    void raceConnected(const PeerInfo& info, Now now);
    void keepDirectDials(const crypto::PeerId& peer, RaceState& state, Now now);
    void endRace(const crypto::PeerId& peer, Now now);
    void failRace(const crypto::PeerId& peer, const std::optional<Error>& error, Now now);
    void onDialTimers(Now now);
    Instant dialDeadline() const;

    // --- swarm_streams.cpp
    void onStreamOpened(link::LinkId link, link::StreamKey inner, Now now);
    void onReadable(link::StreamKey key, Now now);
    void onWritable(link::StreamKey key, Now now);
    void onReset(link::StreamKey key, uint64_t code, Now now);
    void onStopped(link::StreamKey key, uint64_t code, Now now);
    void onClosed(link::StreamKey key, const Error& why, Now now);
    void onRequest(Protocol& protocol, const OpenStream& request, Now now);
    void advanceInbound(link::StreamKey key, StreamRecord& record, Now now);
    void advanceOutbound(link::StreamKey key, StreamRecord& record, Now now);
    void accept(link::StreamKey key, StreamRecord& record, Now now);
    void handOver(link::StreamKey key, StreamRecord& record, std::string_view protocolId, Now now);
    void flush(StreamRecord& record);
    void settled(link::StreamKey key, StreamRecord& record);
    void endRefused(StreamRecord& record);
    void abandon(link::StreamKey key, StreamRecord& record, uint64_t code);
    void fail(link::StreamKey key, StreamRecord& record, const Error& error, Now now);
    void forget(link::StreamKey key);
    /// Bytes that have come over a link so far.
    uint64_t heardOver(link::LinkId id) const;
    void onNegotiationTimers(Now now);

    SwarmConfig config;
    const Log& log;
    std::vector<link::Carrier*> carriers;
    std::vector<Protocol*> protocols;
    std::map<std::string, Protocol*, std::less<>> served;
    std::set<const Protocol*> withdrawn; ///< of them: no more streams are taken
    StreamTable streams;
    LinkBudget budget;

    std::set<crypto::PeerId> denied;
    std::map<crypto::PeerId, Instant> secondLinks; ///< until when, of each peer that may make one

    IdSource<link::LinkId> linkIds;
    IdSource<ConnectId> connectIds;
    std::map<link::LinkId, LinkState> links;
    std::vector<std::unordered_map<link::LinkId, link::LinkId>> innerLinks; ///< per carrier: its name -> ours
    std::map<crypto::PeerId, PeerState> peers;
    std::map<crypto::PeerId, RaceState> races;
    std::map<DialKey, DialState> dials;
    std::map<ConnectId, crypto::PeerId> connects;

    std::set<std::pair<Instant, link::LinkId>> linkTimers;
    std::set<std::pair<Instant, ConnectId>> connectTimers;
    std::set<std::pair<Instant, link::StreamKey>> negotiationTimers;
    std::deque<SwarmEvent> events;
};

} // namespace wherry::swarm
