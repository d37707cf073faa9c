#include "desktop/window_front.h"

#include "desktop/app.h"

#include <QApplication>
#include <QDesktopServices>
#include <QMenu>
#include <QQuickWindow>
#include <QSystemTrayIcon>

namespace wherry::desktop {

WindowFront::WindowFront(App& app, QQuickWindow& window, QObject* parent) : QObject(parent), m_app(app), m_window(window) {
    connect(&app, &App::folderWanted, this, [](const QUrl& folder) { QDesktopServices::openUrl(folder); });
    connect(&app, &App::attentionWanted, this, &WindowFront::notify);
    connect(app.offers(), &OffersModel::arrived, this, [this] { m_window.alert(0); });
    if (QSystemTrayIcon::isSystemTrayAvailable()) makeTray();
    connect(&m_window, &QWindow::visibleChanged, &app, [&app](bool visible) { app.knownPeers()->setWatched(visible); });
}

WindowFront::~WindowFront() {
    delete m_menu;
}

void WindowFront::makeTray() {
    m_menu = new QMenu();
    m_menu->addAction(tr("Open Wherry"), this, &WindowFront::show);
    m_menu->addAction(tr("Quit"), QCoreApplication::instance(), &QCoreApplication::quit);
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

void WindowFront::startHidden() {
    if (m_tray) return;
    m_window.showMinimized();
}

/// Whoever looks at the window sees it there.
void WindowFront::notify(const QString& title, const QString& text) {
    if (!m_tray || m_window.isActive()) return;
    // Notification servers take markup: text of peers must not be any.
    m_tray->showMessage(title.toHtmlEscaped(), text.toHtmlEscaped(), QSystemTrayIcon::Information);
}

} // namespace wherry::desktop
