#include "cli/answering.h"

#include <QTest>

using namespace wherry::cli;
using namespace std::chrono_literals;

namespace {

ArmDelay::Time at(std::chrono::milliseconds time) {
    return ArmDelay::Time(1h + time);
}

} // namespace

class AnsweringTest : public QObject {
    Q_OBJECT

  private slots:
    void onlyAClearYesIsOne();
    void theFirstQuestionCanBeAnsweredAtOnce();
    void aQuestionInThePlaceOfAnAnsweredOneIsArmedAfterAWhile();
    void aQuestionLongAfterAnAnswerCanBeAnsweredAtOnce();
    void aQuestionAfterAWithdrawnOneIsArmedAfterAWhileHoweverLateItComes();
    void whoHoldsEnterDownAnswersNothing();
};

void AnsweringTest::onlyAClearYesIsOne() {
    for (const char* text : {"y", "Y", "yes", "YES", "  y", "y \r", "\tyes  "}) QCOMPARE(readReply(text), Reply::Yes);
    for (const char* text : {"", "   ", "\r", "n", "N", "no", " No "}) QCOMPARE(readReply(text), Reply::No);
    for (const char* text : {"l", " L "}) QCOMPARE(readReply(text), Reply::List);
    for (const char* text : {"yy", "maybe", "y n", "ja", "yes!", "\x1b[A", "\xc3\xbf", "0"})
        QCOMPARE(readReply(text), Reply::Unclear);
}

void AnsweringTest::theFirstQuestionCanBeAnsweredAtOnce() {
    ArmDelay delay;
    delay.shown(at(0ms));
    QVERIFY(delay.isAnswer(at(0ms)));
}

void AnsweringTest::aQuestionInThePlaceOfAnAnsweredOneIsArmedAfterAWhile() {
    ArmDelay delay;
    delay.shown(at(0ms));
    delay.answered(at(900ms));
    delay.shown(at(900ms + kArmDelay - 1ms));
    QVERIFY(!delay.isAnswer(at(900ms + kArmDelay + kArmDelay - 2ms)));
    QVERIFY(delay.isAnswer(at(900ms + kArmDelay + kArmDelay - 1ms)));
}

void AnsweringTest::aQuestionLongAfterAnAnswerCanBeAnsweredAtOnce() {
    ArmDelay delay;
    delay.shown(at(0ms));
    delay.answered(at(900ms));
    delay.shown(at(900ms + kArmDelay));
    QVERIFY(delay.isAnswer(at(900ms + kArmDelay)));
}

void AnsweringTest::aQuestionAfterAWithdrawnOneIsArmedAfterAWhileHoweverLateItComes() {
    ArmDelay delay;
    delay.shown(at(0ms));
    delay.withdrawn();
    delay.shown(at(1h));
    QVERIFY(!delay.isAnswer(at(1h + kArmDelay - 1ms)));
    QVERIFY(delay.isAnswer(at(1h + kArmDelay)));
    delay.answered(at(1h + kArmDelay));
    delay.shown(at(2h)); // the withdrawal is forgotten
    QVERIFY(delay.isAnswer(at(2h)));
}

void AnsweringTest::whoHoldsEnterDownAnswersNothing() {
    ArmDelay delay;
    delay.shown(at(0ms));
    delay.withdrawn();
    delay.shown(at(10ms));
    for (int key = 1; key < 100; ++key) {
        QVERIFY(!delay.isAnswer(at(10ms + key * 33ms)));
        delay.restart(at(10ms + key * 33ms));
    }
    QVERIFY(delay.isAnswer(at(10ms + 99 * 33ms + kArmDelay)));
}

QTEST_APPLESS_MAIN(AnsweringTest)
#include "answering_test.moc"
