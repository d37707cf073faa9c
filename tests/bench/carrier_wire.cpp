#include "bench/carrier_wire.h"

#include "bytepipe/endpoint.h"
#include "platform/posix/socket_address.h"
#include "quic/endpoint.h"
#include "runtime/udp_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace wherry::bench {

namespace {

template <typename T> T need(Result<T> made) {
    if (made) return std::move(*made);
    std::fprintf(stderr, "%s\n", made.error().text().c_str());
    std::exit(1);
}

class QuicWire final : public Wire {
  public:
    QuicWire(const codec::IpAddress& source, const crypto::Identity& identity, Random& random, const Log& log)
        : m_socket(need(runtime::UdpSocket::open({runtime::SocketFamilies::Ipv4, source, 0, 0}))),
          m_buffer(quic::kBatchBuffer) {
        quic::EndpointConfig config;
        config.localPort = m_socket->localAddress().port;
        config.ipv6 = false;
        config.listen = false;
        m_endpoint = need(quic::Endpoint::create(config, identity, random, std::make_shared<BlockPool>(), log));
    }
    link::Carrier& carrier() override { return *m_endpoint; }
    void watch(std::vector<pollfd>& watched) const override {
        watched.push_back({m_socket->native(), static_cast<short>(m_full ? POLLIN | POLLOUT : POLLIN), 0});
    }
    void ready(const pollfd&) override {
        m_full = false;
        m_endpoint->resume();
        for (int i = 0; i < 64; ++i) {
            const auto batch = m_socket->receive();
            if (!batch) break;
            const Now now = runtime::readClocks();
            for (size_t at = 0; at < batch->bytes.size(); at += batch->segmentSize)
                m_endpoint->onDatagram(batch->path, batch->ecn,
                                       batch->bytes.subspan(at, std::min(batch->segmentSize, batch->bytes.size() - at)),
                                       now);
        }
    }
    bool write(Now now) override {
        bool any = false;
        while (!m_full) {
            const auto batch = m_endpoint->nextBatch(m_buffer, now, [this](const quic::Path&) { return !m_full; });
            if (!batch) break;
            any = true;
            size_t sent = 0;
            const auto outcome = m_socket->send(batch->path, batch->ecn, ByteView(m_buffer).first(batch->length),
                                                batch->segmentSize, sent);
            if (outcome == runtime::SendOutcome::MessageTooBig)
                m_endpoint->onSendFailed(batch->path, quic::SendFailure::MessageTooBig, now);
            m_full = outcome == runtime::SendOutcome::WouldBlock; // the rest is lost, as datagrams may be
        }
        return any;
    }
    Instant deadline() const override { return m_endpoint->deadline(); }
    void onDeadline(Now now) override { m_endpoint->onDeadline(now); }

  private:
    std::unique_ptr<runtime::UdpSocket> m_socket;
    Bytes m_buffer;
    std::unique_ptr<quic::Endpoint> m_endpoint;
    bool m_full = false;
};

/// TCP from a chosen address, which runtime::TcpSocket leaves to the system.
class PipeWire final : public Wire {
  public:
    PipeWire(const std::string& security, const codec::IpAddress& source, const crypto::Identity& identity,
             Random& random, const Log& log)
        : m_source(source),
          m_in(128 * 1024) {
        bytepipe::EndpointConfig config;
        config.securities = {std::string(security == "tls" ? bytepipe::kTlsId : bytepipe::kNoiseId)};
        m_endpoint = need(bytepipe::Endpoint::create(config, identity, random, std::make_shared<BlockPool>(), log));
    }
    ~PipeWire() override {
        for (const auto& [id, pipe] : m_pipes) ::close(pipe.handle);
    }
    link::Carrier& carrier() override { return *m_endpoint; }
    void watch(std::vector<pollfd>& watched) const override {
        for (const auto& [id, pipe] : m_pipes) {
            const bool writes = pipe.connecting || !pipe.kept.empty();
            watched.push_back({pipe.handle,
                               static_cast<short>(pipe.connecting ? POLLOUT
                                                  : writes        ? POLLIN | POLLOUT
                                                                  : POLLIN),
                               0});
        }
    }
    void ready(const pollfd& what) override {
        const auto found = std::ranges::find_if(m_pipes, [&](const auto& one) { return one.second.handle == what.fd; });
        if (found == m_pipes.end()) return;
        const link::LinkId id = found->first;
        if ((what.revents & POLLOUT) != 0) onWritable(id, found->second);
        if ((what.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && m_pipes.contains(id)) onReadable(id);
    }
    bool write(Now now) override {
        bool any = false;
        while (const auto id = m_endpoint->nextWrite(m_out, now)) {
            any = true;
            if (const auto found = m_pipes.find(*id); found != m_pipes.end()) {
                found->second.kept = m_out;
                flush(*id, found->second);
            }
        }
        while (auto action = m_endpoint->pollAction()) {
            any = true;
            if (const auto* wanted = std::get_if<bytepipe::OpenPipe>(&*action))
                open(*wanted);
            else if (const auto* over = std::get_if<bytepipe::ClosePipe>(&*action))
                close(*over);
        }
        return any;
    }
    Instant deadline() const override { return m_endpoint->deadline(); }
    void onDeadline(Now now) override { m_endpoint->onDeadline(now); }

  private:
    struct Pipe {
        int handle = -1;
        bool connecting = true;
        Bytes kept{};
    };

    void open(const bytepipe::OpenPipe& wanted) {
        const int handle = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
        const int on = 1;
        (void)setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)setsockopt(handle, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
        sockaddr_storage from, to;
        const socklen_t fromLength = platform::toSystem({m_source, 0, 0}, platform::MappedIpv4::No, from);
        const socklen_t toLength = platform::toSystem(wanted.remote, platform::MappedIpv4::No, to);
        if (handle < 0 || bind(handle, reinterpret_cast<sockaddr*>(&from), fromLength) != 0 ||
            (connect(handle, reinterpret_cast<sockaddr*>(&to), toLength) != 0 && errno != EINPROGRESS))
            return m_endpoint->onPipeFailed(wanted.pipe, makeError(Errc::Unreachable, "connect"));
        m_pipes[wanted.pipe] = {handle};
    }
    void close(const bytepipe::ClosePipe& over) {
        const auto found = m_pipes.find(over.pipe);
        if (found == m_pipes.end()) return;
        (void)send(found->second.handle, over.farewell.data(), over.farewell.size(), MSG_NOSIGNAL);
        ::close(found->second.handle);
        m_pipes.erase(found);
    }
    void flush(link::LinkId id, Pipe& pipe) {
        const ssize_t count = send(pipe.handle, pipe.kept.data(), pipe.kept.size(), MSG_NOSIGNAL);
        if (count > 0) pipe.kept.erase(pipe.kept.begin(), pipe.kept.begin() + count);
        if (!pipe.kept.empty()) m_endpoint->onBlocked(id); // a failure shows when reading
    }
    void onWritable(link::LinkId id, Pipe& pipe) {
        if (std::exchange(pipe.connecting, false))
            return m_endpoint->onPipeOpened(id, codec::SocketAddress{m_source, 0, 0});
        flush(id, pipe);
        if (pipe.kept.empty()) m_endpoint->onWritable(id);
    }
    void onReadable(link::LinkId id) {
        const int handle = m_pipes.at(id).handle;
        const ssize_t count = recv(handle, m_in.data(), m_in.size(), 0);
        if (count > 0)
            return m_endpoint->onBytes(id, ByteView(m_in).first(static_cast<size_t>(count)), runtime::readClocks());
        if (count < 0 && errno == EAGAIN) return;
        m_endpoint->onPipeEnded(id);
        ::close(handle);
        m_pipes.erase(id);
    }

    codec::IpAddress m_source;
    Bytes m_in;
    Bytes m_out;
    std::unique_ptr<bytepipe::Endpoint> m_endpoint;
    std::map<link::LinkId, Pipe> m_pipes;
};

} // namespace

std::unique_ptr<Wire> makeWire(Transport transport, const std::string& security, const codec::IpAddress& source,
                               const crypto::Identity& identity, Random& random, const Log& log) {
    if (transport == Transport::Quic) return std::make_unique<QuicWire>(source, identity, random, log);
    return std::make_unique<PipeWire>(security, source, identity, random, log);
}

} // namespace wherry::bench
