#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QTimer>
#include <deque>
#include <functional>
#include <map>
#include <set>

namespace wherry::desktop {

class EngineSession;
class PeersModel;

/// The transfers under way and in the queue, whoever has asked for them. Rows change at most ten times a second; what
/// the engine lists is asked for when something is there that events do not tell.
class TransfersModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)

  public:
    enum Role {
        TransferRole = Qt::UserRole + 1, ///< its number
        IncomingRole,
        PeerIdRole,
        PeerNameRole,
        WordsRole,
        HueRole,
        LabelRole,
        StateRole,    ///< "preparing", "offered", "running", "interrupted", "paused", "queued"
        ProgressRole, ///< 0 to 1
        StatusRole,   ///< what goes on, in words
        DetailRole,   ///< the same with "12 MB of 40 MB" and files
        PaceRole,     ///< "3.2 MB/s · 12 s left"; empty: it does not move
        RatesRole,    ///< bytes a second, one value a second, the newest last
        PathRole,     ///< "lan", "direct6", ...; empty: not known
        PathTextRole,
        PathReasonRole,
        CanPauseRole,
        CanResumeRole,
        SectionRole,  ///< "active" or "queue": it has not begun, or waits for others
        VerifiedRole, ///< numbers from 0 to 255: how much of each part of it is verified; empty: not known
        PriorityRole, ///< "low", "normal", "high"
        CanPrioritiseRole,
        LeftOutRole, ///< how many items of what was to be sent cannot be
    };
    Q_ENUM(Role)

    TransfersModel(EngineSession& engine, const PeersModel& peers, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }
    /// What it is about; empty: it is not in the list.
    QString labelOf(api::TransferId transfer) const;
    /// An offer to us that waits for an answer.
    bool isAsked(api::TransferId transfer) const;
    bool isIncoming(api::TransferId transfer) const;
    /// Items of what was to be sent that are not in the offer.
    uint64_t leftOutOf(api::TransferId transfer) const;
    /// Of everything that runs together, 0 to 1; negative: nothing does.
    double progress() const;

    Q_INVOKABLE void pause(int row);
    Q_INVOKABLE void resume(int row);
    /// "low", "normal", "high": of an outgoing one, against the others that wait.
    Q_INVOKABLE void setPriority(int row, const QString& priority);
    /// The same of either side: what has arrived stays, so that the same send goes on.
    Q_INVOKABLE void cancel(int row);
    Q_INVOKABLE void cancelAll();

  signals:
    void countChanged();
    void progressChanged();
    /// What an answer is awaited for, here or there: its peer has not been heard of for so long; 0: it has.
    void silent(wherry::api::TransferId transfer, double seconds);
    /// It has come to an end; the history has it.
    void ended(const wherry::api::TransferEvent& how);
    /// Not all of it can be sent; once for each transfer.
    void incomplete(const wherry::api::OfferMade& offer);
    void failed(const QString& why);

  private:
    struct Row {
        api::TransferInfo info;
        std::deque<double> rates;
    };

    void onEvent(const api::Event& event);
    void onTransfer(const api::TransferEvent& event);
    void note(const api::OfferMade& event);
    void note(const api::OfferAccepted& event);
    void note(const api::OfferDeclined& event);
    void note(const api::TransferResumed& event);
    void note(const api::TransferProgress& event);
    void note(const api::TransferDelivered& event);
    void note(const api::TransferFailed& event);
    void note(const api::TransferInterrupted& event);
    void note(const api::TransferHeld& event);
    void ask();
    void onListed(const api::TransfersListed& listed);
    void insert(const api::TransferInfo& info);
    void remove(api::TransferId transfer);
    Row* find(api::TransferId transfer);
    const Row* find(api::TransferId transfer) const;
    void touch(api::TransferId transfer);
    void tellTouched();
    void sampleRates();
    void command(int row, const std::function<api::Command(api::TransferId)>& make);

    EngineSession& m_engine;
    const PeersModel& m_peers;
    std::vector<Row> m_rows;
    std::set<api::TransferId> m_touched;
    std::map<api::TransferId, uint64_t> m_leftOut; ///< an offer may be out before its row is here
    QTimer m_tell; ///< runs when something was touched
    QTimer m_second;
    QTimer m_ask;
};

} // namespace wherry::desktop
