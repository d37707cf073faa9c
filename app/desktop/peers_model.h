#pragma once

#include "api/types.h"
#include "desktop/acquaintances.h"
#include "desktop/key_label.h"

#include <QAbstractListModel>
#include <QHash>
#include <QQmlEngine>
#include <QTimer>

namespace wherry::desktop {

class EngineSession;

/// What is shown of a device wherever it is named.
struct PeerFace {
    QString name;   ///< the person's name for it, or what it calls itself, or its words; never empty. From face() it
                    ///< says so when another device has it: it stands where nothing else tells the two apart; and it is
                    ///< no longer than a sentence bears, see nameInText()
    QString words;
    double hue = 0;
    QString kind;   ///< "laptop", "phone", ...
    bool trusted = false;
};

/// The devices that are known, in the order in which they were heard of; PeerListModel sorts and filters.
class PeersModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    /// Messages of all that the person has not seen.
    Q_PROPERTY(int unread READ unread NOTIFY unreadChanged)

  public:
    enum Role {
        PeerIdRole = Qt::UserRole + 1,
        NameRole,         ///< as PeerFace, whole and without a warning
        NameInTextRole,   ///< the same in a sentence
        ClaimedNameRole,  ///< what it calls itself; empty: nothing
        AliasRole,        ///< the person's name for it
        WordsRole,
        HueRole,
        KindRole,
        TrustedRole,
        BlockedRole,
        PresenceRole,     ///< "connected", "nearby", "here" (it says so), "away"
        PathRole,         ///< "lan", "direct6", ...; empty: not connected
        PathTextRole,
        PathReasonRole,
        LatencyRole,      ///< milliseconds; negative: not known
        LastSeenRole,     ///< in words
        UnreadRole,       ///< messages that the person has not seen
        AcquaintedRole,   ///< see Acquaintances
        DoubtfulNameRole, ///< it is shown by what it calls itself, and another device is called so
    };
    Q_ENUM(Role)

    PeersModel(EngineSession& engine, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }
    int unread() const { return m_unread; }

    PeerFace face(const api::PeerId& peer) const;
    /// The name of the device through which its connection is relayed; empty: none.
    QString relayOf(const api::PeerView& view) const;
    /// Nullptr: not known.
    const api::PeerView* find(const api::PeerId& peer) const;
    int rowOf(const api::PeerId& peer) const { return m_rows.at(peer); }
    /// Asks for what changes without an event: latency, presence.
    void setWatched(bool watched);

  signals:
    void countChanged();
    void unreadChanged();
    void peerChanged(const wherry::api::PeerId& peer);

  private:
    void refresh(const api::PeerId& after);
    void onEvent(const api::Event& event);
    void put(const api::PeerView& view);
    void rename(const api::PeerId& peer, const QString& before, const QString& now);
    bool hasNamesake(const api::PeerView& view) const;

    EngineSession& m_engine;
    Acquaintances m_acquaintances;
    std::vector<api::PeerView> m_peers;
    std::map<api::PeerId, int> m_rows;
    QMultiHash<QString, api::PeerId> m_named; ///< by nameKey()
    QTimer m_watch;
    int m_unread = 0;
};

} // namespace wherry::desktop
