#include "support/desktop_pair.h"
#include "support/hosted_engine.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// Conversations, on two real engines over loopback.
class MessagesTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        for (App* app : {&pair->anna.app, &pair->bert.app}) watch(*app);
        QVERIFY(pair->start());
        QVERIFY(introduce());
    }
    void cleanup() {
        testers.clear();
        pair.reset();
    }

    void bothSeeTheConversationAndHowItStands();
    void whatComesIsUnreadUntilSomebodyLooks();
    void aConversationIsThereAfterARestart();
    void aTextThatIsRefusedHasFailedAndIsSentAgainByOneClick();
    void aTextOfTheLongestKindGoesAndOneMoreByteIsExplained();
    void linksAreShownWholeAndOnlyThoseOfTheWeb();
    void aWindowThatIsAttachedTakesPart();
    void aConversationCanBeClearedAndABlockedDeviceLeavesNone();
    void olderMessagesComeAsOneScrolls();

  private:
    void watch(App& app) {
        for (QAbstractItemModel* model : std::initializer_list<QAbstractItemModel*>{app.knownPeers(), app.messages()})
            testers.push_back(std::make_unique<QAbstractItemModelTester>(
                model, QAbstractItemModelTester::FailureReportingMode::QtTest));
    }
    /// Anna writes to Bert's address, after which each can write to the other.
    bool introduce() {
        App& anna = pair->anna.app;
        App& bert = pair->bert.app;
        anna.draft()->setText("hello");
        if (!anna.draft()->sendToTarget(bert.addresses().value(0))) return false;
        anna.messages()->setPeerId(bert.peerId());
        bert.messages()->setPeerId(anna.peerId());
        return QTest::qWaitFor(
            [&] { return bert.messages()->count() == 1 && textOf(anna) == "hello" && stateOf(anna) == "delivered"; },
            kPatienceMs);
    }
    static QString textOf(App& app, int row = 0) {
        return app.messages()->index(row).data(MessagesModel::TextRole).toString();
    }
    static QString stateOf(App& app, int row = 0) {
        return app.messages()->index(row).data(MessagesModel::StateRole).toString();
    }

    std::unique_ptr<DesktopPair> pair;
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
};

void MessagesTest::bothSeeTheConversationAndHowItStands() {
    QVERIFY(pair->bert.app.messages()->send("hello yourself\nsecond line"));
    WAIT_FOR(pair->anna.app.messages()->count() == 2 && stateOf(pair->bert.app) == "delivered");
    QCOMPARE(textOf(pair->anna.app), QString("hello yourself\nsecond line"));
    QCOMPARE(stateOf(pair->anna.app), QString("received"));
    QVERIFY(!pair->anna.app.messages()->index(0).data(MessagesModel::OwnRole).toBool());
    QVERIFY(pair->anna.app.messages()->index(1).data(MessagesModel::OwnRole).toBool());
    QVERIFY(!pair->anna.app.messages()->send("  \n "));
}

void MessagesTest::whatComesIsUnreadUntilSomebodyLooks() {
    App& bert = pair->bert.app;
    WAIT_FOR(bert.knownPeers()->unread() == 1);
    bert.messages()->setWatched(true);
    WAIT_FOR(bert.knownPeers()->unread() == 0);
    QVERIFY(pair->anna.app.messages()->send("while you look"));
    WAIT_FOR(bert.messages()->count() == 2);
    WAIT_FOR(bert.knownPeers()->unread() == 0);
    bert.messages()->setWatched(false);
    QSignalSpy arrived(bert.messages(), &MessagesModel::arrived);
    QVERIFY(pair->anna.app.messages()->send("while you do not"));
    WAIT_FOR(bert.knownPeers()->unread() == 1 && arrived.count() == 1);
    const QModelIndex row = bert.knownPeers()->index(0);
    QCOMPARE(row.data(PeersModel::UnreadRole).toInt(), 1);
}

void MessagesTest::aConversationIsThereAfterARestart() {
    const QString anna = pair->anna.app.peerId();
    testers.clear();
    pair->bert.app.stop();
    App again(DesktopSide::settings(pair->bert.folder, "Bert's desktop"));
    watch(again);
    QVERIFY(again.start());
    again.messages()->setPeerId(anna);
    WAIT_FOR(again.messages()->count() == 1);
    QCOMPARE(textOf(again), QString("hello"));
    WAIT_FOR(again.knownPeers()->unread() == 1);
    again.stop();
    testers.clear();
}

void MessagesTest::aTextThatIsRefusedHasFailedAndIsSentAgainByOneClick() {
    App& anna = pair->anna.app;
    App& bert = pair->bert.app;
    QCOMPARE(bert.receiving()->wanted(), true);
    bert.receiving()->setWanted(false); // it takes nothing from anybody
    WAIT_FOR(!bert.receiving()->active());
    QVERIFY(anna.messages()->send("are you there?"));
    WAIT_FOR(stateOf(anna) == "failed");
    QVERIFY(anna.messages()->index(0).data(MessagesModel::StatusRole).toString().startsWith("Not delivered."));
    bert.receiving()->setWanted(true);
    WAIT_FOR(bert.receiving()->active());
    anna.messages()->retry(0);
    WAIT_FOR(stateOf(anna) == "delivered");
    WAIT_FOR(bert.messages()->count() == 2);
    QCOMPARE(textOf(bert), QString("are you there?"));
    QCOMPARE(anna.messages()->count(), 2); // the same message, not another
}

void MessagesTest::aTextOfTheLongestKindGoesAndOneMoreByteIsExplained() {
    MessagesModel* messages = pair->anna.app.messages();
    const QString longest(65'536, 'x');
    QVERIFY(messages->problemWith(longest).isEmpty());
    QVERIFY(!messages->problemWith(longest + "x").isEmpty());
    QVERIFY(!messages->problemWith(QString(32'769, QChar(0xe4))).isEmpty()); // two bytes each
    QVERIFY(!messages->send(longest + "x"));
    QVERIFY(messages->send(longest));
    WAIT_FOR(stateOf(pair->anna.app) == "delivered" && pair->bert.app.messages()->count() == 2);
}

void MessagesTest::linksAreShownWholeAndOnlyThoseOfTheWeb() {
    QVERIFY(pair->anna.app.messages()->send(
        "see https://example.org/a?b=1#c, (http://b\u00fccher.example/x) javascript:alert(1) file:///etc/passwd "
        "https://user@evil.example\u202e/ https:// HTTPS://EXAMPLE.org/Up."));
    WAIT_FOR(pair->bert.app.messages()->count() == 2);
    const QStringList links = pair->bert.app.messages()->index(0).data(MessagesModel::LinksRole).toStringList();
    QVERIFY2(links.contains("https://example.org/a?b=1#c"), qPrintable(links.join(' ')));
    QVERIFY2(links.contains("http://xn--bcher-kva.example/x"), qPrintable(links.join(' '))); // no letter looks like another
    QVERIFY2(links.contains("https://example.org/Up"), qPrintable(links.join(' ')));
    QCOMPARE(pair->bert.app.messages()->hostOf(links.front()), QString("example.org"));
    QCOMPARE(pair->bert.app.messages()->hostOf("https://login.bank.example." + QString(40, 'a') + ".evil.example/"),
             QString(QChar(0x2026) + QString(18, 'a') + ".evil.example"));
    for (const QString& link : links) {
        QVERIFY2(!link.contains('@'), qPrintable(link));
        QVERIFY2(link.startsWith("http"), qPrintable(link));
        for (const QChar letter : link) QVERIFY2(letter.unicode() > 32 && letter.unicode() < 127, qPrintable(link));
    }
}

void MessagesTest::aWindowThatIsAttachedTakesPart() {
    DesktopSide first("Carol"); // two windows of one home; the engine is another program's
    HostedEngine host(DesktopSide::settings(first.folder, "Carol"));
    QVERIFY(host.isUp());
    App second(DesktopSide::settings(first.folder, "Carol"));
    watch(first.app);
    watch(second);
    QVERIFY(first.start() && second.start());
    WAIT_FOR(second.ready());
    QVERIFY(!first.app.host().isEmpty() && !second.host().isEmpty());
    App& bert = pair->bert.app;
    for (App* carol : {&first.app, &second}) carol->messages()->setPeerId(bert.peerId());
    first.app.draft()->setText("from one window");
    QVERIFY(first.app.draft()->sendToTarget(bert.addresses().value(0)));
    WAIT_FOR(stateOf(first.app) == "delivered" && stateOf(second) == "delivered");
    QVERIFY(second.messages()->send("from the other"));
    WAIT_FOR(stateOf(second) == "delivered" && first.app.messages()->count() == 2);
    QCOMPARE(textOf(first.app), QString("from the other"));
    bert.messages()->setPeerId(first.app.peerId());
    QVERIFY(bert.messages()->send("to both"));
    WAIT_FOR(second.messages()->count() == 3 && first.app.messages()->count() == 3);
    WAIT_FOR(second.knownPeers()->unread() == 1 && first.app.knownPeers()->unread() == 1);
    second.messages()->setWatched(true);
    WAIT_FOR(first.app.knownPeers()->unread() == 0);
    second.messages()->clear();
    WAIT_FOR(first.app.messages()->count() == 0 && second.messages()->count() == 0);
    testers.clear();
    second.stop();
    first.app.stop();
}

void MessagesTest::aConversationCanBeClearedAndABlockedDeviceLeavesNone() {
    App& bert = pair->bert.app;
    bert.messages()->clear();
    WAIT_FOR(bert.messages()->count() == 0 && bert.knownPeers()->unread() == 0);
    QVERIFY(pair->anna.app.messages()->send("again"));
    WAIT_FOR(bert.messages()->count() == 1);
    bert.setBlocked(pair->anna.app.peerId(), true);
    WAIT_FOR(bert.messages()->count() == 0 && bert.knownPeers()->unread() == 0);
}

void MessagesTest::olderMessagesComeAsOneScrolls() {
    App& bert = pair->bert.app;
    bert.setTrusted(pair->anna.app.peerId(), true); // strangers may not write so much
    WAIT_FOR(bert.knownPeers()->index(0).data(PeersModel::TrustedRole).toBool());
    for (int i = 1; i < 40; ++i) QVERIFY(pair->anna.app.messages()->send(QString::number(i)));
    WAIT_FOR(bert.messages()->count() == 40);
    bert.messages()->setPeerId({});
    QCOMPARE(bert.messages()->count(), 0);
    bert.messages()->setPeerId(pair->anna.app.peerId());
    WAIT_FOR(bert.messages()->count() == 30);
    QVERIFY(bert.messages()->canFetchMore({}));
    bert.messages()->fetchMore({});
    WAIT_FOR(bert.messages()->count() == 40);
    QVERIFY(!bert.messages()->canFetchMore({}));
    QCOMPARE(textOf(bert, 39), QString("hello"));
}

QTEST_GUILESS_MAIN(MessagesTest)
#include "messages_test.moc"
