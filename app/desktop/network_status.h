#pragma once

#include "api/types.h"
#include "desktop/figures_model.h"

#include <QObject>
#include <QQmlEngine>
#include <QTimer>
#include <optional>

namespace wherry::desktop {

class EngineSession;
class PeersModel;
class SettingsModel;

/// How this device is connected, what it has of relays, hash tables and topics, and what it does in them for others;
/// and the switches for what it does in the background.
class NetworkStatus final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    /// Somebody looks: the figures are asked for now and then.
    Q_PROPERTY(bool watched READ watched WRITE setWatched NOTIFY watchedChanged)
    Q_PROPERTY(bool quiet READ quiet NOTIFY changed)
    Q_PROPERTY(bool tellsPresence READ tellsPresence NOTIFY changed)
    Q_PROPERTY(wherry::desktop::FiguresModel* reach READ reach CONSTANT)
    Q_PROPERTY(wherry::desktop::FiguresModel* relays READ relays CONSTANT)
    Q_PROPERTY(wherry::desktop::FiguresModel* relaying READ relaying CONSTANT)
    Q_PROPERTY(wherry::desktop::FiguresModel* tables READ tables CONSTANT)
    Q_PROPERTY(wherry::desktop::FiguresModel* topics READ topics CONSTANT)

  public:
    NetworkStatus(EngineSession& engine, PeersModel& peers, SettingsModel& settings, QObject* parent);

    bool watched() const { return m_watch.isActive(); }
    void setWatched(bool watched);
    bool quiet() const;
    bool tellsPresence() const;
    /// At once, whoever's engine does the work, and kept in the settings.
    Q_INVOKABLE void setQuiet(bool quiet);
    Q_INVOKABLE void setTellsPresence(bool tells);

    FiguresModel* reach() { return &m_reach; }
    FiguresModel* relays() { return &m_relays; }
    FiguresModel* relaying() { return &m_relaying; }
    FiguresModel* tables() { return &m_tables; }
    FiguresModel* topics() { return &m_topics; }
    void show(const api::StatusReport& report);

  signals:
    void watchedChanged();
    void changed();

  private:
    void refresh();
    std::vector<Figure> relaysOf(const api::StatusReport& report) const;

    EngineSession& m_engine;
    PeersModel& m_peers;
    SettingsModel& m_settings;
    FiguresModel m_reach{nullptr};
    FiguresModel m_relays{nullptr};
    FiguresModel m_relaying{nullptr};
    FiguresModel m_tables{nullptr};
    FiguresModel m_topics{nullptr};
    QTimer m_watch;
    std::optional<bool> m_quiet; ///< as the engine said last
    bool m_asked = false;
};

} // namespace wherry::desktop
