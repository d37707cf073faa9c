// A dialler for the bench of carriers: the engine's own swarm over one carrier and one security, against any peer.
// Usage: carrier_peer quic|tcp|ws noise|tls ADDRESS/p2p/ID COMMAND NUMBER
//   perf BYTES     /perf/1.0.0 over one stream, there and back     {"up":MB/s,"down":MB/s,"peak":bytes}
//   trips COUNT    streams, one after the other, each of 32 bytes there and back (not pings: js leaves their streams
//                  open)                                           {"p50":ms,"p99":ms}
//   dials COUNT    connections, one after the other                {"perSecond":...}
//   hold COUNT     connections at once, each with a key and an address of loopback of its own, until the standard
//                  input ends                                      {"held":COUNT,"seconds":...}
// One line out, or why not and exit code 1.
#include "bench/carrier_wire.h"
#include "protocols/perf/perf.h"
#include "swarm/swarm.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using namespace wherry;
using namespace wherry::bench;
using runtime::readClocks;

namespace {

/// Diallers that are under way at once: fewer than a listener lets in from one address before they have proved a key.
constexpr size_t kAtOnce = 16;
constexpr uint64_t kTripBytes = 32;
constexpr Duration kPatience = std::chrono::seconds(60);

[[noreturn]] void giveUp(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

struct Told {
    Transport transport = Transport::Quic;
    std::string security;
    codec::Multiaddr address;
    crypto::PeerId other;
};

/// One key, one carrier, one swarm.
class Peer {
  public:
    Peer(const Told& told, const codec::IpAddress& source)
        : m_told(told),
          m_identity(crypto::Identity::generate(m_random)),
          m_wire(makeWire(told.transport, told.security, source, m_identity, m_random, m_log)),
          m_perf({}, m_log),
          m_swarm({.self = m_identity.peerId()}, m_log) {
        m_swarm.addCarrier(m_wire->carrier());
        m_swarm.addProtocol(m_perf);
    }

    void connect() { m_swarm.connect(m_told.other, {m_told.address}, readClocks()); }
    void disconnect() { m_swarm.disconnect(m_told.other, link::kNoError, "", readClocks()); }
    void perf(uint64_t bytes) { m_perf.perf({m_told.other, bytes, bytes, 1}, readClocks()); }

    bool connected = false;
    std::optional<perf::PerfDone> measured;

    Wire& wire() { return *m_wire; }
    Instant deadline() const { return std::min(m_wire->deadline(), m_swarm.deadline()); }
    void settle() {
        const Now now = readClocks();
        if (m_wire->deadline() <= now.mono) m_wire->onDeadline(now);
        if (m_swarm.deadline() <= now.mono) m_swarm.onDeadline(now);
        for (bool moved = true; moved;) {
            moved = m_swarm.settle(now);
            while (const auto event = m_swarm.poll()) on(*event);
            while (const auto event = m_perf.poll()) {
                if (const auto* failed = std::get_if<perf::PerfFailed>(&*event)) giveUp(failed->error.text());
                measured = std::get<perf::PerfDone>(*event);
            }
            moved = m_wire->write(now) || moved;
        }
    }

  private:
    void on(const swarm::SwarmEvent& event) {
        if (std::holds_alternative<swarm::Connected>(event)) connected = true;
        if (std::holds_alternative<swarm::PeerGone>(event)) connected = false;
        if (const auto* failed = std::get_if<swarm::ConnectFailed>(&event)) giveUp(failed->error.text());
    }

    const Told& m_told;
    Log m_log;
    runtime::SystemRandom m_random;
    crypto::Identity m_identity;
    std::unique_ptr<Wire> m_wire;
    perf::PerfProtocol m_perf;
    swarm::Swarm m_swarm;
};

using Peers = std::vector<std::unique_ptr<Peer>>;

enum class Input : uint8_t { Ignored, Ends };

/// Until `done`. False: the standard input has ended before, which counts when `input` says so.
template <typename Done> bool run(Peers& peers, Done done, Input input = Input::Ignored) {
    for (const auto& peer : peers) peer->settle();
    for (const Instant limit = readClocks().mono + kPatience; !done();) {
        std::vector<pollfd> watched{{input == Input::Ends ? STDIN_FILENO : -1, POLLIN, 0}};
        std::vector<Peer*> owners{nullptr};
        Instant next = limit;
        for (const auto& peer : peers) {
            peer->wire().watch(watched);
            owners.resize(watched.size(), peer.get());
            next = std::min(next, peer->deadline());
        }
        const Duration left = std::max<Duration>(next - readClocks().mono, Duration(0));
        poll(watched.data(), watched.size(),
             static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
        if (watched[0].revents != 0) return false;
        for (size_t i = 1; i < watched.size(); ++i) {
            if (watched[i].revents == 0) continue;
            owners[i]->wire().ready(watched[i]);
            owners[i]->settle();
        }
        const Instant now = readClocks().mono;
        for (const auto& peer : peers)
            if (peer->deadline() <= now) peer->settle();
        if (now >= limit) giveUp("nothing comes any more");
    }
    return true;
}

/// Bytes of this process.
size_t peakMemory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
    return 0;
}

double milliseconds(Duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
}

void connectAll(Peers& peers) {
    for (const auto& peer : peers) peer->connect();
    run(peers, [&] { return std::ranges::all_of(peers, &Peer::connected); });
}

void measurePerf(Peers& one, uint64_t bytes) {
    connectAll(one);
    one[0]->perf(bytes);
    run(one, [&] { return one[0]->measured.has_value(); });
    const auto rate = [&](Duration span) { return static_cast<double>(bytes) / milliseconds(span) / 1000; };
    std::printf("{\"up\":%.2f,\"down\":%.2f,\"peak\":%zu}\n", rate(one[0]->measured->uploadTime),
                rate(one[0]->measured->downloadTime), peakMemory());
}

void measureTrips(Peers& one, size_t count) {
    connectAll(one);
    std::vector<double> took;
    for (size_t i = 0; i < count; ++i) {
        const Instant from = readClocks().mono;
        one[0]->measured.reset();
        one[0]->perf(kTripBytes);
        run(one, [&] { return one[0]->measured.has_value(); });
        took.push_back(milliseconds(readClocks().mono - from));
    }
    std::ranges::sort(took);
    std::printf("{\"p50\":%.3f,\"p99\":%.3f}\n", took[count / 2], took[count * 99 / 100]);
}

void measureDials(Peers& one, size_t count) {
    Duration all{};
    for (size_t i = 0; i < count; ++i) {
        const Instant from = readClocks().mono;
        connectAll(one);
        all += readClocks().mono - from;
        one[0]->disconnect();
        run(one, [&] { return !one[0]->connected; });
    }
    std::printf("{\"perSecond\":%.1f}\n", static_cast<double>(count) * 1000 / milliseconds(all));
}

void hold(const Told& told, size_t count) {
    Peers peers;
    const Instant from = readClocks().mono;
    while (peers.size() < count) {
        const size_t first = peers.size();
        for (size_t i = first; i < std::min(first + kAtOnce, count); ++i) {
            const auto third = static_cast<uint8_t>(1 + i / 250), last = static_cast<uint8_t>(1 + i % 250);
            peers.push_back(std::make_unique<Peer>(told, codec::IpAddress::v4({127, 0, third, last})));
            peers.back()->connect();
        }
        run(peers, [&] { return std::ranges::all_of(peers, &Peer::connected); });
    }
    std::printf("{\"held\":%zu,\"seconds\":%.2f}\n", count, milliseconds(readClocks().mono - from) / 1000);
    std::fflush(stdout);
    const auto aWhile = [](Instant until) { return [until] { return readClocks().mono >= until; }; };
    while (run(peers, aWhile(readClocks().mono + kPatience / 2), Input::Ends)) {
        if (!std::ranges::all_of(peers, &Peer::connected)) giveUp("a connection was lost");
    }
}

} // namespace

int main(int count, char** words) {
    if (count != 6) giveUp("usage: carrier_peer quic|tcp|ws noise|tls ADDRESS COMMAND NUMBER");
    const std::string carrier = words[1], security = words[2], command = words[4];
    const auto address = codec::Multiaddr::parse(words[3]);
    if (!address || !address->peerMultihash()) giveUp("the address must end in /p2p/ID");
    const Told told{carrier == "quic" ? Transport::Quic
                    : carrier == "ws" ? Transport::WebSocket
                                      : Transport::Tcp,
                    security, address->withoutPeer(), *crypto::PeerId::fromMultihash(*address->peerMultihash())};
    const auto number = std::strtoull(words[5], nullptr, 10);
    if (command == "hold") return hold(told, number), 0;
    Peers one;
    one.push_back(std::make_unique<Peer>(told, codec::IpAddress::v4({127, 0, 0, 1})));
    if (command == "perf")
        measurePerf(one, number);
    else if (command == "trips")
        measureTrips(one, number);
    else if (command == "dials")
        measureDials(one, number);
    else
        giveUp("what is " + command + "?");
    return 0;
}
