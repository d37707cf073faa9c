#pragma once

#include <QQmlEngine>
#include <QSortFilterProxyModel>

namespace wherry::desktop {

class TransfersModel;

/// The transfers as the page lists them: those under way first, then those that wait, each in the order in which they
/// began.
class TransferListModel final : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(int active READ active NOTIFY countChanged)
    Q_PROPERTY(int queued READ queued NOTIFY countChanged)

  public:
    TransferListModel(TransfersModel& transfers, QObject* parent);

    int count() const { return rowCount(); }
    int active() const { return count() - queued(); }
    int queued() const;
    /// Of the source, for what is done to a row here.
    Q_INVOKABLE int sourceRow(int row) const { return mapToSource(index(row, 0)).row(); }

  signals:
    void countChanged();

  protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;
};

} // namespace wherry::desktop
