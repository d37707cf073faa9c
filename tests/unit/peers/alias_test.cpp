#include "crypto/identity.h"
#include "peers/alias.h"
#include "peers/peers_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::peers;

class AliasTest : public QObject {
    Q_OBJECT

  private slots:
    void namesThatLookTheSameHaveOneKey() {
        QCOMPARE(nameKey("Anna"), std::string("anna"));
        QCOMPARE(nameKey("  ANNA\u00a0"), std::string("anna"));
        QCOMPARE(nameKey("An\u200bna"), std::string("anna"));       // zero width
        QCOMPARE(nameKey("\u202eAnna\u202c"), std::string("anna")); // bidirectional override
        QCOMPARE(nameKey("A\U000E0041nna"), std::string("anna"));   // tag character
        QCOMPARE(nameKey("Anna's  phone"), std::string("anna's  phone"));
        QCOMPARE(nameKey("\u200b\u00ad"), std::string());
        QCOMPARE(nameKey("\xff"), std::string("\xff"));
        QVERIFY(nameKey("\u0410nna") != nameKey("Anna")); // Cyrillic: another letter
    }

    void aClaimedNameIsBoundedUtf8() {
        QVERIFY(checkClaimedAlias(""));
        QVERIFY(checkClaimedAlias("\u202eexe.gpj")); // kept as claimed, neutralised when shown
        QCOMPARE(checkClaimedAlias("a\xc0\xaf").error().code, Errc::Malformed);
        QCOMPARE(checkClaimedAlias("\xed\xa0\x80").error().code, Errc::Malformed); // a surrogate
        QVERIFY(checkClaimedAlias(std::string(kMaxAliasCharacters, 'a')));
        QCOMPARE(checkClaimedAlias(std::string(kMaxAliasCharacters + 1, 'a')).error().code, Errc::TooLarge);
        std::string wide;
        for (size_t i = 0; i < kMaxAliasCharacters; ++i) wide += "\U0001F680";
        QVERIFY(checkClaimedAlias(wide));
        QCOMPARE(checkClaimedAlias(wide + "a").error().code, Errc::TooLarge);
    }

    void aNameOfOnesOwnIsPlainAndNoTarget_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("good");
        const auto row = [](const char* what, const std::string& name, bool good) {
            QTest::newRow(what) << QByteArray(name.data(), qsizetype(name.size())) << good;
        };
        row("plain", "Anna's laptop", true);
        row("script", "\u0410\u043d\u043d\u0430", true);
        row("64 characters", std::string(64, 'x'), true);
        row("65 characters", std::string(65, 'x'), false);
        row("empty", "", false);
        row("space before", " anna", false);
        row("space after", "anna ", false);
        row("only space", " ", false);
        row("line feed", "an\nna", false);
        row("escape", "an\x1b[31mna", false);
        row("bidi", "\u202eanna", false);
        row("zero width", "an\u200bna", false);
        row("not UTF-8", "anna\xff", false);
        row("address", "/ip4/127.0.0.1", false);
        row("option", "-n", false);
        row("registry key", "KEY_abc", false);
        row("ticket", "wherry:abc", false);
        row("peer id", crypto::Identity::fromSeed({1}).peerId().text(), false);
        row("I6P id", std::string(64, 'a'), false);
        row("64 hexadecimal digits less one", std::string(63, 'a'), true);
    }
    void aNameOfOnesOwnIsPlainAndNoTarget() {
        QFETCH(QByteArray, name);
        QFETCH(bool, good);
        const auto checked = checkOwnAlias(name.toStdString());
        QCOMPARE(checked.has_value(), good);
        if (!good) QCOMPARE(checked.error().code, Errc::InvalidArgument);
    }
};

QTEST_APPLESS_MAIN(AliasTest)
#include "alias_test.moc"
