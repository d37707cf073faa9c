#include "gui/app_window.h"
#include "layout_walk.h"

#include <QDesktopServices>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

class WindowTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        QVERIFY(pair->start());
    }
    void cleanup() { pair.reset(); }

    void aFolderDroppedOnADeviceArrivesOnceTheOtherPersonClicksAccept();
    void whatIsDroppedOnTheWindowWaitsForADevice();
    void aClosedWindowStaysInATrayOnlyWhereThereIsOne();
    void aMessageIsTypedAndSentByEnterAndAWebAddressIsOpenedOnlyAfterAQuestion();
    void deleteStopsTheTransferThatTheKeyboardIsOn();
    void aTransferIsLaidOutOnAPageThatHasNotBeenShownBefore_data();
    void aTransferIsLaidOutOnAPageThatHasNotBeenShownBefore();
    void thePageOfADeviceStandsOverNoOtherPageHoweverTheWindowChanges();

  public slots:
    /// In the place of the web browser.
    void onLink(const QUrl& link) { m_links.append(link.toString(QUrl::FullyEncoded)); }

  private:
    QStringList m_links;
    std::unique_ptr<DesktopPair> pair;
};

void WindowTest::aFolderDroppedOnADeviceArrivesOnceTheOtherPersonClicksAccept() {
    QVERIFY(introduce(*pair));
    AppWindow anna(pair->anna.app);
    AppWindow bert(pair->bert.app);
    QVERIFY(anna.window && bert.window);
    anna.setTheme("light");
    bert.setTheme("light");
    pair->anna.make("trip/one.jpg", QByteArray(100'000, '1'));
    pair->anna.make("trip/deep/two.jpg", "2");
    const auto rowOf = [&]() -> QQuickItem* {
        std::vector<QQuickItem*> items{anna.window->contentItem()};
        while (!items.empty()) {
            QQuickItem* item = items.back();
            items.pop_back();
            if (item->property("peerId").isValid() && item->property("pathReason").isValid()) return item;
            for (QQuickItem* child : item->childItems()) items.push_back(child);
        }
        return nullptr;
    };
    WAIT_FOR(rowOf() != nullptr);
    QVERIFY(anna.settled());
    QQuickItem* row = rowOf();
    anna.drop(row->mapToScene(QPointF(40, row->height() / 2)).toPoint(),
              {QUrl::fromLocalFile(pair->anna.folder.filePath("trip"))});
    QVERIFY(pair->asked());
    QVERIFY(bert.settled());
    WAIT_FOR(!pair->bert.app.offers()->current() || (bert.click("Accept"), false)); // not before it is armed
    WAIT_FOR(pair->bert.app.history()->count() == 2);
    QCOMPARE(contentOf(pair->bert.in("trip/one.jpg")), QByteArray(100'000, '1'));
    QCOMPARE(contentOf(pair->bert.in("trip/deep/two.jpg")), QByteArray("2"));
    QCOMPARE(anna.warnings + bert.warnings, QStringList());
}

void WindowTest::whatIsDroppedOnTheWindowWaitsForADevice() {
    QVERIFY(introduce(*pair));
    AppWindow anna(pair->anna.app);
    AppWindow bert(pair->bert.app);
    anna.setTheme("light");
    bert.setTheme("light");
    anna.drop(QPoint(anna.window->width() - 20, anna.window->height() - 20),
              {QUrl::fromLocalFile(pair->anna.make("note.txt", "note"))});
    WAIT_FOR(pair->anna.app.draft()->count() == 1);
    QVERIFY(!pair->bert.app.offers()->current());
    WAIT_FOR(anna.button("Send") != nullptr);
    pair->anna.app.draft()->sendTo({pair->anna.app.peers()->index(0, 0).data(PeersModel::PeerIdRole).toString()});
    QVERIFY(pair->asked());
    QVERIFY(bert.settled());
    WAIT_FOR(!pair->bert.app.offers()->current() ||
             (QTest::keyClick(bert.window, Qt::Key_Return), false)); // the default is no
    WAIT_FOR(pair->anna.app.history()->index(0).data(HistoryModel::OutcomeRole) == "declined");
    QVERIFY(!QFile::exists(pair->bert.in("note.txt")));
}

void WindowTest::aClosedWindowStaysInATrayOnlyWhereThereIsOne() {
    App& app = pair->anna.app;
    AppWindow anna(app);
    QVERIFY(anna.settled());
    app.setInTray(true);
    anna.window->close();
    WAIT_FOR(anna.click("All right")); // the first time it is explained
    WAIT_FOR(!anna.window->isVisible());
    anna.window->show();
    QVERIFY(anna.settled());
    anna.window->close();
    WAIT_FOR(!anna.window->isVisible());
    anna.window->show();
    QVERIFY(anna.settled());
    QVERIFY(pair->offer({pair->anna.make("long.bin", "x")}));
    WAIT_FOR(app.transfers()->count() == 1);
    app.setInTray(false); // it has gone meanwhile
    anna.window->close();
    WAIT_FOR(anna.click("Stay"));
    QVERIFY(anna.window->isVisible());
}

void WindowTest::aMessageIsTypedAndSentByEnterAndAWebAddressIsOpenedOnlyAfterAQuestion() {
    QVERIFY(introduce(*pair));
    App& app = pair->anna.app;
    App& other = pair->bert.app;
    AppWindow anna(app);
    QVERIFY(anna.resize({390, 844}));
    auto* page = anna.window->findChild<QQuickItem*>("peersPage");
    QVERIFY(page);
    QMetaObject::invokeMethod(page, "open", Q_ARG(QString, other.peerId()), Q_ARG(bool, true));
    const auto focused = [&] { return anna.window->activeFocusItem(); };
    WAIT_FOR(focused() && focused()->inherits("QQuickTextEdit"));
    for (const char letter : {'o', 'n', 'e'}) QTest::keyClick(anna.window, letter);
    QTest::keyClick(anna.window, Qt::Key_Return, Qt::ShiftModifier);
    for (const char letter : {'t', 'w', 'o'}) QTest::keyClick(anna.window, letter);
    QTest::keyClick(anna.window, Qt::Key_Return);
    other.messages()->setPeerId(app.peerId());
    WAIT_FOR(other.messages()->count() == 1);
    QCOMPARE(other.messages()->index(0).data(MessagesModel::TextRole).toString(), QString("one\ntwo"));
    QVERIFY(focused()->property("text").toString().isEmpty());

    QVERIFY(other.messages()->send("look: https://example.org/whole/address?of=it"));
    WAIT_FOR(anna.button("example.org") != nullptr);
    QVERIFY(anna.settled());
    QDesktopServices::setUrlHandler("https", this, "onLink");
    m_links.clear();
    WAIT_FOR(anna.button("Open in the browser") || (anna.click("example.org"), false));
    const auto shownWhole = [](QQuickItem& item) {
        return item.property("text").toString() == "https://example.org/whole/address?of=it" && item.inherits("QQuickText");
    };
    WAIT_FOR(anna.find(shownWhole) != nullptr);
    QVERIFY(m_links.isEmpty());
    WAIT_FOR(!m_links.isEmpty() || (anna.click("Open in the browser"), false));
    QCOMPARE(m_links, QStringList{"https://example.org/whole/address?of=it"});
    QDesktopServices::unsetUrlHandler("https");
    QCOMPARE(anna.warnings, QStringList());
}

void WindowTest::deleteStopsTheTransferThatTheKeyboardIsOn() {
    QVERIFY(introduce(*pair));
    App& app = pair->anna.app;
    AppWindow anna(app);
    anna.go("Transfers");
    QVERIFY(pair->offer({pair->anna.make("long.bin", "x")}));
    WAIT_FOR(app.transfers()->count() == 1);
    WAIT_FOR(anna.button("Stop") != nullptr);
    QVERIFY(anna.settled());
    anna.button("Stop")->forceActiveFocus();
    QTest::keyClick(anna.window, Qt::Key_Delete);
    WAIT_FOR(app.transfers()->count() == 0);
    QCOMPARE(anna.warnings, QStringList());
}

void WindowTest::aTransferIsLaidOutOnAPageThatHasNotBeenShownBefore_data() {
    QTest::addColumn<QSize>("size");
    for (const QSize size : {QSize(390, 844), QSize(1040, 720)}) QTest::addRow("%d", size.width()) << size;
}

void WindowTest::aTransferIsLaidOutOnAPageThatHasNotBeenShownBefore() {
    QFETCH(QSize, size);
    QVERIFY(introduce(*pair));
    App& app = pair->bert.app;
    AppWindow bert(app);
    QVERIFY(bert.resize(size));
    bert.window->findChild<QQuickItem*>("peersPage")->setProperty("selected", pair->anna.app.peerId());
    QVERIFY(bert.settled());
    pair->anna.app.bandwidth()->set(4, 0, 0, 0, true); // it takes a minute
    QVERIFY(pair->offer({pair->anna.make("film.mp4", noise(40'000'000))}));
    QVERIFY(pair->asked());
    WAIT_FOR(!app.offers()->current() || (bert.click("Accept"), false));
    const auto of = [&](int role) { return app.transferList()->index(0, 0).data(role); };
    WAIT_FOR(of(TransfersModel::RatesRole).value<QList<double>>().size() > 2 &&
             of(TransfersModel::VerifiedRole).value<QList<int>>().contains(255)); // the card has everything
    bert.go("Transfers");
    WAIT_FOR(bert.button("Stop"));
    const auto faults = [&] { return tests::layoutFaults(*bert.window, bert.window->grabWindow()); };
    QVERIFY(bert.settled());
    WAIT_FOR(faults().isEmpty());
    QCOMPARE(bert.warnings, QStringList());
}

void WindowTest::thePageOfADeviceStandsOverNoOtherPageHoweverTheWindowChanges() {
    QVERIFY(introduce(*pair));
    AppWindow anna(pair->anna.app);
    auto* page = anna.window->findChild<QQuickItem*>("peersPage");
    QVERIFY(anna.resize({1280, 800}));
    page->setProperty("selected", pair->bert.app.peerId());
    WAIT_FOR(anna.button("Send files"));
    anna.go("Transfers");
    for (const QSize size : {QSize(390, 844), QSize(800, 600)}) {
        QVERIFY(anna.resize(size));
        QVERIFY(!anna.button("Send files") && !anna.button("Close"));
    }
    anna.go("Devices");
    WAIT_FOR(anna.button("Send files") && anna.button("Close")); // it has waited
    anna.go("Settings");
    WAIT_FOR(!anna.button("Send files"));
    QVERIFY(anna.resize({1280, 800}));
    anna.go("Devices");
    WAIT_FOR(anna.button("Send files") && !anna.button("Close"));
    QCOMPARE(anna.warnings, QStringList());
}

QTEST_MAIN(WindowTest)
#include "window_test.moc"
