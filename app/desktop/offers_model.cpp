#include "desktop/offers_model.h"

#include "desktop/engine_session.h"
#include "desktop/receiving.h"

#include <QFileInfo>
#include <algorithm>

namespace wherry::desktop {

namespace {

/// What changes together in a folder is looked at once.
constexpr int kSettleMs = 300;

} // namespace

OffersModel::OffersModel(EngineSession& engine, const PeersModel& peers, const Receiving& receiving, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_peers(peers),
      m_receiving(receiving) {
    connect(&engine, &EngineSession::event, this, &OffersModel::onEvent);
    connect(&engine, &EngineSession::ready, this, &OffersModel::clear); // those of another engine went with it
    m_settle.setInterval(kSettleMs);
    m_settle.setSingleShot(true);
    connect(&m_settle, &QTimer::timeout, this, [this] {
        if (current()) current()->lookAgain();
    });
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, [this] {
        if (!m_settle.isActive()) m_settle.start();
    });
    connect(this, &OffersModel::currentChanged, this, &OffersModel::watchPlace);
    connect(&peers, &PeersModel::peerChanged, this, [this](const api::PeerId& peer) {
        for (int row = 0; row < rowCount(); ++row) {
            Offer* offer = m_offers[static_cast<size_t>(row)];
            if (offer->peer() != peer) continue;
            offer->setFace(m_peers.face(peer));
            emit dataChanged(index(row), index(row), {PeerNameRole});
        }
    });
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
    remove(api::transferOf(update->event));
}

void OffersModel::add(const api::OfferMade& made) {
    auto* offer = new Offer(m_engine, m_receiving, m_peers.face(made.peer), made, this);
    connect(offer, &Offer::answered, this, [this, transfer = made.transfer] { remove(transfer); });
    connect(offer, &Offer::placeChanged, this, &OffersModel::watchPlace);
    const size_t place = placeFor(made.peer);
    beginInsertRows({}, static_cast<int>(place), static_cast<int>(place));
    m_offers.insert(m_offers.begin() + static_cast<ptrdiff_t>(place), offer);
    endInsertRows();
    emit countChanged();
    if (m_offers.size() == 1) emit currentChanged();
    emit arrived(offer);
}

/// Which names are taken there may change while the question is on the screen.
void OffersModel::watchPlace() {
    const QString place = current() ? QString::fromStdString(current()->place()) : QString();
    const QStringList watched = m_watcher.directories();
    if (watched == QStringList{place}) return;
    if (!watched.isEmpty()) m_watcher.removePaths(watched);
    if (QFileInfo(place).isDir()) m_watcher.addPath(place);
}

/// The nth offer of a device stands behind the nth of every other; the one on the screen stays there.
size_t OffersModel::placeFor(const api::PeerId& peer) const {
    const auto turnOf = [&](size_t place) {
        return std::count_if(m_offers.begin(), m_offers.begin() + static_cast<ptrdiff_t>(place),
                             [&](const Offer* one) { return one->peer() == m_offers[place]->peer(); });
    };
    const auto turn = std::ranges::count(m_offers, peer, &Offer::peer);
    size_t place = m_offers.size();
    while (place > 1 && turnOf(place - 1) > turn) --place;
    return place;
}

QString OffersModel::waitingText() const {
    const int waiting = count() - 1;
    if (waiting < 1) return {};
    return waiting == 1 ? tr("1 more waits") : tr("%1 more wait").arg(waiting);
}

/// From the last one on: the question on the screen does not change until there is none.
void OffersModel::declineAll() {
    m_declinedWithAll.clear();
    std::set<api::PeerId> devices;
    for (const Offer* offer : m_offers) {
        m_declinedWithAll.insert(offer->transfer());
        devices.insert(offer->peer());
    }
    while (!m_offers.empty()) m_offers.back()->decline(); // which takes it out
    if (!devices.empty())
        emit declinedAll(static_cast<int>(m_declinedWithAll.size()), static_cast<int>(devices.size()));
}

void OffersModel::setSilence(api::TransferId transfer, double seconds) {
    if (Offer* offer = find(transfer)) offer->setSilence(seconds);
}

Offer* OffersModel::find(api::TransferId transfer) const {
    const auto found = std::ranges::find(m_offers, transfer, &Offer::transfer);
    return found == m_offers.end() ? nullptr : *found;
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
    if (row == 0 && current()) current()->lookAgain(); // it has waited
    emit gone(transfer);
    offer->deleteLater(); // a view may be in the middle of showing it
}

void OffersModel::clear() {
    while (!m_offers.empty()) remove(m_offers.back()->transfer());
}

} // namespace wherry::desktop
