#pragma once

#include "desktop/offer.h"

#include <QAbstractListModel>

namespace wherry::desktop {

class PeersModel;
class Receiving;

/// The offers that wait for an answer, the oldest first; the person is asked about one at a time.
class OffersModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(wherry::desktop::Offer* current READ current NOTIFY currentChanged)

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

  signals:
    void countChanged();
    void currentChanged();
    /// Somebody should look: a question has come.
    void arrived(wherry::desktop::Offer* offer);

  private:
    void onEvent(const api::Event& event);
    void add(const api::OfferMade& made);
    void remove(api::TransferId transfer);
    void clear();

    EngineSession& m_engine;
    const PeersModel& m_peers;
    const Receiving& m_receiving;
    std::vector<Offer*> m_offers;
};

} // namespace wherry::desktop
