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
                                            app->transferList(), app->messages(), app->notices()})
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
    void theFolderAndTheNamesAreThePersonsForThisOfferAlone();
    void aPlaceThatDoesNotFitIsSaidAndTheQuestionStays();
    void theNamesThatAreTakenFollowTheDiskWhileTheQuestionIsThere();
    void whatGetsAnotherNameOnTheDiskIsToldOfByThatName();
    void nobodyKeepsTheScreenByOfferingAgain();
    void aRefusalIsToldToTheSenderAndNothingIsWritten();
    void aYesCountsOnlyOnceTheQuestionHasBeenThereForAMoment();
    void whoHasSentIsKnownByNameFromThenOn();
    void whoBearsTheNameOfATrustedDeviceIsToldApart();
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

void CrossingTest::theFolderAndTheNamesAreThePersonsForThisOfferAlone() {
    const DesktopSide& bert = pair->bert;
    pair->anna.make("trip/a.txt", "first");
    QDir(bert.folder.path()).mkpath("else/journey");
    QVERIFY(pair->offer({pair->anna.folder.filePath("trip")}));
    Offer* offer = pair->asked();
    QVERIFY(offer);
    QCOMPARE(offer->folderUrl(), QUrl::fromLocalFile(QFileInfo(bert.in("")).canonicalFilePath()));
    offer->setFolder(QUrl::fromLocalFile(bert.folder.filePath("else/")));
    QVERIFY(offer->looking() && !offer->acceptable());
    offer->rename(0, "  journey ");
    WAIT_FOR(!offer->looking());
    QCOMPARE(offer->problem(), QString());
    QCOMPARE(offer->takenText(), QString("One name is taken there: both are kept"));
    const QModelIndex root = offer->files()->index(0);
    QVERIFY2(root.data(OfferFilesModel::NoteRole).toString().contains("journey (1)"),
             qPrintable(root.data(OfferFilesModel::NoteRole).toString()));
    offer->setConflict(1); // replace: what is in both folders together
    WAIT_FOR(!offer->looking());
    QCOMPARE(offer->takenText(), QString());
    QVERIFY(accept());
    WAIT_FOR(newest(pair->bert.app, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(contentOf(bert.folder.filePath("else/journey/a.txt")), QByteArray("first"));
    QVERIFY(QDir(bert.in("")).isEmpty());
}

void CrossingTest::theNamesThatAreTakenFollowTheDiskWhileTheQuestionIsThere() {
    const DesktopSide& bert = pair->bert;
    QDir(bert.folder.path()).mkpath("else");
    QVERIFY(pair->offer({pair->anna.make("one.txt", "1")}));
    Offer* offer = pair->asked();
    QVERIFY(offer);
    const auto note = [&] { return offer->files()->index(0).data(OfferFilesModel::NoteRole).toString(); };
    QCOMPARE(note(), QString());
    offer->arm();
    WAIT_FOR(offer->armed());
    QSignalSpy armed(offer, &Offer::armedChanged);
    bert.make("Downloads/one.txt", "there");
    WAIT_FOR(note().contains("Becomes one (1).txt"));
    WAIT_FOR(armed.count() == 2 && offer->armed()); // whoever pressed Accept just then has not seen it
    bert.make("Downloads/one (1).txt", "there too");
    WAIT_FOR(note().contains("Becomes one (2).txt"));
    QVERIFY(QFile::remove(bert.in("one.txt")));
    WAIT_FOR(note().isEmpty() && offer->takenText().isEmpty());
    offer->setFolder(QUrl::fromLocalFile(bert.folder.filePath("else"))); // of another place it is no less true
    WAIT_FOR(!offer->looking());
    bert.make("else/one.txt", "there");
    WAIT_FOR(note().contains("Becomes one (1).txt"));
}

void CrossingTest::whatGetsAnotherNameOnTheDiskIsToldOfByThatName() {
    App& bert = pair->bert.app;
    pair->bert.make("Downloads/one.txt", "there");
    QVERIFY(pair->offer({pair->anna.make("one.txt", "1")}));
    QVERIFY(accept());
    WAIT_FOR(newest(bert, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(contentOf(pair->bert.in("one (1).txt")), QByteArray("1"));
    QCOMPARE(newest(bert, HistoryModel::LabelRole).toString(), QString("one (1).txt"));
    QVERIFY(newest(bert, HistoryModel::DetailRole).toString().contains("sent as one.txt"));
    const auto told = [&] { return bert.notices()->index(0).data(NoticesModel::TextRole).toString(); };
    WAIT_FOR(told() == "Received one (1).txt from Anna's laptop");
    WAIT_FOR(newest(pair->anna.app, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(newest(pair->anna.app, HistoryModel::LabelRole).toString(), QString("one.txt"));
    QVERIFY(!newest(pair->anna.app, HistoryModel::DetailRole).toString().contains("sent as"));
}

void CrossingTest::aPlaceThatDoesNotFitIsSaidAndTheQuestionStays() {
    const DesktopSide& bert = pair->bert;
    QVERIFY(pair->offer({pair->anna.make("note.txt", "note")}));
    Offer* offer = pair->asked();
    QVERIFY(offer);
    const auto problemOf = [&] {
        (void)QTest::qWaitFor([&] { return !offer->looking(); }, kPatienceMs);
        return offer->problem();
    };
    offer->setFolder(QUrl::fromLocalFile(bert.folder.filePath("missing")));
    QVERIFY2(problemOf().contains("there is no folder"), qPrintable(problemOf()));
    offer->setFolder(QUrl::fromLocalFile(bert.folder.filePath("home")));
    QVERIFY2(problemOf().contains("keeps its own key"), qPrintable(problemOf()));
    offer->setFolder(QUrl::fromLocalFile(bert.in("")));
    offer->rename(0, "../note.txt");
    QVERIFY2(problemOf().contains("separator"), qPrintable(problemOf()));
    offer->arm();
    WAIT_FOR(offer->armed());
    QVERIFY(!offer->acceptable());
    offer->accept();
    QCOMPARE(pair->bert.app.offers()->current(), offer);
    offer->rename(0, ""); // its own name again
    QCOMPARE(problemOf(), QString());
    // What was good when it was looked at is not when it is accepted: the engine looks again.
    QDir(bert.folder.path()).mkpath("soon gone");
    offer->setFolder(QUrl::fromLocalFile(bert.folder.filePath("soon gone")));
    QCOMPARE(problemOf(), QString());
    QVERIFY(QDir(bert.folder.path()).rmdir("soon gone"));
    QVERIFY(accept());
    QVERIFY(!problemOf().isEmpty());
    QCOMPARE(pair->bert.app.offers()->current(), offer);
    offer->setFolder(QUrl::fromLocalFile(bert.in("")));
    QCOMPARE(problemOf(), QString());
    QVERIFY(accept());
    WAIT_FOR(newest(pair->bert.app, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(contentOf(bert.in("note.txt")), QByteArray("note"));
}

void CrossingTest::nobodyKeepsTheScreenByOfferingAgain() {
    OffersModel* offers = pair->bert.app.offers();
    const auto peerOf = [](App& app) { return api::PeerId::parse(app.peerId().toStdString()).value(); };
    uint64_t number = 900'000;
    const auto offered = [&](App& by) {
        api::OfferMade made;
        made.transfer = {++number};
        made.peer = peerOf(by);
        made.incoming = made.needsAnswer = true;
        emit pair->bert.app.engine().event(api::TransferUpdate{made}); // as the engine tells of it
    };
    for (int i = 0; i < 3; ++i) offered(pair->anna.app);
    Offer* first = offers->current();
    offered(pair->bert.app); // another device
    offered(pair->bert.app);
    QCOMPARE(offers->current(), first); // what is on the screen stays there
    QCOMPARE(offers->waitingText(), QString("4 more wait"));
    QString order;
    for (int row = 0; row < offers->count(); ++row)
        order += offers->index(row).data(OffersModel::OfferRole).value<Offer*>()->peer() == peerOf(pair->anna.app) ? 'a' : 'b';
    QCOMPARE(order, QString("ababa"));
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
    PeerListModel* list = pair->bert.app.peers();
    WAIT_FOR(list->count() == 0 && list->blockedCount() == 1 && peers->count() == 1);
    list->setShowsBlocked(true);
    QCOMPARE(list->count(), 1);
    pair->bert.app.setBlocked(peerId, false);
    WAIT_FOR(list->blockedCount() == 0);
    list->setShowsBlocked(false);
    QCOMPARE(list->count(), 1);
}

void CrossingTest::whoBearsTheNameOfATrustedDeviceIsToldApart() {
    App& bert = pair->bert.app;
    DesktopSide other("Anna's laptop");
    QVERIFY(other.start());
    const auto greets = [&](App& app) {
        app.draft()->setText("hello");
        return app.draft()->sendToTarget(bert.addresses().value(0));
    };
    PeersModel* peers = bert.knownPeers();
    const auto of = [&](int row, int role) { return peers->index(row).data(role); };
    QVERIFY(greets(other.app));
    WAIT_FOR(peers->count() == 1 && of(0, PeersModel::NameRole) == "Anna's laptop");
    QVERIFY(greets(pair->anna.app));
    WAIT_FOR(peers->count() == 2 && of(1, PeersModel::NameRole) == "Anna's laptop");
    QVERIFY(!of(0, PeersModel::DoubtfulNameRole).toBool() && !of(1, PeersModel::DoubtfulNameRole).toBool());

    bert.setTrusted(pair->anna.app.peerId(), true); // nobody lists the devices anew
    WAIT_FOR(of(0, PeersModel::DoubtfulNameRole).toBool());
    QVERIFY(!of(1, PeersModel::DoubtfulNameRole).toBool());
    QCOMPARE(bert.peers()->index(0, 0).data(PeersModel::PeerIdRole).toString(), pair->anna.app.peerId());
    const auto faceOf = [&](int row) {
        return peers->face(*api::PeerId::parse(of(row, PeersModel::PeerIdRole).toString().toStdString())).name;
    };
    QCOMPARE(faceOf(0), QString("Anna's laptop (another device of this name)"));
    QCOMPARE(faceOf(1), QString("Anna's laptop"));

    bert.setAlias(other.app.peerId(), "The old one"); // whose it is the person knows
    WAIT_FOR(of(0, PeersModel::NameRole) == "The old one");
    QVERIFY(!of(0, PeersModel::DoubtfulNameRole).toBool());
    QCOMPARE(faceOf(0), QString("The old one"));
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
    WAIT_FOR(pair->bert.app.knownPeers()->unread() == 1);
    MessagesModel* messages = pair->bert.app.messages();
    messages->setPeerId(pair->anna.app.peerId());
    WAIT_FOR(messages->count() == 1);
    QCOMPARE(messages->index(0).data(MessagesModel::TextRole).toString(), QString("one\n<b>two</b> \\u{202e}"));
    QVERIFY(!messages->index(0).data(MessagesModel::OwnRole).toBool());
}

void CrossingTest::aWrongAddressIsSaidAndKeepsTheDraft() {
    pair->anna.app.draft()->setText("x");
    QVERIFY(!pair->anna.app.draft()->sendToTarget("/ip4/127.0.0.1/udp/1/quic-v1"));
    QCOMPARE(pair->anna.app.notices()->count(), 1);
    QVERIFY(!pair->anna.app.draft()->isEmpty());
}

QTEST_GUILESS_MAIN(CrossingTest)
#include "crossing_test.moc"
