#include "runtime/tcp_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QTest>

using namespace wherry;
using namespace wherry::runtime;
using codec::IpAddress;
using codec::SocketAddress;

namespace {

const IpAddress kLoopback4 = IpAddress::v4({127, 0, 0, 1});
const IpAddress kLoopback6 = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

/// Waits for the kernel, never for time.
bool waitFor(NativeSocket socket, short what) {
    pollfd waiter{socket, what, 0};
    return poll(&waiter, 1, 30'000) == 1;
}

std::unique_ptr<TcpListener> listenerOn(SocketFamilies families, IpAddress ip = {}) {
    auto listener = TcpListener::open({families, ip, 0, 0});
    return listener ? std::move(*listener) : nullptr;
}

bool haveIpv6() {
    return listenerOn(SocketFamilies::Ipv6, kLoopback6) != nullptr;
}

/// A port of loopback that is taken and that nobody listens at.
struct BoundPort {
    BoundPort() : handle(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(at);
        if (bind(handle, reinterpret_cast<sockaddr*>(&at), length) != 0 ||
            getsockname(handle, reinterpret_cast<sockaddr*>(&at), &length) != 0)
            return;
        address = {kLoopback4, ntohs(at.sin_port), 0};
    }
    ~BoundPort() { close(handle); }
    BoundPort(const BoundPort&) = delete;
    BoundPort& operator=(const BoundPort&) = delete;

    const int handle;
    SocketAddress address;
};

struct Pair {
    std::unique_ptr<TcpSocket> dialled;
    std::unique_ptr<TcpSocket> accepted;
};

std::unique_ptr<TcpSocket> dial(TcpListener& listener, const IpAddress& ip) {
    auto socket = TcpSocket::connect({ip, listener.localAddress().port, 0});
    if (!socket || !waitFor((*socket)->native(), POLLOUT) || !(*socket)->finishConnect()) return nullptr;
    return std::move(*socket);
}

Pair connected(TcpListener& listener, const IpAddress& ip) {
    Pair pair;
    pair.dialled = dial(listener, ip);
    if (!pair.dialled || !waitFor(listener.native(), POLLIN)) return {};
    auto accepted = listener.accept();
    if (accepted) pair.accepted = std::move(*accepted);
    return pair;
}

/// Everything until `count` bytes are there or the end; empty when it fails.
Bytes readAll(TcpSocket& socket, size_t count, bool& ended) {
    Bytes all, piece(64 * 1024);
    ended = false;
    while (all.size() < count && !ended && waitFor(socket.native(), POLLIN)) {
        const auto got = socket.read(piece);
        if (!got) return {};
        append(all, ByteView(piece).first(got->bytes));
        ended = got->ended;
    }
    return all;
}

} // namespace

class TcpSocketTest : public QObject {
    Q_OBJECT

  private slots:
    void oneListenerAcceptsBothFamiliesAndShowsIpv4AsIpv4() {
        auto listener = listenerOn(SocketFamilies::Both);
        QVERIFY(listener);
        QVERIFY(listener->localAddress().port != 0);
        for (const IpAddress& ip : {kLoopback4, kLoopback6}) {
            if (!ip.isV4() && !haveIpv6()) continue;
            Pair pair = connected(*listener, ip);
            QVERIFY(pair.accepted);
            QCOMPARE(pair.accepted->remoteAddress().text(), pair.dialled->localAddress().text());
            QCOMPARE(pair.accepted->localAddress().text(), pair.dialled->remoteAddress().text());
            QVERIFY(pair.accepted->localAddress().ip == ip);
            bool ended = false;
            QCOMPARE(pair.dialled->write(asBytes("ping")).value(), 4u);
            QCOMPARE(readAll(*pair.accepted, 4, ended), toBytes(asBytes("ping")));
            QCOMPARE(pair.accepted->write(asBytes("pong")).value(), 4u);
            QCOMPARE(readAll(*pair.dialled, 4, ended), toBytes(asBytes("pong")));
        }
    }

    void bothFamiliesHaveAListenerAtTheSamePort() {
        if (!haveIpv6()) QSKIP("no IPv6 here");
        auto v6 = listenerOn(SocketFamilies::Ipv6);
        QVERIFY(v6);
        const auto v4 = TcpListener::open({SocketFamilies::Ipv4, {}, v6->localAddress().port, 0});
        QVERIFY2(v4.has_value() || v4.error().code == Errc::Busy, "the IPv6 listener speaks IPv6 only");
        if (v4) QVERIFY(connected(**v4, kLoopback4).accepted);
    }

    void nothingToReadOrToAcceptIsNoError() {
        auto listener = listenerOn(SocketFamilies::Ipv4, kLoopback4);
        auto none = listener->accept();
        QVERIFY(none.has_value() && !*none);
        Pair pair = connected(*listener, kLoopback4);
        Bytes buffer(100);
        const auto read = pair.accepted->read(buffer);
        QVERIFY(read.has_value() && read->bytes == 0 && !read->ended);
    }

    void aConnectionMayLeaveFromThePortOfAListener() {
        for (const SocketFamilies families : {SocketFamilies::Both, SocketFamilies::Ipv4}) {
            auto own = listenerOn(families, families == SocketFamilies::Ipv4 ? kLoopback4 : IpAddress{});
            auto other = listenerOn(SocketFamilies::Ipv4, kLoopback4);
            QVERIFY(own && other);
            const SocketAddress from = own->localAddress();
            auto socket = TcpSocket::connect(other->localAddress(), &from);
            QVERIFY(socket && waitFor((*socket)->native(), POLLOUT) && (*socket)->finishConnect());
            QCOMPARE((*socket)->localAddress().port, from.port);
            QVERIFY(waitFor(other->native(), POLLIN));
            const auto accepted = other->accept();
            QVERIFY(accepted && *accepted);
            QCOMPARE((*accepted)->remoteAddress().port, from.port);
            // A second one to the same place would be the same connection: it leaves from elsewhere.
            auto second = TcpSocket::connect(other->localAddress(), &from);
            QVERIFY(second && waitFor((*second)->native(), POLLOUT) && (*second)->finishConnect());
            QVERIFY((*second)->localAddress().port != from.port);
            // Who connects there is still accepted, and nobody else can listen there.
            QVERIFY(connected(*own, kLoopback4).accepted);
            const auto thief = TcpListener::open({SocketFamilies::Ipv4, kLoopback4, from.port, 0});
            QVERIFY(!thief && thief.error().code == Errc::Busy);
        }
    }

    void aPortThatIsTakenIsBusyAndNamed() {
        auto listener = listenerOn(SocketFamilies::Ipv4, kLoopback4);
        const auto second = TcpListener::open({SocketFamilies::Ipv4, kLoopback4, listener->localAddress().port, 0});
        QVERIFY(!second.has_value());
        QCOMPARE(second.error().code, Errc::Busy);
        QVERIFY(second.error().context.find(listener->localAddress().text()) != std::string::npos);
    }

    void anAddressOfAnotherMachineIsRefused() {
        const auto listener = TcpListener::open({SocketFamilies::Ipv4, IpAddress::v4({192, 0, 2, 77}), 0, 0});
        QVERIFY(!listener.has_value());
        QCOMPARE(listener.error().code, Errc::InvalidArgument);
    }

    void aPortWhereNobodyListensIsUnreachableAndNamed() {
        // Bound and not listening: nobody else gets the port meanwhile.
        const BoundPort port;
        QVERIFY(port.address.port != 0);
        const SocketAddress& address = port.address;
        auto socket = TcpSocket::connect(address);
        if (socket) QVERIFY(waitFor((*socket)->native(), POLLOUT));
        const Result<void> outcome = socket ? (*socket)->finishConnect() : Result<void>(socket.error());
        QVERIFY(!outcome.has_value());
        QCOMPARE(outcome.error().code, Errc::Unreachable);
        QVERIFY(outcome.error().context.find(address.text()) != std::string::npos);
    }

    void aReaderWhoDoesNotReadHoldsTheWriterUp() {
        auto listener = listenerOn(SocketFamilies::Ipv4, kLoopback4);
        Pair pair = connected(*listener, kLoopback4);
        const Bytes piece(64 * 1024, 7);
        size_t written = 0;
        // Systems hold a few megabytes for a reader; 256 would be no bound at all.
        while (written < 256u << 20) {
            const auto taken = pair.dialled->write(piece);
            QVERIFY(taken.has_value());
            written += *taken;
            if (*taken < piece.size()) break;
        }
        QVERIFY(written < 256u << 20);
        pair.dialled->endWriting();
        bool ended = false;
        QCOMPARE(readAll(*pair.accepted, SIZE_MAX, ended).size(), written);
        QVERIFY(ended);
    }

    void oneHalfEndsAndTheOtherGoesOn() {
        auto listener = listenerOn(SocketFamilies::Ipv4, kLoopback4);
        Pair pair = connected(*listener, kLoopback4);
        QCOMPARE(pair.dialled->write(asBytes("last words")).value(), 10u);
        pair.dialled->endWriting();
        bool ended = false;
        QCOMPARE(readAll(*pair.accepted, SIZE_MAX, ended), toBytes(asBytes("last words")));
        QVERIFY(ended);
        QCOMPARE(pair.accepted->write(asBytes("answer")).value(), 6u);
        QCOMPARE(readAll(*pair.dialled, 6, ended), toBytes(asBytes("answer")));
    }

    void aConnectionThatIsBrokenOffIsLostAndNamed() {
        auto listener = listenerOn(SocketFamilies::Ipv4, kLoopback4);
        Pair pair = connected(*listener, kLoopback4);
        QVERIFY(pair.dialled->write(asBytes("unread")).has_value());
        QVERIFY(waitFor(pair.accepted->native(), POLLIN));
        pair.accepted.reset(); // with bytes unread: the system resets the connection
        QVERIFY(waitFor(pair.dialled->native(), POLLIN));
        Bytes buffer(100);
        const auto read = pair.dialled->read(buffer);
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().code, Errc::ConnectionLost);
        QVERIFY(read.error().context.find(listener->localAddress().text()) != std::string::npos);
        const auto write = pair.dialled->write(asBytes("x")); // and no signal ends the process
        QVERIFY(!write.has_value() && write.error().code == Errc::ConnectionLost);
    }

    void aProcessWithoutDescriptorsSaysSoAndAcceptsLater() {
        auto listener = listenerOn(SocketFamilies::Ipv4, kLoopback4);
        auto dialled = TcpSocket::connect(listener->localAddress());
        QVERIFY(dialled.has_value());
        QVERIFY(waitFor(listener->native(), POLLIN));
        rlimit before{};
        QVERIFY(getrlimit(RLIMIT_NOFILE, &before) == 0);
        const int next = open("/dev/null", O_RDONLY);
        close(next);
        const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
        QVERIFY(setrlimit(RLIMIT_NOFILE, &none) == 0);
        const auto refused = listener->accept();
        const auto another = TcpSocket::connect(listener->localAddress());
        QVERIFY(setrlimit(RLIMIT_NOFILE, &before) == 0);
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, Errc::LimitReached);
        QVERIFY(!another.has_value());
        QCOMPARE(another.error().code, Errc::LimitReached);
        const auto accepted = listener->accept();
        QVERIFY(accepted.has_value() && *accepted);
    }
};

QTEST_APPLESS_MAIN(TcpSocketTest)
#include "tcp_socket_test.moc"
