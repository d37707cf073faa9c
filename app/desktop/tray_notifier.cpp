#include "desktop/tray_notifier.h"

#include <QSystemTrayIcon>

namespace wherry::desktop {

TrayNotifier::TrayNotifier(QSystemTrayIcon* tray, QObject* parent) : Notifier(parent), m_tray(tray) {
    if (tray) connect(tray, &QSystemTrayIcon::messageClicked, this, [this] { emit activated(m_last); });
}

/// Whoever shows it may take markup, and does not say so.
void TrayNotifier::show(const Notification& notification) {
    if (!m_tray) return;
    m_last = notification.key;
    m_tray->showMessage(notification.title.toHtmlEscaped(), notification.body.toHtmlEscaped(),
                        notification.kind == Notification::Kind::Failed ? QSystemTrayIcon::Warning
                                                                        : QSystemTrayIcon::Information);
}

} // namespace wherry::desktop
