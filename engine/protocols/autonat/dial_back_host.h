#pragma once

#include "base/log.h"
#include "codec/frame.h"
#include "protocols/autonat/autonat_server.h"
#include "swarm/swarm.h"

#include <deque>
#include <initializer_list>
#include <map>
#include <optional>

namespace wherry::autonat {

/// Gives nonces over dial-back streams; serves nothing.
class DialBackCaller final : public swarm::Protocol {
  public:
    struct Said {
        DialBackId id;
        bool taken = false; ///< the peer has answered with OK
    };

    void say(DialBackId id, const crypto::PeerId& peer, uint64_t nonce);
    std::optional<Said> poll();

    std::span<const std::string> protocolIds() const override { return {}; }
    void onStream(const swarm::NegotiatedStream& stream, link::StreamIo& io, Now now) override;
    void onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, link::StreamIo& io,
                        Now now) override;
    void onReadable(link::StreamKey key, link::StreamIo& io, Now now) override;
    void onReset(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onStopped(link::StreamKey key, uint64_t code, link::StreamIo& io, Now now) override;
    void onClosed(link::StreamKey key, link::StreamIo& io, Now now) override;
    std::optional<swarm::SwarmRequest> pollRequest() override;

  private:
    struct Call {
        DialBackId id;
        codec::FrameReader frames{kMaxDialBackBytes};
    };
    void end(link::StreamKey key, bool taken);

    std::map<DialBackId, uint64_t> m_nonces; ///< waiting for their streams
    std::map<link::StreamKey, Call> m_calls;
    std::deque<swarm::SwarmRequest> m_requests;
    std::deque<Said> m_said;
};

/// What dials for AutonatServer: a second, small peer with a key and carriers of its own that never listens, so that
/// neither a mapping that a NAT has for our listening port nor a connection that is open already can make an address
/// look reachable. Each dial has one connection, which is closed right after. Bound: kMaxDialBacks, kDialTimeout.
class DialBackHost {
  public:
    struct Done {
        DialBackId id;
        DialBackOutcome outcome;
    };

    /// `self`: of the key that the carriers prove. They outlive the host.
    DialBackHost(const crypto::PeerId& self, std::initializer_list<link::Carrier*> carriers, const Log& log);

    void start(const StartDialBack& what, Now now);
    /// After settle().
    std::optional<Done> poll();
    /// As Swarm::settle().
    bool settle(Now now);
    Instant deadline() const;
    void onDeadline(Now now);
    size_t running() const { return m_dials.size(); }

  private:
    struct Dial {
        StartDialBack what;
        swarm::ConnectId connect;
        Instant giveUp;
    };
    void finish(DialBackId id, DialBackOutcome outcome, Now now);
    void on(const swarm::Connected& event, Now now);
    void on(const swarm::ConnectFailed& event, Now now);
    void on(const swarm::PeerGone& event, Now now);
    template <typename Other> void on(const Other&, Now) {}

    DialBackCaller m_caller;
    swarm::Swarm m_swarm;
    std::map<DialBackId, Dial> m_dials;
    std::deque<Done> m_done;
};

} // namespace wherry::autonat
