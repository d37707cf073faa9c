#include "desktop/display.h"

#include <QTest>

using namespace wherry;
using namespace wherry::desktop;

class DisplayTest : public QObject {
    Q_OBJECT
  private slots:
    void aDetourSaysWhatBecameOfTheDirectWay();
};

void DisplayTest::aDetourSaysWhatBecameOfTheDirectWay() {
    api::ConnectionInfo connection;
    connection.kind = api::PathKind::Relayed;
    connection.reason = api::PathReason::OnlyWay;
    const QString before = pathReason(connection, "harbour");
    QCOMPARE(before, QStringLiteral("No direct way has been found yet. harbour carries the encrypted bytes; it cannot read them."));
    connection.whyRelayed = "no packet of the peer came through";
    QCOMPARE(pathReason(connection, "harbour"),
             before + " The attempt at a direct connection has failed: no packet of the other device came through.");
    for (const char* why : {"the peer did not answer in time", "the peer does not punch",
                            "nobody has told this device where it is seen from outside",
                            "the peer names no public address of its own"}) {
        connection.whyRelayed = why;
        const QString text = pathReason(connection, "harbour");
        QVERIFY2(text.startsWith(before) && !text.contains("peer"), qPrintable(text));
    }
    connection.whyRelayed = "something \x1b[2Jelse"; // of a later engine
    QVERIFY(pathReason(connection, "harbour").endsWith("has failed: something \\u{001b}[2Jelse."));
}

QTEST_APPLESS_MAIN(DisplayTest)
#include "display_test.moc"
