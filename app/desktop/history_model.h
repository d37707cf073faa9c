#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QTimer>
#include <deque>

namespace wherry::desktop {

class EngineSession;
class PeersModel;

/// Transfers that have ended, the newest first; older ones are asked for when somebody scrolls to them.
class HistoryModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool more READ more NOTIFY countChanged)
    Q_PROPERTY(int retryable READ retryable NOTIFY countChanged)

  public:
    enum Role {
        IncomingRole = Qt::UserRole + 1,
        PeerIdRole,
        PeerNameRole,
        WordsRole,
        HueRole,
        LabelRole,
        OutcomeRole, ///< "delivered", "declined", "failed", "cancelled", "interrupted"
        StatusRole,  ///< the same in words, with the reason
        DetailRole,  ///< from or to whom, how much, when
        FolderRole,  ///< where it landed, for people; empty: it was sent
        RetryableRole,
        PathTextRole,
    };
    Q_ENUM(Role)

    HistoryModel(EngineSession& engine, const PeersModel& peers, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;
    int count() const { return rowCount(); }
    int retryable() const;
    /// There are older ones than those that are here.
    bool more() const { return m_more; }
    Q_INVOKABLE void showMore() { fetchMore({}); }

    /// Asks soon for what has ended meanwhile.
    void refresh();

    Q_INVOKABLE void retry(int row);
    Q_INVOKABLE void retryAll();
    Q_INVOKABLE void showInFolder(int row);

  signals:
    void countChanged();
    void failed(const QString& why);
    /// To be shown by the file manager.
    void folderWanted(const QUrl& folder);

  private:
    void ask(uint64_t before);
    void onNewest(const api::HistoryListed& listed);
    void onOlder(const api::HistoryListed& listed);

    EngineSession& m_engine;
    const PeersModel& m_peers;
    std::deque<api::HistoryEntry> m_entries;
    bool m_more = false;
    bool m_asking = false; ///< for older ones
    QTimer m_refresh;
};

} // namespace wherry::desktop
