#include "desktop/window_front.h"

#include "desktop/app.h"
#include "desktop/tray_notifier.h"
#ifdef WHERRY_HAVE_DBUS
#include "desktop/dbus_notifier.h"
#endif

#include <QApplication>
#include <QMenu>
#include <QQuickWindow>
#include <QSystemTrayIcon>

namespace wherry::desktop {

WindowFront::WindowFront(App& app, QQuickWindow& window, QObject* parent) : QObject(parent), m_app(app), m_window(window) {
    connect(app.offers(), &OffersModel::arrived, this, [this] { m_window.alert(0); });
    if (QSystemTrayIcon::isSystemTrayAvailable()) makeTray();
    makeNotifier();
    m_window.installEventFilter(this);
    connect(&m_window, &QWindow::visibleChanged, &app, [&app](bool visible) { app.knownPeers()->setWatched(visible); });
}

WindowFront::~WindowFront() {
    m_attention.reset();
    m_notifier.reset(); // before the tray
    delete m_menu;
}

void WindowFront::makeTray() {
    m_menu = new QMenu();
    m_menu->addAction(tr("Open Wherry"), this, &WindowFront::show);
    m_menu->addAction(tr("Quit"), this, [this] {
        if (!m_app.stillRunning().isEmpty()) show(); // the question stands there
        emit m_app.quitWanted();
    });
    m_tray = new QSystemTrayIcon(QApplication::windowIcon(), this);
    m_tray->setContextMenu(m_menu);
    m_tray->setToolTip(tr("Wherry"));
    connect(m_tray, &QSystemTrayIcon::activated, this, &WindowFront::show);
    connect(m_tray, &QSystemTrayIcon::messageClicked, this, &WindowFront::show);
    m_tray->show();
}

void WindowFront::show() {
    m_window.show();
    if (m_window.visibility() == QWindow::Minimized) m_window.showNormal();
    m_window.raise();
    m_window.requestActivate();
}

bool WindowFront::hasTray() const {
    return m_tray && m_tray->isVisible() && QSystemTrayIcon::isSystemTrayAvailable();
}

/// Told before the window hears of it: a tray may have gone since the last time.
bool WindowFront::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &m_window && event->type() == QEvent::Close) m_app.setInTray(hasTray());
    return QObject::eventFilter(watched, event);
}

void WindowFront::startHidden() {
    if (hasTray()) return;
    m_window.showMinimized();
}

/// The desktop's own notifications, with actions, where there are any; else the tray's messages.
void WindowFront::makeNotifier() {
#ifdef WHERRY_HAVE_DBUS
    m_notifier = DbusNotifier::on(QDBusConnection::sessionBus());
#endif
    if (!m_notifier) m_notifier = std::make_unique<TrayNotifier>(m_tray);
    m_attention = std::make_unique<Attention>(m_app, *m_notifier);
    connect(m_attention.get(), &Attention::windowWanted, this, &WindowFront::show);
    connect(&m_window, &QWindow::activeChanged, this, &WindowFront::judgeWatched);
    connect(&m_window, &QWindow::visibilityChanged, this, &WindowFront::judgeWatched);
    judgeWatched();
}

void WindowFront::judgeWatched() {
    m_attention->setWatched(m_window.isActive() && m_window.isVisible() &&
                            m_window.visibility() != QWindow::Minimized);
}

} // namespace wherry::desktop
