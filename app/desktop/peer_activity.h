#pragma once

#include "desktop/transfers_model.h"

#include <QObject>
#include <QPointer>

namespace wherry::desktop {

/// What is under way with one device: what its row among the devices says, so that whoever has just sent something sees
/// it go without looking for it.
class PeerActivity : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(wherry::desktop::TransfersModel* transfers READ transfers WRITE setTransfers NOTIFY changed)
    Q_PROPERTY(QString peerId READ peerId WRITE setPeerId NOTIFY changed)
    Q_PROPERTY(bool active READ active NOTIFY changed)
    Q_PROPERTY(QString text READ text NOTIFY changed)
    Q_PROPERTY(double progress READ progress NOTIFY changed)

  public:
    explicit PeerActivity(QObject* parent = nullptr) : QObject(parent) {}

    TransfersModel* transfers() const { return m_transfers; }
    void setTransfers(TransfersModel* transfers);
    QString peerId() const { return m_peerId; }
    void setPeerId(const QString& peerId);

    bool active() const { return !m_text.isEmpty(); }
    /// "Sending Holiday · 34 %", or how many; empty: nothing is under way.
    QString text() const { return m_text; }
    /// Of what moves, 0 to 1; negative: nothing does.
    double progress() const { return m_progress; }

  signals:
    void changed();

  private:
    void look();

    QPointer<TransfersModel> m_transfers;
    QString m_peerId;
    QString m_text;
    double m_progress = -1;
};

} // namespace wherry::desktop
