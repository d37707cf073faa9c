#include "node/node_limits.h"
#include "sim/sim_node.h"
#include "sim/verify_scenario.h"
#include "support/memory_storage.h"
#include "support/test_node.h"
#include "wire/decode.h"
#include "wire/ipns.pb.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;
using node::AskDht;
using node::DhtAction;
using node::DhtAnswered;
using node::RequestFailed;

namespace {

/// Nodes around one router: servers with addresses of their own, and clients behind a NAT each. Round trips take 20 to
/// 200 ms, and one datagram in a hundred is lost. All of them are told of the first one only.
struct Town {
    Town(Simulation& simulation, size_t count, size_t behindNat, double loss = 0.005)
        : world(simulation),
          core(simulation.network().router("core")),
          random(simulation.random("town")) {
        for (size_t i = 0; i < count; ++i) add(i, i != 0 && i % 10 < behindNat * 10 / count, loss);
    }
    static std::string publicAddress(size_t number) {
        return std::to_string(11 + number / 200) + "." + std::to_string(number % 200) + ".1.1";
    }
    void add(size_t number, bool natted, double loss) {
        const std::string name = "n" + std::to_string(number);
        // Half of a quarter of the round trip in each of four crossings; of the loss so too.
        const auto delay = std::chrono::microseconds(5'000 + random.below(45'000));
        const LinkConfig cable{.delay = delay, .loss = loss};
        auto& network = world.network();
        SimNodeConfig config;
        config.node.dht.server = !natted;
        if (number > 0) config.node.dht.bootstrap = {nodes.front()->target().addresses.front()};
        if (natted) {
            Host& host = network.host(name, {"192.168.1.2"});
            Nat& nat = network.nat("nat" + std::to_string(number), publicAddress(number));
            network.connect(host, nat, {.delay = 1ms});
            network.connect(nat, core, cable);
            nodes.push_back(std::make_unique<SimNode>(world, host, name, disk, config));
        } else {
            Host& host = network.host(name, {publicAddress(number)});
            network.connect(host, core, cable);
            nodes.push_back(std::make_unique<SimNode>(world, host, name, disk, config));
        }
        core.addRoute(ip(publicAddress(number)), 32, number);
        hidden.push_back(natted);
    }
    void start() {
        for (auto& node : nodes) {
            node->start();
            world.runFor(20ms);
        }
    }
    static AskDht lookUp(const SimNode& other) {
        AskDht ask;
        ask.action = DhtAction::Peer;
        ask.key = toBytes(other.peerId().multihash());
        return ask;
    }

    Simulation& world;
    testing::MemoryStorage disk;
    Router& core;
    SeededRandom random;
    std::vector<std::unique_ptr<SimNode>> nodes;
    std::vector<bool> hidden;
};

/// A client of the town behind a NAT of its own.
struct Hidden {
    Hidden(Town& town, const std::string& outer, kad::LinkCaps caps = {}, bool told = true, size_t place = 0)
        : nat(town.world.network().nat("wall" + std::to_string(place), outer)) {
        auto& network = town.world.network();
        const std::string name = "hidden" + std::to_string(place);
        Host& host = network.host(name, {"192.168.1.2"});
        network.connect(host, nat, {.delay = 1ms});
        network.connect(nat, town.core, {.delay = 10ms});
        town.core.addRoute(ip(outer), 32, town.nodes.size() + place);
        SimNodeConfig config;
        config.node.dht.links = caps;
        if (told) config.node.dht.bootstrap = {town.nodes.front()->target().addresses.front()};
        node = std::make_unique<SimNode>(town.world, host, name, town.disk, config);
    }
    Nat& nat;
    std::unique_ptr<SimNode> node;
};

/// Five servers keep a value; the first is killed after `life`, starts again after `gap`, and half a minute later a
/// client that knows nobody else finds the value through it.
void theFirstServerComesBack(Simulation& world, Duration life, Duration gap) {
    Town town(world, 5, 0, 0);
    Hidden client(town, "99.1.1.1");
    town.start();
    world.runFor(life);
    AskDht put;
    put.action = DhtAction::Put;
    put.key = Bytes(32, 7);
    put.value = {1, 2, 3};
    SimNode& first = *town.nodes[0];
    SimNode& from = *town.nodes[3];
    from.submit(put);
    world.runUntil([&] { return from.last<DhtAnswered>() || from.last<RequestFailed>(); }, 60s);
    world.require(from.last<DhtAnswered>() && from.last<DhtAnswered>()->stored == 5, "kept by all");
    first.kill();
    world.runFor(gap);
    first.start();
    world.runFor(30s);
    client.node->start();
    AskDht get;
    get.action = DhtAction::Get;
    get.key = put.key;
    get.wait = 10s;
    client.node->submit(get);
    world.runUntil([&] { return client.node->last<DhtAnswered>() || client.node->last<RequestFailed>(); }, 60s);
    world.require(client.node->last<DhtAnswered>() && client.node->last<DhtAnswered>()->value == put.value, "found");
}

/// What a node answers to a question of the hash table; nullopt: it has failed.
std::optional<DhtAnswered> ask(Simulation& world, SimNode& node, DhtAction action, const Bytes& key, Bytes value = {}) {
    AskDht question;
    question.action = action;
    question.key = key;
    question.value = std::move(value);
    question.wait = 60s;
    node.forgetEvents();
    node.submit(question);
    world.runUntil([&] { return node.last<DhtAnswered>() || node.last<RequestFailed>(); }, 120s);
    return node.last<DhtAnswered>() ? std::optional(*node.last<DhtAnswered>()) : std::nullopt;
}

/// What `identity` says under its name: "/ipfs/x" with sequence 7 until 2200.
Bytes ipnsRecord(const crypto::Identity& identity) {
    Bytes data = {0xa5};
    const auto add = [&](uint8_t kind, std::string_view text) {
        data.push_back(static_cast<uint8_t>(kind + text.size()));
        append(data, asBytes(text));
    };
    constexpr uint8_t kText = 0x60, kBytes = 0x40;
    add(kText, "Value"), add(kBytes, "/ipfs/x");
    add(kText, "Validity"), add(kBytes, "2200-01-01T00:00:00Z");
    for (const auto& [name, number] : {std::pair("ValidityType", 0), std::pair("Sequence", 7), std::pair("TTL", 1)}) {
        add(kText, name);
        data.push_back(static_cast<uint8_t>(number));
    }
    Bytes text = toBytes(asBytes("ipns-signature:"));
    append(text, data);
    wire::IpnsEntry entry;
    entry.mutable_data()->assign(asText(data));
    entry.mutable_signature_v2()->assign(asText(identity.sign(text)));
    return wire::encode(entry);
}

double inMs(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}
double percentile(std::vector<double> values, size_t percent) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[(values.size() - 1) * percent / 100];
}

/// Every node looks up `others` others, eight at a time each. Figures go to standard output.
void everybodyLooksUp(Town& town, size_t others) {
    Simulation& world = town.world;
    struct Open {
        size_t from, to;
    };
    std::map<std::pair<size_t, node::RequestId>, Open> open;
    std::vector<size_t> next(town.nodes.size(), 1);
    std::vector<double> took, requests;
    size_t found = 0, proved = 0, reachable = 0;
    double longest = 0;
    std::string missed;
    const auto begin = [&](size_t from) {
        if (next[from] > others) return;
        const size_t to = (from + next[from]++ * (town.nodes.size() / (others + 1))) % town.nodes.size();
        open[{from, town.nodes[from]->submit(Town::lookUp(*town.nodes[to]))}] = {from, to};
    };
    for (size_t i = 0; i < town.nodes.size(); ++i)
        town.nodes[i]->onEvent = [&, i](const node::Event& event) {
            if (const auto* answer = std::get_if<DhtAnswered>(&event)) {
                const auto which = open.extract({i, answer->request});
                if (!which) return;
                ++found;
                longest = std::max(longest, inMs(answer->took));
                if (!town.hidden[which.mapped().to]) {
                    ++reachable;
                    proved += answer->proved;
                    took.push_back(inMs(answer->took));
                    requests.push_back(static_cast<double>(answer->requests));
                }
                begin(i);
            } else if (const auto* failed = std::get_if<RequestFailed>(&event)) {
                const auto which = open.extract({i, failed->request});
                if (!which) return;
                missed += " " + std::to_string(i) + ">" + std::to_string(which.mapped().to) + " (" +
                          failed->error.text() + ")";
                begin(i);
            }
        };
    const size_t all = town.nodes.size() * others;
    for (size_t i = 0; i < town.nodes.size(); ++i)
        for (size_t each = 0; each < 8; ++each) begin(i);
    world.runUntil([&] { return open.empty(); }, 30min);
    for (auto& node : town.nodes) node->onEvent = nullptr;
    std::printf("%zu nodes, %zu of them behind a NAT: %zu of %zu look-ups found their peer, %zu of %zu reachable ones "
                "proved it; p50 %.0f ms, p99 %.0f ms, requests p50 %.0f p99 %.0f, longest of all %.1f s\n",
                town.nodes.size(), static_cast<size_t>(std::ranges::count(town.hidden, true)), found, all, proved,
                reachable, percentile(took, 50), percentile(took, 99), percentile(requests, 50),
                percentile(requests, 99), longest / 1000);
    world.require(missed.empty(), "not found:" + missed);
    world.require(found == all, "every look-up has ended");
    world.require(proved == reachable, "who can be reached proves itself");
    world.require(longest < 30'000, "none takes half a minute");
}

} // namespace

class DhtTest : public QObject {
    Q_OBJECT

  private slots:
    /// Every one of 100 looks up every other with WHERRY_DHT_ALL=1; otherwise three others each, among forty.
    void everyNodeFindsEveryOther() {
        RUN([](Simulation& world) {
            const bool all = std::getenv("WHERRY_DHT_ALL") != nullptr;
            const size_t count = all ? 100 : 40;
            Town town(world, count, count * 3 / 10);
            town.start();
            world.runFor(2min); // what the first look-ups have opened is closed by then
            everybodyLooksUp(town, all ? count - 1 : 3);
        });
    }

    void aPeerThatIsKnownByItsKeyAloneIsPinged() {
        RUN([](Simulation& world) {
            Town town(world, 10, 0);
            town.start();
            world.runFor(10s);
            SimNode& from = *town.nodes[9];
            from.submit(node::Ping{{town.nodes[4]->peerId(), {}}, 1, 20s});
            world.runUntil([&] { return from.last<node::PingReply>() || from.last<RequestFailed>(); }, 30s);
            world.require(from.last<node::PingReply>() != nullptr, "it answers");
        });
    }

    void aPeerThatOthersKnowAndThatDoesNotAnswerIsSaidToBeSo() {
        RUN([](Simulation& world) {
            Town town(world, 3, 0, 0);
            Hidden client(town, "99.1.1.1");
            town.start();
            world.runFor(10s);
            town.nodes[2]->kill();
            client.node->start();
            client.node->submit(node::Ping{{town.nodes[2]->peerId(), {}}, 1, 6s});
            world.runUntil([&] { return client.node->last<RequestFailed>(); }, 60s);
            const auto* failed = client.node->last<RequestFailed>();
            world.require(failed && failed->error.context.find(Town::publicAddress(2)) != std::string::npos,
                          "where it was tried");
        });
    }

    void aValueIsLeftWithTheServersAndFoundByAClientBehindANat() {
        RUN([](Simulation& world) {
            Town town(world, 10, 3);
            town.start();
            world.runFor(10s);
            AskDht put;
            put.action = DhtAction::Put;
            put.key = Bytes(32, 7);
            put.value = {1, 2, 3};
            SimNode& from = *town.nodes[4];
            from.submit(put);
            world.runUntil([&] { return from.last<DhtAnswered>() || from.last<RequestFailed>(); }, 60s);
            world.require(from.last<DhtAnswered>() && from.last<DhtAnswered>()->stored >= 6, "kept by the servers");
            SimNode& hidden = *town.nodes[1];
            world.require(town.hidden[1], "behind a NAT");
            AskDht get;
            get.action = DhtAction::Get;
            get.key = put.key;
            hidden.submit(get);
            world.runUntil([&] { return hidden.last<DhtAnswered>() || hidden.last<RequestFailed>(); }, 60s);
            world.require(hidden.last<DhtAnswered>() && hidden.last<DhtAnswered>()->value == put.value, "got");
            world.require(hidden.last<DhtAnswered>()->publisher == from.peerId(), "and who has signed it");
        });
    }

    /// It has remembered the others soon after it met them.
    void aFirstServerThatWasKilledIsNotAloneAfterwards() {
        RUN([](Simulation& world) { theFirstServerComesBack(world, 10s, 0s); });
    }
    /// It has remembered nobody; those that were told of it come back to it.
    void aFirstServerThatHasForgottenTheOthersIsMetAgain() {
        RUN([](Simulation& world) { theFirstServerComesBack(world, 1s, 25s); });
    }

    void whatAServerKeepsOutlivesItsProcess() {
        RUN([](Simulation& world) {
            Town town(world, 1, 0, 0);
            town.start();
            const Bytes key(32, 7), content(34, 8);
            Hidden giver(town, "99.1.1.1");
            giver.node->start();
            world.require(ask(world, *giver.node, DhtAction::Put, key, {1, 2}).has_value(), "put");
            world.require(ask(world, *giver.node, DhtAction::Provide, content).has_value(), "provided");
            world.runFor(1s);
            giver.node->kill();
            town.nodes[0]->kill();
            world.runFor(10s);
            town.nodes[0]->start();
            Hidden taker(town, "99.1.2.2", {}, true, 1);
            taker.node->start();
            const auto got = ask(world, *taker.node, DhtAction::Get, key);
            world.require(got && got->value == Bytes({1, 2}), "the value is there");
            const auto providers = ask(world, *taker.node, DhtAction::Providers, content);
            world.require(providers && providers->providers.size() == 1, "and who provides");
        });
    }

    void aNameIsAnsweredWithWhatItPointsTo() {
        RUN([](Simulation& world) {
            Town town(world, 2, 0, 0);
            town.start();
            world.runFor(5s);
            const auto identity = test::identityOf(1);
            Bytes key = toBytes(asBytes("/ipns/"));
            append(key, identity.peerId().multihash());
            AskDht put;
            put.action = DhtAction::Put;
            put.protocol = kad::kIpfsProtocolId;
            put.key = key;
            put.value = ipnsRecord(identity);
            SimNode& from = *town.nodes[1];
            from.submit(put);
            world.runUntil([&] { return from.last<DhtAnswered>() || from.last<RequestFailed>(); }, 60s);
            world.require(from.last<DhtAnswered>(), "put");
            from.forgetEvents();
            put.action = DhtAction::Get;
            from.submit(put);
            world.runUntil([&] { return from.last<DhtAnswered>() || from.last<RequestFailed>(); }, 60s);
            const auto* got = from.last<DhtAnswered>();
            world.require(got && asText(got->pointsTo) == "/ipfs/x" && got->version == 7, "its path and sequence");
            world.require(got->validUntil == UnixTime::fromSeconds(7'258'118'400), "and its time");
        });
    }

    void serversOfBeforeAreMetAgainWhenTheyComeBack() {
        RUN([](Simulation& world) {
            Town town(world, 1, 0, 0);
            town.start();
            Hidden client(town, "99.1.1.1", {}, false);
            client.node->start();
            client.node->submit(node::Ping{town.nodes[0]->target(), 1, 10s});
            const Bytes key(32, 7);
            world.require(ask(world, *client.node, DhtAction::Put, key, {1}).has_value(), "met and put");
            world.runFor(2 * node::kRememberSoon);
            town.nodes[0]->kill();
            client.node->kill();
            client.node->start();
            world.runFor(12s); // both tries of that time are in vain
            town.nodes[0]->start();
            world.require(ask(world, *client.node, DhtAction::Get, key).has_value(), "found within a minute");
        });
    }

    void aPeerThatMovesIsFoundWhereItIsNow() {
        RUN([](Simulation& world) {
            Town town(world, 6, 0, 0);
            Hidden client(town, "99.1.1.1");
            town.start();
            client.node->start();
            world.runFor(20s);
            client.nat.setOuter(ip("99.1.1.2"));
            town.core.addRoute(ip("99.1.1.2"), 32, town.nodes.size());
            world.runFor(1min);
            SimNode& from = *town.nodes[3];
            from.submit(Town::lookUp(*client.node));
            world.runUntil([&] { return from.last<DhtAnswered>() || from.last<RequestFailed>(); }, 60s);
            world.require(from.last<DhtAnswered>() != nullptr, "found");
            for (const auto& address : from.last<DhtAnswered>()->addresses)
                world.require(address.quicAddress()->ip == ip("99.1.1.2"), "at " + address.text());
        });
    }

    /// D14: servers that hold a stream open on each link that we have dialled do not make us keep it.
    void linksThatServersHoldOnToAreClosedAllTheSame() {
        RUN([](Simulation& world) {
            Town town(world, 10, 0, 0);
            Hidden client(town, "99.1.1.1", {.dialling = 4, .queued = 64, .held = 3});
            town.start();
            world.runFor(10s);
            std::set<const SimNode*> pinging;
            for (auto& server : town.nodes)
                server->onEvent = [&, at = server.get()](const node::Event& event) {
                    if (std::get_if<RequestFailed>(&event)) pinging.erase(at);
                    const auto* path = std::get_if<node::PathChanged>(&event);
                    if (path && path->peer == client.node->peerId() && pinging.insert(at).second)
                        at->submit(node::Ping{{client.node->peerId(), {}}, 1000, 1ms});
                };
            client.node->start();
            size_t most = 0, held = 0;
            for (uint8_t i = 0; i < 40; ++i) {
                AskDht ask;
                ask.action = DhtAction::Closest;
                ask.key = Bytes(8, i);
                client.node->submit(ask);
                world.runFor(2s);
                held = static_cast<size_t>(std::ranges::count_if(town.nodes, [&](const auto& server) {
                    const auto link = client.node->node().peer(server->peerId());
                    return link && link->side == link::Side::Dialer; // what comes in is the servers' own
                }));
                most = std::max(most, held);
            }
            std::printf(
                "links of a client that may hold 3 beside the bootstrap's, to servers that hold on to them: %zu "
                "at the end, %zu at the most\n",
                held, most);
            world.require(client.node->count<DhtAnswered>() >= 35, "look-ups go on");
            world.require(most > 1, "there is something to close");
            world.require(most <= 8 && held <= 4, "no more than may be held, dialled and the bootstrap's");
        });
    }

    /// D14: sockets are bounded by kad::Links (unit.kad.links); this is what an idle client costs its line.
    void anIdleClientIsQuiet() {
        RUN([](Simulation& world) {
            Town town(world, 30, 0, 0);
            auto& network = world.network();
            Host& host = network.host("client", {"99.1.1.1"});
            Link& cable = network.connect(host, town.core, {.delay = 10ms});
            town.core.addRoute(ip("99.1.1.1"), 32, town.nodes.size());
            SimNodeConfig config;
            config.node.dht.bootstrap = {town.nodes.front()->target().addresses.front()};
            SimNode client(world, host, "client", town.disk, config);
            town.start();
            client.start();
            world.runFor(2min);
            const uint64_t before = cable.bytesFrom(host) + cable.bytesFrom(town.core);
            const Duration watched = 15min; // one refresh among it; more takes the sanitizers minutes
            world.runFor(watched);
            const double perSecond = static_cast<double>(cable.bytesFrom(host) + cable.bytesFrom(town.core) - before) /
                                     std::chrono::duration<double>(watched).count();
            std::printf("an idle client among 30 servers: %.0f bytes a second, both ways together\n", perSecond);
            world.require(perSecond < 4096, "less than 4 KiB a second");
        });
    }
};

QTEST_APPLESS_MAIN(DhtTest)
#include "dht_test.moc"
