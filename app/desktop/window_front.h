#pragma once

#include "desktop/attention.h"

#include <QObject>
#include <memory>

class QMenu;
class QQuickWindow;
class QSystemTrayIcon;

namespace wherry::desktop {

/// Between the window and the desktop that it stands on: brings it to the front, notifies, shows folders, and keeps a
/// place in the tray where there is one. The window never depends on the tray to come back: a second start shows it.
class WindowFront final : public QObject {
    Q_OBJECT

  public:
    WindowFront(App& app, QQuickWindow& window, QObject* parent = nullptr);
    ~WindowFront() override;

    void show();
    /// With a tray: only there. Without one: minimised.
    void startHidden();

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    /// There is one and it shows our icon.
    bool hasTray() const;
    void makeTray();
    void makeNotifier();
    void judgeWatched();

    App& m_app;
    QQuickWindow& m_window;
    QSystemTrayIcon* m_tray = nullptr;
    QMenu* m_menu = nullptr;
    std::unique_ptr<Notifier> m_notifier;
    std::unique_ptr<Attention> m_attention;
};

} // namespace wherry::desktop
