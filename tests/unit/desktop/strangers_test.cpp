#include "desktop/peer_info.h"
#include "support/desktop_pair.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// Devices that are new, bear the name of another, fall silent or take back what they have offered; on two real engines
/// over loopback, without a window.
class StrangersTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        for (QAbstractItemModel* model :
             std::initializer_list<QAbstractItemModel*>{pair->bert.app.knownPeers(), pair->bert.app.offers(),
                                                        pair->bert.app.transfers(), pair->bert.app.history()})
            testers.push_back(std::make_unique<QAbstractItemModelTester>(
                model, QAbstractItemModelTester::FailureReportingMode::QtTest));
        QVERIFY(pair->start());
    }
    void cleanup() {
        testers.clear();
        pair.reset();
    }

    void twoStrangersOfOneNameAreToldApartByTheirWords();
    void whoBearsTheNameOfAKnownDeviceStandsApart();
    void aLongNameIsShortenedInASentence();
    void aNameThatComesAfterTheQuestionStandsInIt();
    void anOfferThatIsTakenBackIsToldOfAndInTheHistory();
    void whoIsSilentIsToldOfInTheQuestion();
    void onesOwnNoIsToldAsOnesOwn();

  private:
    /// As the engine tells of it.
    api::OfferMade offerOf(uint64_t number) const {
        api::OfferMade made;
        made.transfer = {number};
        made.peer = api::PeerId::parse(pair->anna.app.peerId().toStdString()).value();
        made.incoming = made.needsAnswer = true;
        return made;
    }
    bool accept() {
        Offer* offer = pair->asked();
        if (!offer) return false;
        offer->arm();
        if (!QTest::qWaitFor([&] { return offer->armed(); }, kPatienceMs)) return false;
        offer->accept();
        return true;
    }
    /// What Anna offers is asked about, and listed under her name.
    bool ask(const QString& name) {
        const auto listed = [&] {
            TransfersModel* transfers = pair->bert.app.transfers();
            return transfers->count() == 1 &&
                   transfers->index(0).data(TransfersModel::PeerNameRole) == "Anna's laptop" &&
                   transfers->index(0).data(TransfersModel::LabelRole) == name;
        };
        return pair->offer({pair->anna.make(name, "x")}) && pair->asked() && QTest::qWaitFor(listed, kPatienceMs);
    }
    static QString newest(App& app, int role) { return app.history()->index(0).data(role).toString(); }
    static QString told(App& app) { return app.notices()->index(0).data(NoticesModel::TextRole).toString(); }

    std::unique_ptr<DesktopPair> pair;
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
};

void StrangersTest::twoStrangersOfOneNameAreToldApartByTheirWords() {
    App& bert = pair->bert.app;
    PeersModel* peers = bert.knownPeers();
    QSignalSpy changed(peers, &PeersModel::peerChanged);
    const auto meet = [&](App& app, const std::string& name, api::Trust trust = api::Trust::Unknown) {
        api::PeerView view;
        view.known.peer = api::PeerId::parse(app.peerId().toStdString()).value();
        view.known.claims.alias = name;
        view.known.trust = trust;
        emit bert.engine().event(api::PeerChanged{view}); // as the engine tells of it
        return view.known.peer;
    };
    const api::PeerId anna = meet(pair->anna.app, "Anna's laptop");
    QCOMPARE(peers->face(anna).name, QString("Anna's laptop"));
    changed.clear();
    const api::PeerId other = meet(bert, "ANNA'S  laptop");
    QCOMPARE(peers->face(anna).name, "Anna's laptop (" + peers->face(anna).words + ")");
    QCOMPARE(peers->face(other).name, "ANNA'S  laptop (" + peers->face(other).words + ")");
    QVERIFY(std::ranges::any_of(changed,
                                [&](const auto& one) { return one.first().template value<api::PeerId>() == anna; }));
    QCOMPARE(peers->index(peers->rowOf(anna)).data(PeersModel::NameRole).toString(), QString("Anna's laptop"));
    meet(pair->anna.app, "Anna's laptop", api::Trust::Trusted);
    QCOMPARE(peers->face(anna).name, QString("Anna's laptop")); // the other one is the doubtful one, by the engine
    meet(pair->anna.app, "Anna's laptop");
    meet(bert, "Bert");
    QCOMPARE(peers->face(anna).name, QString("Anna's laptop"));
}

void StrangersTest::whoBearsTheNameOfAKnownDeviceStandsApart() {
    App& bert = pair->bert.app;
    QAbstractItemModelTester listed(bert.peers(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester others(bert.others(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    api::PeerView view;
    view.known.peer = api::PeerId::parse(pair->anna.app.peerId().toStdString()).value();
    view.known.claims.alias = "Anna's laptop";
    view.known.addresses = {
        api::Multiaddr::parse("/ip4/127.0.0.1/udp/1/quic-v1").value()}; // it has been sent something
    const auto stand = [&](int inList, int apart) {
        emit bert.engine().event(api::PeerChanged{view}); // as the engine tells of it
        return bert.peers()->count() == inList && bert.others()->count() == apart;
    };
    PeerInfo page;
    page.setPeers(bert.knownPeers());
    page.setPeerId(pair->anna.app.peerId());
    QVERIFY(stand(1, 0));
    QCOMPARE(page.title(), QString("Anna's laptop"));
    view.known.trust = api::Trust::Trusted;
    view.claimsAnothersName = true; // the person has said that he knows both
    QVERIFY(stand(1, 0));
    view.known.trust = api::Trust::Unknown; // and takes it back
    QVERIFY(stand(0, 1));
    QCOMPARE(page.title(), QString("Anna's laptop (another device of this name)"));
    view.known.alias = "The other one";
    QVERIFY(stand(1, 0));
    QCOMPARE(page.title(), QString("The other one"));
    view.known.alias.clear();
    view.known.trust = api::Trust::Blocked;
    QVERIFY(stand(0, 0));
    QCOMPARE(bert.peers()->blockedCount(), 1);
}

/// What a device calls itself is its own choice, and may push out of sight what is said of it.
void StrangersTest::aLongNameIsShortenedInASentence() {
    App& bert = pair->bert.app;
    PeersModel* peers = bert.knownPeers();
    api::PeerView view;
    view.known.peer = api::PeerId::parse(pair->anna.app.peerId().toStdString()).value();
    const auto faceOf = [&](const QString& name) {
        view.known.claims.alias = name.toStdString();
        emit bert.engine().event(api::PeerChanged{view});
        return peers->face(view.known.peer).name;
    };
    const QString longest = "Begin" + QString(56, 'x') + "end";
    const QString brief = faceOf(longest);
    QVERIFY(brief.size() <= 32 && brief.startsWith("Begin") && brief.endsWith("end") && brief.contains(QChar(0x2026)));
    const QModelIndex row = peers->index(peers->rowOf(view.known.peer));
    QCOMPARE(row.data(PeersModel::NameInTextRole).toString(), brief);
    QCOMPARE(row.data(PeersModel::NameRole).toString(), longest);                              // its own line has room
    for (const QString& letter : {QStringLiteral("a\U0001F600"), QStringLiteral("e\u0301")}) { // none is cut in two
        const QString shortened = faceOf(letter.repeated(21));
        QCOMPARE(QString::fromUtf8(shortened.toUtf8()), shortened);
        QVERIFY(!shortened.contains(QChar(0x2026) + QStringLiteral("\u0301")));
        QVERIFY(shortened.size() <= 32);
    }
    const QString exact(32, 'x');
    QCOMPARE(faceOf(exact), exact);
}

void StrangersTest::aNameThatComesAfterTheQuestionStandsInIt() {
    App& bert = pair->bert.app;
    const api::OfferMade made = offerOf(900'000);
    emit bert.engine().event(api::TransferUpdate{made});
    Offer* offer = bert.offers()->current();
    QVERIFY(offer);
    QCOMPARE(offer->peerName(), pair->anna.app.words());
    offer->arm();
    WAIT_FOR(offer->armed());
    QSignalSpy changed(offer, &Offer::faceChanged);
    api::PeerView view;
    view.known.peer = made.peer;
    view.known.claims.alias = "Anna's laptop";
    emit bert.engine().event(api::PeerChanged{view});
    QCOMPARE(offer->peerName(), QString("Anna's laptop"));
    QVERIFY(changed.count() > 0 && !offer->armed()); // a yes was about somebody else
    QCOMPARE(bert.offers()->index(0).data(OffersModel::PeerNameRole).toString(), QString("Anna's laptop"));
    WAIT_FOR(offer->armed());
    emit bert.engine().event(api::PeerChanged{view});
    QVERIFY(offer->armed());
}

void StrangersTest::anOfferThatIsTakenBackIsToldOfAndInTheHistory() {
    App& bert = pair->bert.app;
    QVERIFY(ask("letter.txt"));
    pair->anna.app.transfers()->cancelAll();
    WAIT_FOR(!bert.offers()->current());
    WAIT_FOR(newest(bert, HistoryModel::OutcomeRole) == "unanswered");
    QCOMPARE(newest(bert, HistoryModel::LabelRole), QString("letter.txt"));
    QCOMPARE(newest(bert, HistoryModel::StatusRole), QString("Anna's laptop took it back before you answered"));
    QCOMPARE(told(bert), QString("Anna's laptop took letter.txt back before you answered"));
    QVERIFY(pair->offer({pair->anna.make("letter.txt", "x")})); // it comes again, and is answered
    QVERIFY(accept());
    WAIT_FOR(newest(bert, HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(bert.history()->count(), 1);
}

void StrangersTest::whoIsSilentIsToldOfInTheQuestion() {
    App& bert = pair->bert.app;
    emit bert.engine().event(api::TransferUpdate{offerOf(900'000)});
    Offer* offer = bert.offers()->current();
    QVERIFY(offer);
    QCOMPARE(offer->silenceText(), QString());
    emit bert.transfers()->silent({900'000}, 5.9);
    QCOMPARE(offer->silenceText(),
             QString("No answer from this device for 5 s. It may be switched off, or out of reach."));
    emit bert.transfers()->silent({900'000}, 0);
    QCOMPARE(offer->silenceText(), QString());
}

void StrangersTest::onesOwnNoIsToldAsOnesOwn() {
    App& bert = pair->bert.app;
    QVERIFY(ask("secret.txt"));
    pair->asked()->decline();
    WAIT_FOR(newest(bert, HistoryModel::OutcomeRole) == "declined");
    QCOMPARE(newest(bert, HistoryModel::StatusRole), QString("You said no"));
    QCOMPARE(told(bert), QString("You declined secret.txt from Anna's laptop"));
    WAIT_FOR(pair->anna.app.notices()->count() > 0);
    QCOMPARE(told(pair->anna.app), QString("Declined: the person at the other side said no"));
}

QTEST_GUILESS_MAIN(StrangersTest)
#include "strangers_test.moc"
