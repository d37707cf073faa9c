#pragma once

#include "desktop/settings_model.h"

#include <QSortFilterProxyModel>

namespace wherry::desktop {

/// The settings of one group that a search finds.
class SettingGroupModel : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(wherry::desktop::SettingsModel* settings READ settings WRITE setSettings NOTIFY settingsChanged)
    Q_PROPERTY(QString group READ group WRITE setGroup NOTIFY groupChanged)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(bool pendingOnly READ pendingOnly WRITE setPendingOnly NOTIFY pendingOnlyChanged)
    Q_PROPERTY(int count READ count NOTIFY countChanged)

  public:
    explicit SettingGroupModel(QObject* parent = nullptr);

    SettingsModel* settings() const { return qobject_cast<SettingsModel*>(sourceModel()); }
    void setSettings(SettingsModel* settings);
    QString group() const { return m_group; }
    void setGroup(const QString& group);
    QString search() const { return m_search; }
    void setSearch(const QString& search);
    /// Only those that wait for a restart.
    bool pendingOnly() const { return m_pendingOnly; }
    void setPendingOnly(bool pendingOnly);
    int count() const { return rowCount(); }

  signals:
    void settingsChanged();
    void groupChanged();
    void searchChanged();
    void pendingOnlyChanged();
    void countChanged();

  protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

  private:
    QString m_group;
    QString m_search;
    bool m_pendingOnly = false;
};

} // namespace wherry::desktop
