#include "desktop/transfer_list_model.h"

#include "desktop/transfers_model.h"

namespace wherry::desktop {

namespace {

bool isQueued(const QModelIndex& transfer) {
    return transfer.data(TransfersModel::SectionRole).toString() == QLatin1String("queue");
}

} // namespace

TransferListModel::TransferListModel(TransfersModel& transfers, QObject* parent) : QSortFilterProxyModel(parent) {
    connect(this, &QAbstractItemModel::rowsInserted, this, &TransferListModel::countChanged);
    connect(this, &QAbstractItemModel::rowsRemoved, this, &TransferListModel::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &TransferListModel::countChanged);
    connect(this, &QAbstractItemModel::layoutChanged, this, &TransferListModel::countChanged);
    connect(this, &QAbstractItemModel::rowsMoved, this, &TransferListModel::countChanged);
    setSourceModel(&transfers);
    sort(0);
}

int TransferListModel::queued() const {
    int found = 0; // those that wait are the last
    while (found < rowCount() && isQueued(index(rowCount() - 1 - found, 0))) ++found;
    return found;
}

bool TransferListModel::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const bool waits = isQueued(left);
    return waits == isQueued(right) ? left.row() < right.row() : !waits;
}

} // namespace wherry::desktop
