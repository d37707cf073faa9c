#include "gui/app_window.h"

#include <QClipboard>
#include <QGuiApplication>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// Two people who have written to each other, in the window of one of them.
class ConversationTest : public QObject {
    Q_OBJECT
  private slots:
    void initTestCase() {
        QVERIFY(pair.start());
        QVERIFY(introduce(pair));
        anna = std::make_unique<AppWindow>(pair.anna.app);
        QVERIFY(anna->window);
        pair.anna.app.setTrusted(pair.bert.app.peerId(), true); // strangers may write a few messages only
        WAIT_FOR(pair.anna.app.peers()->index(0, 0).data(PeersModel::TrustedRole).toBool());
        messages = pair.bert.app.messages();
        messages->setPeerId(pair.anna.app.peerId());
        for (int i = 0; i < kMessages; ++i) {
            QVERIFY(messages->send(QStringLiteral("Day %1: it rained,\nand then\nthe sun came out.").arg(i)));
            WAIT_FOR(pair.anna.app.knownPeers()->unread() == i + 1);
        }
        QVERIFY(messages->send(newest));
        WAIT_FOR(pair.anna.app.knownPeers()->unread() == kMessages + 1);
    }
    void init() { failOnComplaints(); }
    void cleanup() {
        close();
        QCOMPARE(anna->warnings, QStringList());
    }
    void cleanupTestCase() { anna.reset(); }

    void itOpensAtItsNewestMessage_data() { sizes(); }
    void itOpensAtItsNewestMessage();
    void itStaysThereWhenTheWindowChangesAndWhenAMessageComes();
    void whoeverReadsWhatWasSaidBeforeIsLeftThere();
    void aShortMessageStandsInOneLine_data() { sizes(); }
    void aShortMessageStandsInOneLine();
    void ofALongTextTheBeginningIsShownUntilAllIsWanted();
    void veryLongTextsLeaveNoEmptyView_data();
    void veryLongTextsLeaveNoEmptyView();

  private:
    static constexpr int kMessages = 24; // more than any of the windows has room for

    static void sizes() {
        QTest::addColumn<QSize>("size");
        QTest::newRow("narrow") << QSize(390, 844);
        QTest::newRow("middle") << QSize(800, 600);
        QTest::newRow("wide") << QSize(1280, 800);
    }
    QQuickItem* page() const { return anna->window->findChild<QQuickItem*>("peersPage"); }
    void close() const { page()->setProperty("selected", QString()); }
    bool open() {
        QMetaObject::invokeMethod(page(), "open", Q_ARG(QString, pair.bert.app.peerId()), Q_ARG(bool, true));
        return QTest::qWaitFor([&] { return pair.anna.app.messages()->count() > kMessages && list(); }, kPatienceMs) &&
               anna->settled();
    }
    QQuickItem* list() const {
        return anna->find([](QQuickItem& item) { return item.objectName() == "messages" && item.height() > 0; });
    }
    QQuickItem* shown(const QString& words) const {
        return anna->find([&](QQuickItem& item) { return item.inherits("QQuickText") && item.property("text") == words; });
    }
    /// The whole message, its last line too.
    bool isWholeInSight(const QString& words) const {
        const QQuickItem* text = shown(words);
        if (!text || !list()) return false;
        while (text && !text->property("when").isValid()) text = text->parentItem();
        const auto onScreen = [](const QQuickItem& item) { return item.mapRectToScene(QRectF(QPointF(), item.size())); };
        return text && text->height() > 0 && onScreen(*list()).adjusted(0, -0.5, 0, 0.5).contains(onScreen(*text));
    }

    DesktopPair pair;
    std::unique_ptr<AppWindow> anna;
    MessagesModel* messages = nullptr;
    QString newest = "Did you get the pictures?";
};

void ConversationTest::itOpensAtItsNewestMessage() {
    QFETCH(QSize, size);
    QVERIFY(anna->resize(size));
    QVERIFY(open());
    WAIT_FOR(isWholeInSight(newest));
    QVERIFY(anna->settled());
    QVERIFY(isWholeInSight(newest));
}

void ConversationTest::itStaysThereWhenTheWindowChangesAndWhenAMessageComes() {
    QVERIFY(anna->resize({390, 844}));
    QVERIFY(open());
    for (const QSize size : {QSize(390, 500), QSize(800, 600), QSize(390, 844)}) {
        QVERIFY(anna->resize(size));
        WAIT_FOR(isWholeInSight(newest));
    }
    newest = "And one more,\nof two lines.";
    QVERIFY(messages->send(newest));
    WAIT_FOR(isWholeInSight(newest));
}

void ConversationTest::whoeverReadsWhatWasSaidBeforeIsLeftThere() {
    QVERIFY(anna->resize({800, 600}));
    QVERIFY(open());
    WAIT_FOR(isWholeInSight(newest));
    const auto place = [&] { return list()->property("contentY").toReal(); };
    const qreal atEnd = place();
    const QPoint middle = list()->mapToScene(QPointF(list()->width() / 2, list()->height() / 2)).toPoint();
    QWheelEvent up(middle, anna->window->mapToGlobal(middle), {}, {0, 1200}, Qt::NoButton, {}, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(anna->window, &up);
    WAIT_FOR(place() < atEnd - 50 && !list()->property("moving").toBool());
    const QString before = newest;
    newest = "Are you there?";
    QVERIFY(messages->send(newest));
    WAIT_FOR(pair.anna.app.messages()->index(0).data(MessagesModel::TextRole) == newest);
    QVERIFY(anna->settled());
    QVERIFY(!isWholeInSight(newest) && !isWholeInSight(before));
}

void ConversationTest::aShortMessageStandsInOneLine() {
    QFETCH(QSize, size);
    QVERIFY(anna->resize(size));
    QVERIFY(open());
    WAIT_FOR(isWholeInSight(newest));
    QVERIFY(!newest.contains('\n'));
    WAIT_FOR(shown(newest)->property("lineCount").toInt() == 1);
}

void ConversationTest::ofALongTextTheBeginningIsShownUntilAllIsWanted() {
    QVERIFY(anna->resize({390, 844}));
    QVERIFY(open());
    const QString text = QString(30'000, 'x') + "\n" + QString("line\n").repeated(20) + "the last words";
    QVERIFY(messages->send(text));
    const auto shows = [&](const QString& words) {
        return QTest::qWaitFor(
            [&] {
                return anna->find([&](QQuickItem& item) {
                    return item.inherits("QQuickText") && item.property("text").toString().contains(words);
                });
            },
            kPatienceMs);
    };
    WAIT_FOR(anna->button("Show all"));
    QVERIFY(anna->settled());
    QVERIFY(list()->property("contentHeight").toReal() > 0);
    QVERIFY(!anna->find([](QQuickItem& item) {
        return item.inherits("QQuickText") && item.property("text").toString().contains("the last words");
    }));
    WAIT_FOR(anna->button("Show less") || (anna->click("Show all"), false));
    QVERIFY(shows("the last words"));
    QVERIFY(anna->settled());
    WAIT_FOR(QGuiApplication::clipboard()->text() == text || (anna->click("Copy"), false));
    WAIT_FOR(anna->button("Show all") || (anna->click("Show less"), false));
}

void ConversationTest::veryLongTextsLeaveNoEmptyView_data() {
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("all"); // of the long one is wanted
    for (const QSize size : {QSize(390, 844), QSize(800, 600), QSize(1280, 800)})
        for (const bool all : {false, true}) QTest::addRow("%d%s", size.width(), all ? ", whole" : "") << size << all;
}

void ConversationTest::veryLongTextsLeaveNoEmptyView() {
    QFETCH(QSize, size);
    QFETCH(bool, all);
    QVERIFY(anna->resize(size));
    QVERIFY(open());
    const auto comes = [&](const QString& text) {
        return messages->send(text) &&
               QTest::qWaitFor([&] { return pair.anna.app.messages()->index(0).data(MessagesModel::TextRole) == text; },
                               kPatienceMs) &&
               anna->settled();
    };
    const auto inSight = [&] {
        return anna->find(
            [&](QQuickItem& item) {
                return item.property("when").isValid() && item.height() > 0 &&
                       list()
                           ->mapRectToScene(QRectF(QPointF(), list()->size()))
                           .intersects(item.mapRectToScene(QRectF(QPointF(), item.size())));
            },
            list());
    };
    static int number = 0;
    QVERIFY(comes(QStringLiteral("line\n").repeated(3000) + QString::number(++number)));
    QVERIFY(comes(QStringLiteral("short %1").arg(number)));
    const QPoint middle = list()->mapToScene(QPointF(list()->width() / 2, list()->height() / 2)).toPoint();
    QWheelEvent up(middle, anna->window->mapToGlobal(middle), {}, {0, 240}, Qt::NoButton, {}, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(anna->window, &up);
    WAIT_FOR(!list()->property("moving").toBool());
    if (all) QVERIFY(anna->click("Show all"));
    for (int i = 0; i < 4; ++i) {
        QVERIFY(comes(QStringLiteral("https://example.org/%1/%2 ").arg(number).arg(i).repeated(300)));
        WAIT_FOR(inSight());
    }
}

QTEST_MAIN(ConversationTest)
#include "conversation_test.moc"
