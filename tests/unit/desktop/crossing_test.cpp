#include "support/desktop_pair.h"

#include <QAbstractItemModelTester>
#include <QStandardPaths>
#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// What a person sees and does, on two real engines over loopback, without a window.
class CrossingTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        for (App* app : {&pair->anna.app, &pair->bert.app})
            for (QAbstractItemModel* model :
                 std::initializer_list<QAbstractItemModel*>{app->knownPeers(), app->peers(), app->offers(), app->transfers(), app->history(), app->draft(),
                                            app->texts(), app->notices()})
                testers.push_back(std::make_unique<QAbstractItemModelTester>(
                    model, QAbstractItemModelTester::FailureReportingMode::QtTest));
        QVERIFY(pair->start());
    }
    void cleanup() {
        testers.clear();
        pair.reset();
    }

    void aFolderIsOfferedAcceptedAndArrives();
    void onlyWhatIsChosenArrives();
    void aRefusalIsToldToTheSenderAndNothingIsWritten();
    void aYesCountsOnlyOnceTheQuestionHasBeenThereForAMoment();
    void whoHasSentIsKnownByNameFromThenOn();
    void aPausedTransferGoesOn();
    void aTextArrivesAsPlainLines();
    void aWrongAddressIsSaidAndKeepsTheDraft();

  private:
    bool accept() {
        Offer* offer = pair->asked();
        if (!offer) return false;
        offer->arm();
        if (!QTest::qWaitFor([&] { return offer->armed(); }, kPatienceMs)) return false;
        offer->accept();
        return true;
    }
    QVariant newest(App& app, int role) { return app.history()->index(0).data(role); }

    std::unique_ptr<DesktopPair> pair;
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
};

void CrossingTest::aFolderIsOfferedAcceptedAndArrives() {
    DesktopSide& anna = pair->anna;
    anna.make("photos/a.txt", "first");
    anna.make("photos/below/b.txt", QByteArray(300'000, 'b'));
    QVERIFY(pair->offer({anna.folder.filePath("photos")}));
    Offer* offer = pair->asked();
    QVERIFY(offer);
    QCOMPARE(offer->label(), QString("photos"));
    QCOMPARE(offer->files()->chosenFiles(), 2);
    QAbstractItemModelTester files(offer->files(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    offer->files()->setSearch("B.TXT");
    QCOMPARE(offer->files()->count(), 1);
    QVERIFY(accept());
    WAIT_FOR(newest(pair->bert.app, HistoryModel::OutcomeRole) == "delivered");
    WAIT_FOR(newest(anna.app, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(contentOf(pair->bert.in("photos/a.txt")), QByteArray("first"));
    QCOMPARE(contentOf(pair->bert.in("photos/below/b.txt")), QByteArray(300'000, 'b'));
    QVERIFY(newest(pair->bert.app, HistoryModel::IncomingRole).toBool());
    WAIT_FOR(pair->bert.app.transfers()->count() == 0 && anna.app.transfers()->count() == 0);
}

void CrossingTest::onlyWhatIsChosenArrives() {
    DesktopSide& anna = pair->anna;
    anna.make("mix/keep.txt", "keep");
    anna.make("mix/leave.txt", "leave");
    QVERIFY(pair->offer({anna.folder.filePath("mix")}));
    OfferFilesModel* files = pair->asked()->files();
    for (int row = 0; row < files->count(); ++row)
        if (files->index(row).data(OfferFilesModel::NameRole) == "leave.txt") files->setChosen(row, false);
    QCOMPARE(files->chosenFiles(), 1);
    QVERIFY(!files->allChosen());
    QVERIFY(accept());
    WAIT_FOR(newest(pair->bert.app, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(contentOf(pair->bert.in("mix/keep.txt")), QByteArray("keep"));
    QVERIFY(!QFile::exists(pair->bert.in("mix/leave.txt")));
}

void CrossingTest::aRefusalIsToldToTheSenderAndNothingIsWritten() {
    QVERIFY(pair->offer({pair->anna.make("secret.txt", "no")}));
    QVERIFY(pair->asked());
    pair->asked()->decline();
    WAIT_FOR(newest(pair->anna.app, HistoryModel::OutcomeRole) == "declined");
    QVERIFY(QDir(pair->bert.in("")).isEmpty());
    QVERIFY(!pair->bert.app.offers()->current());
}

void CrossingTest::aYesCountsOnlyOnceTheQuestionHasBeenThereForAMoment() {
    QVERIFY(pair->offer({pair->anna.make("quick.txt", "x")}));
    Offer* offer = pair->asked();
    QVERIFY(offer && !offer->armed());
    offer->accept(); // not shown yet
    QCOMPARE(pair->bert.app.offers()->current(), offer);
    offer->arm();
    offer->accept(); // just shown
    QCOMPARE(pair->bert.app.offers()->current(), offer);
    WAIT_FOR(offer->armed());
    offer->arm(); // something else came to the front meanwhile
    offer->accept();
    QCOMPARE(pair->bert.app.offers()->current(), offer);
    QVERIFY(accept());
    WAIT_FOR(newest(pair->bert.app, HistoryModel::OutcomeRole) == "delivered");
}

void CrossingTest::whoHasSentIsKnownByNameFromThenOn() {
    QVERIFY(pair->offer({pair->anna.make("hello.txt", "x")}));
    QVERIFY(accept());
    PeersModel* peers = pair->bert.app.knownPeers();
    WAIT_FOR(peers->count() == 1 && peers->index(0).data(PeersModel::NameRole) == "Anna's laptop");
    QCOMPARE(peers->index(0).data(PeersModel::WordsRole).toString(), pair->anna.app.words());
    const QString peerId = peers->index(0).data(PeersModel::PeerIdRole).toString();
    pair->bert.app.setAlias(peerId, "Anna");
    WAIT_FOR(peers->index(0).data(PeersModel::NameRole) == "Anna");
    pair->bert.app.setTrusted(peerId, true);
    WAIT_FOR(peers->index(0).data(PeersModel::TrustedRole).toBool());
    pair->bert.app.setBlocked(peerId, true);
    WAIT_FOR(pair->bert.app.peers()->count() == 0 && peers->count() == 1);
}

void CrossingTest::aPausedTransferGoesOn() {
    QVERIFY(pair->offer({pair->anna.make("big.bin", QByteArray(3'000'000, 'z'))}));
    TransfersModel* sending = pair->anna.app.transfers();
    QVERIFY(pair->asked());
    WAIT_FOR(sending->count() == 1);
    sending->pause(0); // it waits for the answer meanwhile
    WAIT_FOR(sending->index(0).data(TransfersModel::StateRole) == "paused");
    QVERIFY(accept());
    sending->resume(0);
    WAIT_FOR(newest(pair->anna.app, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(contentOf(pair->bert.in("big.bin")).size(), 3'000'000);
}

void CrossingTest::aTextArrivesAsPlainLines() {
    pair->anna.app.draft()->setText("one\n<b>two</b> \u202e");
    QVERIFY(pair->anna.app.draft()->sendToTarget(pair->bert.app.addresses().value(0)));
    TextsModel* texts = pair->bert.app.texts();
    WAIT_FOR(texts->count() == 1);
    QCOMPARE(texts->index(0).data(TextsModel::TextRole).toString(), QString("one\n<b>two</b> \\u{202e}"));
}

void CrossingTest::aWrongAddressIsSaidAndKeepsTheDraft() {
    pair->anna.app.draft()->setText("x");
    QVERIFY(!pair->anna.app.draft()->sendToTarget("/ip4/127.0.0.1/udp/1/quic-v1"));
    QCOMPARE(pair->anna.app.notices()->count(), 1);
    QVERIFY(!pair->anna.app.draft()->isEmpty());
}

QTEST_GUILESS_MAIN(CrossingTest)
#include "crossing_test.moc"
