#pragma once



#include <QObject>

class QMenu;
class QQuickWindow;
class QSystemTrayIcon;

namespace wherry::desktop {

class App;

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

  private:
    void makeTray();
    void notify(const QString& title, const QString& text);

    App& m_app;
    QQuickWindow& m_window;
    QSystemTrayIcon* m_tray = nullptr;
    QMenu* m_menu = nullptr;
};

} // namespace wherry::desktop
