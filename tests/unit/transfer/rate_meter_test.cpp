#include "transfer/figures.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::transfer;
using namespace std::chrono_literals;

class RateMeterTest : public QObject {
    Q_OBJECT

  private slots:
    void nothing_is_known_before_the_first_reading() {
        RateMeter meter;
        meter.start(500, Instant{});
        QCOMPARE(meter.rate(), 0.0);
        meter.update(900, Instant{}); // no time has gone by
        QCOMPARE(meter.rate(), 0.0);
        QCOMPARE(meter.secondsLeft(100), 0.0);
    }

    void an_even_flow_is_its_own_rate_from_the_first_reading_on() {
        RateMeter meter;
        meter.start(500, Instant{});
        for (uint64_t step = 1; step <= 200; ++step) {
            meter.update(500 + step * 1000, Instant{} + step * 100ms);
            QVERIFY2(std::abs(meter.rate() - 10'000) < 1, qPrintable(QString::number(meter.rate())));
        }
        QVERIFY(std::abs(meter.secondsLeft(50'000) - 5) < 0.001);
    }

    void a_burst_after_a_quiet_beginning_is_not_the_rate() {
        RateMeter meter;
        meter.start(0, Instant{});
        for (uint64_t step = 1; step <= 9; ++step) meter.update(0, Instant{} + step * 100ms);
        meter.update(1'000'000, Instant{} + 1s);
        QVERIFY2(meter.rate() > 900'000 && meter.rate() < 1'300'000, qPrintable(QString::number(meter.rate())));
    }

    void what_was_long_ago_is_forgotten() {
        RateMeter meter;
        meter.start(0, Instant{});
        uint64_t bytes = 0;
        for (uint64_t step = 1; step <= 500; ++step) meter.update(bytes += step <= 200 ? 1'000'000 : 1000, Instant{} + step * 100ms);
        QVERIFY2(std::abs(meter.rate() - 10'000) < 1000, qPrintable(QString::number(meter.rate())));
    }
};

QTEST_APPLESS_MAIN(RateMeterTest)
#include "rate_meter_test.moc"
