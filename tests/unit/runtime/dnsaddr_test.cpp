#include "crypto/identity.h"
#include "runtime/dnsaddr_limits.h"
#include "runtime/name_resolver.h"

#include <QtTest>
#include <map>

using namespace wherry;
using namespace wherry::runtime;
using namespace std::chrono_literals;
using codec::Multiaddr;

namespace {
using Records = std::vector<std::string>;

Multiaddr addr(const std::string& text) {
    return Multiaddr::parse(text).value();
}
std::string idOf(uint8_t byte) {
    std::array<uint8_t, 32> seed{};
    seed.fill(byte);
    return crypto::Identity::fromSeed(seed).peerId().text();
}
std::string quic(int number) {
    return "/ip4/44.1.0.1/udp/" + std::to_string(4000 + number) + "/quic-v1";
}

/// Expands with these records; counts what was asked.
Expanded expand(const std::string& name, const std::map<std::string, Records>& world, size_t* asked = nullptr) {
    DnsAddrExpansion expansion(addr(name));
    size_t count = 0;
    while (const auto next = expansion.next()) {
        ++count;
        const auto found = world.find(*next);
        expansion.onRecords(found == world.end() ? Result<Records>(makeError(Errc::NotFound, "no such name"))
                                                 : Result<Records>(found->second));
    }
    if (asked) *asked = count;
    return expansion.take();
}

/// One request to a resolver whose TXT records are these; answers come from the event loop.
Result<std::vector<Multiaddr>> resolve(const std::vector<Multiaddr>& names,
                                       const std::map<std::string, Records>& world) {
    std::optional<Result<std::vector<Multiaddr>>> answer;
    QObject loop;
    NameResolver resolver([&](node::ResolveId, Result<std::vector<Multiaddr>> found) { answer = std::move(found); },
                          20s,
                          [&](const std::string& name, TxtAnswer then) {
                              QTimer::singleShot(0, &loop, [&world, name, then = std::move(then)] {
                                  const auto found = world.find(name);
                                  then(found == world.end() ? Result<Records>(makeError(Errc::NotFound, "no such name"))
                                                            : Result<Records>(found->second));
                              });
                          });
    resolver.resolve({node::ResolveId{1}, names});
    if (answer) qFatal("answered from within the call");
    if (!QTest::qWaitFor([&] { return answer.has_value(); }, 60'000)) qFatal("no answer");
    return *answer;
}
} // namespace

class DnsAddrTest : public QObject {
    Q_OBJECT

  private slots:
    void recordsBecomeAddresses() {
        const auto found =
            expand("/dnsaddr/example.org",
                   {{"_dnsaddr.example.org",
                     {"dnsaddr=" + quic(1), "v=spf1 -all", "dnsaddr=garbage", "dnsaddr=" + quic(1) + "/p2p/" + idOf(1),
                      "dnsaddr=", "dnsaddr=/dns4/a.example.org/tcp/443"}}});
        QCOMPARE(found.addresses, (std::vector{addr(quic(1)), addr("/dns4/a.example.org/tcp/443")}));
        QVERIFY(found.failures.empty());
    }

    void onlyAddressesOfTheNamedPeerCount() {
        const std::string one = "/p2p/" + idOf(1), two = "/p2p/" + idOf(2);
        size_t asked = 0;
        const auto found =
            expand("/dnsaddr/example.org" + one,
                   {{"_dnsaddr.example.org",
                     {"dnsaddr=" + quic(1) + one, "dnsaddr=" + quic(2) + two, "dnsaddr=" + quic(3),
                      "dnsaddr=/dnsaddr/b.example.org" + two, "dnsaddr=/dnsaddr/a.example.org" + one}},
                    {"_dnsaddr.a.example.org", {"dnsaddr=" + quic(4) + one, "dnsaddr=" + quic(5) + two}}},
                   &asked);
        QCOMPARE(found.addresses, (std::vector{addr(quic(1)), addr(quic(4))}));
        QCOMPARE(asked, size_t(2)); // nothing is asked about another peer's name
        const auto none =
            expand("/dnsaddr/example.org" + one, {{"_dnsaddr.example.org", {"dnsaddr=" + quic(2) + two}}});
        QVERIFY(none.addresses.empty());
        QVERIFY(none.failures.find("example.org") != std::string::npos);
    }

    void namesInACircleEnd() {
        size_t asked = 0;
        const auto found = expand("/dnsaddr/a.org",
                                  {{"_dnsaddr.a.org", {"dnsaddr=/dnsaddr/b.org", "dnsaddr=/dnsaddr/a.org"}},
                                   {"_dnsaddr.b.org", {"dnsaddr=/dnsaddr/a.org", "dnsaddr=" + quic(1)}}},
                                  &asked);
        QCOMPARE(asked, size_t(2));
        QCOMPARE(found.addresses, std::vector{addr(quic(1))});
    }

    void theDepthIsBounded() {
        for (const size_t depth : {kMaxDnsAddrDepth, kMaxDnsAddrDepth + 1}) {
            std::map<std::string, Records> world;
            for (size_t i = 1; i < depth; ++i)
                world["_dnsaddr.n" + std::to_string(i) + ".org"] = {"dnsaddr=/dnsaddr/n" + std::to_string(i + 1) +
                                                                    ".org"};
            world["_dnsaddr.n" + std::to_string(depth) + ".org"] = {"dnsaddr=" + quic(1)};
            const auto found = expand("/dnsaddr/n1.org", world);
            QCOMPARE(found.addresses.size(), size_t(depth == kMaxDnsAddrDepth ? 1 : 0));
            QCOMPARE(found.failures.empty(), depth == kMaxDnsAddrDepth);
        }
    }

    void lookUpsRecordsAddressesAndTextsAreBounded() {
        Records many, names, longest;
        for (int i = 0; i < 1000; ++i) many.push_back("dnsaddr=" + quic(i));
        for (int i = 0; i < 60; ++i) names.push_back("dnsaddr=/dnsaddr/n" + std::to_string(i) + ".org");
        size_t asked = 0;
        QCOMPARE(expand("/dnsaddr/a.org", {{"_dnsaddr.a.org", many}}).addresses.size(), kMaxResolvedAddresses);
        const auto failed = expand("/dnsaddr/a.org", {{"_dnsaddr.a.org", names}}, &asked);
        QCOMPARE(asked, kMaxDnsAddrLookups);
        QVERIFY(failed.failures.size() < 2 * kMaxDnsAddrText);
        Records late(kMaxDnsAddrRecords, "v=spf1");
        late.back() = "dnsaddr=" + quic(1);
        QCOMPARE(expand("/dnsaddr/a.org", {{"_dnsaddr.a.org", late}}).addresses.size(), size_t(1));
        late.insert(late.begin(), "v=spf1");
        QCOMPARE(expand("/dnsaddr/a.org", {{"_dnsaddr.a.org", late}}).addresses.size(), size_t(0));
        const std::string text = "dnsaddr=" + quic(1);
        const Records padded{text + std::string(kMaxDnsAddrText, '/')};
        QCOMPARE(expand("/dnsaddr/a.org", {{"_dnsaddr.a.org", padded}}).addresses.size(), size_t(0));
    }

    void theResolverAnswersOnceWithWhatIsThere() {
        const auto found = resolve({addr("/dnsaddr/a.org"), addr("/dnsaddr/nowhere.org")},
                                   {{"_dnsaddr.a.org", {"dnsaddr=" + quic(1), "dnsaddr=/ip4/44.1.0.1/tcp/4001"}}});
        QVERIFY(found.has_value());
        QCOMPARE(*found, (std::vector{addr(quic(1)), addr("/ip4/44.1.0.1/tcp/4001")}));
        const auto none = resolve({addr("/dnsaddr/nowhere.org")}, {});
        QCOMPARE(none.error().code, Errc::NotFound);
        QVERIFY(none.error().context.find("nowhere.org") != std::string::npos);
    }

    void namesThatAreBeingLookedUpAreBounded() {
        std::vector<TxtAnswer> open;
        std::map<uint64_t, Result<std::vector<Multiaddr>>> answers;
        NameResolver resolver(
            [&](node::ResolveId id, Result<std::vector<Multiaddr>> found) {
                answers.emplace(id.value, std::move(found));
            },
            Duration(0), [&](const std::string&, TxtAnswer then) { open.push_back(std::move(then)); });
        const auto ask = [&](uint64_t id, size_t count) {
            std::vector<Multiaddr> names;
            for (size_t i = 0; i < count; ++i) names.push_back(addr("/dnsaddr/n" + std::to_string(i) + ".org"));
            resolver.resolve({node::ResolveId{id}, names});
            if (!QTest::qWaitFor([&] { return answers.contains(id); }, 60'000)) qFatal("no answer");
            return answers.at(id).error().context;
        };
        QVERIFY(ask(1, kMaxNameLookups).find("too many") == std::string::npos);
        QCOMPARE(open.size(), kMaxNameLookups);
        // The first request is over, the system is not through with it.
        QVERIFY(ask(2, 1).find("n0.org: too many names") != std::string::npos);
        QCOMPARE(open.size(), kMaxNameLookups);
        open.front()(makeError(Errc::NotFound, "late"));
        QCOMPARE(ask(3, 2).find("n0.org: too many names"), std::string::npos);
        QVERIFY(answers.at(3).error().context.find("n1.org: too many names") != std::string::npos);
        QCOMPARE(open.size(), kMaxNameLookups + 1);
    }

    void aNameInARecordIsLookedUpToo() {
        const auto found =
            resolve({addr("/dnsaddr/a.org")}, {{"_dnsaddr.a.org", {"dnsaddr=/dns4/localhost/udp/4001/quic-v1"}}});
        QVERIFY(found.has_value());
        QCOMPARE(*found, std::vector{addr("/ip4/127.0.0.1/udp/4001/quic-v1")});
    }
};

QTEST_GUILESS_MAIN(DnsAddrTest)
#include "dnsaddr_test.moc"
