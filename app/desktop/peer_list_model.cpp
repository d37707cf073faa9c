#include "desktop/peer_list_model.h"

#include "desktop/peers_model.h"

namespace wherry::desktop {

namespace {

/// Who is here stands first.
int rankOf(const QModelIndex& peer) {
    if (peer.data(PeersModel::BlockedRole).toBool()) return 3;
    const QString presence = peer.data(PeersModel::PresenceRole).toString();
    return presence == QLatin1String("away") ? 2 : 1;
}

} // namespace

PeerListModel::PeerListModel(PeersModel& peers, QObject* parent) : QSortFilterProxyModel(parent) {
    connect(this, &QAbstractItemModel::rowsInserted, this, &PeerListModel::countChanged);
    connect(this, &QAbstractItemModel::rowsRemoved, this, &PeerListModel::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &PeerListModel::countChanged);
    setSourceModel(&peers);
    sort(0);
}

void PeerListModel::setSearch(const QString& search) {
    if (search == m_search) return;
    m_search = search;
    invalidateFilter();
    emit searchChanged();
}

void PeerListModel::setShowsBlocked(bool shows) {
    if (shows == m_showsBlocked) return;
    m_showsBlocked = shows;
    invalidateFilter();
    emit showsBlockedChanged();
}

bool PeerListModel::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QModelIndex peer = sourceModel()->index(row, 0, parent);
    if (!m_showsBlocked && peer.data(PeersModel::BlockedRole).toBool()) return false;
    const auto has = [&](int role) { return peer.data(role).toString().contains(m_search, Qt::CaseInsensitive); };
    return m_search.isEmpty() || has(PeersModel::NameRole) || has(PeersModel::WordsRole);
}

bool PeerListModel::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const int order = rankOf(left) - rankOf(right);
    if (order != 0) return order < 0;
    return left.data(PeersModel::NameRole).toString().localeAwareCompare(right.data(PeersModel::NameRole).toString()) < 0;
}

} // namespace wherry::desktop
