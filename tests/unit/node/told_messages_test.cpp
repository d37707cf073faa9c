#include "node/node_limits.h"
#include "node/told_messages.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;
using namespace std::chrono_literals;

namespace {
const Instant kStart{1h};
}

class ToldMessagesTest : public QObject {
    Q_OBJECT
  private slots:
    void aLoudTopicSilencesNoOther();
    void bytesCountAsWell();
    void whatIsLeftOutIsSaidNowAndThen();
};

void ToldMessagesTest::aLoudTopicSilencesNoOther() {
    ToldMessages told;
    uint64_t heard = 0;
    for (uint64_t i = 0; i < 2 * kGossipsToldBurst; ++i) heard += told.allow("loud", 1, kStart);
    QCOMPARE(heard, kGossipsToldBurst + kCertainToldBurst);
    for (uint64_t i = 0; i < kCertainToldBurst; ++i) QVERIFY(told.allow("quiet", 1, kStart));
    QVERIFY(!told.allow("quiet", 1, kStart));
    QVERIFY(told.allow("loud", 1, kStart + 1s));
}

void ToldMessagesTest::bytesCountAsWell() {
    ToldMessages told;
    size_t heard = 0;
    while (told.allow("loud", 1024 * 1024, kStart)) ++heard;
    QVERIFY(heard > 32 && heard < 70);
    QVERIFY(told.allow("quiet", 1024 * 1024, kStart));
}

void ToldMessagesTest::whatIsLeftOutIsSaidNowAndThen() {
    ToldMessages told;
    QVERIFY(!told.takeLeftOut("t", kStart));
    while (told.allow("t", 1, kStart)) QVERIFY(!told.takeLeftOut("t", kStart));
    QCOMPARE(told.takeLeftOut("t", kStart), std::optional<uint64_t>(1));
    for (int i = 0; i < 5; ++i) QVERIFY(!told.allow("t", 1, kStart));
    QVERIFY(!told.takeLeftOut("t", kStart + kLeftOutInterval - 1ns));
    QCOMPARE(told.takeLeftOut("t", kStart + kLeftOutInterval), std::optional<uint64_t>(5));
    QVERIFY(!told.takeLeftOut("t", kStart + 10 * kLeftOutInterval));
}

QTEST_APPLESS_MAIN(ToldMessagesTest)
#include "told_messages_test.moc"
