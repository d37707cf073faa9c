#include "desktop/peer_list_model.h"

#include "desktop/peers_model.h"

namespace wherry::desktop {

namespace {

/// Who is here stands first; who bears the name of another never before that other.
int rankOf(const QModelIndex& peer) {
    if (peer.data(PeersModel::BlockedRole).toBool()) return 4;
    if (peer.data(PeersModel::DoubtfulNameRole).toBool()) return 3;
    const QString presence = peer.data(PeersModel::PresenceRole).toString();
    return presence == QLatin1String("away") ? 2 : 1;
}

/// Nobody here has had to do with it of his own accord; or it bears the name of another, and nobody trusts it all the
/// same. What is blocked stays where it was.
bool isUnknown(const QModelIndex& peer) {
    const auto is = [&](int role) { return peer.data(role).toBool(); };
    if (!is(PeersModel::AcquaintedRole)) return true;
    return is(PeersModel::DoubtfulNameRole) && !is(PeersModel::TrustedRole) && !is(PeersModel::BlockedRole);
}

} // namespace

PeerListModel::PeerListModel(PeersModel& peers, Which which, QObject* parent)
    : QSortFilterProxyModel(parent),
      m_which(which) {
    connect(this, &QAbstractItemModel::rowsInserted, this, &PeerListModel::countChanged);
    connect(this, &QAbstractItemModel::rowsRemoved, this, &PeerListModel::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &PeerListModel::countChanged);
    connect(this, &PeerListModel::countChanged, this, &PeerListModel::countUnread);
    connect(this, &QAbstractItemModel::dataChanged, this, &PeerListModel::countUnread);
    setSourceModel(&peers);
    sort(0);
    connect(&peers, &QAbstractItemModel::rowsInserted, this, &PeerListModel::countBlocked);
    connect(&peers, &QAbstractItemModel::rowsRemoved, this, &PeerListModel::countBlocked);
    connect(&peers, &QAbstractItemModel::modelReset, this, &PeerListModel::countBlocked);
    connect(&peers, &QAbstractItemModel::dataChanged, this, &PeerListModel::countBlocked);
    countBlocked();
}

void PeerListModel::countBlocked() {
    int blocked = 0;
    for (int row = 0; row < sourceModel()->rowCount(); ++row)
        blocked += sourceModel()->index(row, 0).data(PeersModel::BlockedRole).toBool();
    if (blocked == m_blockedCount) return;
    m_blockedCount = blocked;
    emit blockedCountChanged();
}

void PeerListModel::countUnread() {
    int unread = 0;
    for (int row = 0; row < rowCount(); ++row) unread += index(row, 0).data(PeersModel::UnreadRole).toInt();
    if (unread == m_unread) return;
    m_unread = unread;
    emit unreadChanged();
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
    if (isUnknown(peer) == (m_which == Which::Acquainted)) return false;
    const auto has = [&](int role) { return peer.data(role).toString().contains(m_search, Qt::CaseInsensitive); };
    return m_search.isEmpty() || has(PeersModel::NameRole) || has(PeersModel::WordsRole);
}

bool PeerListModel::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const int order = rankOf(left) - rankOf(right);
    if (order != 0) return order < 0;
    return left.data(PeersModel::NameRole).toString().localeAwareCompare(right.data(PeersModel::NameRole).toString()) < 0;
}

} // namespace wherry::desktop
