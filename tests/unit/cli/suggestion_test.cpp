#include "cli/suggestion.h"

#include <QTest>

using namespace wherry::cli;

class SuggestionTest : public QObject {
    Q_OBJECT

  private slots:
    void oneMistakeInAShortWordAndTwoInALongOne();
    void nothingIsGuessedForAnotherWord();
    void hugeWordsCostNothing();
};

void SuggestionTest::oneMistakeInAShortWordAndTwoInALongOne() {
    QVERIFY(closest("sned", {"send", "node"}) == "send");
    QVERIFY(closest("snedd", {"send"}) == "send");
    QVERIFY(closest("xned", {"send"}).empty());
    QVERIFY(closest("recevie", {"receive"}) == "receive");
    QVERIFY(closest("--homme", {"--home", "--help"}) == "--home");
}

void SuggestionTest::nothingIsGuessedForAnotherWord() {
    QVERIFY(closest("banana", {"send", "receive"}).empty());
    QVERIFY(closest("", {"send"}).empty());
    QVERIFY(closest("x", {}).empty());
}

void SuggestionTest::hugeWordsCostNothing() {
    QVERIFY(closest(std::string(1'000'000, 'a'), {"send"}).empty());
}

QTEST_APPLESS_MAIN(SuggestionTest)
#include "suggestion_test.moc"
