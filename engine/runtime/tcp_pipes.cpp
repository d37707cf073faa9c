#include "runtime/tcp_pipes.h"

#include "runtime/clock.h"
#include "runtime/runtime_limits.h"

#include <QTimer>
#include <algorithm>
#include <utility>

namespace wherry::runtime {

using link::LinkId;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

void TcpPipes::Later::operator()(QSocketNotifier* notifier) const {
    notifier->setEnabled(false); // at once: the descriptor is about to be closed
    notifier->deleteLater();
}

TcpPipes::TcpPipes(node::Node& node, const std::vector<PipeListener>& listeners, const Log& log,
                   std::function<void()> settle)
    : m_node(node),
      m_listeners(listeners),
      m_log(log),
      m_settle(std::move(settle)),
      m_in(kTcpReadBuffer) {
    m_farewellTimer.setParent(this);
    m_farewellTimer.setSingleShot(true);
    connect(&m_farewellTimer, &QTimer::timeout, this, &TcpPipes::onFarewellTimer);
    for (const PipeListener& listener : listeners) watch(listener);
}

TcpPipes::~TcpPipes() = default;

void TcpPipes::stop() {
    m_stopped = true;
    m_farewellTimer.stop();
    m_listening.clear();
    m_farewells.clear();
    m_pipes.clear();
}

// --- others connect -----------------------------------------------------------------------------------------------

void TcpPipes::watch(const PipeListener& listener) {
    Notifier notifier(new QSocketNotifier(static_cast<qintptr>(listener.socket->native()), QSocketNotifier::Read));
    connect(notifier.get(), &QSocketNotifier::activated, this,
            [this, &listener, raw = notifier.get()] { accept(listener, *raw); });
    m_listening.push_back(std::move(notifier));
}

void TcpPipes::accept(const PipeListener& listener, QSocketNotifier& notifier) {
    for (int count = 0; count < kAcceptsPerWake; ++count) {
        auto socket = listener.socket->accept();
        if (!socket) {
            LOG(m_log, Warning, "runtime", socket.error().text());
            notifier.setEnabled(false);
            QTimer::singleShot(duration_cast<milliseconds>(kAcceptPause), &notifier,
                               [&notifier] { notifier.setEnabled(true); });
            break;
        }
        if (!*socket) break;
        const auto id =
            m_node.onPipeAccepted({(*socket)->localAddress(), (*socket)->remoteAddress(), listener.kind}, readClocks());
        if (!id) {
            LOG(m_log, Debug, "runtime", "a connection is refused: " << id.error().text());
            continue;
        }
        Pipe& pipe = m_pipes.emplace(*id, Pipe{std::move(*socket)}).first->second;
        watchReadable(*id, pipe);
    }
    m_settle();
}

// --- what the node asks for ---------------------------------------------------------------------------------------

/// Where somebody at `remote` would find us; nullopt: nowhere.
std::optional<codec::SocketAddress> TcpPipes::listenerFor(const codec::SocketAddress& remote) const {
    const auto family = remote.ip.isV4() ? SocketFamilies::Ipv4 : SocketFamilies::Ipv6;
    for (const PipeListener& listener : m_listeners) {
        const SocketFamilies speaks = listener.socket->families();
        const codec::SocketAddress at = listener.socket->localAddress();
        if (listener.kind == bytepipe::PipeKind::Tcp && (speaks == SocketFamilies::Both || speaks == family) &&
            !at.ip.isLoopback())
            return at;
    }
    return std::nullopt;
}

void TcpPipes::perform(const bytepipe::OpenPipe& open) {
    if (m_stopped) return;
    const auto from = open.fromListener ? listenerFor(open.remote) : std::nullopt;
    auto socket = TcpSocket::connect(open.remote, from ? &*from : nullptr);
    if (!socket) return m_node.onPipeFailed(open.pipe, socket.error());
    Pipe& pipe = m_pipes.emplace(open.pipe, Pipe{std::move(*socket), Stage::Connecting}).first->second;
    watchWritable(open.pipe, pipe);
}

void TcpPipes::perform(bytepipe::ClosePipe close) {
    const auto found = m_pipes.find(close.pipe);
    if (found == m_pipes.end()) return;
    Pipe& pipe = found->second;
    if (pipe.stage == Stage::Connecting) {
        m_pipes.erase(found);
        return;
    }
    pipe.stage = Stage::Farewell;
    append(pipe.kept, close.farewell);
    if (m_farewells.size() >= kMaxTcpFarewells) drop(m_farewells.front().pipe);
    m_farewells.push_back({close.pipe, readClocks().mono + kTcpFarewell});
    armFarewells();
    onWritable(close.pipe);
}

/// Never set to a later time: what it was set for may have gone, and then it looks again.
void TcpPipes::armFarewells() {
    if (m_farewells.empty() || m_farewellTimer.isActive()) return;
    const Duration left = m_farewells.front().until - readClocks().mono;
    m_farewellTimer.start(std::max(std::chrono::ceil<milliseconds>(left), milliseconds(0)));
}

void TcpPipes::onFarewellTimer() {
    const Instant now = readClocks().mono;
    while (!m_farewells.empty() && m_farewells.front().until <= now) drop(m_farewells.front().pipe);
    armFarewells();
    m_settle();
}

bool TcpPipes::write(Now now) {
    for (int count = 0; count < kTcpWritesPerTurn; ++count) {
        const auto id = m_node.nextPipeWrite(m_out, now);
        if (!id) return false;
        const auto found = m_pipes.find(*id);
        if (found == m_pipes.end()) continue; // it has failed, and the node is about to hear of it
        Pipe& pipe = found->second;
        const auto written = pipe.socket->write(m_out);
        if (!written) {
            fail(*id, written.error());
        } else if (*written < m_out.size()) {
            pipe.kept = toBytes(ByteView(m_out).subspan(*written));
            m_node.onPipeBlocked(*id);
            watchWritable(*id, pipe);
        }
    }
    return true;
}

// --- what the system says -----------------------------------------------------------------------------------------

void TcpPipes::watchReadable(LinkId id, Pipe& pipe) {
    const auto handle = static_cast<qintptr>(pipe.socket->native());
    pipe.readable.reset(new QSocketNotifier(handle, QSocketNotifier::Read));
    connect(pipe.readable.get(), &QSocketNotifier::activated, this, [this, id] { onReadable(id); });
}

void TcpPipes::watchWritable(LinkId id, Pipe& pipe) {
    if (!pipe.writable) {
        const auto handle = static_cast<qintptr>(pipe.socket->native());
        pipe.writable.reset(new QSocketNotifier(handle, QSocketNotifier::Write));
        connect(pipe.writable.get(), &QSocketNotifier::activated, this, [this, id] {
            onWritable(id);
            m_settle();
        });
    }
    pipe.writable->setEnabled(true);
}

void TcpPipes::onReadable(LinkId id) {
    const auto found = m_pipes.find(id);
    if (found == m_pipes.end()) return;
    Pipe& pipe = found->second;
    if (pipe.stage == Stage::Farewell) return discard(id, pipe);
    const Now now = readClocks();
    for (int count = 0; count < kTcpReadsPerWake; ++count) {
        const auto got = pipe.socket->read(m_in);
        if (!got) {
            fail(id, got.error());
            break;
        }
        if (got->bytes > 0) m_node.onPipeBytes(id, ByteView(m_in).first(got->bytes), now);
        if (got->ended) {
            m_node.onPipeEnded(id);
            drop(id);
        }
        if (got->ended || got->bytes < m_in.size()) break;
    }
    m_settle();
}

void TcpPipes::onWritable(LinkId id) {
    const auto found = m_pipes.find(id);
    if (found == m_pipes.end()) return;
    Pipe& pipe = found->second;
    if (pipe.stage == Stage::Connecting) return onConnected(id, pipe);
    const auto written = pipe.socket->write(pipe.kept);
    if (!written) return fail(id, written.error());
    pipe.kept.erase(pipe.kept.begin(), pipe.kept.begin() + static_cast<ptrdiff_t>(*written));
    if (!pipe.kept.empty()) return watchWritable(id, pipe);
    if (pipe.writable) pipe.writable->setEnabled(false);
    if (pipe.stage == Stage::Farewell)
        pipe.socket->endWriting();
    else
        m_node.onPipeWritable(id);
}

void TcpPipes::onConnected(LinkId id, Pipe& pipe) {
    const auto outcome = pipe.socket->finishConnect();
    if (!outcome) return fail(id, outcome.error());
    pipe.stage = Stage::Open;
    pipe.writable->setEnabled(false);
    watchReadable(id, pipe);
    m_node.onPipeOpened(id, pipe.socket->localAddress());
}

// --- ends ---------------------------------------------------------------------------------------------------------

void TcpPipes::fail(LinkId id, Error error) {
    m_node.onPipeFailed(id, std::move(error)); // harmless when the node was through with it
    drop(id);
}

/// What comes for a pipe that is over is of no use to anybody; its end is.
void TcpPipes::discard(LinkId id, Pipe& pipe) {
    for (int count = 0; count < kTcpReadsPerWake; ++count) {
        const auto got = pipe.socket->read(m_in);
        if (got && !got->ended && got->bytes == m_in.size()) continue;
        if (got && !got->ended) return;
        drop(id);
        break;
    }
    m_settle();
}

void TcpPipes::drop(LinkId id) {
    std::erase_if(m_farewells, [&](const Farewell& one) { return one.pipe == id; });
    m_pipes.erase(id);
}

} // namespace wherry::runtime
