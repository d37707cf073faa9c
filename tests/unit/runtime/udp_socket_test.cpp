#include "runtime/udp_socket.h"

#include <poll.h>

#include <QTest>

using namespace wherry;
using namespace wherry::runtime;
using codec::IpAddress;
using codec::SocketAddress;

namespace {

const IpAddress kLoopback4 = IpAddress::v4({127, 0, 0, 1});
const IpAddress kLoopback6 = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

std::unique_ptr<UdpSocket> socketOn(SocketFamilies families, IpAddress ip = {}) {
    auto socket = UdpSocket::open({families, ip, 0, 0});
    return socket ? std::move(*socket) : nullptr;
}

/// Waits for the kernel, never for time: loopback delivers at once.
std::optional<ReceivedBatch> receiveFrom(UdpSocket& socket) {
    pollfd waiter{socket.native(), POLLIN, 0};
    if (poll(&waiter, 1, 5000) != 1) return std::nullopt;
    return socket.receive();
}

bool haveIpv6() {
    return UdpSocket::open({SocketFamilies::Ipv6, kLoopback6, 0, 0}).has_value();
}

SendOutcome sendAll(UdpSocket& from, const quic::Path& path, ByteView bytes, size_t segment, uint8_t ecn = 0) {
    size_t sent = 0;
    return from.send(path, ecn, bytes, segment, sent);
}

} // namespace

class UdpSocketTest : public QObject {
    Q_OBJECT

  private slots:
    void oneSocketSpeaksBothFamiliesAndShowsIpv4AsIpv4() {
        auto server = socketOn(SocketFamilies::Both);
        QVERIFY(server);
        for (IpAddress ip : {kLoopback4, kLoopback6}) {
            if (!ip.isV4() && !haveIpv6()) continue;
            auto client = socketOn(ip.isV4() ? SocketFamilies::Ipv4 : SocketFamilies::Ipv6, ip);
            SocketAddress to{ip, server->localAddress().port, 0};
            QCOMPARE(sendAll(*client, {{}, to}, asBytes("ping"), 4), SendOutcome::Sent);
            auto got = receiveFrom(*server);
            QVERIFY(got.has_value());
            QCOMPARE(std::string(asText(got->bytes)), std::string("ping"));
            QCOMPARE(got->path.local.text(), to.text());
            QCOMPARE(got->path.remote.text(), client->localAddress().text());
            QCOMPARE(got->segmentSize, 4u);
            QCOMPARE(sendAll(*server, got->path, asBytes("pong"), 4), SendOutcome::Sent);
            auto back = receiveFrom(*client);
            QCOMPARE(back->path.remote.text(), to.text());
            QVERIFY(!server->receive());
        }
    }

    void answersFromTheAddressThatWasAsked() {
        auto server = socketOn(SocketFamilies::Both);
        auto client = socketOn(SocketFamilies::Both);
        SocketAddress second{IpAddress::v4({127, 0, 0, 2}), server->localAddress().port, 0};
        QCOMPARE(sendAll(*client, {{}, second}, asBytes("x"), 1), SendOutcome::Sent);
        auto got = receiveFrom(*server);
        QCOMPARE(got->path.local.text(), second.text());
        QCOMPARE(sendAll(*server, got->path, asBytes("y"), 1), SendOutcome::Sent);
        QCOMPARE(receiveFrom(*client)->path.remote.text(), second.text());
    }

    void carriesEcnBothWays() {
        auto server = socketOn(SocketFamilies::Both);
        auto v4 = socketOn(SocketFamilies::Ipv4, kLoopback4);
        for (uint8_t ecn = 0; ecn < 4; ++ecn) {
            for (IpAddress ip : {kLoopback4, kLoopback6}) {
                if (!ip.isV4() && !haveIpv6()) continue;
                auto client = socketOn(SocketFamilies::Both);
                QCOMPARE(sendAll(*client, {{}, {ip, server->localAddress().port, 0}}, asBytes("x"), 1, ecn),
                         SendOutcome::Sent);
                auto got = receiveFrom(*server);
                QCOMPARE(got->ecn, ecn);
                QCOMPARE(sendAll(*server, got->path, asBytes("x"), 1, ecn), SendOutcome::Sent);
                QCOMPARE(receiveFrom(*client)->ecn, ecn);
            }
            QCOMPARE(sendAll(*v4, {{}, {kLoopback4, server->localAddress().port, 0}}, asBytes("x"), 1, ecn),
                     SendOutcome::Sent);
            auto got = receiveFrom(*server);
            QCOMPARE(sendAll(*server, got->path, asBytes("x"), 1, ecn), SendOutcome::Sent);
            QCOMPARE(receiveFrom(*v4)->ecn, ecn);
        }
    }

    void joinsManyDatagramsIntoFewCallsAndKeepsTheirBoundaries() {
        for (IpAddress ip : {kLoopback4, kLoopback6}) {
            if (!ip.isV4() && !haveIpv6()) continue;
            auto server = socketOn(SocketFamilies::Both);
            auto client = socketOn(SocketFamilies::Both);
            Bytes bytes(64 * 1024);
            for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = uint8_t(i / 1200);
            QCOMPARE(sendAll(*client, {{}, {ip, server->localAddress().port, 0}}, bytes, 1200, 2), SendOutcome::Sent);
            size_t total = 0, calls = 0, datagrams = 0;
            while (total < bytes.size()) {
                auto got = receiveFrom(*server);
                QVERIFY(got.has_value());
                QCOMPARE(got->ecn, uint8_t(2));
                for (size_t at = 0; at < got->bytes.size(); at += got->segmentSize, ++datagrams) {
                    auto segment = got->bytes.subspan(at, std::min(got->segmentSize, got->bytes.size() - at));
                    QVERIFY(std::ranges::all_of(segment, [&](uint8_t byte) { return byte == uint8_t(datagrams); }));
                }
                total += got->bytes.size();
                ++calls;
            }
            QCOMPARE(total, bytes.size());
            QCOMPARE(datagrams, 55u);
            if (client->joinsSends()) QVERIFY(calls <= 4);
            qInfo() << ip.text().c_str() << "datagrams" << datagrams << "receive calls" << calls;
        }
    }

    void sendsJumboDatagramsOverLoopbackAndSaysWhatIsTooBig() {
        auto server = socketOn(SocketFamilies::Both);
        auto client = socketOn(SocketFamilies::Both);
        for (IpAddress ip : {kLoopback4, kLoopback6}) {
            if (!ip.isV4() && !haveIpv6()) continue;
            quic::Path path{{}, {ip, server->localAddress().port, 0}};
            Bytes largest(ip.isV4() ? 65507 : 65487);
            QCOMPARE(sendAll(*client, path, largest, largest.size()), SendOutcome::Sent);
            QCOMPARE(receiveFrom(*server)->bytes.size(), largest.size());
            Bytes tooBig(65536);
            QCOMPARE(sendAll(*client, path, tooBig, tooBig.size()), SendOutcome::MessageTooBig);
        }
    }

    void aClosedPortDoesNotDisturbTheSocket() {
        auto server = socketOn(SocketFamilies::Both);
        uint16_t closedPort;
        {
            auto gone = socketOn(SocketFamilies::Ipv4, kLoopback4);
            closedPort = gone->localAddress().port;
        }
        quic::Path nowhere{{}, {kLoopback4, closedPort, 0}};
        for (int i = 0; i < 3; ++i) QCOMPARE(sendAll(*server, nowhere, asBytes("x"), 1), SendOutcome::Sent);
        QVERIFY(!server->receive());
        quic::Path self{{}, {kLoopback4, server->localAddress().port, 0}};
        QCOMPARE(sendAll(*server, self, asBytes("x"), 1), SendOutcome::Sent);
        QVERIFY(receiveFrom(*server).has_value());
    }

    void saysWhenThereIsNoWayOut() {
        auto client = socketOn(SocketFamilies::Both);
        quic::Path path{{IpAddress::v4({192, 0, 2, 77}), 1, 0}, {kLoopback4, 9, 0}}; // not an address of ours
        QCOMPARE(sendAll(*client, path, asBytes("x"), 1), SendOutcome::Unreachable);
        Bytes many(5000);
        QCOMPARE(sendAll(*client, path, many, 1000), SendOutcome::Unreachable);
    }

    void aTakenPortAndAForeignAddressAreClearErrors() {
        auto first = socketOn(SocketFamilies::Both);
        auto second = UdpSocket::open({SocketFamilies::Both, {}, first->localAddress().port, 0});
        QCOMPARE(second.error().code, Errc::Busy);
        auto foreign = UdpSocket::open({SocketFamilies::Ipv4, IpAddress::v4({192, 0, 2, 77}), 0, 0});
        QCOMPARE(foreign.error().code, Errc::InvalidArgument);
        QVERIFY(foreign.error().context.find("192.0.2.77") != std::string::npos);
    }

    void bothWildcardsCanShareAPortAsTwoSockets() {
        if (!haveIpv6()) QSKIP("this system has no IPv6");
        auto v6 = socketOn(SocketFamilies::Ipv6);
        auto v4 = UdpSocket::open({SocketFamilies::Ipv4, {}, v6->localAddress().port, 0});
        QVERIFY(v4.has_value());
        QVERIFY(v6->localAddress().ip.isUnspecified());
        QVERIFY((*v4)->localAddress().ip.isV4());
    }
};

QTEST_APPLESS_MAIN(UdpSocketTest)
#include "udp_socket_test.moc"
