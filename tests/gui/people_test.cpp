#include "gui/app_window.h"

#include <QAbstractItemModelTester>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// Who is in the list of devices, and what their rows say.
class PeopleTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        QVERIFY(pair->start());
    }
    void cleanup() { pair.reset(); }

    void whoHasOnlyGotInTouchStandsApartUntilThePersonAnswers();
    void manyStrangersAreFoldedAndHideNothing();
    void whatIsUnderWayWithADeviceIsSaidInItsRow();

  private:
    App& bert() const { return pair->bert.app; }
    /// Somebody writes to Bert.
    bool writes(App& app) const {
        app.draft()->setText("hello");
        return app.draft()->sendToTarget(bert().addresses().value(0)) &&
               QTest::qWaitFor([&] { return unreadOf(app) > 0; }, kPatienceMs);
    }
    int unreadOf(App& app) const {
        const auto peer = api::PeerId::parse(app.peerId().toStdString());
        const api::PeerView* view = bert().knownPeers()->find(*peer);
        return view ? static_cast<int>(view->unread) : 0;
    }

    std::unique_ptr<DesktopPair> pair;
};

void PeopleTest::whoHasOnlyGotInTouchStandsApartUntilThePersonAnswers() {
    QAbstractItemModelTester tester(bert().others(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto are = [&](int devices, int others) {
        return QTest::qWaitFor(
            [&] { return bert().peers()->count() == devices && bert().others()->count() == others; }, kPatienceMs);
    };
    QVERIFY(writes(pair->anna.app));
    QVERIFY(are(0, 1));
    QCOMPARE(bert().others()->unread(), 1);
    QVERIFY(pair->offer({pair->anna.make("a.txt", "a")}) && pair->asked());
    pair->asked()->decline(); // which is no answer that makes somebody one of his devices
    WAIT_FOR(bert().history()->count() == 1);
    QVERIFY(are(0, 1));
    bert().messages()->setPeerId(pair->anna.app.peerId());
    QVERIFY(bert().messages()->send("who are you?"));
    QVERIFY(are(1, 0));

    DesktopSide trusted("Trusted"), accepted("Accepted");
    QVERIFY(trusted.start() && accepted.start());
    QVERIFY(writes(trusted.app) && are(1, 1));
    bert().setTrusted(trusted.app.peerId(), true);
    QVERIFY(are(2, 0));
    accepted.app.draft()->add({QUrl::fromLocalFile(accepted.make("b.txt", "b"))});
    WAIT_FOR(accepted.app.draft()->count() == 1);
    QVERIFY(accepted.app.draft()->sendToTarget(bert().addresses().value(0)));
    QVERIFY(pair->asked());
    QVERIFY(are(2, 1));
    pair->asked()->arm();
    WAIT_FOR(pair->asked()->armed());
    pair->asked()->accept();
    QVERIFY(are(3, 0));

    // It is read again from what was kept: the history, and the conversation.
    pair->bert.app.stop();
    App again(DesktopSide::settings(pair->bert.folder, "Bert's desktop"));
    QVERIFY(again.start());
    WAIT_FOR(again.peers()->count() == 3 && again.others()->count() == 0);
    again.stop();
}

void PeopleTest::manyStrangersAreFoldedAndHideNothing() {
    QVERIFY(introduce(*pair));
    AppWindow window(bert());
    QVERIFY(window.resize({1280, 900}));
    std::vector<std::unique_ptr<DesktopSide>> strangers;
    const auto rows = [&] {
        int visible = 0;
        std::vector<QQuickItem*> items{window.window->contentItem()};
        while (!items.empty()) {
            QQuickItem* item = items.back();
            items.pop_back();
            if (!item->isVisible()) continue;
            visible += item->property("peerId").isValid() &&
                       item->property("pathReason").isValid() && item->property("choosing").isValid();
            for (QQuickItem* child : item->childItems()) items.push_back(child);
        }
        return visible;
    };
    for (int i = 1; i <= 4; ++i) {
        strangers.push_back(std::make_unique<DesktopSide>("Guest " + std::to_string(i)));
        QVERIFY(strangers.back()->start());
        QVERIFY(writes(strangers.back()->app));
        WAIT_FOR(bert().others()->count() == i);
        QVERIFY(window.settled());
        WAIT_FOR(rows() == (i <= 3 ? 1 + i : 1)); // few are shown, many are folded
    }
    QCOMPARE(bert().others()->unread(), 4);
    const auto field = [&] {
        return window.find([](QQuickItem& item) { return item.property("text") == "Have a link or an address?"; });
    };
    QVERIFY(field());
    const QRectF before = field()->mapRectToScene(QRectF(QPointF(), field()->size()));
    QVERIFY(window.window->contentItem()->contains(before.center()));
    QVERIFY(window.click("Show"));
    WAIT_FOR(rows() == 5);
    QCOMPARE(field()->mapRectToScene(QRectF(QPointF(), field()->size())), before); // in reach as it was
    QVERIFY(window.click("Hide"));
    WAIT_FOR(rows() == 1);
    QCOMPARE(window.warnings, QStringList());
}

void PeopleTest::whatIsUnderWayWithADeviceIsSaidInItsRow() {
    QVERIFY(introduce(*pair));
    App& anna = pair->anna.app;
    AppWindow window(anna);
    QVERIFY(window.resize({390, 844}));
    const auto says = [&](const QString& words) {
        return QTest::qWaitFor(
            [&] {
                return window.find([&](QQuickItem& item) {
                    return item.inherits("QQuickText") && item.property("text").toString().contains(words);
                });
            },
            kPatienceMs);
    };
    const auto row = [&] {
        return window.find([](QQuickItem& item) { return item.property("pathReason").isValid() && item.property("choosing").isValid(); });
    };
    WAIT_FOR(row());
    QVERIFY(window.settled());
    const qreal height = row()->height();
    anna.bandwidth()->set(1, 0, 0, 0, true); // it takes minutes
    QVERIFY(pair->offer({pair->anna.make("film.mp4", noise(40'000'000))}));
    QVERIFY(says("Waiting for the answer"));
    QVERIFY(window.settled());
    QCOMPARE(row()->height(), height); // nothing moves
    QVERIFY(pair->asked());
    pair->asked()->arm();
    WAIT_FOR(pair->asked()->armed());
    pair->asked()->accept();
    QVERIFY(says("Sending film.mp4"));
    QVERIFY(window.settled());
    QCOMPARE(row()->height(), height);
    anna.transfers()->pause(0);
    QVERIFY(says("Paused"));
    QVERIFY(window.click("Show what is under way with Bert's desktop"));
    WAIT_FOR(window.window->property("place").toInt() == 1);
    window.go("Devices");
    anna.transfers()->cancelAll();
    WAIT_FOR(anna.transfers()->count() == 0);
    QVERIFY(says("Connected"));
    QCOMPARE(window.warnings, QStringList());
}

QTEST_MAIN(PeopleTest)
#include "people_test.moc"
