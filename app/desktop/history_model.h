#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QTimer>
#include <deque>

namespace wherry::desktop {

class EngineSession;
class PeersModel;
struct LandedFiles;

/// Transfers that have ended, the newest first; older ones are asked for when somebody scrolls to them.
class HistoryModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool more READ more NOTIFY countChanged)
    Q_PROPERTY(int retryable READ retryable NOTIFY countChanged)
    Q_PROPERTY(QString retryableText READ retryableText NOTIFY countChanged)

  public:
    enum Role {
        IncomingRole = Qt::UserRole + 1,
        PeerIdRole,
        PeerNameRole,
        WordsRole,
        HueRole,
        LabelRole,   ///< what it is; received as one file or folder, by the name that it has on the disk
        OutcomeRole, ///< "delivered", "declined", "failed", "cancelled", "interrupted", "unanswered"
        StatusRole,  ///< the same in words, with the reason
        DetailRole,  ///< from or to whom, how much, when
        FolderRole,  ///< where it landed, for people; empty: it was sent
        RetryableRole,
        PathTextRole,
        PathReasonRole,
        PathRole, ///< "lan", "direct6", ...; empty: none was in use
        OpenableRole, ///< it is here as one file or folder
        LeftOutRole,  ///< how many items of what was to be sent were not
    };
    Q_ENUM(Role)

    HistoryModel(EngineSession& engine, const PeersModel& peers, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;
    int count() const { return rowCount(); }
    /// How many sends have not arrived, without those that the person has stopped.
    int retryable() const { return m_retryable; }
    QString retryableText() const;
    /// There are older ones than those that are here.
    bool more() const { return m_more; }
    Q_INVOKABLE void showMore() { fetchMore({}); }

    /// Asks soon for what has ended meanwhile.
    void refresh();

    Q_INVOKABLE void retry(int row);
    Q_INVOKABLE void retryAll();
    Q_INVOKABLE void showInFolder(int row);
    /// What has been received, with the program that the desktop has for it; runQuestion() comes first when it may be
    /// one itself, unless `askedBefore`.
    Q_INVOKABLE void open(int row, bool askedBefore = false);
    /// The same of what has just landed; the folder when it stands in no row.
    void openLanded(const LandedFiles& files);
    /// The entry is forgotten; files stay.
    Q_INVOKABLE void remove(int row);
    Q_INVOKABLE void clear();

  signals:
    void countChanged();
    void failed(const QString& why);
    /// Opening it may run what is in it.
    void runQuestion(int row, const QString& name);

  private:
    void ask(uint64_t before);
    void onNewest(const api::HistoryListed& listed);
    void dropVanished(const api::HistoryListed& listed);
    void forgetFinished();
    void onOlder(const api::HistoryListed& listed);
    const api::HistoryEntry* at(int row) const;
    void drop(uint64_t number);
    void onRowsChanged();

    EngineSession& m_engine;
    const PeersModel& m_peers;
    std::deque<api::HistoryEntry> m_entries;
    int m_retryable = 0; ///< of those that are here
    bool m_more = false;
    bool m_asking = false; ///< for older ones
    QTimer m_refresh;
};

} // namespace wherry::desktop
