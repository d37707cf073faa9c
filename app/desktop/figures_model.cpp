#include "desktop/figures_model.h"

#include <algorithm>

namespace wherry::desktop {

int FiguresModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_figures.size());
}

QHash<int, QByteArray> FiguresModel::roleNames() const {
    return {{TitleRole, "title"}, {ValueRole, "value"}, {DetailRole, "detail"}};
}

QVariant FiguresModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Figure& figure = m_figures[static_cast<size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case TitleRole:
        return figure.title;
    case ValueRole:
        return figure.value;
    case DetailRole:
        return figure.detail;
    default:
        return {};
    }
}

void FiguresModel::show(std::vector<Figure> figures) {
    const int before = rowCount();
    const int now = static_cast<int>(figures.size());
    if (now < before) {
        beginRemoveRows({}, now, before - 1);
        m_figures.resize(figures.size());
        endRemoveRows();
    }
    for (int row = 0; row < rowCount(); ++row) {
        Figure& shown = m_figures[static_cast<size_t>(row)];
        Figure& fresh = figures[static_cast<size_t>(row)];
        if (shown == fresh) continue;
        shown = std::move(fresh);
        emit dataChanged(index(row), index(row));
    }
    if (now > before) {
        beginInsertRows({}, before, now - 1);
        std::move(figures.begin() + before, figures.end(), std::back_inserter(m_figures));
        endInsertRows();
    }
    if (now != before) emit countChanged();
}

} // namespace wherry::desktop
