#pragma once

#include "desktop/notifier.h"

class QSystemTrayIcon;

namespace wherry::desktop {

/// Messages of the tray icon, where nothing better is to be had: without actions, one at a time.
class TrayNotifier final : public Notifier {
    Q_OBJECT

  public:
    /// `tray`: may be null; then nothing is shown.
    explicit TrayNotifier(QSystemTrayIcon* tray, QObject* parent = nullptr);

    void show(const Notification& notification) override;
    void withdraw(const QString&) override {}

  private:
    QSystemTrayIcon* m_tray;
    QString m_last;
};

} // namespace wherry::desktop
