#include "pipe_wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::bytepipe;
using namespace wherry::bytepipe::test;
using namespace std::chrono_literals;

namespace {

/// 1 MB/s; the addresses of the test are those of a private network.
constexpr link::BitRate kRate{8'000'000};
constexpr size_t kSecond = 1'000'000;
constexpr size_t kAll = 12 * kSecond;

/// One end sends as much as it can, the other reads whatever comes.
struct Flow {
    link::Bandwidth sending; // both outlive the endpoints
    link::Bandwidth receiving;
    PipeWire wire;
    PipeNode& from;
    PipeNode& to;
    link::LinkId link;
    link::StreamKey bulk;
    size_t left = kAll;
    size_t received = 0;
    size_t small = 0;

    static EndpointConfig limitedBy(link::Bandwidth& bandwidth) {
        EndpointConfig config;
        config.bandwidth = &bandwidth;
        return config;
    }
    Flow() : from(wire.add(limitedBy(sending))), to(wire.add(limitedBy(receiving))) {
        from.onEvent = [this](const link::LinkEvent& event) {
            if (std::holds_alternative<link::StreamWritable>(event)) fill();
        };
        to.onEvent = [this](const link::LinkEvent& event) {
            if (const auto* readable = std::get_if<link::StreamReadable>(&event)) read(readable->key);
        };
        link = wire.dial(from, to, to.self());
    }
    void begin() {
        bulk = *from.endpoint.openStream(link);
        fill();
        wire.run();
    }
    void fill() {
        while (const size_t count = std::min<size_t>({from.endpoint.writable(bulk), left, 64 * 1024})) {
            from.endpoint.write(bulk, Slice::copyOf(Bytes(count, 7)), link::Fin::No);
            left -= count;
        }
    }
    void read(link::StreamKey key) {
        const size_t count = to.endpoint.available(key);
        to.endpoint.consume(key, count);
        (count == 100 ? small : received) += count;
    }
    void pass(Duration time) {
        for (Duration gone{}; gone < time; gone += 5ms) wire.advance(5ms);
    }
};

} // namespace

class BandwidthTest : public QObject {
    Q_OBJECT

  private slots:
    void withoutALimitNothingWaits() {
        Flow flow;
        flow.begin();
        QCOMPARE(flow.received, kAll);
    }

    void sendsNoFasterThanTheLimitAndNotMuchSlower() {
        Flow flow;
        flow.sending.setLimits({.upload = kRate, .limitLan = true});
        flow.begin();
        flow.pass(1s);
        const size_t first = flow.received;
        flow.pass(4s);
        const size_t steady = flow.received - first;
        QVERIFY2(steady <= 4 * kSecond + 128 * 1024, std::to_string(steady).c_str());
        QVERIFY2(steady >= 3 * kSecond, std::to_string(steady).c_str());
    }

    void aSmallMessageDoesNotWaitBehindAFile() {
        Flow flow;
        flow.sending.setLimits({.upload = {80'000}, .limitLan = true}); // 10 kB/s: one frame takes two seconds
        flow.begin();
        flow.pass(1s);
        const auto message = *flow.from.endpoint.openStream(flow.link);
        flow.from.endpoint.write(message, Slice::copyOf(Bytes(100, 1)), link::Fin::Yes);
        flow.wire.run();
        QCOMPARE(flow.small, 100u);
    }

    void givesCreditNoFasterThanTheLimitAndNotMuchSlower() {
        Flow flow;
        flow.receiving.setLimits({.download = kRate, .limitLan = true});
        flow.begin();
        flow.pass(2s); // the first window came at once and is paid for
        const size_t first = flow.received;
        flow.pass(4s);
        const size_t steady = flow.received - first;
        QVERIFY2(steady <= 4 * kSecond + 256 * 1024, std::to_string(steady).c_str());
        QVERIFY2(steady >= 3 * kSecond, std::to_string(steady).c_str());
    }

    void aLimitThatIsLiftedWorksAtOnceInBothDirections() {
        for (const bool up : {true, false}) {
            Flow flow;
            (up ? flow.sending : flow.receiving)
                .setLimits(up ? link::BandwidthLimits{.upload = kRate, .limitLan = true}
                              : link::BandwidthLimits{.download = kRate, .limitLan = true});
            flow.begin();
            flow.pass(1s);
            const size_t before = flow.received;
            (up ? flow.sending : flow.receiving).setLimits({});
            (up ? flow.from : flow.to).endpoint.onLimitsChanged();
            flow.wire.run();
            QVERIFY2(flow.received - before > 200 * 1024, std::to_string(flow.received - before).c_str());
        }
    }

    void oneLimitHoldsForTwoLinks() {
        Flow flow;
        flow.sending.setLimits({.upload = kRate, .limitLan = true});
        PipeNode& third = flow.wire.add();
        size_t there = 0;
        third.onEvent = [&](const link::LinkEvent& event) {
            const auto* readable = std::get_if<link::StreamReadable>(&event);
            if (!readable) return;
            there += third.endpoint.available(readable->key);
            third.endpoint.consume(readable->key, third.endpoint.available(readable->key));
        };
        const auto second = flow.wire.dial(flow.from, third, third.self());
        const auto key = *flow.from.endpoint.openStream(second);
        size_t leftHere = kAll;
        const auto fillSecond = [&] {
            while (const size_t count = std::min<size_t>({flow.from.endpoint.writable(key), leftHere, 64 * 1024})) {
                flow.from.endpoint.write(key, Slice::copyOf(Bytes(count, 7)), link::Fin::No);
                leftHere -= count;
            }
        };
        flow.from.onEvent = [&](const link::LinkEvent& event) {
            if (!std::holds_alternative<link::StreamWritable>(event)) return;
            flow.fill();
            fillSecond();
        };
        fillSecond();
        flow.begin();
        flow.pass(1s);
        const size_t first = flow.received + there;
        const size_t firstThere = there;
        flow.pass(4s);
        const size_t steady = flow.received + there - first;
        QVERIFY2(steady <= 4 * kSecond + 256 * 1024 && steady >= 3 * kSecond, std::to_string(steady).c_str());
        QVERIFY2(there - firstThere > steady / 4, "both have their part");
    }
};

QTEST_APPLESS_MAIN(BandwidthTest)
#include "bandwidth_test.moc"
