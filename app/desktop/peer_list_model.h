#pragma once

#include <QQmlEngine>
#include <QSortFilterProxyModel>

namespace wherry::desktop {

class PeersModel;

/// The devices as the home page lists them: those that are here first, then by name; blocked ones only on demand. Or the
/// others, who have got in touch without any act of the person's, or bear the name of another device.
class PeerListModel final : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(int unread READ unread NOTIFY unreadChanged)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(int blockedCount READ blockedCount NOTIFY blockedCountChanged)
    Q_PROPERTY(bool showsBlocked READ showsBlocked WRITE setShowsBlocked NOTIFY showsBlockedChanged)

  public:
    enum class Which { Acquainted, Others };

    PeerListModel(PeersModel& peers, Which which, QObject* parent);

    int count() const { return rowCount(); }
    /// Messages of those that are listed, which the person has not seen.
    int unread() const { return m_unread; }
    /// Blocked devices, shown or not.
    int blockedCount() const { return m_blockedCount; }
    QString search() const { return m_search; }
    void setSearch(const QString& search);
    bool showsBlocked() const { return m_showsBlocked; }
    void setShowsBlocked(bool shows);

  signals:
    void countChanged();
    void unreadChanged();
    void blockedCountChanged();
    void searchChanged();
    void showsBlockedChanged();

  protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

  private:
    void countBlocked();
    void countUnread();

    const Which m_which;
    int m_unread = 0;
    int m_blockedCount = 0;
    QString m_search;
    bool m_showsBlocked = false;
};

} // namespace wherry::desktop
