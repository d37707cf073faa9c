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

void NoticesModel::add(Kind kind, const QString& text, std::vector<Action> actions) {
    QStringList words;
    for (const Action& action : actions) words.append(action.text);
    if (m_notices.size() >= kMaxNotices) remove(0);
    beginInsertRows({}, rowCount(), rowCount());
    m_notices.push_back({kind, text, ++m_lastKey, std::move(actions)});
    endInsertRows();
    emit countChanged();
    emit added(m_lastKey, text, words);
}

void NoticesModel::dismiss(int key) {
    const auto found = std::ranges::find(m_notices, key, &Notice::key);
    if (found != m_notices.end()) remove(static_cast<int>(found - m_notices.begin()));
}

bool NoticesModel::stays(int key) const {
    const auto found = std::ranges::find(m_notices, key, &Notice::key);
    return found != m_notices.end() && found->kind == Kind::Loss;
}

void NoticesModel::act(int key, int action) {
    const auto found = std::ranges::find(m_notices, key, &Notice::key);
    if (found == m_notices.end() || action < 0 || action >= static_cast<int>(found->actions.size())) return;
    const auto run = found->actions[static_cast<size_t>(action)].run; // which may add notices
    run();
}

void NoticesModel::remove(int row) {
    beginRemoveRows({}, row, row);
    m_notices.erase(m_notices.begin() + row);
    endRemoveRows();
    emit countChanged();
}

} // namespace wherry::desktop
