#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QUrl>
#include <deque>

namespace wherry::desktop {

class EngineSession;
class PeersModel;

/// What has been said to one device and by it, the newest first; older ones are asked for when somebody scrolls to
/// them. Plain text, neutralised; nothing in it is opened by itself.
class MessagesModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    /// Whose conversation it is; empty: nobody's.
    Q_PROPERTY(QString peerId READ peerId WRITE setPeerId NOTIFY peerIdChanged)
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    /// Somebody looks at it: what comes is read.
    Q_PROPERTY(bool watched READ watched WRITE setWatched NOTIFY watchedChanged)

  public:
    enum Role {
        TextRole = Qt::UserRole + 1,
        OwnRole,
        StateRole,  ///< "sending", "delivered", "failed", "received"
        StatusRole, ///< in words, with the reason of a failure
        WhenRole,
        LinksRole, ///< web addresses in it, each whole and as it would be opened
        UnreadRole,
    };
    Q_ENUM(Role)

    MessagesModel(EngineSession& engine, const PeersModel& peers, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;
    int count() const { return rowCount(); }
    QString peerId() const;
    void setPeerId(const QString& peerId);
    bool watched() const { return m_watched; }
    void setWatched(bool watched);

    /// Why a text cannot be sent as it is; empty: it can.
    Q_INVOKABLE QString problemWith(const QString& text) const;
    /// False: problemWith() says why.
    Q_INVOKABLE bool send(const QString& text);
    Q_INVOKABLE void retry(int row);
    Q_INVOKABLE void copy(int row) const;
    /// Of this conversation, for good.
    Q_INVOKABLE void clear();
    /// With the program that the desktop has for web pages; only of addresses that LinksRole has given.
    Q_INVOKABLE void openLink(const QString& link);
    /// Whose page it is; of a long name its end, which says that.
    Q_INVOKABLE QString hostOf(const QString& link) const;

  signals:
    void peerIdChanged();
    void countChanged();
    void watchedChanged();
    /// A text of anybody has come.
    void arrived(const QString& peerName, const QString& peerId);
    void failed(const QString& why);

  private:
    void onEvent(const api::Event& event);
    void note(const api::MessageInfo& message);
    void drop(uint64_t upTo);
    void ask(uint64_t before);
    void onListed(const api::MessagesListed& listed, uint64_t before);
    void reset();
    void markRead();
    void command(api::Command command);

    EngineSession& m_engine;
    const PeersModel& m_peers;
    api::PeerId m_peer; ///< nobody: none
    std::deque<api::MessageInfo> m_messages;
    bool m_more = false;
    bool m_asking = false;
    bool m_watched = false;
    uint64_t m_round = 0; ///< answers to what was asked about another conversation are not taken
};

} // namespace wherry::desktop
