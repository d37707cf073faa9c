#include "sim/transfer_world.h"
#include "sim/verify_scenario.h"

using namespace wherry;
using namespace wherry::sim;
using namespace std::chrono_literals;

namespace {

constexpr size_t kTree = 6'000'000;
/// What may be sent twice for each crash: what is under way in windows and in pipes.
constexpr uint64_t kWindow = 6 * 1024 * 1024;

struct Carrier {
    bytepipe::PipeKind kind;
    std::string_view security;
};

TransferWorldConfig over(SimPipes& pipes, const Carrier& carrier) {
    TransferWorldConfig config{.wait = 60s};
    for (SimNodeConfig* node : {&config.sender, &config.receiver}) {
        node->pipes = &pipes;
        node->pipeKind = carrier.kind;
        node->node.pipes.securities = {std::string(carrier.security)};
    }
    return config;
}

void delivers(Simulation& world, const Carrier& carrier) {
    SimPipes pipes(world, {.delay = 20ms, .bytesPerSecond = 10'000'000});
    TransferWorld pair(world, over(pipes, carrier));
    pair.addMixedTree(kTree);
    pair.start();
    pair.send();
    pair.runToDelivery(60s);
}

void survivesKills(Simulation& world, const Carrier& carrier) {
    SimPipes pipes(world, {.delay = 20ms, .bytesPerSecond = 2'000'000});
    TransferWorld pair(world, over(pipes, carrier));
    pair.addMixedTree(kTree);
    SeededRandom random = world.random("crashes");
    pair.start();
    pair.send();
    const uint64_t count = random.between(1, 4);
    for (uint64_t i = 0; i < count; ++i) {
        const bool sender = random.chance(0.5);
        const Duration pause = std::chrono::milliseconds(random.between(0, 3000));
        world.after(std::chrono::milliseconds(random.between(0, 4000)), [&pair, sender, pause] {
            if (pair.finished()) return;
            if (sender && pair.sender.running()) pair.crashSender(pause);
            if (!sender && pair.receiver.running()) pair.crashReceiver(pause);
        });
    }
    pair.runToDelivery(300s);
    world.require(pair.bytesSentInAll() <= pair.sourceBytes() + count * kWindow,
                  "sent " + std::to_string(pair.bytesSentInAll()));
}

constexpr Carrier kCarriers[] = {{bytepipe::PipeKind::Tcp, bytepipe::kNoiseId},
                                 {bytepipe::PipeKind::Tcp, bytepipe::kTlsId},
                                 {bytepipe::PipeKind::WebSocket, bytepipe::kNoiseId}};

} // namespace

class TransferPipesTest : public QObject {
    Q_OBJECT

  private slots:
    void aTreeArrivesOverEachKindOfPipe() {
        for (const Carrier& carrier : kCarriers) RUN([&](Simulation& world) { delivers(world, carrier); });
    }
    void eitherSideIsKilledAndTheSameCommandFinishesItOverEachKindOfPipe() {
        for (uint64_t seed = 0; seed < 4; ++seed)
            for (const Carrier& carrier : kCarriers) {
                const RunReport report =
                    runScenario(scenarioSeed() + seed, [&](Simulation& world) { survivesKills(world, carrier); });
                VERIFY_REPORT(report);
            }
    }
};

QTEST_APPLESS_MAIN(TransferPipesTest)
#include "transfer_pipes_test.moc"
