// A window that hangs (E10): a slow disk, a debugger, a desktop that swaps. The engine has threads of its own: what
// happens meanwhile goes on, and the window knows of all of it afterwards.
#include "gui/app_window.h"

#include <QElapsedTimer>
#include <QThread>
#include <vector>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

namespace {

constexpr int kHangMs = 1000;
constexpr int kAnswers = 200; // below the requests that may be open at once
constexpr int kTexts = 60;    // below what somebody who is trusted may send at once; with the answers more than 255
constexpr int kLookMs = 10;

} // namespace

class StallTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        QVERIFY(pair->start());
        QVERIFY(introduce(*pair));
    }
    void cleanup() { pair.reset(); }

    void of255EventsASecondWhileTheWindowHangsNoneIsLost();
    void whatWasAcceptedArrivesWhileTheWindowHangs();

  private:
    std::unique_ptr<DesktopPair> pair;
};

/// The events are answers of the engine, in the order of the questions, and texts of the other person.
void StallTest::of255EventsASecondWhileTheWindowHangsNoneIsLost() {
    AppWindow anna(pair->anna.app);
    AppWindow bert(pair->bert.app);
    const auto peer = [](const DesktopSide& side) {
        return api::PeerId::parse(side.app.peerId().toStdString()).value();
    };
    pair->bert.app.setTrusted(pair->anna.app.peerId(), true); // strangers may write less often
    WAIT_FOR(pair->bert.app.peers()->index(0, 0).data(PeersModel::TrustedRole).toBool());
    std::vector<uint64_t> asked, answered;
    QStringList texts, told;
    connect(&pair->bert.app.engine(), &EngineSession::event, this, [&](const api::Event& event) {
        if (const auto* listed = std::get_if<api::TransfersListed>(&event);
            listed && listed->request.value >= asked.front())
            answered.push_back(listed->request.value);
        if (const auto* text = std::get_if<api::TextReceived>(&event))
            texts.append(QString::fromStdString(text->text.text));
    });
    for (int i = 0; i < kAnswers; ++i) asked.push_back(pair->bert.app.engine().submit(api::ListTransfers{}).value);
    for (int i = 0; i < kTexts; ++i) {
        told.append(QString::number(i));
        api::SendText text;
        text.target.peer = peer(pair->bert);
        text.text = told.last().toStdString();
        pair->anna.app.engine().submit(std::move(text));
    }
    QThread::msleep(kHangMs); // both windows
    WAIT_FOR(answered.size() == kAnswers && texts.size() == kTexts);
    QCOMPARE(answered, asked);
    texts.sort();
    told.sort();
    QCOMPARE(texts, told);
    QVERIFY(anna.settled() && bert.settled());
    QCOMPARE(anna.warnings + bert.warnings, QStringList());
}

void StallTest::whatWasAcceptedArrivesWhileTheWindowHangs() {
    AppWindow anna(pair->anna.app);
    AppWindow bert(pair->bert.app);
    const QByteArray content(20'000'000, 'c');
    QVERIFY(pair->offer({pair->anna.make("film.bin", content)}));
    Offer* offer = pair->asked();
    QVERIFY(offer);
    WAIT_FOR(offer->armed());
    offer->accept();
    QElapsedTimer patience;
    patience.start();
    while (!QFile::exists(pair->bert.in("film.bin")) && !patience.hasExpired(kPatienceMs)) QThread::msleep(kLookMs);
    QVERIFY(contentOf(pair->bert.in("film.bin")) == content); // and no turn of the windows' thread since
    WAIT_FOR(pair->bert.app.history()->count() == 2 && pair->anna.app.history()->count() == 2);
    WAIT_FOR(pair->bert.app.transfers()->count() == 0 && pair->anna.app.transfers()->count() == 0);
}

QTEST_MAIN(StallTest)
#include "stall_test.moc"
