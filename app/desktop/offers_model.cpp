#include "desktop/offers_model.h"

#include "desktop/engine_session.h"
#include "desktop/receiving.h"

#include <algorithm>

namespace wherry::desktop {

OffersModel::OffersModel(EngineSession& engine, const PeersModel& peers, const Receiving& receiving, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_peers(peers),
      m_receiving(receiving) {
    connect(&engine, &EngineSession::event, this, &OffersModel::onEvent);
    connect(&engine, &EngineSession::ready, this, &OffersModel::clear); // those of another engine went with it
}

int OffersModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_offers.size());
}

QHash<int, QByteArray> OffersModel::roleNames() const {
    return {{OfferRole, "offer"}, {PeerNameRole, "peerName"}, {LabelRole, "label"}};
}

QVariant OffersModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    Offer* offer = m_offers[static_cast<size_t>(index.row())];
    switch (role) {
    case OfferRole: return QVariant::fromValue(offer);
    case PeerNameRole: return offer->peerName();
    case Qt::DisplayRole:
    case LabelRole: return offer->label();
    default: return {};
    }
}

void OffersModel::onEvent(const api::Event& event) {
    const auto* update = std::get_if<api::TransferUpdate>(&event);
    if (!update) return;
    if (const auto* made = std::get_if<api::OfferMade>(&update->event)) {
        if (made->incoming && made->needsAnswer && m_receiving.active()) add(*made);
        return;
    }
    if (std::holds_alternative<api::TransferHeld>(update->event)) return;
    // Answered, here or elsewhere, or gone.
    remove(std::visit([](const auto& what) { return what.transfer; }, update->event));
}

void OffersModel::add(const api::OfferMade& made) {
    auto* offer = new Offer(m_engine, m_peers.face(made.peer), made, m_receiving.policy(), this);
    connect(offer, &Offer::answered, this, [this, transfer = made.transfer] { remove(transfer); });
    beginInsertRows({}, rowCount(), rowCount());
    m_offers.push_back(offer);
    endInsertRows();
    emit countChanged();
    if (m_offers.size() == 1) emit currentChanged();
    emit arrived(offer);
}

void OffersModel::remove(api::TransferId transfer) {
    const auto found = std::ranges::find(m_offers, transfer, &Offer::transfer);
    if (found == m_offers.end()) return;
    const int row = static_cast<int>(found - m_offers.begin());
    Offer* offer = *found;
    beginRemoveRows({}, row, row);
    m_offers.erase(found);
    endRemoveRows();
    emit countChanged();
    if (row == 0) emit currentChanged();
    offer->deleteLater(); // a view may be in the middle of showing it
}

void OffersModel::clear() {
    while (!m_offers.empty()) remove(m_offers.back()->transfer());
}

} // namespace wherry::desktop
