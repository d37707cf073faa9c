#include "base/closest_word.h"

#include <QTest>

using namespace wherry;

class ClosestWordTest : public QObject {
    Q_OBJECT

  private slots:
    void oneMistakeInAShortWordAndTwoInALongOne();
    void nothingIsGuessedForAnotherWord();
    void hugeWordsCostNothing();
};

void ClosestWordTest::oneMistakeInAShortWordAndTwoInALongOne() {
    QVERIFY(closestWord("sned", {"send", "node"}) == "send");
    QVERIFY(closestWord("snedd", {"send"}) == "send");
    QVERIFY(closestWord("xned", {"send"}).empty());
    QVERIFY(closestWord("recevie", {"receive"}) == "receive");
    QVERIFY(closestWord("--homme", {"--home", "--help"}) == "--home");
}

void ClosestWordTest::nothingIsGuessedForAnotherWord() {
    QVERIFY(closestWord("banana", {"send", "receive"}).empty());
    QVERIFY(closestWord("", {"send"}).empty());
    QVERIFY(closestWord("x", {}).empty());
}

void ClosestWordTest::hugeWordsCostNothing() {
    QVERIFY(closestWord(std::string(1'000'000, 'a'), {"send"}).empty());
}

QTEST_APPLESS_MAIN(ClosestWordTest)
#include "closest_word_test.moc"
