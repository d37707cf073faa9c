#include "runtime/interfaces.h"
#include "runtime/name_resolver.h"
#include "runtime/network_watch.h"
#include "runtime/runtime_limits.h"
#include "runtime/socket_set.h"

#include <QCoreApplication>
#include <QTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::runtime;
using codec::IpAddress;
using codec::Multiaddr;
using codec::SocketAddress;

namespace {

Multiaddr address(std::string_view text) {
    return *Multiaddr::parse(text);
}

quic::LocalAddress local(std::string_view ip, size_t mtu = 1500) {
    quic::LocalAddress made;
    made.address.ip = *codec::parseIp(ip);
    made.linkMtu = mtu;
    return made;
}

std::vector<std::string> textOf(const std::vector<quic::LocalAddress>& addresses) {
    std::vector<std::string> out;
    for (const auto& one : addresses) out.push_back(one.address.ip.text());
    return out;
}

struct Resolving {
    explicit Resolving(Duration wait = kNameLookupTimeout)
        : resolver([this](node::ResolveId id,
                          Result<std::vector<Multiaddr>> found) { answers.emplace_back(id, std::move(found)); },
                   wait) {}
    std::vector<std::pair<node::ResolveId, Result<std::vector<Multiaddr>>>> answers;
    NameResolver resolver;
};

} // namespace

/// Asked by the leak checker: Qt 6.4 leaves the callback of a lookup behind that is still under way when a program
/// ends.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:wherry::runtime::NameResolver::resolve";
}

class NetworkTest : public QObject {
    Q_OBJECT

  private slots:
    void namesBecomeAddressesOfTheirKind() {
        Resolving it;
        it.resolver.resolve({node::ResolveId{1}, {address("/dns4/localhost/udp/4001/quic-v1")}});
        QVERIFY(it.answers.empty()); // never from within the call
        QTRY_COMPARE(it.answers.size(), 1u);
        QVERIFY(it.answers[0].second.has_value());
        QVERIFY(std::ranges::find(*it.answers[0].second, address("/ip4/127.0.0.1/udp/4001/quic-v1")) !=
                it.answers[0].second->end());
        it.resolver.resolve(
            {node::ResolveId{2}, {address("/dns/localhost/udp/5/quic-v1"), address("/dns4/localhost/udp/6/quic-v1")}});
        QTRY_COMPARE(it.answers.size(), 2u);
        QVERIFY(it.answers[1].second->size() >= 2);
    }

    void namesThatDoNotExistAreNamed() {
        Resolving it;
        it.resolver.resolve(
            {node::ResolveId{7},
             {address("/dns4/no-such-host.invalid/udp/1/quic-v1"), address("/ip4/127.0.0.1/udp/1/quic-v1")}});
        QTRY_COMPARE_WITH_TIMEOUT(it.answers.size(), 1u, 60'000); // where nobody answers it takes kNameLookupTimeout
        QCOMPARE(it.answers[0].first, node::ResolveId{7});
        QCOMPARE(it.answers[0].second.error().code, Errc::NotFound);
        QVERIFY(it.answers[0].second.error().context.find("no-such-host.invalid") != std::string::npos);
    }

    void anEmptyRequestIsAnsweredToo() {
        Resolving it;
        it.resolver.resolve({node::ResolveId{1}, {}});
        QTRY_COMPARE(it.answers.size(), 1u);
        QVERIFY(!it.answers[0].second.has_value());
    }

    void lookupsAreBounded() {
        Resolving it;
        std::vector<Multiaddr> many(kMaxNameLookups + 1, address("/dns4/localhost/udp/1/quic-v1"));
        it.resolver.resolve({node::ResolveId{1}, many});
        it.resolver.resolve(
            {node::ResolveId{2}, {address("/dns4/localhost/udp/2/quic-v1")}}); // one too many while those run
        QTRY_COMPARE(it.answers.size(), 2u);
        auto refused =
            std::ranges::find(it.answers, node::ResolveId{2}, [](const auto& answer) { return answer.first; });
        QVERIFY(!refused->second.has_value());
        QVERIFY(refused->second.error().context.find("too many") != std::string::npos);
        it.resolver.resolve({node::ResolveId{3}, {address("/dns4/localhost/udp/2/quic-v1")}});
        QTRY_COMPARE(it.answers.size(), 3u);
        QVERIFY(it.answers.back().second.has_value());
    }

    void aResultThatComesWithTheEndOfItsTimeCountsOnce() {
        Resolving it(Duration(0)); // the time is up as soon as the event loop runs
        for (const char* name : {"Localhost", "LocalHost", "LOCALHOST", "127.0.0.1"}) { // each asked for anew
            const size_t before = it.answers.size();
            it.resolver.resolve(
                {node::ResolveId{before + 1}, {address("/dns4/" + std::string(name) + "/udp/1/quic-v1")}});
            QTRY_COMPARE_WITH_TIMEOUT(it.answers.size(), before + 1, 60'000);
            QCoreApplication::processEvents();
            const auto& said = it.answers.back().second;
            QVERIFY2(said || said.error().context == std::string(name) + ": no answer in time",
                     said ? "" : said.error().context.c_str());
        }
    }

    void theLoopbackInterfaceIsListedWithItsMtu() {
        NetworkWatch watch([] {});
        auto found =
            std::ranges::find_if(watch.interfaces(), [](const auto& one) { return one.address.ip.isLoopback(); });
        QVERIFY(found != watch.interfaces().end());
        QVERIFY(found->linkMtu >= 1280);
    }

    void wildcardsBecomeRealAddressesWithTheBestFirst() {
        std::vector<quic::LocalAddress> interfaces{local("127.0.0.1", 65536), local("::1", 65536), local("fe80::1"),
                                                   local("192.168.1.7"), local("2001:db8::7", 9000)};
        std::vector<std::unique_ptr<UdpSocket>> sockets;
        sockets.push_back(*UdpSocket::open({SocketFamilies::Ipv4, {}, 0, 0}));
        auto all = listeningAddresses(interfaces, boundOf(sockets));
        QCOMPARE(textOf(all), (std::vector<std::string>{"192.168.1.7", "127.0.0.1"}));
        QCOMPARE(all[0].address.port, sockets[0]->localAddress().port);
        QCOMPARE(all[1].linkMtu, 65536u);
        auto both = UdpSocket::open({});
        if (!both || (*both)->families() != SocketFamilies::Both) QSKIP("this system has no IPv6");
        sockets[0] = std::move(*both);
        QCOMPARE(textOf(listeningAddresses(interfaces, boundOf(sockets))),
                 (std::vector<std::string>{"192.168.1.7", "2001:db8::7", "127.0.0.1", "::1"}));
        QCOMPARE(textOf(listeningAddresses({local("::1"), local("fe80::1")}, boundOf(sockets))),
                 (std::vector<std::string>{"fe80::1", "::1"}));
    }

    void listensWhereItIsToldAndNowhereElse() {
        auto set =
            bindSockets({address("/ip4/127.0.0.1/udp/0/quic-v1"), address("/ip4/127.0.0.2/udp/0/quic-v1")}, 0, Log());
        QVERIFY(set.has_value());
        QVERIFY(set->ipv4 && !set->ipv6);
        QCOMPARE(textOf(listeningAddresses({local("127.0.0.1"), local("192.168.1.7")}, boundOf(set->sockets))),
                 (std::vector<std::string>{"127.0.0.1", "127.0.0.2"}));
        SocketAddress second = set->sockets[1]->localAddress();
        QCOMPARE(set->socketFor({second, {*codec::parseIp("127.0.0.1"), 9, 0}}), set->sockets[1].get());
        QCOMPARE(set->socketFor({{}, {*codec::parseIp("::1"), 9, 0}}), nullptr);
        QVERIFY(set->socketFor({{IpAddress::v4({}), set->port(), 0}, {*codec::parseIp("127.0.0.1"), 9, 0}}));
        QCOMPARE(bindSockets({address("/ip4/127.0.0.1/udp/1")}, 0, Log()).error().code, Errc::InvalidArgument);
        QCOMPARE(bindSockets({Multiaddr::quic(second)}, 0, Log()).error().code, Errc::Busy);
    }

    void thePortOfLastTimeIsTakenWhenItIsFree() {
        auto first = bindSockets({}, 0, Log());
        uint16_t port = first->port();
        auto other = bindSockets({}, port, Log()); // taken
        QVERIFY(other.has_value());
        QVERIFY(other->port() != port);
        first = makeError(Errc::Cancelled);
        QCOMPARE(bindSockets({}, port, Log())->port(), port);
    }

    void secureWebSocketsAreReachedByTheNameOfTheirCertificate() {
        auto set = bindSockets({address("/ip4/0.0.0.0/tcp/0/tls/ws"), address("/ip4/127.0.0.1/tcp/0/ws")}, 0, Log());
        QVERIFY(set.has_value());
        const std::string secure = std::to_string(set->listeners[0].socket->localAddress().port);
        const std::string plain = std::to_string(set->listeners[1].socket->localAddress().port);
        const std::vector<quic::LocalAddress> interfaces{local("127.0.0.1"), local("192.0.2.7"), local("192.0.2.8")};
        const auto texts = [&](const std::string& name) {
            std::vector<std::string> out;
            for (const Multiaddr& one : pipeAddresses(interfaces, set->listeners, name)) out.push_back(one.text());
            return out;
        };
        const std::string ws = "/ip4/127.0.0.1/tcp/" + plain + "/ws";
        QCOMPARE(texts(""), (std::vector<std::string>{ws, "/ip4/192.0.2.7/tcp/" + secure + "/tls/ws",
                                                      "/ip4/192.0.2.8/tcp/" + secure + "/tls/ws",
                                                      "/ip4/127.0.0.1/tcp/" + secure + "/tls/ws"}));
        const std::string named = "/tls/sni/node.example.org/ws";
        QCOMPARE(texts("node.example.org"),
                 (std::vector<std::string>{
                     ws, "/dns/node.example.org/tcp/" + secure + "/tls/ws", "/ip4/192.0.2.7/tcp/" + secure + named,
                     "/ip4/192.0.2.8/tcp/" + secure + named, "/ip4/127.0.0.1/tcp/" + secure + named}));
    }

    void discoverySpeaksOnNoLoopbackAndNamesTheSocketsPorts() {
        const auto set = bindSockets({}, 0, Log());
        QVERIFY(set.has_value());
        for (const auto& link : multicastLinks(boundOf(set->sockets), set->listeners)) {
            QVERIFY(link.interface != 0 && !link.addresses.empty() && !link.reach.empty());
            for (const auto& own : link.addresses) QVERIFY(!own.ip.isLoopback() && !own.ip.isUnspecified());
            for (const auto& [transport, socket] : link.reach) {
                const bool quic = transport == codec::Transport::Quic;
                const uint16_t tcp = set->listeners.at(0).socket->localAddress().port;
                QVERIFY(socket.port == (quic ? set->port() : tcp) && socket.scope == 0);
            }
            QVERIFY(std::ranges::is_sorted(link.reach, {}, &codec::TransportAddress::transport));
            QVERIFY(link.reach.back().transport == codec::Transport::Tcp);
        }
    }

    void whoListensOnLoopbackAloneSpeaksOnNoLink() {
        const auto set = bindSockets({address("/ip4/127.0.0.1/udp/0/quic-v1")}, 0, Log());
        QVERIFY(set.has_value());
        QVERIFY(multicastLinks(boundOf(set->sockets), set->listeners).empty());
    }
};

QTEST_GUILESS_MAIN(NetworkTest)
#include "network_test.moc"
