#include "support/desktop_pair.h"
#include "support/hosted_engine.h"

#include "desktop/file_opener.h"

#include <QAbstractItemModelTester>
#include <QDesktopServices>
#include <QSignalSpy>
#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// In the place of the desktop's programs.
class Desktop : public QObject {
    Q_OBJECT
  public:
    Desktop() { QDesktopServices::setUrlHandler("file", this, "open"); }
    ~Desktop() override { QDesktopServices::unsetUrlHandler("file"); }
    QList<QUrl> opened;
  public slots:
    void open(const QUrl& url) { opened.append(url); }
};

/// The page of transfers, on two real engines over loopback.
class TransfersTest : public QObject {
    Q_OBJECT
  private slots:
    void initTestCase() { qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere"); } // no file manager to ask
    void init() {
        pair = std::make_unique<DesktopPair>();
        for (App* app : {&pair->anna.app, &pair->bert.app})
            for (QAbstractItemModel* model :
                 std::initializer_list<QAbstractItemModel*>{app->transfers(), app->transferList(), app->history()})
                testers.push_back(std::make_unique<QAbstractItemModelTester>(
                    model, QAbstractItemModelTester::FailureReportingMode::QtTest));
        QVERIFY(pair->start());
    }
    void cleanup() {
        testers.clear();
        pair.reset();
        host.reset();
    }

    void theMapFillsOnTheSendersSideAndInTheReceiversAttachedWindow();
    void limitsAreThoseOfTheEngine();
    void onlyRatesAreTaken_data();
    void onlyRatesAreTaken();
    void whatWasDeclinedIsSentAgainAndStandsInTheHistoryOnce();
    void whatMayRunIsOpenedOnlyAfterAQuestion();
    void anOpenerThatFailsIsToldApartFromOneThatOpens();
    void whatIsGoneIsNotOpened();
    void whatWasInterruptedAndHasArrivedSinceHasOneEntry();
    void theHistoryComesAsOneScrollsAndCanBeForgotten();
    void whatWaitsStandsBelowWhatRunsAndCanGoFirst();
    void whatOneHasStoppedOneselfIsNotCalledMissing();
    void whoQuitsIsToldWhatIsStillRunning();
    void whatCannotBeSentIsSaidAtOnceAndForGood();
    void anOfferWhoseSenderIsGoneWasNotAnsweredTooLate();

  private:
    bool accept() {
        Offer* offer = pair->asked();
        if (!offer) return false;
        offer->arm();
        if (!QTest::qWaitFor([&] { return offer->armed(); }, kPatienceMs)) return false;
        offer->accept();
        return true;
    }
    bool deliver(const QString& path) {
        const int before = pair->bert.app.history()->count();
        return pair->offer({path}) && accept() &&
               QTest::qWaitFor([&] { return pair->bert.app.history()->count() == before + 1; }, kPatienceMs);
    }
    static QList<int> mapOf(App& app) {
        return app.transferList()->index(0, 0).data(TransfersModel::VerifiedRole).value<QList<int>>();
    }
    static QByteArray noise(int size) {
        QByteArray bytes(size, Qt::Uninitialized);
        uint32_t state = 1;
        for (char& byte : bytes) byte = char((state = state * 1664525 + 1013904223) >> 24);
        return bytes;
    }
    /// Transfers that come to nothing: to somebody who is not there.
    void fail(int count) {
        QByteArray nobody = pair->bert.app.peerId().toUtf8();
        const QString path = pair->anna.make("never.txt", "x");
        for (int i = 0; i < count; ++i) {
            api::SendFiles send;
            send.target.peer = *api::PeerId::parse(nobody.toStdString());
            send.target.addresses = {api::Multiaddr::parse("/ip4/127.0.0.1/udp/9/quic-v1").value()};
            send.paths = {path.toStdString()};
            pair->anna.app.engine().submit(send, this, [this](const api::Event& event) {
                if (const auto* started = std::get_if<api::TransferStarted>(&event))
                    pair->anna.app.engine().submit(api::CancelTransfer{started->transfer});
            });
            WAIT_FOR(pair->anna.app.history()->count() == i + 1); // the same send at once would be the same transfer
        }
    }

    /// Anew, with an engine for Bert that is another program's.
    bool startAttached() {
        testers.clear();
        pair = std::make_unique<DesktopPair>();
        host = std::make_unique<HostedEngine>(DesktopSide::settings(pair->bert.folder, "Bert's desktop"));
        return host->isUp() && pair->start() && !pair->bert.app.host().isEmpty();
    }

    std::unique_ptr<HostedEngine> host; ///< ends after the windows
    std::unique_ptr<DesktopPair> pair;
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
};

void TransfersTest::theMapFillsOnTheSendersSideAndInTheReceiversAttachedWindow() {
    QVERIFY(startAttached());
    pair->anna.app.bandwidth()->set(4, 0, 0, 0, true);
    WAIT_FOR(pair->anna.app.bandwidth()->upload() == 4);
    QVERIFY(pair->offer({pair->anna.make("big.bin", noise(6'000'000))}));
    QVERIFY(accept());
    const auto isHalfFull = [](const QList<int>& cells) {
        return cells.size() == 256 && cells.contains(255) && cells.contains(0);
    };
    WAIT_FOR(isHalfFull(mapOf(pair->anna.app)) && isHalfFull(mapOf(pair->bert.app)));
    pair->anna.app.bandwidth()->set(0, 0, 0, 0, false);
    WAIT_FOR(pair->bert.app.history()->index(0).data(HistoryModel::OutcomeRole) == "delivered");
    QCOMPARE(contentOf(pair->bert.in("big.bin")), noise(6'000'000));
}

void TransfersTest::limitsAreThoseOfTheEngine() {
    QVERIFY(startAttached());
    App second(DesktopSide::settings(pair->bert.folder, "Bert's desktop"));
    QVERIFY(second.start());
    WAIT_FOR(second.ready());
    Bandwidth* bandwidth = second.bandwidth();
    QVERIFY(bandwidth->summary().isEmpty());
    bandwidth->set(1.5, 20, 0, 3, true);
    WAIT_FOR(bandwidth->download() == 20); // the engine has said yes
    pair->bert.app.bandwidth()->refresh();
    WAIT_FOR(pair->bert.app.bandwidth()->download() == 20);
    QCOMPARE(pair->bert.app.bandwidth()->upload(), 1.5);
    QCOMPARE(pair->bert.app.bandwidth()->downloadPerPeer(), 3.0);
    QVERIFY(pair->bert.app.bandwidth()->limitsLan());
    QVERIFY(!pair->bert.app.bandwidth()->summary().isEmpty());
    second.stop();
}

void TransfersTest::onlyRatesAreTaken_data() {
    QTest::addColumn<QString>("typed");
    QTest::addColumn<double>("megabits");
    QTest::newRow("nothing") << " " << 0.0;
    QTest::newRow("nought") << "0" << 0.0;
    QTest::newRow("a rate") << " 12.5 " << 12.5;
    QTest::newRow("the least") << "0.01" << 0.01;
    QTest::newRow("less") << "0.009" << -1.0;
    QTest::newRow("the most") << "1000000" << 1e6;
    QTest::newRow("more") << "1000001" << -1.0;
    QTest::newRow("negative") << "-1" << -1.0;
    QTest::newRow("words") << "fast" << -1.0;
    QTest::newRow("no number") << "nan" << -1.0;
    QTest::newRow("endless") << "inf" << -1.0;
}

void TransfersTest::onlyRatesAreTaken() {
    QFETCH(QString, typed);
    QTEST(pair->anna.app.bandwidth()->parse(typed), "megabits");
}

void TransfersTest::whatWasDeclinedIsSentAgainAndStandsInTheHistoryOnce() {
    HistoryModel* history = pair->anna.app.history();
    QVERIFY(pair->offer({pair->anna.make("please.txt", "take it")}));
    QVERIFY(pair->asked());
    pair->asked()->decline();
    WAIT_FOR(history->count() == 1 && history->retryable() == 1);
    history->retryAll();
    WAIT_FOR(history->count() == 0 && pair->anna.app.transfers()->count() == 1);
    QVERIFY(accept());
    WAIT_FOR(history->count() == 1);
    QCOMPARE(history->index(0).data(HistoryModel::OutcomeRole).toString(), QString("delivered"));
    QCOMPARE(history->retryable(), 0);
    QCOMPARE(contentOf(pair->bert.in("please.txt")), QByteArray("take it"));
}

void TransfersTest::whatWasInterruptedAndHasArrivedSinceHasOneEntry() {
    QByteArray noise(4'000'000, Qt::Uninitialized); // which cannot be compressed
    uint32_t state = 1;
    for (char& byte : noise) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    const QString path = pair->anna.make("film.mp4", noise);
    HistoryModel* history = pair->bert.app.history();
    pair->anna.app.bandwidth()->set(1, 0, 0, 0, true);
    QVERIFY(pair->offer({path}) && accept());
    TransfersModel* receiving = pair->bert.app.transfers();
    WAIT_FOR(receiving->count() == 1 && receiving->index(0).data(TransfersModel::ProgressRole).toDouble() > 0);
    pair->anna.app.stop(); // in the middle
    WAIT_FOR(history->count() == 1);
    QCOMPARE(history->index(0).data(HistoryModel::OutcomeRole).toString(), QString("interrupted"));

    App again(DesktopSide::settings(pair->anna.folder, "Anna's laptop"));
    QVERIFY(again.start());
    WAIT_FOR(again.receiving()->active());
    again.draft()->add({QUrl::fromLocalFile(path)});
    WAIT_FOR(again.draft()->count() == 1);
    QVERIFY(again.draft()->sendToTarget(pair->bert.app.addresses().value(0)));
    WAIT_FOR(QFile::exists(pair->bert.in("film.mp4")) || (pair->bert.app.offers()->current() && accept()));
    WAIT_FOR(contentOf(pair->bert.in("film.mp4")) == noise);
    WAIT_FOR(history->count() == 1 && history->index(0).data(HistoryModel::OutcomeRole) == "delivered");
    again.stop();
}

void TransfersTest::anOpenerThatFailsIsToldApartFromOneThatOpens() {
    const auto opened = [&](const QByteArray& script, const QString& what) {
        const QString opener = pair->anna.make("opener", "#!/bin/sh\n" + script + "\n");
        QFile::setPermissions(opener, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        std::optional<bool> done;
        FileOpener::openBy(opener, what, this, [&](bool yes) { done = yes; });
        (void)QTest::qWaitFor([&] { return done.has_value(); }, kPatienceMs);
        return done.has_value() && *done;
    };
    const QString file = pair->anna.make("a b.txt", "x");
    QVERIFY(opened("test -f \"$1\"", file));
    QVERIFY(!opened("exit 3", file)); // xdg-open: no tool for it was found
    std::optional<bool> done;
    FileOpener::openBy(pair->anna.folder.filePath("no such opener"), file, this, [&](bool yes) { done = yes; });
    WAIT_FOR(done.has_value());
    QVERIFY(!*done);
}

void TransfersTest::whatMayRunIsOpenedOnlyAfterAQuestion() {
    Desktop desktop;
    HistoryModel* history = pair->bert.app.history();
    QSignalSpy asked(history, &HistoryModel::runQuestion);
    QVERIFY(deliver(pair->anna.make("note.txt", "words")));
    QVERIFY(history->index(0).data(HistoryModel::OpenableRole).toBool());
    history->open(0);
    QCOMPARE(desktop.opened, QList<QUrl>{QUrl::fromLocalFile(pair->bert.in("note.txt"))});
    QVERIFY(deliver(pair->anna.make("harmless.sh", "#!/bin/sh\n")));
    history->open(0);
    QCOMPARE(asked.count(), 1);
    QCOMPARE(desktop.opened.size(), 1);
    history->open(0, true);
    QCOMPARE(desktop.opened.back(), QUrl::fromLocalFile(pair->bert.in("harmless.sh")));
    history->showInFolder(0);
    WAIT_FOR(desktop.opened.back() == QUrl::fromLocalFile(pair->bert.in("")) ||
             desktop.opened.back() == QUrl::fromLocalFile(pair->bert.folder.filePath("Downloads")));
    for (const char* name : {"a.EXE", "b.desktop", "c.AppImage", "d.jar", "e.html", "f.url"})
        QVERIFY2(FileOpener::mayRun(pair->anna.make(name, "x")), name);
    QVERIFY(FileOpener::mayRun(pair->anna.make("disguised", "\x7f" "ELF\x02\x01\x01" + QByteArray(9, '\0') + "\x02")) ||
            FileOpener::mayRun(pair->anna.make("script", "#!/bin/sh\necho\n")));
    for (const char* name : {"a.txt", "b.jpg", "c.pdf"})
        QVERIFY2(!FileOpener::mayRun(pair->anna.make(name, "x")), name);
    QVERIFY(!FileOpener::mayRun(pair->anna.folder.path())); // a folder is only looked at
}

void TransfersTest::whatIsGoneIsNotOpened() {
    Desktop desktop;
    HistoryModel* history = pair->bert.app.history();
    QSignalSpy failed(history, &HistoryModel::failed);
    QVERIFY(deliver(pair->anna.make("note.txt", "words")));
    QVERIFY(QFile::remove(pair->bert.in("note.txt")));
    history->open(0);
    QCOMPARE(failed.count(), 1);
    QVERIFY(desktop.opened.isEmpty());
}

void TransfersTest::theHistoryComesAsOneScrollsAndCanBeForgotten() {
    HistoryModel* history = pair->anna.app.history();
    fail(60);
    QCOMPARE(history->count(), 60); // each was seen when it ended
    pair->anna.app.stop();
    App second(DesktopSide::settings(pair->anna.folder, "Anna's laptop"));
    QAbstractItemModelTester tester(second.history(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(second.start());
    WAIT_FOR(second.history()->count() >= 50); // the tester asks for more, as a list does that is scrolled
    WAIT_FOR((second.history()->fetchMore({}), second.history()->count() == 60));
    QVERIFY(!second.history()->canFetchMore({}));
    second.history()->remove(3);
    WAIT_FOR(second.history()->count() == 59);
    second.history()->clear();
    WAIT_FOR(second.history()->count() == 0);
    second.stop();
    App third(DesktopSide::settings(pair->anna.folder, "Anna's laptop"));
    QVERIFY(third.start());
    bool answered = false;
    third.engine().submit(api::ListHistory{}, this, [&](const api::Event& event) {
        const auto* listed = std::get_if<api::HistoryListed>(&event);
        answered = listed && listed->entries.empty();
    });
    WAIT_FOR(answered);
    third.stop();
}

void TransfersTest::whatWaitsStandsBelowWhatRunsAndCanGoFirst() {
    App& anna = pair->anna.app;
    anna.engine().submit(api::SetParallelSends{1});
    QVERIFY(pair->offer({pair->anna.make("first.bin", "1")}));
    QVERIFY(pair->asked()); // it has its turn, and waits for the answer
    const auto send = [&](const QString& name) {
        anna.draft()->add({QUrl::fromLocalFile(pair->anna.make(name, "x"))});
        return QTest::qWaitFor([&] { return anna.draft()->count() == 1; }, kPatienceMs) &&
               anna.draft()->sendToTarget(pair->bert.app.addresses().value(0));
    };
    QVERIFY(send("second.bin"));
    QVERIFY(send("third.bin"));
    TransferListModel* list = anna.transferList();
    WAIT_FOR(list->count() == 3 && list->queued() == 2);
    QCOMPARE(list->active(), 1);
    QCOMPARE(list->index(0, 0).data(TransfersModel::SectionRole).toString(), QString("active"));
    QVERIFY(list->index(2, 0).data(TransfersModel::CanPrioritiseRole).toBool());
    anna.transfers()->setPriority(list->sourceRow(2), "high");
    WAIT_FOR(list->index(2, 0).data(TransfersModel::PriorityRole) == "high");
    anna.transfers()->cancelAll();
    WAIT_FOR(list->count() == 0);
}

void TransfersTest::whatOneHasStoppedOneselfIsNotCalledMissing() {
    HistoryModel* history = pair->anna.app.history();
    QVERIFY(pair->offer({pair->anna.make("stopped.txt", "1")}));
    QVERIFY(pair->asked());
    WAIT_FOR(pair->anna.app.transfers()->count() == 1);
    pair->anna.app.transfers()->cancelAll();
    WAIT_FOR(history->count() == 1 && !pair->bert.app.offers()->current());
    QCOMPARE(history->index(0).data(HistoryModel::OutcomeRole).toString(), QString("cancelled"));
    QVERIFY(history->index(0).data(HistoryModel::RetryableRole).toBool()); // it can be sent again all the same
    QCOMPARE(history->retryable(), 0);
    QCOMPARE(history->retryableText(), QString());
    QVERIFY(pair->offer({pair->anna.make("declined.txt", "2")}));
    QVERIFY(pair->asked());
    pair->asked()->decline();
    WAIT_FOR(history->count() == 2 && history->retryable() == 1);
    WAIT_FOR(history->retryableText() == QStringLiteral("“declined.txt” has not reached Bert's desktop"));
    history->retryAll();
    WAIT_FOR(history->count() == 1 && pair->anna.app.transfers()->count() == 1);
    QCOMPARE(history->index(0).data(HistoryModel::LabelRole).toString(), QString("stopped.txt"));
}

void TransfersTest::whoQuitsIsToldWhatIsStillRunning() {
    QVERIFY(pair->anna.app.stillRunning().isEmpty());
    QVERIFY(pair->offer({pair->anna.make("long.bin", "x")}));
    QVERIFY(pair->asked());
    WAIT_FOR(pair->anna.app.stillRunning().contains("long.bin to Bert's desktop"));
    WAIT_FOR(pair->bert.app.stillRunning().contains("long.bin from Anna's laptop"));
    const QString again = "end it again later to go on from there";
    const QString byItself = "goes on by itself when you start Wherry again";
    QVERIFY(pair->anna.app.stillRunning().contains(again) && !pair->anna.app.stillRunning().contains(byItself));
    QVERIFY(pair->bert.app.stillRunning().contains(byItself) && !pair->bert.app.stillRunning().contains(again));
    pair->bert.app.draft()->add({QUrl::fromLocalFile(pair->bert.make("back.bin", "y"))});
    WAIT_FOR(pair->bert.app.draft()->count() == 1);
    QVERIFY(pair->bert.app.draft()->sendToTarget(pair->anna.app.addresses().value(0)));
    WAIT_FOR(pair->bert.app.transfers()->count() == 2);
    QVERIFY(pair->bert.app.stillRunning().contains(byItself) && pair->bert.app.stillRunning().contains(again));
}

void TransfersTest::whatCannotBeSentIsSaidAtOnceAndForGood() {
    App& anna = pair->anna.app;
    pair->anna.make("notes/A: plan.txt", "lost");
    const QString folder = QFileInfo(pair->anna.make("notes/b.txt", "kept")).path();
    QVERIFY(pair->offer({folder}));
    QVERIFY(pair->asked());
    NoticesModel* notices = anna.notices();
    const auto last = [&](int role) { return notices->index(notices->count() - 1).data(role); };
    WAIT_FOR(notices->count() == 1); // before it is answered
    QVERIFY2(last(NoticesModel::TextRole).toString().startsWith(QStringLiteral("1 item of “notes” is not sent: notes/A: plan.txt: ")),
             qPrintable(last(NoticesModel::TextRole).toString()));
    QVERIFY(notices->stays(last(NoticesModel::KeyRole).toInt()));
    WAIT_FOR(anna.transfers()->count() == 1 &&
             anna.transfers()->index(0).data(TransfersModel::DetailRole).toString().contains("1 item was not sent"));
    QCOMPARE(anna.transfers()->index(0).data(TransfersModel::LeftOutRole).toInt(), 1);
    QVERIFY(accept());
    WAIT_FOR(notices->count() == 2);
    QCOMPARE(last(NoticesModel::TextRole).toString(), QString("Delivered notes to Bert's desktop, without 1 item"));
    QVERIFY(notices->stays(last(NoticesModel::KeyRole).toInt()));
    WAIT_FOR(pair->bert.app.history()->count() == 1);
    QCOMPARE(pair->bert.app.history()->index(0).data(HistoryModel::StatusRole).toString(), QString("Received and verified"));
    anna.stop();
    App again(DesktopSide::settings(pair->anna.folder, "Anna's laptop"));
    QVERIFY(again.start());
    WAIT_FOR(again.history()->count() == 1);
    QCOMPARE(again.history()->index(0).data(HistoryModel::LeftOutRole).toInt(), 1);
    QCOMPARE(again.history()->index(0).data(HistoryModel::StatusRole).toString(),
             QString("Delivered, but 1 item was not sent"));
    again.stop();
}

void TransfersTest::anOfferWhoseSenderIsGoneWasNotAnsweredTooLate() {
    QVERIFY(pair->offer({pair->anna.make("brief.txt", "x")}));
    QVERIFY(pair->asked());
    pair->anna.app.stop();
    HistoryModel* history = pair->bert.app.history();
    WAIT_FOR(history->count() == 1);
    QCOMPARE(history->index(0).data(HistoryModel::StatusRole).toString(), QString("Anna's laptop was gone before you answered"));
}

QTEST_GUILESS_MAIN(TransfersTest)
#include "transfers_test.moc"
