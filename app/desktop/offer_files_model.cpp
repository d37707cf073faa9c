#include "desktop/offer_files_model.h"

#include "desktop/display.h"

#include <algorithm>
#include <numeric>

namespace wherry::desktop {

namespace {

std::pair<std::string_view, std::string_view> split(const std::string& path) {
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) return {{}, path};
    return {std::string_view(path).substr(0, slash), std::string_view(path).substr(slash + 1)};
}

} // namespace

OfferFilesModel::OfferFilesModel(std::vector<api::OfferEntry> entries, const std::vector<api::OfferRename>& renames,
                                 QObject* parent)
    : QAbstractListModel(parent),
      m_entries(std::move(entries)),
      m_chosen(m_entries.size(), false) {
    for (const api::OfferRename& rename : renames)
        m_renames.insert(QString::fromStdString(rename.path), rename.landsAs);
    for (size_t i = 0; i < m_entries.size(); ++i) choose(i, true);
    m_rows.resize(m_entries.size());
    std::iota(m_rows.begin(), m_rows.end(), 0U);
}

int OfferFilesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QHash<int, QByteArray> OfferFilesModel::roleNames() const {
    return {{NameRole, "name"},       {FolderRole, "folder"},   {IsFolderRole, "isFolder"},
            {SizeTextRole, "sizeText"}, {WarningRole, "warning"}, {LandsAsRole, "landsAs"},
            {CannotLandRole, "cannotLand"}, {ChosenRole, "chosen"}};
}

QVariant OfferFilesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const uint32_t number = m_rows[static_cast<size_t>(index.row())];
    const api::OfferEntry& entry = m_entries[number];
    const auto renamed = [&] { return m_renames.constFind(QString::fromStdString(entry.path)); };
    switch (role) {
    case Qt::DisplayRole:
    case NameRole: return shown(split(entry.path).second);
    case FolderRole: return shown(split(entry.path).first);
    case IsFolderRole: return entry.isFolder;
    case SizeTextRole: return entry.isFolder ? QString() : bytesText(entry.size);
    case WarningRole: return shown(entry.warning);
    case LandsAsRole: return renamed() == m_renames.constEnd() ? QString() : shown(*renamed());
    case CannotLandRole: return renamed() != m_renames.constEnd() && renamed()->empty();
    case ChosenRole: return static_cast<bool>(m_chosen[number]);
    default: return {};
    }
}

QString OfferFilesModel::chosenText() const {
    return contentsText(m_chosenFiles, 0) + QStringLiteral(", ") + bytesText(m_chosenBytes);
}

void OfferFilesModel::setSearch(const QString& search) {
    if (search == m_search) return;
    beginResetModel();
    m_search = search;
    m_rows.clear();
    for (uint32_t i = 0; i < m_entries.size(); ++i)
        if (search.isEmpty() || QString::fromStdString(m_entries[i].path).contains(search, Qt::CaseInsensitive))
            m_rows.push_back(i);
    endResetModel();
    emit searchChanged();
    emit countChanged();
}

void OfferFilesModel::choose(size_t entry, bool chosen) {
    if (m_chosen[entry] == chosen) return;
    m_chosen[entry] = chosen;
    const auto add = [&](auto& sum, uint64_t what) { sum = chosen ? sum + what : sum - what; };
    add(m_chosenEntries, 1);
    if (m_entries[entry].isFolder) return;
    add(m_chosenFiles, 1);
    add(m_chosenBytes, m_entries[entry].size);
}

void OfferFilesModel::setChosen(int row, bool chosen) {
    if (row < 0 || row >= rowCount()) return;
    const uint32_t number = m_rows[static_cast<size_t>(row)];
    choose(number, chosen);
    if (!m_entries[number].isFolder) {
        emit dataChanged(index(row), index(row), {ChosenRole});
    } else {
        const std::string below = m_entries[number].path + "/";
        for (size_t i = 0; i < m_entries.size(); ++i)
            if (m_entries[i].path.starts_with(below)) choose(i, chosen);
        emit dataChanged(index(0), index(rowCount() - 1), {ChosenRole});
    }
    emit chosenChanged();
}

void OfferFilesModel::setAllChosen(bool chosen) {
    for (size_t i = 0; i < m_entries.size(); ++i) choose(i, chosen);
    if (rowCount() > 0) emit dataChanged(index(0), index(rowCount() - 1), {ChosenRole});
    emit chosenChanged();
}

std::vector<uint32_t> OfferFilesModel::selection() const {
    std::vector<uint32_t> chosen;
    if (allChosen()) return chosen;
    for (uint32_t i = 0; i < m_entries.size(); ++i)
        if (m_chosen[i]) chosen.push_back(i);
    return chosen;
}

} // namespace wherry::desktop
