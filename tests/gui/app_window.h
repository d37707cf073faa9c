#pragma once

#include "desktop/offline_network.h"
#include "support/desktop_pair.h"

#include <QMimeData>
#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <QRegularExpression>
#include <QtTest>

namespace wherry::test {

/// The test function that is running, or begins, fails at any complaint about a page: of the language, or of a layout
/// that finds no rest.
inline void failOnComplaints() {
    QTest::failOnWarning(QRegularExpression(QStringLiteral("qml|polish"), QRegularExpression::CaseInsensitiveOption));
}

/// The window as main builds it, over an app of the test.
struct AppWindow {
    /// What becomes of complaints about a page.
    enum class Complaints { Fail, Allow };

    explicit AppWindow(desktop::App& app, Complaints complaints = Complaints::Fail) {
        if (complaints == Complaints::Fail) failOnComplaints();
        engine.setNetworkAccessManagerFactory(&network);
        engine.setInitialProperties({{QStringLiteral("app"), QVariant::fromValue(&app)}});
        QObject::connect(&engine, &QQmlApplicationEngine::warnings, &engine, [this](const QList<QQmlError>& all) {
            for (const QQmlError& one : all) warnings.append(one.toString());
        });
        engine.load(QUrl(QStringLiteral("qrc:/qt-project.org/imports/Wherry/Shell/MainWindow.qml")));
        if (!engine.rootObjects().isEmpty()) window = qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
        if (!window) return;
        window->setProperty("reducedMotion", true);
        window->show();
    }
    /// The visible button whose text is this; nullptr: none.
    QQuickItem* button(const QString& text) const {
        return find([&](QQuickItem& item) {
            return item.inherits("QQuickAbstractButton") && item.property("text").toString() == text;
        });
    }
    /// The first visible item, the topmost first, for which `matches` holds.
    template <typename Matches> QQuickItem* find(Matches matches, QQuickItem* in = nullptr) const {
        QQuickItem* item = in ? in : window->contentItem();
        if (!item->isVisible()) return nullptr;
        if (matches(*item)) return item;
        const auto children = item->childItems();
        for (auto child = children.rbegin(); child != children.rend(); ++child)
            if (QQuickItem* found = find(matches, *child)) return found;
        return nullptr;
    }
    /// False: there is none, or it cannot be pressed.
    bool click(const QString& text) const {
        QQuickItem* item = button(text);
        if (!item || !item->isEnabled()) return false;
        const QPointF middle = item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
        QTest::mouseClick(window, Qt::LeftButton, {}, middle.toPoint());
        return true;
    }
    /// As the window system tells of a drag from another program.
    void hover(const QPoint& where, const QMimeData& content) const {
        QDragEnterEvent enter(where, Qt::CopyAction, &content, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window, &enter);
        QDragMoveEvent move(where, Qt::CopyAction, &content, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window, &move);
    }
    void drop(const QPoint& where, const QList<QUrl>& urls) const {
        QMimeData content;
        content.setUrls(urls);
        hover(where, content);
        QDropEvent drop(where, Qt::CopyAction, &content, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window, &drop);
    }
    /// What has changed is laid out and drawn.
    bool settled() const {
        QSignalSpy frames(window, &QQuickWindow::frameSwapped);
        window->update();
        return QTest::qWaitFor([&] { return frames.count() >= 2 || (window->update(), false); }, kPatienceMs);
    }
    void setTheme(const QString& mode) const { window->setProperty("themeMode", mode); }
    bool resize(const QSize& size) const {
        window->resize(size);
        return QTest::qWaitFor([&] { return window->size() == size; }, kPatienceMs) && settled();
    }
    /// A place of the navigation, by what is written there.
    void go(const QString& text) const {
        const QVariantList places = window->property("places").toList();
        for (int i = 0; i < places.size(); ++i)
            if (places[i].toMap().value(QStringLiteral("text")).toString() == text) window->setProperty("place", i);
    }

    desktop::OfflineNetwork network;
    QQmlApplicationEngine engine;
    QStringList warnings;
    QQuickWindow* window = nullptr;
};

/// Nothing of it can be compressed: a limit of the network slows it down.
inline QByteArray noise(int size) {
    QByteArray bytes(size, Qt::Uninitialized);
    uint32_t state = 1;
    for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

/// A small transfer, after which each knows the other.
inline bool introduce(DesktopPair& pair) {
    if (!pair.offer({pair.anna.make("hello.txt", "hello")})) return false;
    desktop::Offer* offer = pair.asked();
    if (!offer) return false;
    offer->arm();
    if (!QTest::qWaitFor([&] { return offer->armed(); }, kPatienceMs)) return false;
    offer->accept();
    return QTest::qWaitFor(
        [&] {
            return pair.anna.app.history()->count() == 1 && pair.bert.app.history()->count() == 1 &&
                   pair.anna.app.knownPeers()->count() == 1 &&
                   pair.anna.app.peers()->index(0, 0).data(desktop::PeersModel::NameRole) == "Bert's desktop";
        },
        kPatienceMs);
}

} // namespace wherry::test
