#include "desktop/offline_network.h"
#include "support/desktop_pair.h"

#include <QDir>
#include <QGuiApplication>
#include <QMimeData>
#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <QRegularExpression>
#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// The window as main builds it.
struct Window {
    explicit Window(App& app) {
        engine.setNetworkAccessManagerFactory(&network);
        engine.setInitialProperties({{QStringLiteral("app"), QVariant::fromValue(&app)}});
        QObject::connect(&engine, &QQmlApplicationEngine::warnings, &engine, [this](const QList<QQmlError>& all) {
            for (const QQmlError& one : all) warnings.append(one.toString());
        });
        engine.load(QUrl(QStringLiteral("qrc:/qt-project.org/imports/Wherry/Shell/MainWindow.qml")));
        if (!engine.rootObjects().isEmpty()) window = qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
        if (window) window->show();
    }
    /// The visible item whose accessible button text is this.
    QQuickItem* button(const QString& text) const { return find(window->contentItem(), text); }
    static QQuickItem* find(QQuickItem* item, const QString& text) {
        if (!item->isVisible()) return nullptr;
        if (item->inherits("QQuickAbstractButton") && item->property("text").toString() == text) return item;
        const auto children = item->childItems();
        for (auto child = children.rbegin(); child != children.rend(); ++child)
            if (QQuickItem* found = find(*child, text)) return found;
        return nullptr;
    }
    bool click(const QString& text) const {
        QQuickItem* item = button(text);
        if (!item || !item->isEnabled()) return false;
        const QPointF middle = item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
        QTest::mouseClick(window, Qt::LeftButton, {}, middle.toPoint());
        return true;
    }
    /// As the window system tells of a drop from another program.
    void drop(const QPoint& where, const QList<QUrl>& urls) const {
        QMimeData content;
        content.setUrls(urls);
        QDragEnterEvent enter(where, Qt::CopyAction, &content, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window, &enter);
        QDragMoveEvent move(where, Qt::CopyAction, &content, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window, &move);
        QDropEvent drop(where, Qt::CopyAction, &content, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window, &drop);
    }
    /// What has changed is laid out and drawn.
    bool settled() const {
        QSignalSpy frames(window, &QQuickWindow::frameSwapped);
        window->update();
        return QTest::qWaitFor([&] { return frames.count() >= 2 || (window->update(), false); }, kPatienceMs);
    }
    void setTheme(const QString& mode) {
        window->setProperty("themeMode", mode);
        window->setProperty("reducedMotion", true);
    }

    OfflineNetwork network;
    QQmlApplicationEngine engine;
    QStringList warnings;
    QQuickWindow* window = nullptr;
};

class WindowTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        QTest::failOnWarning(QRegularExpression(QStringLiteral("Qml|qml|QML")));
        pair = std::make_unique<DesktopPair>();
        QVERIFY(pair->start());
    }
    void cleanup() { pair.reset(); }

    void aFolderDroppedOnADeviceArrivesOnceTheOtherPersonClicksAccept();
    void whatIsDroppedOnTheWindowWaitsForADevice();
    void everyPageIsDrawnInEverySize();

  private:
    bool introduce();
    void draw(Window& window, const QString& page);

    std::unique_ptr<DesktopPair> pair;
};

/// A small transfer, after which each knows the other.
bool WindowTest::introduce() {
    if (!pair->offer({pair->anna.make("hello.txt", "hello")})) return false;
    Offer* offer = pair->asked();
    if (!offer) return false;
    offer->arm();
    if (!QTest::qWaitFor([&] { return offer->armed(); }, kPatienceMs)) return false;
    offer->accept();
    return QTest::qWaitFor(
        [&] {
            return pair->anna.app.history()->count() == 1 && pair->bert.app.history()->count() == 1 &&
                   pair->anna.app.knownPeers()->count() == 1 &&
                   pair->anna.app.peers()->index(0, 0).data(PeersModel::NameRole) == "Bert's desktop";
        },
        kPatienceMs);
}

void WindowTest::aFolderDroppedOnADeviceArrivesOnceTheOtherPersonClicksAccept() {
    QVERIFY(introduce());
    Window anna(pair->anna.app);
    Window bert(pair->bert.app);
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
    QVERIFY(introduce());
    Window anna(pair->anna.app);
    Window bert(pair->bert.app);
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
    WAIT_FOR(!pair->bert.app.offers()->current() || (QTest::keyClick(bert.window, Qt::Key_Return), false)); // the default is no
    WAIT_FOR(pair->anna.app.history()->index(0).data(HistoryModel::OutcomeRole) == "declined");
    QVERIFY(!QFile::exists(pair->bert.in("note.txt")));
}

/// The pictures are for people: WHERRY_PICTURES names the folder. None may be of one colour.
void WindowTest::draw(Window& window, const QString& page) {
    for (const QSize size : {QSize(390, 844), QSize(800, 600), QSize(1280, 800)}) {
        for (const QString& theme : {QStringLiteral("light"), QStringLiteral("dark")}) {
            window.setTheme(theme);
            window.window->resize(size);
            WAIT_FOR(window.window->size() == size);
            QVERIFY(window.settled());
            const QImage picture = window.window->grabWindow();
            QCOMPARE(picture.size(), size);
            const QString folder = qEnvironmentVariable("WHERRY_PICTURES", QDir::tempPath());
            QDir().mkpath(folder);
            QVERIFY(picture.save(QStringLiteral("%1/%2-%3x%4-%5.png").arg(folder, page).arg(size.width()).arg(size.height()).arg(theme)));
            QSet<QRgb> colours;
            for (int y = 0; y < picture.height(); y += 8)
                for (int x = 0; x < picture.width(); x += 8) colours.insert(picture.pixel(x, y));
            QVERIFY2(colours.size() > 4, qPrintable(page + " is blank"));
        }
    }
}

void WindowTest::everyPageIsDrawnInEverySize() {
    {
        Window empty(pair->anna.app);
        draw(empty, "devices-empty");
        empty.window->setProperty("place", 1);
        draw(empty, "transfers-empty");
    }
    QVERIFY(introduce());
    Window anna(pair->anna.app);
    Window bert(pair->bert.app);
    draw(anna, "devices");
    pair->anna.app.draft()->setText("The key is under the mat.\n<b>Not bold.</b>");
    QVERIFY(pair->anna.app.draft()->sendToTarget(pair->bert.app.addresses().value(0)));
    WAIT_FOR(pair->bert.app.texts()->count() == 1);
    draw(bert, "text");
    pair->bert.app.texts()->remove(0);
    if (auto* page = anna.window->findChild<QQuickItem*>("peersPage"))
        page->setProperty("selected", pair->anna.app.peers()->index(0, 0).data(PeersModel::PeerIdRole));
    draw(anna, "device");
    if (auto* page = anna.window->findChild<QQuickItem*>("peersPage")) page->setProperty("selected", QString());
    const QList<QUrl> urls{QUrl::fromLocalFile(pair->anna.make("album/a <b>bold</b> name.jpg", QByteArray(1'234'567, 'x'))),
                           QUrl::fromLocalFile(pair->anna.make("album/report.pdf", "r"))};
    for (int i = 0; i < 40; ++i) pair->anna.make(QStringLiteral("album/more/picture %1.jpg").arg(i), QByteArray(i * 1000 + 1, 'p'));
    pair->anna.app.draft()->add(urls);
    WAIT_FOR(pair->anna.app.draft()->count() == 2);
    draw(anna, "draft");
    pair->anna.app.draft()->clear();
    const QString bertId = pair->anna.app.peers()->index(0, 0).data(PeersModel::PeerIdRole).toString();
    pair->anna.app.draft()->sendNow(bertId, {QUrl::fromLocalFile(pair->anna.folder.filePath("album"))}, {});
    QVERIFY(pair->asked());
    WAIT_FOR(pair->bert.app.offers()->current()->armed());
    draw(bert, "accept");
    WAIT_FOR(pair->anna.app.transfers()->count() == 1);
    anna.window->setProperty("place", 1);
    draw(anna, "transfers");
    QCOMPARE(anna.warnings + bert.warnings, QStringList());
}

QTEST_MAIN(WindowTest)
#include "window_test.moc"
