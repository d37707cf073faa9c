#pragma once

#include <QQmlEngine>
#include <QSortFilterProxyModel>

namespace wherry::desktop {

class PeersModel;

/// The devices as the home page lists them: those that are here first, then by name; blocked ones only on demand.
class PeerListModel final : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(bool showsBlocked READ showsBlocked WRITE setShowsBlocked NOTIFY showsBlockedChanged)

  public:
    PeerListModel(PeersModel& peers, QObject* parent);

    int count() const { return rowCount(); }
    QString search() const { return m_search; }
    void setSearch(const QString& search);
    bool showsBlocked() const { return m_showsBlocked; }
    void setShowsBlocked(bool shows);

  signals:
    void countChanged();
    void searchChanged();
    void showsBlockedChanged();

  protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

  private:
    QString m_search;
    bool m_showsBlocked = false;
};

} // namespace wherry::desktop
