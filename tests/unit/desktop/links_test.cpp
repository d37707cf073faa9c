#include "api/ticket.h"
#include "support/desktop_pair.h"

#include <QAbstractItemModelTester>
#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// Links that are made, fetched and ended, and what is pasted, on two real engines over loopback.
class LinksTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        tester = std::make_unique<QAbstractItemModelTester>(shares(),
                                                            QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(pair->start());
    }
    void cleanup() {
        tester.reset();
        pair.reset();
    }

    void aLinkIsMadeOfWhatIsGathered();
    void aPastedLinkIsFetchedOnceThePersonHasSaidWhereTo();
    void aDroppedLinkIsNotSomethingToSend();
    void aLinkForOneDeviceEndsWithIt();
    void aTextStaysWhenTheFilesHaveBecomeALink();
    void whoWasChosenForOneDraftIsNotForTheNext();
    void anEndedLinkIsGone();
    void whatIsNoLinkIsSaidAtTheField();
    void aLinkGoesIntoNoFolderThatCannotTakeIt();
    void aPastedAddressBecomesADevice();
    void anAddressWhereNobodyIsIsSaid();
    void oneDraftGoesToEverybodyChosen();
    void aDraftSaysHowMuchItIs();

  private:
    SharesModel* shares() { return pair->anna.app.shares(); }
    PastedLink* pasted() { return pair->bert.app.pasted(); }
    bool gather(const QString& name, const QByteArray& content) {
        pair->anna.app.draft()->add({QUrl::fromLocalFile(pair->anna.make(name, content))});
        return QTest::qWaitFor([&] { return pair->anna.app.draft()->count() == 1; }, kPatienceMs);
    }
    /// The ticket of what Anna shares.
    QString share(const QString& name, const QByteArray& content, int seconds = 3600, bool once = false) {
        if (!gather(name, content)) return {};
        shares()->publish(seconds, once);
        if (!QTest::qWaitFor([&] { return shares()->count() == 1 && !shares()->busy(); }, kPatienceMs)) return {};
        return of(SharesModel::TicketRole);
    }
    QString of(int role) { return shares()->index(0).data(role).toString(); }

    std::unique_ptr<DesktopPair> pair;
    std::unique_ptr<QAbstractItemModelTester> tester;
};

void LinksTest::aDraftSaysHowMuchItIs() {
    const DesktopSide& anna = pair->anna;
    SendDraft* draft = pair->anna.app.draft();
    const auto contents = [&] { return draft->contents().replace(QChar::Nbsp, ' '); };
    QVERIFY(gather("note.txt", QByteArray(1500, 'x')));
    QCOMPARE(contents(), QString("1 file, 1.5 kB"));
    for (const char* name : {"trip/a", "trip/deep/b", "trip/deep/c"}) anna.make(name, QByteArray(2500, 'x'));
    QVERIFY(QFile::link(anna.folder.filePath("trip"), anna.folder.filePath("trip/round"))); // is not followed
    draft->add({QUrl::fromLocalFile(anna.folder.filePath("trip"))});
    WAIT_FOR(contents() == "4 files, 9.0 kB");
    draft->remove(0);
    QCOMPARE(contents(), QString("3 files, 7.5 kB"));
    draft->clear();
    QCOMPARE(contents(), QString());
}

void LinksTest::aLinkIsMadeOfWhatIsGathered() {
    QSignalSpy published(shares(), &SharesModel::published);
    const QString ticket = share("note.txt", "for whoever has it");
    QVERIFY(api::readTicket(ticket.toStdString()));
    QCOMPARE(of(SharesModel::LabelRole), QString("note.txt"));
    QVERIFY(of(SharesModel::DetailRole).startsWith("Not fetched yet"));
    QVERIFY(pair->anna.app.draft()->isEmpty());
    const QString id = of(SharesModel::ShareRole);
    QCOMPARE(published.count(), 1);
    QCOMPARE(published.first().first().toString(), id);
    QCOMPARE(shares()->ticket(id), ticket); // as long as it is shared
    const QStringList rows = shares()->qrRows(id);
    QVERIFY(rows.size() >= 21 && rows.first().size() == rows.size());
    QVERIFY(rows.first().startsWith("1111111")); // the corner that scanners look for
    QVERIFY(shares()->qrRows("no such").isEmpty());
}

void LinksTest::aPastedLinkIsFetchedOnceThePersonHasSaidWhereTo() {
    const QString ticket = share("photos/a.txt", QByteArray(200'000, 'a'));
    pasted()->read("Here it is:\n" + ticket.toUpper() + "\n");
    QVERIFY(pasted()->hasTicket() && pasted()->problem().isEmpty());
    QCOMPARE(pasted()->label(), QString("a.txt"));
    QCOMPARE(pasted()->fromWords(), pair->anna.app.words());
    QVERIFY(!pasted()->expires().isEmpty());
    QVERIFY(pasted()->folder().endsWith("/Downloads"));
    pasted()->setFolderUrl(QUrl::fromLocalFile(pair->bert.folder.filePath("elsewhere")));
    QSignalSpy fetching(pasted(), &PastedLink::fetching);
    QVERIFY(pasted()->fetch());
    QVERIFY(!pasted()->hasTicket());
    WAIT_FOR(pair->bert.app.history()->count() == 1);
    QVERIFY(fetching.count() > 0);
    QCOMPARE(contentOf(pair->bert.folder.filePath("elsewhere/a.txt")), QByteArray(200'000, 'a'));
    WAIT_FOR(of(SharesModel::DetailRole).startsWith("Fetched once"));
}

void LinksTest::aDroppedLinkIsNotSomethingToSend() {
    const QString ticket = share("note.txt", "x");
    QVERIFY(pasted()->take({}, "see " + ticket));
    QVERIFY(pasted()->hasTicket());
    QVERIFY(pasted()->take({QUrl(ticket)}, {}));
    QVERIFY(pasted()->hasTicket());
    pasted()->forget();
    QVERIFY(!pasted()->take({}, "only words"));
    QVERIFY(!pasted()->take({QUrl::fromLocalFile(pair->bert.make("file", "x"))}, ticket));
    QVERIFY(!pasted()->hasTicket());
}

void LinksTest::aLinkForOneDeviceEndsWithIt() {
    const QString ticket = share("once.txt", "1", 0, true);
    QVERIFY(of(SharesModel::DetailRole).contains("can be fetched once"));
    QVERIFY(of(SharesModel::DetailRole).contains("until you end it"));
    pasted()->read(ticket);
    QVERIFY(pasted()->expires().isEmpty());
    QVERIFY(pasted()->fetch());
    WAIT_FOR(shares()->count() == 0);
    WAIT_FOR(QFile::exists(pair->bert.in("once.txt")));
}

void LinksTest::aTextStaysWhenTheFilesHaveBecomeALink() {
    pair->anna.app.draft()->setText("and this");
    QVERIFY(!share("note.txt", "x").isEmpty());
    QCOMPARE(pair->anna.app.draft()->count(), 0);
    QCOMPARE(pair->anna.app.draft()->text(), QString("and this"));
}

void LinksTest::whoWasChosenForOneDraftIsNotForTheNext() {
    QVERIFY(gather("note.txt", "x"));
    SendDraft* draft = pair->anna.app.draft();
    draft->setRecipient(pair->bert.app.peerId(), true);
    draft->remove(0);
    QVERIFY(draft->recipients().isEmpty());
}

void LinksTest::anEndedLinkIsGone() {
    const QString ticket = share("gone.txt", "1");
    QSignalSpy ended(shares(), &SharesModel::ended);
    shares()->revoke(of(SharesModel::ShareRole));
    WAIT_FOR(shares()->count() == 0);
    QCOMPARE(ended.count(), 1);
    pasted()->read(ticket);
    const int before = pair->bert.app.notices()->count();
    QVERIFY(pasted()->fetch());
    WAIT_FOR(pair->bert.app.notices()->count() > before);
    QVERIFY(!QFile::exists(pair->bert.in("gone.txt")));
}

void LinksTest::whatIsNoLinkIsSaidAtTheField() {
    const QString ticket = share("note.txt", "x");
    pasted()->read(ticket.left(ticket.size() - 5));
    QVERIFY(!pasted()->hasTicket() && pasted()->problem().contains("damaged"));
    pasted()->read("");
    QVERIFY(!pasted()->problem().isEmpty());
    pasted()->read("/ip4/127.0.0.1/udp/1/quic-v1");
    QVERIFY(pasted()->problem().contains("/p2p/ID"));
    pasted()->read(pair->bert.app.addresses().value(0));
    QVERIFY(pasted()->problem().contains("this device itself"));
    pair->anna.app.pasted()->read(ticket);
    QVERIFY(pair->anna.app.pasted()->problem().contains("has made itself"));
    pasted()->forget();
    QVERIFY(pasted()->problem().isEmpty());
}

void LinksTest::aLinkGoesIntoNoFolderThatCannotTakeIt() {
    pasted()->read(share("note.txt", "x"));
    pasted()->setFolderUrl(QUrl::fromLocalFile(pair->bert.make("file", "a file")));
    QVERIFY(!pasted()->fetch());
    QVERIFY(pasted()->hasTicket() && !pasted()->folderProblem().isEmpty());
    pasted()->setFolderUrl(QUrl::fromLocalFile(pair->bert.folder.filePath("home")));
    QVERIFY(!pasted()->fetch());
    QVERIFY(pasted()->folderProblem().contains("its own key"));
}

void LinksTest::aPastedAddressBecomesADevice() {
    QSignalSpy found(pasted(), &PastedLink::deviceFound);
    pasted()->read("  " + pair->anna.app.addresses().value(0) + "\n");
    QVERIFY(pasted()->busy());
    WAIT_FOR(found.count() == 1);
    QVERIFY(!pasted()->busy());
    QCOMPARE(found.first().first().toString(), pair->anna.app.peerId());
    WAIT_FOR(pair->bert.app.peers()->count() == 1);
    pasted()->read(pair->anna.app.peerId()); // now known, by its key alone
    WAIT_FOR(found.count() == 2);
}

void LinksTest::anAddressWhereNobodyIsIsSaid() {
    pasted()->read("nobody of that name");
    WAIT_FOR(!pasted()->problem().isEmpty());
    QVERIFY(!pasted()->busy());
}

void LinksTest::oneDraftGoesToEverybodyChosen() {
    DesktopSide carl("Carl's phone");
    QVERIFY(carl.start());
    PastedLink* link = pair->anna.app.pasted();
    QSignalSpy found(link, &PastedLink::deviceFound);
    link->read(pair->bert.app.addresses().value(0));
    WAIT_FOR(found.count() == 1);
    link->read(carl.app.addresses().value(0));
    WAIT_FOR(found.count() == 2);
    QVERIFY(gather("both.txt", "for both"));
    SendDraft* draft = pair->anna.app.draft();
    draft->setRecipient(pair->bert.app.peerId(), true);
    draft->setRecipient(carl.app.peerId(), true);
    draft->setRecipient(carl.app.peerId(), true);
    QCOMPARE(draft->recipients().size(), 2);
    draft->sendToRecipients();
    QVERIFY(draft->isEmpty() && draft->recipients().isEmpty());
    for (App* app : {&pair->bert.app, &carl.app}) {
        WAIT_FOR(app->offers()->current());
        app->offers()->current()->arm();
        WAIT_FOR(app->offers()->current()->armed());
        app->offers()->current()->accept();
    }
    WAIT_FOR(pair->anna.app.history()->count() == 2); // each a transfer of its own
    QCOMPARE(contentOf(pair->bert.in("both.txt")), QByteArray("for both"));
    QCOMPARE(contentOf(carl.in("both.txt")), QByteArray("for both"));
}

QTEST_GUILESS_MAIN(LinksTest)
#include "links_test.moc"
