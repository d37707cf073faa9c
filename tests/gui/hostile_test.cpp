// What others can make the window do: nothing. SECURITY.md, A12 to A14, E5, E8, E9, and rule 7: the window has no
// network.
#include "api/target.h"
#include "gui/app_window.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QQmlComponent>
#include <QTcpServer>
#include <QTcpSocket>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

namespace {

/// Longer than a fetch over loopback takes that the window should not make; what has already come is heard at once.
constexpr int kListenMs = 300;

/// Hears whoever would fetch something.
struct Listener {
    Listener() {
        server.listen(QHostAddress::LocalHost);
        QObject::connect(&server, &QTcpServer::newConnection, &server, [this] {
            while (QTcpSocket* socket = server.nextPendingConnection()) ++heard, socket->deleteLater();
        });
    }
    QString url(const QString& scheme) const {
        return QStringLiteral("%1://127.0.0.1:%2/x.png").arg(scheme).arg(server.serverPort());
    }
    QString image(const QString& scheme = "http") const { return QStringLiteral("<img src='%1'>").arg(url(scheme)); }
    int after(int ms = kListenMs) const {
        (void)QTest::qWaitFor([&] { return heard > 0; }, ms);
        return heard;
    }

    QTcpServer server;
    int heard = 0;
};

/// Everything in QML that could fetch.
QByteArray fetchers(const Listener& listener, const QString& scheme) {
    const QString source = QStringLiteral(R"(
import QtQuick
Item {
    width: 100; height: 100
    Image { source: "%1"; cache: false }
    BorderImage { source: "%1?2"; cache: false }
    AnimatedImage { source: "%1?3" }
    Text { textFormat: Text.RichText; text: "%2" }
    Text { textFormat: Text.StyledText; text: "%2" }
    Loader { source: "%1?4.qml" }
    FontLoader { source: "%1?5" }
    Component.onCompleted: { try { const r = new XMLHttpRequest(); r.open("GET", "%1?6"); r.send(); } catch (e) {} }
})");
    return source.arg(listener.url(scheme), listener.image(scheme)).toUtf8();
}

void show(QQmlEngine& engine, QQuickWindow& window, const QByteArray& source) {
    QQmlComponent component(&engine);
    component.setData(source, QUrl(QStringLiteral("qrc:/fetchers.qml")));
    auto* item = qobject_cast<QQuickItem*>(component.create());
    QVERIFY2(item, qPrintable(component.errorString()));
    item->setParent(&window);
    item->setParentItem(window.contentItem());
}

/// Each text of the window that is read as markup, or holds what has no place in a line: controls, and what turns or
/// hides the letters.
QStringList dangerousTexts(QQuickItem& item) {
    QStringList found;
    if (!item.isVisible()) return found;
    const QVariant text = item.property("text");
    if (item.inherits("QQuickText") && item.property("textFormat").toInt() != Qt::PlainText)
        found << "markup: " + text.toString();
    if (item.inherits("QQuickText"))
        for (const QChar letter : text.toString())
            if (const auto kind = letter.category();
                (kind == QChar::Other_Control && letter != '\n') || kind == QChar::Other_Format)
                found << "U+" + QString::number(letter.unicode(), 16) + " in " + text.toString();
    for (QQuickItem* child : item.childItems()) found << dangerousTexts(*child);
    return found;
}

} // namespace

class HostileTest : public QObject {
    Q_OBJECT
  private slots:
    void theWindowsEngineFetchesNothing_data();
    void theWindowsEngineFetchesNothing();
    void namesAndTextsOfOthersAreLettersAndNothingElse();                      // A12, A13, A14
    void aQuestionThatHasJustComeIsNotAnsweredByAClickMeantForSomethingElse(); // E5
    void aDoubleClickOnAcceptDoesNotAcceptTheNextOffer();
    void aHeldReturnKeyAcceptsNothing();
    void aQuestionIsArmedAnewWhenTheWindowComesToTheFront();
    void aTicketThatIsPastedFetchesNothingByItself(); // E8
    void theClipboardIsNotReadByItself();             // E9
    void aPictureInTheClipboardIsNotDecoded();
    void tenKilobytesOfTicketAreRefused();

  private:
    bool ask(DesktopPair& pair, const QString& name);
};

bool HostileTest::ask(DesktopPair& pair, const QString& name) {
    const QString bert = pair.anna.app.peers()->index(0, 0).data(PeersModel::PeerIdRole).toString();
    pair.anna.app.draft()->sendNow(bert, {QUrl::fromLocalFile(pair.anna.make(name, name.toUtf8()))}, {});
    return pair.asked() != nullptr;
}

// --- A12 to A14, and no network
// -----------------------------------------------------------------------------------------

void HostileTest::theWindowsEngineFetchesNothing_data() {
    QTest::addColumn<QString>("scheme");
    for (const char* scheme : {"http", "https", "ftp", "HTTP"}) QTest::newRow(scheme) << scheme;
}

void HostileTest::theWindowsEngineFetchesNothing() {
    QFETCH(QString, scheme);
    const Listener listener;
    {
        QQmlEngine open; // the same in an engine that nobody has closed: the test would hear it
        QQuickWindow window;
        window.show();
        show(open, window, fetchers(listener, "http"));
        WAIT_FOR(listener.heard > 0);
    }
    const Listener second;
    DesktopPair pair;
    AppWindow anna(pair.anna.app, AppWindow::Complaints::Allow); // each thing that would fetch complains
    show(anna.engine, *anna.window, fetchers(second, scheme));
    QVERIFY(anna.settled());
    QCOMPARE(second.after(), 0);
}

void HostileTest::namesAndTextsOfOthersAreLettersAndNothingElse() {
    const Listener listener;
    const QString evil = QStringLiteral("\u202e\u200b\x1b[31m") + listener.image() + QStringLiteral("<b>&amp;");
    DesktopPair pair(evil.toStdString());
    QVERIFY(pair.start());
    const QString address = pair.bert.app.addresses().value(0);
    QString name = evil;
    name.replace('/', QChar(0x2044));
    pair.anna.app.draft()->add({QUrl::fromLocalFile(pair.anna.make(name, "1"))});
    WAIT_FOR(pair.anna.app.draft()->count() == 1);
    AppWindow anna(pair.anna.app);
    AppWindow bert(pair.bert.app);
    QVERIFY(anna.settled());
    QCOMPARE(dangerousTexts(*anna.window->contentItem()), QStringList());
    QVERIFY(pair.anna.app.draft()->sendToTarget(address));
    QVERIFY(pair.asked());
    WAIT_FOR(pair.bert.app.offers()->current()->armed());
    QVERIFY(anna.settled() && bert.settled());
    for (const AppWindow* window : {&anna, &bert})
        QCOMPARE(dangerousTexts(*window->window->contentItem()), QStringList());
    QVERIFY(bert.click("Accept"));
    WAIT_FOR(pair.anna.app.history()->count() == 1 && pair.bert.app.history()->count() == 1);
    api::SendText text;
    text.target = api::parseTarget(address.toStdString()).value();
    text.text = evil.toStdString();
    bool sent = false;
    pair.anna.app.engine().submit(
        std::move(text), this, [&](const api::Event& event) { sent = std::holds_alternative<api::TextSent>(event); });
    WAIT_FOR(sent);
    for (const AppWindow* window : {&anna, &bert}) { // the conversation
        App& other = window == &anna ? pair.bert.app : pair.anna.app;
        auto* page = window->window->findChild<QQuickItem*>("peersPage");
        QVERIFY(page && QMetaObject::invokeMethod(page, "open", Q_ARG(QString, other.peerId()), Q_ARG(bool, true)));
        MessagesModel* messages = (window == &anna ? pair.anna.app : pair.bert.app).messages();
        WAIT_FOR(messages->count() == 1);
    }
    for (const AppWindow* window : {&anna, &bert}) {
        for (int place = 0; place < window->window->property("places").toList().size(); ++place) {
            window->window->setProperty("place", place);
            QVERIFY(window->settled());
            QCOMPARE(dangerousTexts(*window->window->contentItem()), QStringList());
        }
    }
    QCOMPARE(listener.after(), 0);
    QCOMPARE(anna.warnings + bert.warnings, QStringList());
}

// --- E5: a yes that was meant for something else
// ------------------------------------------------------------------------------

void HostileTest::aQuestionThatHasJustComeIsNotAnsweredByAClickMeantForSomethingElse() {
    DesktopPair pair;
    QVERIFY(pair.start() && introduce(pair));
    AppWindow bert(pair.bert.app);
    QVERIFY(bert.settled());
    QVERIFY(ask(pair, "one.txt"));
    Offer* offer = pair.bert.app.offers()->current();
    WAIT_FOR(offer->armed()); // it is where it will be
    QQuickItem* accept = bert.button("Accept");
    QVERIFY(accept);
    const QPoint where = accept->mapToScene(QPointF(accept->width() / 2, accept->height() / 2)).toPoint();
    for (int i = 0; i < 5; ++i) {
        offer->arm(); // it stands there since this moment
        QTest::mouseClick(bert.window, Qt::LeftButton, {}, where);
    }
    QCOMPARE(pair.bert.app.offers()->current(), offer);
    QVERIFY(!QFile::exists(pair.bert.in("one.txt")));
}

void HostileTest::aDoubleClickOnAcceptDoesNotAcceptTheNextOffer() {
    DesktopPair pair;
    QVERIFY(pair.start() && introduce(pair));
    AppWindow bert(pair.bert.app);
    QVERIFY(ask(pair, "one.txt") && ask(pair, "two.txt"));
    WAIT_FOR(pair.bert.app.offers()->rowCount() == 2 || pair.anna.app.transfers()->count() == 2);
    Offer* first = pair.bert.app.offers()->current();
    WAIT_FOR(first->armed());
    QVERIFY(bert.settled());
    QQuickItem* accept = bert.button("Accept");
    const QPoint where = accept->mapToScene(QPointF(accept->width() / 2, accept->height() / 2)).toPoint();
    QElapsedTimer between;
    between.start();
    QTest::mouseClick(bert.window, Qt::LeftButton, {}, where);
    QTest::mouseClick(bert.window, Qt::LeftButton, {}, where);
    if (between.hasExpired(Offer::kArmDelayMs / 2)) return; // no double click: this machine has had other things to do
    WAIT_FOR(pair.bert.app.history()->count() == 2);        // the first one
    WAIT_FOR(pair.bert.app.offers()->current() != nullptr);
    QVERIFY(pair.bert.app.offers()->current() != first);
    QCOMPARE(QFile::exists(pair.bert.in("one.txt")) + QFile::exists(pair.bert.in("two.txt")), 1);
}

void HostileTest::aHeldReturnKeyAcceptsNothing() {
    DesktopPair pair;
    QVERIFY(pair.start() && introduce(pair));
    AppWindow bert(pair.bert.app);
    QVERIFY(ask(pair, "one.txt"));
    WAIT_FOR(!pair.bert.app.offers()->current() ||
             (QTest::keyClick(bert.window, Qt::Key_Return),
              pair.bert.app.offers()->current() && pair.bert.app.offers()->current()->armed()));
    QTest::keyClick(bert.window, Qt::Key_Return);
    WAIT_FOR(pair.bert.app.offers()->current() == nullptr); // the default is no
    WAIT_FOR(pair.anna.app.history()->index(0).data(HistoryModel::OutcomeRole) == "declined");
    QVERIFY(!QFile::exists(pair.bert.in("one.txt")));
}

void HostileTest::aQuestionIsArmedAnewWhenTheWindowComesToTheFront() {
    DesktopPair pair;
    QVERIFY(pair.start() && introduce(pair));
    AppWindow bert(pair.bert.app);
    QVERIFY(ask(pair, "one.txt"));
    Offer* offer = pair.bert.app.offers()->current();
    WAIT_FOR(offer->armed());
    QWindow other;
    other.show();
    other.requestActivate();
    WAIT_FOR(!bert.window->isActive());
    QSignalSpy disarmed(offer, &Offer::armedChanged);
    bert.window->requestActivate();
    WAIT_FOR(bert.window->isActive());
    WAIT_FOR(disarmed.count() == 2 && offer->armed()); // no, and yes again
}

// --- E8, E9: what lies in the clipboard
// ------------------------------------------------------------------------------------

void HostileTest::aTicketThatIsPastedFetchesNothingByItself() {
    DesktopPair pair;
    QVERIFY(pair.start() && introduce(pair));
    QString ticket;
    pair.anna.app.engine().submit(api::ShareFiles{{pair.anna.make("shared.txt", "shared").toStdString()}, {}, false},
                                  this, [&](const api::Event& event) {
                                      if (const auto* share = std::get_if<api::SharePublished>(&event))
                                          ticket = QString::fromStdString(share->share.ticket);
                                  });
    WAIT_FOR(!ticket.isEmpty());
    AppWindow bert(pair.bert.app);
    QVERIFY(bert.settled());
    QGuiApplication::clipboard()->setText(ticket);
    QTest::keyClick(bert.window, Qt::Key_V, Qt::ControlModifier);
    QVERIFY(bert.settled());
    (void)QTest::qWaitFor(
        [&] { return pair.bert.app.transfers()->count() > 0 || QFile::exists(pair.bert.in("shared.txt")); }, kListenMs);
    QVERIFY(!QFile::exists(pair.bert.in("shared.txt")));
    QCOMPARE(pair.bert.app.transfers()->count(), 0);
    QCOMPARE(pair.bert.app.history()->count(), 1);
    QCOMPARE(bert.warnings, QStringList());
}

namespace {

/// Says who has asked for what.
class WatchedClip final : public QMimeData {
  public:
    explicit WatchedClip(QStringList& asked) : m_asked(asked) {}
    QStringList formats() const override {
        return {QStringLiteral("image/png"), QStringLiteral("application/x-qt-image")};
    }
    bool hasFormat(const QString& format) const override { return formats().contains(format); }

  protected:
    QVariant retrieveData(const QString& format, QMetaType) const override {
        m_asked.append(format);
        return {};
    }

  private:
    QStringList& m_asked;
};

} // namespace

void HostileTest::theClipboardIsNotReadByItself() {
    QStringList asked;
    QGuiApplication::clipboard()->setMimeData(new WatchedClip(asked));
    DesktopPair pair;
    AppWindow anna(pair.anna.app);
    QWindow other;
    other.show();
    other.requestActivate();
    WAIT_FOR(!anna.window->isActive());
    anna.window->requestActivate();
    WAIT_FOR(anna.window->isActive());
    for (int place = 0; place < anna.window->property("places").toList().size(); ++place) {
        anna.window->setProperty("place", place);
        QVERIFY(anna.settled());
    }
    QCOMPARE(asked, QStringList());
    QVERIFY(pair.anna.app.draft()->isEmpty());
}

void HostileTest::aPictureInTheClipboardIsNotDecoded() {
    QStringList asked;
    QGuiApplication::clipboard()->setMimeData(new WatchedClip(asked));
    DesktopPair pair;
    AppWindow anna(pair.anna.app);
    QVERIFY(anna.settled());
    QTest::keyClick(anna.window, Qt::Key_V, Qt::ControlModifier);
    QVERIFY(anna.settled());
    for (const QString& format : asked) QVERIFY2(!format.contains("image"), qPrintable(format));
    QVERIFY(pair.anna.app.draft()->isEmpty());
}

void HostileTest::tenKilobytesOfTicketAreRefused() {
    DesktopPair pair;
    QVERIFY(pair.start());
    pair.anna.app.draft()->setText("hello");
    for (const QString& start :
         {QStringLiteral("wherry:"), QStringLiteral("/ip4/1.2.3.4/udp/"), QStringLiteral("12D3KooW"), QString()}) {
        const int before = pair.anna.app.notices()->rowCount();
        QVERIFY(!pair.anna.app.draft()->sendToTarget(start + QString(10'240, QLatin1Char('7'))));
        QCOMPARE(pair.anna.app.notices()->rowCount(), before + 1);
        QCOMPARE(pair.anna.app.draft()->text(), QStringLiteral("hello"));
    }
}

QTEST_MAIN(HostileTest)
#include "hostile_test.moc"
