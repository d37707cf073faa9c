// A peer that speaks the js peer's test protocols (echo, reset, hold) over bytepipe, for what the real program has no
// protocol for. Usage: stream_peer tcp|ws noise|tls [ip4|ip6]. First line out: its address. Then, for each line in,
//   dial ADDRESS | echo BYTES STREAMS | reset | hold | release
// one line out: "ok ..." or "failed ...". It ends with its standard input.
#include "bytepipe/endpoint.h"
#include "interop/echo_protocol.h"
#include "runtime/clock.h"
#include "runtime/system_random.h"
#include "runtime/tcp_socket.h"
#include "swarm/swarm.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <iostream>

using namespace wherry;
using interop::EchoProtocol;
using runtime::readClocks;

namespace {

struct Pipe {
    std::unique_ptr<runtime::TcpSocket> socket;
    bool connecting = false;
    bool closing = false;
    Bytes kept{};
};

class Peer {
  public:
    static Result<std::unique_ptr<Peer>> make(bytepipe::PipeKind kind, std::string_view security, bool v6) {
        auto peer = std::unique_ptr<Peer>(new Peer);
        peer->m_kind = kind;
        const auto ip = v6 ? codec::parseIp("::1") : codec::parseIp("127.0.0.1");
        const auto families = v6 ? runtime::SocketFamilies::Ipv6 : runtime::SocketFamilies::Ipv4;
        TRY(peer->m_listener, runtime::TcpListener::open({families, *ip, 0, 0}));
        bytepipe::EndpointConfig config;
        config.securities = {std::string(security)};
        auto identity = crypto::Identity::generate(peer->m_random);
        TRY(peer->m_endpoint,
            bytepipe::Endpoint::create(config, identity, peer->m_random, std::make_shared<BlockPool>(), peer->m_log));
        peer->m_self = identity.peerId();
        peer->m_swarm = std::make_unique<swarm::Swarm>(swarm::SwarmConfig{.self = peer->m_self}, peer->m_log);
        peer->m_swarm->addCarrier(*peer->m_endpoint);
        peer->m_swarm->addProtocol(peer->m_echo);
        return peer;
    }

    void run() {
        const auto local = m_listener->localAddress();
        const auto address =
            m_kind == bytepipe::PipeKind::WebSocket ? codec::Multiaddr::ws(local) : codec::Multiaddr::tcp(local);
        std::cout << address.withPeer(m_self.multihash()).text() << std::endl;
        fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
        while (!m_over) {
            settle();
            wait();
        }
    }

  private:
    void settle() {
        const Now now = readClocks();
        if (m_endpoint->deadline() <= now.mono) m_endpoint->onDeadline(now);
        if (m_swarm->deadline() <= now.mono) m_swarm->onDeadline(now);
        for (bool moved = true; moved;) {
            moved = m_swarm->settle(now);
            while (auto event = m_swarm->poll()) onSwarm(*event);
            while (auto outcome = m_echo.poll()) onOutcome(*outcome);
            Bytes out;
            while (const auto id = m_endpoint->nextWrite(out, now)) {
                moved = true;
                write(*id, out);
            }
            while (auto action = m_endpoint->pollAction()) {
                moved = true;
                if (const auto* open = std::get_if<bytepipe::OpenPipe>(&*action)) {
                    auto socket = runtime::TcpSocket::connect(open->remote);
                    if (socket)
                        m_pipes[open->pipe] = {std::move(*socket), true};
                    else
                        m_endpoint->onPipeFailed(open->pipe, socket.error());
                } else if (auto* close = std::get_if<bytepipe::ClosePipe>(&*action)) {
                    if (m_pipes.contains(close->pipe)) (void)m_pipes[close->pipe].socket->write(close->farewell);
                    m_pipes.erase(close->pipe);
                }
            }
        }
    }

    void write(link::LinkId id, ByteView bytes) {
        Pipe& pipe = m_pipes.at(id);
        const auto written = pipe.socket->write(bytes);
        if (!written || *written == bytes.size()) return; // a failure shows when reading
        pipe.kept = toBytes(bytes.subspan(*written));
        m_endpoint->onBlocked(id);
    }

    void wait() {
        std::vector<pollfd> watched{{STDIN_FILENO, POLLIN, 0}, {m_listener->native(), POLLIN, 0}};
        std::vector<link::LinkId> ids;
        for (const auto& [id, pipe] : m_pipes) {
            const bool writes = pipe.connecting || !pipe.kept.empty();
            watched.push_back({pipe.socket->native(),
                               static_cast<short>(pipe.connecting ? POLLOUT
                                                  : writes        ? POLLIN | POLLOUT
                                                                  : POLLIN),
                               0});
            ids.push_back(id);
        }
        const Duration left = std::min(m_endpoint->deadline(), m_swarm->deadline()) - readClocks().mono;
        const auto longest =
            std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(left, std::chrono::seconds(1)));
        poll(watched.data(), watched.size(), static_cast<int>(std::max<int64_t>(longest.count(), 0)));
        if (watched[0].revents != 0) readCommands();
        if (watched[1].revents != 0) accept();
        for (size_t i = 0; i < ids.size(); ++i) {
            if ((watched[i + 2].revents & POLLOUT) != 0) onWritable(ids[i]);
            if ((watched[i + 2].revents & (POLLIN | POLLERR | POLLHUP)) != 0) onReadable(ids[i]);
        }
    }

    void accept() {
        auto socket = m_listener->accept();
        if (!socket || !*socket) return;
        const auto id =
            m_endpoint->onPipeAccepted({(*socket)->localAddress(), (*socket)->remoteAddress(), m_kind}, readClocks());
        if (id) m_pipes[*id] = {std::move(*socket)};
    }
    void onWritable(link::LinkId id) {
        Pipe& pipe = m_pipes.at(id);
        if (std::exchange(pipe.connecting, false)) {
            const auto outcome = pipe.socket->finishConnect();
            if (outcome) return m_endpoint->onPipeOpened(id, pipe.socket->localAddress());
            m_endpoint->onPipeFailed(id, outcome.error());
            return void(m_pipes.erase(id));
        }
        const auto written = pipe.socket->write(pipe.kept);
        if (!written) return;
        pipe.kept.erase(pipe.kept.begin(), pipe.kept.begin() + static_cast<ptrdiff_t>(*written));
        if (pipe.kept.empty()) m_endpoint->onWritable(id);
    }
    void onReadable(link::LinkId id) {
        const auto found = m_pipes.find(id);
        if (found == m_pipes.end() || found->second.connecting) return;
        Bytes buffer(64 * 1024);
        const auto got = found->second.socket->read(buffer);
        if (got && got->bytes > 0) return m_endpoint->onBytes(id, ByteView(buffer).first(got->bytes), readClocks());
        if (got && !got->ended) return;
        got ? m_endpoint->onPipeEnded(id) : m_endpoint->onPipeFailed(id, got.error());
        m_pipes.erase(found);
    }

    void readCommands() {
        char buffer[4096];
        const auto count = read(STDIN_FILENO, buffer, sizeof(buffer));
        if (count == 0) m_over = true;
        if (count > 0) m_input.append(buffer, static_cast<size_t>(count));
        for (size_t end; (end = m_input.find('\n')) != std::string::npos; m_input.erase(0, end + 1))
            command(m_input.substr(0, end));
    }
    void command(const std::string& line) {
        std::istringstream words(line);
        std::string verb;
        words >> verb;
        if (verb == "dial") {
            std::string text;
            words >> text;
            const auto address = codec::Multiaddr::parse(text);
            m_other = *crypto::PeerId::fromMultihash(*address->peerMultihash());
            m_swarm->connect(m_other, {*address}, readClocks());
            return;
        }
        if (verb == "release") {
            m_echo.release(m_swarm->streams());
            std::cout << "ok released" << std::endl;
            return;
        }
        size_t bytes = 5;
        m_awaited = 1;
        if (verb == "echo") words >> bytes >> m_awaited;
        const auto kind = verb == "echo"    ? EchoProtocol::Kind::Echo
                          : verb == "reset" ? EchoProtocol::Kind::Reset
                                            : EchoProtocol::Kind::Hold;
        for (size_t i = 0; i < m_awaited; ++i) m_echo.open(m_other, kind, bytes);
    }
    void onSwarm(const swarm::SwarmEvent& event) {
        if (std::holds_alternative<swarm::Connected>(event)) std::cout << "ok connected" << std::endl;
        if (const auto* failed = std::get_if<swarm::ConnectFailed>(&event))
            std::cout << "failed " << failed->error.text() << std::endl;
    }
    void onOutcome(const EchoProtocol::Outcome& outcome) {
        if (!outcome.good) m_failure = outcome.why;
        if (--m_awaited > 0) return;
        std::cout << (m_failure.empty() ? "ok " + outcome.why : "failed " + m_failure) << std::endl;
        m_failure.clear();
    }

    Log m_log;
    runtime::SystemRandom m_random;
    bytepipe::PipeKind m_kind = bytepipe::PipeKind::Tcp;
    crypto::PeerId m_self;
    crypto::PeerId m_other;
    std::unique_ptr<runtime::TcpListener> m_listener;
    std::unique_ptr<bytepipe::Endpoint> m_endpoint;
    EchoProtocol m_echo;
    std::unique_ptr<swarm::Swarm> m_swarm;
    std::map<link::LinkId, Pipe> m_pipes;
    std::string m_input;
    size_t m_awaited = 0;
    std::string m_failure;
    bool m_over = false;
};

} // namespace

int main(int count, char** words) {
    if (count < 3) return 2;
    const auto kind = std::string_view(words[1]) == "ws" ? bytepipe::PipeKind::WebSocket : bytepipe::PipeKind::Tcp;
    const auto security = std::string_view(words[2]) == "tls" ? bytepipe::kTlsId : bytepipe::kNoiseId;
    auto peer = Peer::make(kind, security, count > 3 && std::string_view(words[3]) == "ip6");
    if (!peer) {
        std::cerr << peer.error().text() << std::endl;
        return 1;
    }
    (*peer)->run();
    return 0;
}
