#pragma once

#include "api/types.h"

#include <QObject>
#include <QQmlEngine>

namespace wherry::desktop {

class EngineSession;

/// The upper bounds of what goes over the network, in Mbit/s, as the person sets them until the engine ends; nought: no
/// limit.
class Bandwidth final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(double upload READ upload NOTIFY changed)
    Q_PROPERTY(double download READ download NOTIFY changed)
    Q_PROPERTY(double uploadPerPeer READ uploadPerPeer NOTIFY changed)
    Q_PROPERTY(double downloadPerPeer READ downloadPerPeer NOTIFY changed)
    /// Whether devices on the local network count too.
    Q_PROPERTY(bool limitsLan READ limitsLan NOTIFY changed)
    /// In words; empty: there is no limit.
    Q_PROPERTY(QString summary READ summary NOTIFY changed)

  public:
    Bandwidth(EngineSession& engine, QObject* parent);

    double upload() const { return megabits(m_limits.upload); }
    double download() const { return megabits(m_limits.download); }
    double uploadPerPeer() const { return megabits(m_limits.uploadPerPeer); }
    double downloadPerPeer() const { return megabits(m_limits.downloadPerPeer); }
    bool limitsLan() const { return m_limits.limitLan; }
    QString summary() const;

    /// Each in Mbit/s. Nothing changes when the engine refuses; failed() says why.
    Q_INVOKABLE void set(double upload, double download, double uploadPerPeer, double downloadPerPeer, bool limitsLan);
    /// What a person has typed, in Mbit/s; empty: no limit (0). Negative: it is no number that can be one.
    Q_INVOKABLE double parse(const QString& typed) const;
    Q_INVOKABLE QString text(double megabits) const;
    /// As it is at the moment: other programs may have changed it.
    Q_INVOKABLE void refresh();

  signals:
    void changed();
    void failed(const QString& why);

  private:
    static double megabits(api::BitRate rate) { return static_cast<double>(rate.perSecond) / 1e6; }

    EngineSession& m_engine;
    api::BandwidthLimits m_limits;
};

} // namespace wherry::desktop
