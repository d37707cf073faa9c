#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"

#include <QFile>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using autonat::Verdict;

namespace {

std::string pem(const QString& name) {
    QFile file(QStringLiteral(WHERRY_TEST_DATA "/web/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

/// Whoever asks, behind `wall`, and three servers of three networks that dial back.
struct Internet {
    Internet(Simulation& simulation, Device& wall, const std::string& inside, const std::string& outside,
             const SimNodeConfig& all = {})
        : world(simulation),
          host(simulation.network().host("asker", {inside})),
          asker(simulation, host, "asker", disk, all) {
        Router& core = simulation.network().router("core");
        simulation.network().connect(host, wall, kLine);
        simulation.network().connect(wall, core, kLine);
        core.addRoute(ip(outside), 32, 0);
        for (size_t i = 0; i < 3; ++i) {
            const std::string number = std::to_string(i + 1);
            Host& server = simulation.network().host("server" + number, {"44." + number + ".0.1"});
            simulation.network().connect(server, core, kLine);
            core.addRoute(ip("44." + number + ".0.1"), 32, i + 1);
            SimNodeConfig config = all;
            config.node.dialBackPort = 5001;
            servers.push_back(std::make_unique<SimNode>(simulation, server, "server" + number, disk, config));
        }
    }
    void meet() {
        asker.start();
        for (auto& server : servers) server->start();
        for (auto& server : servers) asker.submit(node::Ping{server->target(), 1, 10s});
        world.runUntil([&] { return asker.count<node::PingReply>() == 3; }, 20s);
        world.require(asker.count<node::PingReply>() == 3, "all three are known");
    }
    autonat::Finding finding(autonat::Subject subject) {
        return asker.status().network.at(static_cast<size_t>(subject)).finding;
    }
    bool told(Verdict verdict) {
        world.runUntil(
            [&] {
                const auto* last = asker.last<node::ReachabilityChanged>();
                return last && last->reachable == verdict;
            },
            5min);
        return asker.status().reachable == verdict;
    }

    static constexpr LinkConfig kLine{.delay = 10ms};
    Simulation& world;
    testing::MemoryStorage disk;
    Host& host;
    SimNode asker;
    std::vector<std::unique_ptr<SimNode>> servers;
};

} // namespace

class ReachabilityTest : public QObject {
    Q_OBJECT

  private slots:
    void whoeverHasAnOpenPortIsReachable() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().firewall("firewall", {.openPorts = {4001}}), "44.9.0.1", "44.9.0.1");
            net.meet();
            world.require(net.told(Verdict::Reachable), "reachable");
            const auto status = net.asker.status();
            world.require(status.outside.size() == 1 && status.outside[0].evidence.size() >= 1, "with evidence");
            const auto& proof = status.outside[0].evidence[0];
            world.require(proof.reachable && proof.version == autonat::Version::V2, "that is a nonce");
            world.runFor(30s);
            world.require(net.asker.status().connectionsTotal == 3,
                          "the connections for it are gone, the others are not");
        });
    }

    void pipesAreDialledBackToo_data() {
        QTest::addColumn<bytepipe::PipeKind>("kind");
        QTest::addColumn<QString>("address");
        const QString tcp = "/ip4/44.9.0.1/tcp/4001";
        QTest::newRow("TCP") << bytepipe::PipeKind::Tcp << tcp;
        QTest::newRow("WebSocket") << bytepipe::PipeKind::WebSocket << tcp + "/ws";
        QTest::newRow("secure WebSocket")
            << bytepipe::PipeKind::SecureWebSocket << tcp + "/tls/sni/node.example.org/ws";
    }
    void pipesAreDialledBackToo() {
        QFETCH(bytepipe::PipeKind, kind);
        QFETCH(QString, address);
        RUN([=](Simulation& world) {
            SimPipes pipes(world, {});
            SimNodeConfig config;
            config.pipes = &pipes;
            config.pipeKind = kind;
            if (kind == bytepipe::PipeKind::SecureWebSocket) {
                config.serverName = "node.example.org";
                config.node.pipes.webCertificate =
                    *crypto::WebCertificate::fromPem(pem("server.pem"), pem("server.key.pem"));
                config.node.pipes.loadsWebTrust = true;
                config.webTrust = *crypto::WebTrust::fromPem(pem("authority.pem"));
            }
            Internet net(world, world.network().firewall("firewall"), "44.9.0.1", "44.9.0.1", config);
            net.meet();
            world.require(net.told(Verdict::Reachable), "reachable");
            const auto status = net.asker.status();
            world.require(status.outside[0].address.text() == address.toStdString(), "by a pipe");
            const auto& proof = status.outside[0].evidence.at(0);
            world.require(proof.reachable && proof.version == autonat::Version::V2, "that is a nonce");
            world.runFor(30s);
            world.require(net.asker.status().connectionsTotal == 3,
                          "the connections for it are gone, the others are not");
            world.require(pipes.pipes() == 6, "and so are their pipes");
        });
    }

    void whoeverAFirewallProtectsIsNotReachable() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().firewall("firewall"), "44.9.0.1", "44.9.0.1");
            net.meet();
            world.require(net.told(Verdict::Unreachable), "unreachable");
            world.require(net.asker.status().outside[0].evidence.size() == 3, "three have tried");
        });
    }

    void whatANatLetsThroughIsFoundByWhatPeersSee() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().nat("nat", "44.9.0.1", NatConfig::fullCone()), "192.168.0.2",
                         "44.9.0.1");
            net.meet();
            world.require(net.told(Verdict::Reachable), "reachable");
            world.require(net.asker.status().outside[0].address.text() == "/ip4/44.9.0.1/udp/4001/quic-v1",
                          "at the outer end");
        });
    }

    void aPortThatANatOpensOnlyForTheServerIsNotReachable() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().nat("nat", "44.9.0.1", NatConfig::portRestricted()), "192.168.0.2",
                         "44.9.0.1");
            net.meet();
            world.require(net.told(Verdict::Unreachable),
                          "the dial comes from another port than the server listens at");
        });
    }

    void statusSaysWhatTheRouterDoesToOurAddresses_data() {
        QTest::addColumn<bool>("symmetric");
        QTest::addColumn<autonat::Finding>("mapping");
        QTest::newRow("one port for all") << false << autonat::Finding::EndpointIndependent;
        QTest::newRow("a port for each") << true << autonat::Finding::EndpointDependent;
    }
    void statusSaysWhatTheRouterDoesToOurAddresses() {
        QFETCH(bool, symmetric);
        QFETCH(autonat::Finding, mapping);
        RUN([=](Simulation& world) {
            const NatConfig kind = symmetric ? NatConfig::symmetric() : NatConfig::portRestricted();
            Internet net(world, world.network().nat("nat", "44.9.0.1", kind), "192.168.0.2", "44.9.0.1");
            net.meet();
            world.runFor(1s);
            world.require(net.finding(autonat::Subject::Mapping4) == mapping, "the mapping");
            world.require(net.finding(autonat::Subject::Udp) == autonat::Finding::Passes, "UDP");
            world.require(net.finding(autonat::Subject::Mapping6) == autonat::Finding::Unknown, "no IPv6 here");
        });
    }

    void statusSaysThatAFirewallDropsWhatWasNotBegunHere() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().firewall("firewall"), "44.9.0.1", "44.9.0.1");
            net.meet();
            world.require(net.told(Verdict::Unreachable), "unreachable");
            world.require(net.finding(autonat::Subject::Mapping4) == autonat::Finding::Untranslated, "no NAT");
            world.require(net.finding(autonat::Subject::Incoming4) == autonat::Finding::Filtered, "but a filter");
        });
    }

    void withoutServersNothingIsKnown() {
        RUN([](Simulation& world) {
            Internet net(world, world.network().firewall("firewall"), "44.9.0.1", "44.9.0.1");
            net.asker.start();
            world.runFor(10min);
            world.require(net.asker.status().reachable == Verdict::Unknown, "unknown");
            world.require(net.asker.count<node::ReachabilityChanged>() == 0, "and nobody is told anything");
        });
    }
};

QTEST_APPLESS_MAIN(ReachabilityTest)
#include "reachability_test.moc"
