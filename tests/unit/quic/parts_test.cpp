#include "base/rate_limit.h"
#include "link/admission.h"
#include "link/deadline_queue.h"
#include "link/recv_buffer.h"
#include "quic/path_size.h"
#include "quic/send_buffer.h"
#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;
using link::Admission;
using link::DeadlineQueue;
using link::RecvBuffer;

class PartsTest : public QObject {
    Q_OBJECT

  private slots:
    void aRateLimitAllowsItsBurstAndThenItsRate() {
        RateLimit limit(10, 5);
        const Instant start(100s);
        for (int i = 0; i < 5; ++i) QVERIFY(limit.allow(start));
        QVERIFY(!limit.allow(start));
        QVERIFY(!limit.allow(start + 99ms));
        QVERIFY(limit.allow(start + 100ms));
        QVERIFY(!limit.allow(start + 100ms));
        int allowed = 0;
        for (int i = 0; i < 10'000; ++i) allowed += limit.allow(start + 10s + std::chrono::milliseconds(i)) ? 1 : 0;
        QVERIFY(allowed >= 103 && allowed <= 105);
    }

    void theEarliestDeadlineComesFirstAndChangesAreFollowed() {
        DeadlineQueue queue;
        QVERIFY(queue.earliest() == kNever);
        queue.set({1}, Instant(30s));
        queue.set({2}, Instant(10s));
        queue.set({3}, kNever);
        QVERIFY(queue.earliest() == Instant(10s));
        queue.set({2}, Instant(40s));
        QVERIFY(queue.earliest() == Instant(30s));
        QVERIFY(!queue.popDue(Instant(29s)));
        QVERIFY(queue.popDue(Instant(50s)) == link::LinkId{1});
        QVERIFY(queue.popDue(Instant(50s)) == link::LinkId{2});
        QVERIFY(!queue.popDue(Instant(50s)));
        queue.set({4}, Instant(1s));
        queue.set({4}, kNever);
        QVERIFY(queue.earliest() == kNever);
    }

    void receivedBytesComeOutInOrderHoweverTheyAreTaken() {
        BlockPool pool;
        RecvBuffer buffer(pool);
        SeededRandom dice(8);
        const std::string text = patternText(1, 3'000'000);
        std::string out;
        Slices kept; // Slices stay valid whatever happens to the buffer
        for (size_t in = 0; in < text.size() || buffer.available() > 0;) {
            const size_t count = std::min<size_t>(text.size() - in, dice.below(70'000));
            buffer.append(asBytes(std::string_view(text).substr(in, count)));
            in += count;
            const size_t out1 = std::min<size_t>(buffer.available(), dice.below(80'000));
            if (dice.below(2) == 0) {
                Slices slices = buffer.take(out1);
                QCOMPARE(totalLength(slices), out1);
                for (Slice& slice : slices) kept.push_back(std::move(slice));
            } else {
                const ByteView view = buffer.front();
                const size_t step = std::min(view.size(), out1);
                if (step > 0) kept.push_back(Slice::copyOf(view.first(step)));
                buffer.drop(step);
            }
        }
        for (const Slice& slice : kept) out.append(asText(slice.view()));
        QVERIFY(out == text);
    }

    void aSmallExchangeNeverTakesABlockOfThePool() {
        BlockPool pool;
        RecvBuffer buffer(pool);
        for (int i = 0; i < 30; ++i) {
            buffer.append(asBytes(std::string(1000, 'x')));
            buffer.drop(1000);
        }
        QCOMPARE(pool.outstanding(), size_t(0));
        buffer.append(asBytes(std::string(100'000, 'x')));
        QCOMPARE(pool.outstanding(), size_t(1));
        buffer.drop(100'000);
        QCOMPARE(pool.outstanding(), size_t(0));
    }

    void sentBytesAreHeldUntilTheyAreAcknowledged() {
        SendBuffer buffer;
        auto block = std::make_shared<Block>(1000);
        buffer.push({block, 0, 600});
        buffer.push({block, 600, 400});
        buffer.finish();
        QCOMPARE(buffer.unsent(), size_t(1000));
        std::array<ngtcp2_vec, 4> vectors;
        auto pieces = buffer.pieces(vectors, 100);
        QCOMPARE(pieces.count, size_t(1));
        QVERIFY(!pieces.last);
        pieces = buffer.pieces(vectors, 2000);
        QCOMPARE(pieces.bytes, size_t(1000));
        QVERIFY(pieces.last);
        buffer.markSent(700, false);
        pieces = buffer.pieces(vectors, 2000);
        QCOMPARE(pieces.bytes, size_t(300));
        QVERIFY(vectors[0].base == block->data() + 700);
        QCOMPARE(buffer.acknowledge(650), size_t(650));
        QCOMPARE(buffer.acknowledge(650), size_t(0));
        QCOMPARE(buffer.unacknowledged(), size_t(350));
        QCOMPARE(block.use_count(), 2L); // the first Slice is gone
        buffer.markSent(300, true);
        QVERIFY(!buffer.pending());
        QCOMPARE(buffer.acknowledge(1000), size_t(350));
        QCOMPARE(block.use_count(), 1L);
    }

    void aLoneFinIsPending() {
        SendBuffer buffer;
        QVERIFY(!buffer.pending());
        buffer.finish();
        QVERIFY(buffer.pending());
        std::array<ngtcp2_vec, 1> vectors;
        QVERIFY(buffer.pieces(vectors, 100).last);
        buffer.markSent(0, true);
        QVERIFY(!buffer.pending());
    }

    void spoofedHandshakesNeverKeepOutProvenOnes() {
        EndpointConfig config;
        Admission admission(config.admission());
        for (uint32_t i = 0; i < 100'000; ++i) {
            const auto ip = codec::IpAddress::v4(
                {44, static_cast<uint8_t>(i >> 16), static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)});
            if (admission.judge(ip, false) == Admission::Verdict::Accept) admission.addAccepted(ip, false);
        }
        QCOMPARE(admission.halfOpen(), kRetryThreshold);
        const auto honest = codec::IpAddress::v4({10, 0, 0, 1});
        QVERIFY(admission.judge(honest, false) == Admission::Verdict::Retry);
        QVERIFY(admission.judge(honest, true) == Admission::Verdict::Accept);
        for (size_t i = 0; i < kMaxHalfOpenPerPrefix; ++i) {
            QVERIFY(admission.judge(honest, true) == Admission::Verdict::Accept);
            admission.addAccepted(honest, true);
        }
        QVERIFY(admission.judge(honest, true) == Admission::Verdict::Crowded);
        QVERIFY(admission.judge(codec::IpAddress::v4({10, 0, 0, 2}), true) == Admission::Verdict::Accept);
    }

    void aPathIsDoubtedAfterSoManyUnansweredPacketsAndSoManyTimeouts() {
        const Instant start(100s);
        const Duration timeout = 100ms;
        const Instant late = start + kUnheardTimeouts * timeout;
        const auto after = [&](size_t packets, Instant checked, size_t acknowledged) {
            PathSize size;
            for (size_t i = 0; i < packets; ++i) size.onSent(1452, start);
            size.onAcknowledged(acknowledged, start);
            size.onDeadline(timeout, checked);
            return size.limit(1452, checked);
        };
        QCOMPARE(after(kUnheardPackets, late, 0), kMinInitialDatagram);
        QCOMPARE(after(kUnheardPackets - 1, late, 0), size_t(1452));
        QCOMPARE(after(kUnheardPackets, late - 1ns, 0), size_t(1452));
        QCOMPARE(after(kUnheardPackets, late, kLargeAcknowledgement), size_t(1452));
        QCOMPARE(after(kUnheardPackets, late, kLargeAcknowledgement - 1), kMinInitialDatagram);

        PathSize small;
        for (int i = 0; i < 1000; ++i) small.onSent(kMinInitialDatagram, start);
        small.onDeadline(timeout, start + 1h);
        QCOMPARE(small.limit(1452, start + 1h), size_t(1452));
    }

    void largePacketsAreTriedAgainEverMoreSeldom() {
        PathSize size;
        Instant now(100s);
        Duration pause = kSmallPacketsFor;
        for (int round = 0; round < 10; ++round) {
            for (size_t i = 0; i < kUnheardPackets; ++i) size.onSent(1452, now);
            now += 1s;
            size.onDeadline(100ms, now);
            QCOMPARE(size.limit(1452, now + pause - 1ns), kMinInitialDatagram);
            QCOMPARE(size.limit(1452, now + pause), size_t(1452));
            now += pause;
            size.onAcknowledged(5000, now); // of small packets that were still on their way
            pause = std::min(2 * pause, Duration(kSmallPacketsAtMost));
        }
        QCOMPARE(pause, Duration(kSmallPacketsAtMost));
        size.onAcknowledged(5000, now + 2h); // large ones have worked for long
        for (size_t i = 0; i < kUnheardPackets; ++i) size.onSent(1452, now + 2h);
        size.onDeadline(100ms, now + 3h);
        QCOMPARE(size.limit(1452, now + 3h + kSmallPacketsFor), size_t(1452));
        size.onMoved();
        QCOMPARE(size.limit(1452, now + 3h), size_t(1452));
    }

    void handshakesInAllEndAtTheBound() {
        EndpointConfig config;
        Admission admission(config.admission());
        const auto address = [](size_t i) {
            return codec::IpAddress::v4({10, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)});
        };
        for (size_t i = 0; i < kMaxHalfOpen; ++i) {
            QVERIFY(admission.judge(address(i), true) == Admission::Verdict::Accept);
            admission.addAccepted(address(i), true);
        }
        QVERIFY(admission.judge(address(kMaxHalfOpen), true) == Admission::Verdict::Crowded);
        admission.handshakeDone(address(0), true);
        QVERIFY(admission.judge(address(kMaxHalfOpen), true) == Admission::Verdict::Accept);
        for (size_t i = 0; i < kMaxHalfOpen; ++i) {
            if (i > 0) admission.handshakeDone(address(i), true);
            admission.removeAccepted(address(i));
        }
        QCOMPARE(admission.connections(), size_t(0));
        QCOMPARE(admission.halfOpen(), size_t(0));
    }
};

QTEST_APPLESS_MAIN(PartsTest)
#include "parts_test.moc"
