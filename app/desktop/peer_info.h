#pragma once

#include "desktop/peers_model.h"

#include <QObject>
#include <QPointer>

namespace wherry::desktop {

/// One device of the model, by its key: what a page about it binds to.
class PeerInfo : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(wherry::desktop::PeersModel* peers READ peers WRITE setPeers NOTIFY changed)
    Q_PROPERTY(QString peerId READ peerId WRITE setPeerId NOTIFY changed)
    Q_PROPERTY(bool known READ known NOTIFY changed)
    Q_PROPERTY(QString name READ name NOTIFY changed)
    /// Over its own page: it says so when another device has the name.
    Q_PROPERTY(QString title READ title NOTIFY changed)
    Q_PROPERTY(QString nameInText READ nameInText NOTIFY changed)
    Q_PROPERTY(QString claimedNameInText READ claimedNameInText NOTIFY changed)
    Q_PROPERTY(QString claimedName READ claimedName NOTIFY changed)
    Q_PROPERTY(QString alias READ alias NOTIFY changed)
    Q_PROPERTY(QString words READ words NOTIFY changed)
    Q_PROPERTY(double hue READ hue NOTIFY changed)
    Q_PROPERTY(QString kind READ kind NOTIFY changed)
    Q_PROPERTY(bool trusted READ trusted NOTIFY changed)
    Q_PROPERTY(bool blocked READ blocked NOTIFY changed)
    Q_PROPERTY(QString presence READ presence NOTIFY changed)
    Q_PROPERTY(QString path READ path NOTIFY changed)
    Q_PROPERTY(QString pathText READ pathText NOTIFY changed)
    Q_PROPERTY(QString pathReason READ pathReason NOTIFY changed)
    Q_PROPERTY(double latency READ latency NOTIFY changed)
    Q_PROPERTY(int unread READ unread NOTIFY changed)
    Q_PROPERTY(bool doubtfulName READ doubtfulName NOTIFY changed)
    Q_PROPERTY(QString lastSeen READ lastSeen NOTIFY changed)

  public:
    explicit PeerInfo(QObject* parent = nullptr) : QObject(parent) {}

    PeersModel* peers() const { return m_peers; }
    void setPeers(PeersModel* peers);
    QString peerId() const { return m_peerId; }
    void setPeerId(const QString& peerId);

    bool known() const;
    QString name() const { return value(PeersModel::NameRole).toString(); }
    QString title() const;
    QString nameInText() const { return value(PeersModel::NameInTextRole).toString(); }
    QString claimedNameInText() const;
    QString claimedName() const { return value(PeersModel::ClaimedNameRole).toString(); }
    QString alias() const { return value(PeersModel::AliasRole).toString(); }
    QString words() const { return value(PeersModel::WordsRole).toString(); }
    double hue() const { return value(PeersModel::HueRole).toDouble(); }
    QString kind() const { return value(PeersModel::KindRole).toString(); }
    bool trusted() const { return value(PeersModel::TrustedRole).toBool(); }
    bool blocked() const { return value(PeersModel::BlockedRole).toBool(); }
    QString presence() const { return value(PeersModel::PresenceRole).toString(); }
    QString path() const { return value(PeersModel::PathRole).toString(); }
    QString pathText() const { return value(PeersModel::PathTextRole).toString(); }
    QString pathReason() const { return value(PeersModel::PathReasonRole).toString(); }
    double latency() const;
    int unread() const { return value(PeersModel::UnreadRole).toInt(); }
    bool doubtfulName() const { return value(PeersModel::DoubtfulNameRole).toBool(); }
    QString lastSeen() const { return value(PeersModel::LastSeenRole).toString(); }

  signals:
    void changed();

  private:
    QVariant value(int role) const;

    QPointer<PeersModel> m_peers;
    QString m_peerId;
    api::PeerId m_peer; ///< nobody: m_peerId is none
};

} // namespace wherry::desktop
