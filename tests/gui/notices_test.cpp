#include "gui/app_window.h"

#include <QDesktopServices>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// What the window says in passing: it is in nobody's way, and what can be done about it is done.
class NoticesTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        QVERIFY(pair->start());
        QVERIFY(introduce(*pair));
    }
    void cleanup() { pair.reset(); }

    void aNoticeMovesNothingOfThePage_data();
    void aNoticeMovesNothingOfThePage();
    void whatIsPressedOnANoticeDoesNotReachWhatLiesBeneath();
    void thePageScrollsClearOfANoticeAndStaysThereWhenItGoes();
    void filesOfAnotherStartAreSeenWhateverPageIsInFront();
    void whatHasArrivedIsOpenedAndShownFromItsNotice();
    void whatCannotBeOpenedIsSaidWithItsPlace();
    void aLossStaysUntilSomethingElseIsSaid();
    void aTextIsToldOfWhileAnotherPageIsInFront();

  public slots:
    void onFile(const QUrl& file) { m_opened.append(file.toLocalFile()); }

  private:
    /// While it is shown; then it stays until it is put away.
    static QQuickItem* toast(const AppWindow& window) {
        auto* one = window.window->findChild<QQuickItem*>("toast");
        one->setProperty("duration", 3'600'000);
        return one->property("shown").toBool() ? one : nullptr;
    }
    /// Where everything with words stands, but the notice.
    static QMap<QString, QRectF> places(const AppWindow& window) {
        QMap<QString, QRectF> all;
        const QQuickItem* over = toast(window);
        std::vector<QQuickItem*> items{window.window->contentItem()};
        while (!items.empty()) {
            QQuickItem* item = items.back();
            items.pop_back();
            if (item == over || !item->isVisible()) continue;
            const QString text = item->property("text").toString();
            if (!text.isEmpty()) all.insert(text, item->mapRectToScene(QRectF(QPointF(), item->size())));
            for (QQuickItem* child : item->childItems()) items.push_back(child);
        }
        return all;
    }
    bool tell(const AppWindow& window, App& app, const QString& words) const {
        app.notices()->tell(words);
        return QTest::qWaitFor([&] { return toast(window) && toast(window)->property("text") == words; }, kPatienceMs) &&
               window.settled();
    }
    static bool hide(const AppWindow& window) {
        if (QQuickItem* shown = toast(window)) QMetaObject::invokeMethod(shown, "hide");
        return QTest::qWaitFor([&] { return !toast(window); }, kPatienceMs) && window.settled();
    }
    /// Bert has it, and the window says so.
    bool deliver(const AppWindow& bert, const QString& name, const QByteArray& content) {
        const int before = pair->bert.app.history()->count();
        if (!pair->offer({pair->anna.make(name, content)}) || !pair->asked()) return false;
        pair->asked()->arm();
        if (!QTest::qWaitFor([&] { return pair->asked()->armed(); }, kPatienceMs)) return false;
        pair->asked()->accept();
        const auto told = [&] { return toast(bert) && toast(bert)->property("text").toString().contains(name); };
        return QTest::qWaitFor([&] { return pair->bert.app.history()->count() > before && told(); }, kPatienceMs) &&
               bert.settled();
    }

    QStringList m_opened;
    std::unique_ptr<DesktopPair> pair;
};

void NoticesTest::aNoticeMovesNothingOfThePage_data() {
    QTest::addColumn<QSize>("size");
    QTest::addColumn<QString>("page");
    for (const QSize size : {QSize(390, 844), QSize(800, 600), QSize(1280, 800)})
        for (const char* page : {"Devices", "Transfers", "Settings"})
            QTest::addRow("%s at %d", page, size.width()) << size << page;
}

void NoticesTest::aNoticeMovesNothingOfThePage() {
    QFETCH(QSize, size);
    QFETCH(QString, page);
    AppWindow anna(pair->anna.app);
    QVERIFY(anna.resize(size));
    anna.go(page);
    if (page == "Devices" && size.width() == 1280) // with the page of a device, and its field, beside the list
        anna.window->findChild<QQuickItem*>("peersPage")->setProperty("selected", pair->bert.app.peerId());
    QVERIFY(hide(anna));
    const auto before = places(anna);
    QVERIFY(before.size() > 5);
    QVERIFY(tell(anna, pair->anna.app, "A few words"));
    QCOMPARE(places(anna), before);
    QVERIFY(hide(anna));
    QCOMPARE(places(anna), before);
    QCOMPARE(anna.warnings, QStringList());
}

void NoticesTest::whatIsPressedOnANoticeDoesNotReachWhatLiesBeneath() {
    AppWindow anna(pair->anna.app);
    QVERIFY(anna.resize({390, 600}));
    anna.go("Settings");
    QVERIFY(hide(anna) && tell(anna, pair->anna.app, "A few words"));
    auto* page = anna.window->findChild<QQuickItem*>("settingsPage");
    const auto middle = [](const QQuickItem* item) {
        return item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
    };
    const double column = middle(toast(anna)).x();
    const auto field = [&] {
        const auto isBeneath = [&](QQuickItem& item) {
            return item.inherits("QQuickTextField") && std::abs(middle(&item).x() - column) < 40;
        };
        return anna.find(isBeneath, page);
    };
    QVERIFY(field());
    page->setProperty("contentY", page->property("contentY").toReal() + middle(field()).y() - middle(toast(anna)).y());
    QVERIFY(anna.settled());
    QVERIFY((middle(field()) - middle(toast(anna))).manhattanLength() < 60);
    const auto press = [&] { QTest::mouseClick(anna.window, Qt::LeftButton, {}, middle(field()).toPoint()); };
    press();
    WAIT_FOR(!toast(anna)); // put away, and nothing else
    QVERIFY(!field()->hasActiveFocus());
    press();
    WAIT_FOR(field()->hasActiveFocus());
}

void NoticesTest::thePageScrollsClearOfANoticeAndStaysThereWhenItGoes() {
    AppWindow anna(pair->anna.app);
    QVERIFY(anna.resize({390, 844}));
    anna.go("Settings");
    QVERIFY(hide(anna));
    auto* page = anna.window->findChild<QQuickItem*>("settingsPage");
    const auto atEnd = [&] { return page->property("atYEnd").toBool(); };
    const auto bottom = [&] { return page->property("contentHeight").toReal() - page->property("contentY").toReal(); };
    QVERIFY(tell(anna, pair->anna.app, "A few words"));
    const qreal over = toast(anna)->height();
    page->setProperty("contentY", page->property("contentHeight").toReal() + page->property("bottomMargin").toReal() - page->height());
    QVERIFY(anna.settled());
    QVERIFY(atEnd());
    QVERIFY2(bottom() <= page->height() - over, qPrintable(QString::number(bottom()))); // the last row is in sight
    const qreal stood = page->property("contentY").toReal();
    QVERIFY(hide(anna));
    QCOMPARE(page->property("contentY").toReal(), stood);
}

void NoticesTest::filesOfAnotherStartAreSeenWhateverPageIsInFront() {
    AppWindow anna(pair->anna.app);
    QVERIFY(anna.resize({800, 600}));
    auto* page = anna.window->findChild<QQuickItem*>("peersPage");
    page->setProperty("selected", pair->bert.app.peerId()); // a sheet over the page
    WAIT_FOR(anna.button("Close"));
    anna.go("Settings");
    pair->anna.app.gather({QUrl::fromLocalFile(pair->anna.make("big.bin", "x"))});
    QCOMPARE(anna.window->property("place").toInt(), 0);
    WAIT_FOR(anna.find([](QQuickItem& item) { return item.property("text") == "big.bin"; }));
    WAIT_FOR(!anna.button("Close"));
    anna.go("Settings");
    pair->anna.app.gather({}); // a start without files only brings the window to the front
    QCOMPARE(anna.window->property("place").toInt(), 3);
}

void NoticesTest::whatHasArrivedIsOpenedAndShownFromItsNotice() {
    AppWindow bert(pair->bert.app);
    QVERIFY(bert.window && hide(bert));
    QDesktopServices::setUrlHandler("file", this, "onFile");
    m_opened.clear();
    QVERIFY(deliver(bert, "note.txt", "words"));
    QVERIFY(bert.click("Open"));
    WAIT_FOR(m_opened == QStringList{pair->bert.in("note.txt")});
    WAIT_FOR(!toast(bert));
    QVERIFY(deliver(bert, "run.sh", "#!/bin/sh\n"));
    QVERIFY(bert.click("Open"));
    WAIT_FOR(bert.button("Do not open")); // nothing that may be a program is opened without a question
    QVERIFY(bert.click("Do not open"));
    WAIT_FOR(!bert.button("Do not open"));
    QVERIFY(deliver(bert, "more.txt", "words"));
    QVERIFY(bert.click("Show in folder"));
    WAIT_FOR(m_opened.size() == 2);
    QCOMPARE(QFileInfo(m_opened.back()).canonicalFilePath(), QFileInfo(pair->bert.in("")).canonicalFilePath());
    QDesktopServices::unsetUrlHandler("file");
    QCOMPARE(bert.warnings, QStringList());
}

/// The platform of this test opens nothing.
void NoticesTest::whatCannotBeOpenedIsSaidWithItsPlace() {
    AppWindow bert(pair->bert.app);
    QVERIFY(bert.window && hide(bert));
    const auto says = [&](const QString& words, const QString& place) {
        return QTest::qWaitFor(
            [&] {
                const QString text = toast(bert) ? toast(bert)->property("text").toString() : QString();
                return text.contains(words) && text.contains(place);
            },
            kPatienceMs);
    };
    QVERIFY(deliver(bert, "note.txt", "words"));
    QVERIFY(bert.click("Open"));
    QVERIFY(says("No program has opened", "Downloads/note.txt"));
    QVERIFY(deliver(bert, "second.txt", "words"));
    QVERIFY(bert.click("Show in folder"));
    QVERIFY(says("No file manager has opened", "Downloads"));
    QVERIFY(deliver(bert, "gone.txt", "words"));
    QVERIFY(QFile::remove(pair->bert.in("gone.txt")));
    QVERIFY(bert.click("Open"));
    QVERIFY(says("is no longer there", "Downloads/gone.txt"));
}

void NoticesTest::aLossStaysUntilSomethingElseIsSaid() {
    AppWindow window(pair->anna.app);
    auto* one = window.window->findChild<QQuickItem*>("toast");
    one->setProperty("duration", 1);
    pair->anna.app.notices()->add(NoticesModel::Kind::Loss, "1 item of “notes” is not sent");
    WAIT_FOR(one->property("shown").toBool());
    QTest::qWait(300);
    QVERIFY(one->property("shown").toBool());
    pair->anna.app.notices()->tell("Link copied");
    WAIT_FOR(!one->property("shown").toBool());
}

void NoticesTest::aTextIsToldOfWhileAnotherPageIsInFront() {
    App& app = pair->bert.app;
    AppWindow bert(app);
    QVERIFY(bert.window && hide(bert));
    pair->anna.app.messages()->setPeerId(app.peerId());
    QVERIFY(pair->anna.app.messages()->send("seen in the list"));
    WAIT_FOR(app.knownPeers()->unread() == 1);
    QVERIFY(!toast(bert));
    bert.go("Transfers");
    QVERIFY(pair->anna.app.messages()->send("Where are you?"));
    WAIT_FOR(toast(bert) && toast(bert)->property("text") == "A text from Anna's laptop");
    QVERIFY(bert.settled());
    QVERIFY(bert.click("Read"));
    WAIT_FOR(bert.window->property("place").toInt() == 0);
    WAIT_FOR(bert.find(
        [](QQuickItem& item) { return item.inherits("QQuickText") && item.property("text") == "Where are you?"; }));
    QCOMPARE(bert.warnings, QStringList());
}

QTEST_MAIN(NoticesTest)
#include "notices_test.moc"
