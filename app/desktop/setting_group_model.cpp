#include "desktop/setting_group_model.h"

namespace wherry::desktop {

SettingGroupModel::SettingGroupModel(QObject* parent) : QSortFilterProxyModel(parent) {
    connect(this, &QAbstractItemModel::rowsInserted, this, &SettingGroupModel::countChanged);
    connect(this, &QAbstractItemModel::rowsRemoved, this, &SettingGroupModel::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &SettingGroupModel::countChanged);
}

void SettingGroupModel::setSettings(SettingsModel* settings) {
    if (settings == sourceModel()) return;
    setSourceModel(settings);
    emit settingsChanged();
}

void SettingGroupModel::setGroup(const QString& group) {
    if (group == m_group) return;
    m_group = group;
    invalidateFilter();
    emit groupChanged();
}

void SettingGroupModel::setSearch(const QString& search) {
    if (search == m_search) return;
    m_search = search;
    invalidateFilter();
    emit searchChanged();
}

void SettingGroupModel::setPendingOnly(bool pendingOnly) {
    if (pendingOnly == m_pendingOnly) return;
    m_pendingOnly = pendingOnly;
    invalidateFilter();
    emit pendingOnlyChanged();
}

bool SettingGroupModel::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QModelIndex setting = sourceModel()->index(row, 0, parent);
    if (setting.data(SettingsModel::GroupRole).toString() != m_group) return false;
    if (m_pendingOnly && !setting.data(SettingsModel::PendingRole).toBool()) return false;
    const QString wanted = m_search.trimmed();
    for (const int role : {SettingsModel::TitleRole, SettingsModel::ExplanationRole, SettingsModel::KeyRole})
        if (setting.data(role).toString().contains(wanted, Qt::CaseInsensitive)) return true;
    return false;
}

} // namespace wherry::desktop
