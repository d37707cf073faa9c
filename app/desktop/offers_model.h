#pragma once

#include "desktop/offer.h"

#include <QAbstractListModel>
#include <QFileSystemWatcher>
#include <QTimer>
#include <set>

namespace wherry::desktop {

class PeersModel;
class Receiving;

/// The offers that wait for an answer; the person is asked about one at a time, the oldest first, but one of another
/// device before a further one of the same: nobody gets the screen for himself by offering again.
class OffersModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(wherry::desktop::Offer* current READ current NOTIFY currentChanged)
    Q_PROPERTY(QString waitingText READ waitingText NOTIFY countChanged)

  public:
    enum Role { OfferRole = Qt::UserRole + 1, PeerNameRole, LabelRole };
    Q_ENUM(Role)

    OffersModel(EngineSession& engine, const PeersModel& peers, const Receiving& receiving, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }
    /// The one to ask about; nullptr: none.
    Offer* current() const { return m_offers.empty() ? nullptr : m_offers.front(); }
    /// How many wait behind it; empty: none.
    QString waitingText() const;
    /// Says no to all that wait now; what comes later is asked about. It is told once, by declinedAll().
    Q_INVOKABLE void declineAll();
    /// It was one of those.
    bool wasDeclinedWithAll(api::TransferId transfer) const { return m_declinedWithAll.contains(transfer); }
    /// For how long its device has not been heard of; 0: it has.
    void setSilence(wherry::api::TransferId transfer, double seconds);
    /// nullptr: it does not wait.
    Offer* find(api::TransferId transfer) const;

  signals:
    void countChanged();
    void currentChanged();
    /// Somebody should look: a question has come.
    void arrived(wherry::desktop::Offer* offer);
    /// So many offers, of so many devices.
    void declinedAll(int offers, int devices);
    /// It does not wait any more.
    void gone(wherry::api::TransferId transfer);

  private:
    void onEvent(const api::Event& event);
    void add(const api::OfferMade& made);
    void remove(api::TransferId transfer);
    size_t placeFor(const api::PeerId& peer) const;
    void watchPlace();
    void clear();

    EngineSession& m_engine;
    const PeersModel& m_peers;
    const Receiving& m_receiving;
    std::vector<Offer*> m_offers; ///< in the order of the questions
    std::set<api::TransferId> m_declinedWithAll; ///< the last ones
    QFileSystemWatcher m_watcher;                ///< of the folder that the one on the screen is for
    QTimer m_settle;
};

} // namespace wherry::desktop
