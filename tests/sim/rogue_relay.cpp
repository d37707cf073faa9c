#include "sim/rogue_relay.h"

#include "codec/frame.h"
#include "link/abandon.h"
#include "protocols/relay/voucher.h"
#include "sim/send_batches.h"

#include <utility>

namespace wherry::sim {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

static constexpr uint16_t kPort = 4001;

// --- the hand -----------------------------------------------------------------------------------------------------

/// The streams as the relay inside sees them.
class RogueHop::Hand final : public StreamIo {
  public:
    Hand(RogueHop& rogue, StreamIo& io) : m_rogue(rogue), m_io(io) {}

    size_t available(StreamKey key) const override { return m_io.available(key); }
    ByteView front(StreamKey key) const override { return m_io.front(key); }
    void consume(StreamKey key, size_t count) override { m_io.consume(key, count); }
    Slices take(StreamKey key, size_t count) override { return m_io.take(key, count); }
    void credit(StreamKey key, size_t count) override { m_io.credit(key, count); }
    bool atEnd(StreamKey key) const override { return m_io.atEnd(key); }
    size_t writable(StreamKey key) const override { return m_io.writable(key); }
    size_t unacknowledged(StreamKey key) const override { return m_io.unacknowledged(key); }
    void write(StreamKey key, Slice bytes, Fin fin) override { m_rogue.write(key, std::move(bytes), fin, m_io); }
    void reset(StreamKey key, uint64_t code) override { m_io.reset(key, code); }
    void stop(StreamKey key, uint64_t code) override { m_io.stop(key, code); }

  private:
    RogueHop& m_rogue;
    StreamIo& m_io;
};

RogueHop::RogueHop(const crypto::Identity& identity, const Log& log)
    : m_identity(identity),
      m_server(
          identity.clone(), {}, [](const crypto::PeerId&) { return true; }, log) {}

/// The first thing that is written to a stream is the relay's own message, the rest is what it carries.
void RogueHop::write(StreamKey key, Slice bytes, Fin fin, StreamIo& io) {
    Written& written = m_written[key];
    if (std::exchange(written.message, true)) return carry(key, written, std::move(bytes), fin, io);
    io.write(key, message(key, bytes), fin);
}

void RogueHop::carry(StreamKey key, Written& written, Slice bytes, Fin fin, StreamIo& io) {
    const uint64_t before = written.bytes;
    written.bytes += bytes.length;
    const bool here = wrong != Wrong::None && !bytes.empty() && written.bytes > after;
    if (!here || (written.wronged && wrong != Wrong::Drops)) {
        io.write(key, std::move(bytes), fin);
        if (!written.held.empty()) io.write(key, std::exchange(written.held, {}), Fin::No);
        return;
    }
    const auto wrongs = [&] {
        written.wronged = true;
        ++wronged;
    };
    switch (wrong) {
    case Wrong::Corrupts: {
        Bytes spoiled = toBytes(bytes.view());
        spoiled[after > before ? after - before : 0] ^= 0x10;
        wrongs();
        return io.write(key, Slice::copyOf(spoiled), fin);
    }
    case Wrong::Drops:
    case Wrong::Skips:
        return wrongs();
    case Wrong::Reorders:
        if (io.writable(key) < 2 * bytes.length) break;
        wrongs();
        written.held = std::move(bytes);
        return;
    case Wrong::Repeats:
        if (io.writable(key) < 2 * bytes.length) break;
        wrongs();
        io.write(key, Slice::copyOf(bytes.view()), Fin::No);
        break;
    case Wrong::LiesAboutLimit:
        wrongs();
        return link::abandon(io, key, link::kNoError);
    default:
        break;
    }
    io.write(key, std::move(bytes), fin);
}

/// The relay's own words, as it twists them.
Slice RogueHop::message(StreamKey key, const Slice& bytes) {
    Bytes out;
    if (m_stops.contains(key)) {
        if (wrong != Wrong::SwapsCaller) return bytes;
        codec::appendFrame(out, relay::encodeStop(relay::StopConnect{accomplice, {}}));
    } else {
        const ByteView whole = bytes.view();
        auto said = relay::decodeHop(whole.subspan(whole[0] < 0x80 ? 1 : 2)); // behind its length
        auto* answer = said ? std::get_if<relay::HopStatus>(&*said) : nullptr;
        if (!answer || !twist(*answer)) return bytes;
        codec::appendFrame(out, relay::encodeHop(*answer));
    }
    ++wronged;
    return Slice::copyOf(out);
}

bool RogueHop::twist(relay::HopStatus& answer) const {
    if (wrong == Wrong::LiesAboutLimit && answer.limit) {
        answer.limit = relay::Limit{};
        return true;
    }
    auto& granted = answer.reservation;
    if (!granted) return false;
    if (wrong == Wrong::ForeignVoucher)
        granted->voucher = relay::sealVoucher(m_identity, accomplice, granted->expire);
    else if (wrong == Wrong::ForeignSigner)
        granted->voucher = relay::sealVoucher(crypto::Identity::fromSeed({7}), accomplice, granted->expire);
    else if (wrong == Wrong::VictimAddresses)
        granted->addresses = victims;
    else
        return false;
    return true;
}

// --- the relay inside ---------------------------------------------------------------------------------------------

void RogueHop::onPeerGone(const crypto::PeerId& peer, const Error& error, Now now) {
    m_server.onPeerGone(peer, error, now);
}

void RogueHop::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (stream.outbound) m_stops.insert(stream.key);
    Hand hand(*this, io);
    m_server.onStream(stream, hand, now);
}

void RogueHop::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId& peer, const Error& error, StreamIo& io,
                              Now now) {
    Hand hand(*this, io);
    m_server.onStreamFailed(tag, peer, error, hand, now);
}

void RogueHop::onReadable(StreamKey key, StreamIo& io, Now now) {
    Hand hand(*this, io);
    m_server.onReadable(key, hand, now);
}

void RogueHop::onWritable(StreamKey key, StreamIo& io, Now now) {
    Hand hand(*this, io);
    m_server.onWritable(key, hand, now);
}

void RogueHop::onReset(StreamKey key, uint64_t code, StreamIo& io, Now now) {
    Hand hand(*this, io);
    m_server.onReset(key, code, hand, now);
}

void RogueHop::onStopped(StreamKey key, uint64_t code, StreamIo& io, Now now) {
    Hand hand(*this, io);
    m_server.onStopped(key, code, hand, now);
}

void RogueHop::onClosed(StreamKey key, StreamIo& io, Now now) {
    Hand hand(*this, io);
    m_server.onClosed(key, hand, now);
    m_written.erase(key);
    m_stops.erase(key);
}

void RogueHop::onDeadline(StreamIo& io, Now now) {
    Hand hand(*this, io);
    m_server.onDeadline(hand, now);
}

std::optional<swarm::SwarmRequest> RogueHop::pollRequest() {
    auto request = m_server.pollRequest();
    if (!request || wrong != Wrong::SwapsTarget) return request;
    if (auto* open = std::get_if<swarm::OpenStream>(&*request)) open->peer = accomplice;
    ++wronged;
    return request;
}

// --- the peer -----------------------------------------------------------------------------------------------------

RogueRelay::RogueRelay(Simulation& simulation, Host& host, const std::string& name)
    : m_simulation(simulation),
      m_host(host),
      m_random(simulation.random("relay " + name)),
      m_identity(crypto::Identity::generate(m_random)),
      m_log(simulation.log(name)),
      m_hop(m_identity, m_log),
      m_identify(m_identity.clone(), {}, m_log),
      m_swarm({.self = m_identity.peerId()}, m_log),
      m_timer(simulation, [this] {
          m_endpoint->onDeadline(m_simulation.now());
          m_swarm.onDeadline(m_simulation.now());
          turn();
      }) {
    quic::EndpointConfig config;
    config.localPort = kPort;
    config.bandwidth = &m_bandwidth;
    auto created = quic::Endpoint::create(config, m_identity, m_random, std::make_shared<BlockPool>(), m_log);
    simulation.require(created.has_value(), name + " cannot start");
    m_endpoint = std::move(*created);
    m_swarm.addCarrier(*m_endpoint);
    m_swarm.addProtocol(m_hop);
    m_swarm.addProtocol(m_identify);
    const codec::SocketAddress here{m_host.addresses().front(), kPort};
    m_endpoint->setLocalAddresses({{here, m_host.mtuFrom(here.ip)}}, simulation.now());
    m_identify.setProtocols(m_swarm.servedProtocols(), simulation.now());
    m_identify.setListenAddresses({codec::Multiaddr::quic(here)}, simulation.now());
    m_hop.server().setAddresses({codec::Multiaddr::quic(here)});
    m_host.bind(kPort, [this](const Datagram& datagram) {
        m_endpoint->onDatagram({datagram.destination, datagram.source}, datagram.ecn, datagram.payload,
                               m_simulation.now());
        turn();
    });
}

RogueRelay::~RogueRelay() {
    m_host.unbind(kPort);
}

codec::Multiaddr RogueRelay::address() const {
    return codec::Multiaddr::quic({m_host.addresses().front(), kPort}).withPeer(peerId().multihash());
}

void RogueRelay::turn() {
    bool more = true;
    for (int rounds = 0; more; ++rounds) {
        m_simulation.require(rounds < 10'000, "a relay never runs out of actions");
        more = m_swarm.settle(m_simulation.now());
        while (m_swarm.poll()) more = true;
        while (m_identify.poll()) more = true;
        more |= sendBatches(*m_endpoint, m_host, kPort, m_simulation.now());
    }
    m_timer.arm(std::min(m_endpoint->deadline(), m_swarm.deadline()));
}

} // namespace wherry::sim
