#include "desktop/notices_model.h"

#include <algorithm>

namespace wherry::desktop {

namespace {

/// On the screen at once; older ones make room.
constexpr size_t kMaxNotices = 5;

} // namespace

int NoticesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_notices.size());
}

QHash<int, QByteArray> NoticesModel::roleNames() const {
    return {{TextRole, "text"}, {KindRole, "kind"}, {KeyRole, "key"}};
}

QVariant NoticesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Notice& notice = m_notices[static_cast<size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case TextRole: return notice.text;
    case KindRole: return QVariant::fromValue(notice.kind);
    case KeyRole: return notice.key;
    default: return {};
    }
}

void NoticesModel::add(Kind kind, const QString& text) {
    if (m_notices.size() >= kMaxNotices) remove(0);
    beginInsertRows({}, rowCount(), rowCount());
    m_notices.push_back({kind, text, ++m_lastKey});
    endInsertRows();
    emit countChanged();
    emit added(text);
}

void NoticesModel::dismiss(int key) {
    const auto found = std::ranges::find(m_notices, key, &Notice::key);
    if (found != m_notices.end()) remove(static_cast<int>(found - m_notices.begin()));
}

void NoticesModel::remove(int row) {
    beginRemoveRows({}, row, row);
    m_notices.erase(m_notices.begin() + row);
    endRemoveRows();
    emit countChanged();
}

} // namespace wherry::desktop
