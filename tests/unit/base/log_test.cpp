#include "base/log.h"
#include "base/strong_id.h"
#include "base/time.h"

#include <QtTest>

using namespace wherry;

class LogTest : public QObject {
    Q_OBJECT
  private slots:
    void aLineBelowTheThresholdIsNotEvenMade();
    void aLogWithoutASinkDropsEverything();
    void idsAreHandedOutOnceAndZeroIsNone();
    void wallTimeCountsSecondsSince1970();
};

void LogTest::aLineBelowTheThresholdIsNotEvenMade() {
    std::vector<std::string> lines;
    const Log log(LogLevel::Info, [&](LogLevel level, std::string_view category, std::string_view line) {
        lines.push_back(std::string(logLevelName(level)) + " " + std::string(category) + " " + std::string(line));
    });
    int made = 0;
    LOG(log, Debug, "test", "hidden " << ++made);
    QCOMPARE(made, 0);
    LOG(log, Warning, "test", "shown " << ++made);
    QCOMPARE(made, 1);
    QCOMPARE(lines, std::vector<std::string>{"warning test shown 1"});
}

void LogTest::aLogWithoutASinkDropsEverything() {
    const Log log;
    QVERIFY(!log.enabled(LogLevel::Error));
    log.write(LogLevel::Error, "test", "nobody hears");
}

void LogTest::idsAreHandedOutOnceAndZeroIsNone() {
    using TestId = StrongId<struct TestTag>;
    IdSource<TestId> source;
    QVERIFY(!TestId{});
    QCOMPARE(source.take().value, uint64_t{1});
    QCOMPARE(source.take().value, uint64_t{2});
    QVERIFY(TestId{1} < TestId{2});
    QCOMPARE(std::hash<TestId>()(TestId{5}), std::hash<uint64_t>()(5));
}

void LogTest::wallTimeCountsSecondsSince1970() {
    const UnixTime time = UnixTime::fromSeconds(1'800'000'000);
    QCOMPARE(time.nanoseconds, int64_t{1'800'000'000'000'000'000});
    QCOMPARE(time.seconds(), int64_t{1'800'000'000});
    QVERIFY(time > UnixTime{});
}

QTEST_APPLESS_MAIN(LogTest)
#include "log_test.moc"
