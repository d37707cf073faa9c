#include "desktop/offer_files_model.h"

#include "desktop/display.h"
#include "desktop/file_opener.h"

#include <algorithm>
#include <set>

namespace wherry::desktop {

namespace {

/// Characters of the way to a file.
constexpr qsizetype kMaxShownFolder = 64;

std::pair<std::string_view, std::string_view> split(const std::string& path) {
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) return {{}, path};
    return {std::string_view(path).substr(0, slash), std::string_view(path).substr(slash + 1)};
}

/// The name has characters that are not seen, or turn others around: it may look like another.
bool isDisguised(std::string_view name) {
    const auto isPlain = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (std::ranges::all_of(name, isPlain)) return false; // most of them, and at once
    return shown(name) != QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace

OfferFilesModel::OfferFilesModel(std::vector<api::OfferEntry> entries, const std::vector<api::OfferRename>& renames,
                                 QObject* parent)
    : QAbstractListModel(parent),
      m_entries(std::move(entries)),
      m_above(m_entries.size()),
      m_chosen(m_entries.size(), false) {
    for (const api::OfferRename& rename : renames) m_renames.emplace(rename.path, rename.landsAs);
    findContents();
    for (uint32_t i = 0; i < m_entries.size(); ++i) {
        choose(i, true);
        m_marked += isMarked(i) ? 1 : 0;
        m_warned += m_entries[i].warning.empty() ? 0 : 1;
    }
    joinFolders();
    m_filesTotal = m_filesListed = m_chosenFiles;
    listRows();
}

void OfferFilesModel::findContents() {
    std::unordered_map<std::string_view, uint32_t> folders;
    for (uint32_t i = 0; i < m_entries.size(); ++i)
        if (m_entries[i].isFolder) folders.emplace(m_entries[i].path, i);
    for (const auto& [path, folder] : folders) m_contents.emplace(folder, Contents{});
    for (uint32_t i = 0; i < m_entries.size(); ++i) {
        const std::string_view path = m_entries[i].path;
        for (size_t end = path.rfind('/'); end != path.npos && !m_above[i]; end = path.substr(0, end).rfind('/'))
            if (const auto found = folders.find(path.substr(0, end)); found != folders.end()) m_above[i] = found->second;
    }
    std::vector<bool> isEmpty(m_entries.size(), true);
    for (const auto& above : m_above)
        if (above) isEmpty[*above] = false;
    for (uint32_t i = 0; i < m_entries.size(); ++i) {
        if (!isEmpty[i]) continue;
        for (auto above = m_above[i]; above; above = m_above[*above]) {
            Contents& contents = m_contents[*above];
            ++contents.leaves;
            contents.files += m_entries[i].isFolder ? 0 : 1;
            contents.bytes += m_entries[i].size;
        }
    }
}

/// A way through folders in each of which there is nothing but the next takes one row, below the root, which may be
/// wanted under another name.
void OfferFilesModel::joinFolders() {
    std::vector<uint32_t> inside(m_entries.size(), 0);
    std::vector<bool> holdsFolder(m_entries.size(), false);
    for (uint32_t i = 0; i < m_entries.size(); ++i) {
        if (!m_above[i]) continue;
        ++inside[*m_above[i]];
        holdsFolder[*m_above[i]] = m_entries[i].isFolder;
    }
    m_joined.resize(m_entries.size());
    for (uint32_t i = 0; i < m_entries.size(); ++i)
        m_joined[i] = m_above[i] && inside[i] == 1 && holdsFolder[i] && !isMarked(i) && !renameOf(i);
}

/// What the search finds; of that first, with everything around it, what lies at the root and holds something that is
/// marked.
void OfferFilesModel::listRows() {
    const auto rootOf = [&](uint32_t entry) {
        const std::string_view path = m_entries[entry].path;
        return path.substr(0, path.find('/'));
    };
    std::set<std::string_view> first;
    for (uint32_t i = 0; i < m_entries.size() && m_marked > 0; ++i)
        if (isMarked(i)) first.insert(rootOf(i));
    m_rows.clear();
    for (uint32_t i = 0; i < m_entries.size(); ++i)
        if (isTree() ? !m_joined[i]
                     : (!m_onlyMarked || isMarked(i)) &&
                           QString::fromStdString(m_entries[i].path).contains(m_search, Qt::CaseInsensitive))
            m_rows.push_back(i);
    if (!first.empty()) std::ranges::stable_partition(m_rows, [&](uint32_t i) { return first.contains(rootOf(i)); });
}

bool OfferFilesModel::isMarked(uint32_t entry) const {
    return !m_entries[entry].warning.empty() || isDisguised(split(m_entries[entry].path).second);
}

QString OfferFilesModel::mark(uint32_t entry) const {
    const api::OfferEntry& what = m_entries[entry];
    const std::string_view name = split(what.path).second;
    if (!what.warning.empty()) return QStringLiteral("warning");
    if (isDisguised(name)) return QStringLiteral("eye-off");
    return !what.isFolder && FileOpener::isNameOfProgram(shown(name)) ? QStringLiteral("app") : QString();
}

QStringList OfferFilesModel::marksOf(uint32_t entry) const {
    const api::OfferEntry& what = m_entries[entry];
    const std::string_view name = split(what.path).second;
    QStringList marks{shown(what.warning)};
    if (isDisguised(name)) marks.append(tr("hidden characters in the name"));
    if (!what.isFolder && what.warning.empty() && FileOpener::isNameOfProgram(shown(name)))
        marks.append(tr("may be a program"));
    marks.removeAll(QString());
    return marks;
}

QString OfferFilesModel::firstMarked() const {
    for (uint32_t i = 0; i < m_entries.size() && m_marked > 0; ++i)
        if (isMarked(i)) return shownName(split(m_entries[i].path).second);
    return {};
}

QString OfferFilesModel::whyFirstMarked() const {
    for (uint32_t i = 0; i < m_entries.size() && m_marked > 0; ++i)
        if (isMarked(i)) return capitalized(marksOf(i).join(QStringLiteral(", ")));
    return {};
}

QString OfferFilesModel::nameWithJoined(uint32_t entry) const {
    QString name = shownName(split(m_entries[entry].path).second);
    if (!isTree()) return name;
    for (auto above = m_above[entry]; above && m_joined[*above]; above = m_above[*above])
        name = shownName(split(m_entries[*above].path).second) + QLatin1Char('/') + name;
    return name;
}

int OfferFilesModel::depthOf(uint32_t entry) const {
    int depth = static_cast<int>(std::ranges::count(m_entries[entry].path, '/'));
    for (auto above = m_above[entry]; above && isTree(); above = m_above[*above]) depth -= m_joined[*above] ? 1 : 0;
    return depth;
}

void OfferFilesModel::begin(const std::vector<api::OfferName>& names, const std::vector<api::TakenName>& taken,
                            uint64_t files) {
    m_filesTotal = std::max(files, m_filesListed);
    for (const api::OfferName& one : names)
        if (one.entry < m_entries.size()) m_names[one.entry] = one.name;
    for (const api::TakenName& one : taken) m_taken.emplace(one.path, one);
}

int OfferFilesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QHash<int, QByteArray> OfferFilesModel::roleNames() const {
    return {
        {NameRole, "name"},       {FolderRole, "folder"},   {IsFolderRole, "isFolder"},     {SizeTextRole, "sizeText"},
        {WarningRole, "warning"}, {LandsAsRole, "landsAs"}, {CannotLandRole, "cannotLand"}, {ChosenRole, "chosen"},
        {RenamedRole, "renamed"}, {NoteRole, "note"},       {AlertRole, "alert"},           {DepthRole, "depth"},
        {PartlyRole, "partly"},   {MarkRole, "mark"}};
}

QVariant OfferFilesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const uint32_t number = m_rows[static_cast<size_t>(index.row())];
    const api::OfferEntry& entry = m_entries[number];
    switch (role) {
    case Qt::DisplayRole:
    case NameRole: return nameWithJoined(number);
    case FolderRole: return shown(split(entry.path).first);
    case IsFolderRole: return entry.isFolder;
    case SizeTextRole:
        return sizeText(number);
    case WarningRole: return shown(entry.warning);
    case LandsAsRole: return landsAs(number);
    case CannotLandRole: return renameOf(number) && renameOf(number)->empty();
    case ChosenRole: return static_cast<bool>(m_chosen[number]);
    case RenamedRole: return m_names.contains(number);
    case NoteRole: return note(number);
    case PartlyRole: return isPartly(number);
    case AlertRole: return isMarked(number);
    case MarkRole: return mark(number);
    case DepthRole: return depthOf(number);
    default: return {};
    }
}

// --- names ------------------------------------------------------------------------------------------------------------

const std::string* OfferFilesModel::renameOf(uint32_t entry) const {
    const auto found = m_names.contains(entry) ? m_renames.end() : m_renames.find(m_entries[entry].path);
    return found == m_renames.end() ? nullptr : &found->second;
}

const api::TakenName* OfferFilesModel::takenOf(uint32_t entry) const {
    const auto found = m_taken.find(m_entries[entry].path);
    return found == m_taken.end() ? nullptr : &found->second;
}

QString OfferFilesModel::landsAs(uint32_t entry) const {
    if (const auto given = m_names.find(entry); given != m_names.end()) return shown(given->second);
    const std::string* rename = renameOf(entry);
    return rename ? shown(*rename) : QString();
}

const std::string* OfferFilesModel::nameGivenTo(const std::string& path) const {
    const auto found =
        std::ranges::find_if(m_names, [&](const auto& one) { return m_entries[one.first].path == path; });
    return found == m_names.end() ? nullptr : &found->second;
}

/// Under which name it lands, and why not under its own.
QString OfferFilesModel::outcomeNote(uint32_t entry) const {
    const api::TakenName* taken = takenOf(entry);
    const std::string* rename = renameOf(entry);
    const bool given = m_names.contains(entry);
    const QString was = given ? tr("was %1").arg(shown(split(m_entries[entry].path).second)) : QString();
    if (rename && rename->empty()) return tr("Left out: this disk cannot hold the name");
    if (taken && taken->fate == api::NameFate::Skipped) return joined({tr("Left out: the name is taken"), was});
    if (taken && taken->fate == api::NameFate::Replaced) return joined({tr("Replaces what is there"), was});
    if (taken && !taken->landsAs.empty())
        return given ? joined({tr("Becomes %1").arg(shown(taken->landsAs)), was})
                     : tr("Becomes %1: the name is taken").arg(shown(taken->landsAs));
    if (taken) return joined({tr("The name is taken: lands beside it under another"), was});
    if (rename) return tr("Becomes %1: this disk cannot hold the name").arg(shown(*rename));
    return given ? tr("Was %1").arg(shown(split(m_entries[entry].path).second)) : QString();
}

/// Where it lies in what is offered, under the names that its folders get here.
QString OfferFilesModel::folderOf(uint32_t entry) const {
    const std::string& path = m_entries[entry].path;
    QStringList parts;
    for (size_t begin = 0, end = path.find('/'); end != std::string::npos;
         begin = end + 1, end = path.find('/', begin)) {
        const std::string above = path.substr(0, end);
        const auto taken = m_taken.find(above);
        const auto rename = m_renames.find(above);
        const std::string* given = nameGivenTo(above);
        if (taken != m_taken.end() && !taken->second.landsAs.empty())
            parts.append(shown(taken->second.landsAs));
        else if (given)
            parts.append(shown(*given));
        else if (rename != m_renames.end() && !rename->second.empty())
            parts.append(shown(rename->second));
        else
            parts.append(shown(above.substr(begin)));
    }
    return parts.join(QLatin1Char('/'));
}

QString OfferFilesModel::note(uint32_t entry) const {
    QStringList parts = marksOf(entry);
    parts.append(outcomeNote(entry));
    uint32_t top = entry; // of the folders that stand in its row
    while (isTree() && m_above[top] && m_joined[*m_above[top]]) top = *m_above[top];
    const QString folder = folderOf(top);
    return joined({capitalized(joined(parts)), folder.isEmpty() ? folder : briefly(folder, kMaxShownFolder)});
}

QString OfferFilesModel::sizeText(uint32_t entry) const {
    const api::OfferEntry& what = m_entries[entry];
    if (!what.isFolder) return bytesText(what.size);
    const Contents& in = m_contents.at(entry);
    if (in.files == 0) return tr("empty", "a folder");
    if (isPartly(entry)) return unbroken(tr("%1 of %2").arg(numberText(in.chosenFiles), contentsText(in.files, 0)));
    return contentsText(in.files, 0) + QStringLiteral(", ") + bytesText(in.bytes);
}

QString OfferFilesModel::editName(int row) const {
    if (row < 0 || row >= rowCount()) return {};
    const uint32_t number = m_rows[static_cast<size_t>(row)];
    const auto given = m_names.find(number);
    return given == m_names.end() ? shown(split(m_entries[number].path).second) : QString::fromStdString(given->second);
}

void OfferFilesModel::rename(int row, const QString& name) {
    if (row < 0 || row >= rowCount()) return;
    const uint32_t number = m_rows[static_cast<size_t>(row)];
    const QString own = shown(split(m_entries[number].path).second);
    const bool takesBack = name.isEmpty() || name == own;
    if (takesBack && m_names.erase(number) == 0) return;
    if (!takesBack) {
        std::string& given = m_names[number];
        if (given == name.toStdString()) return;
        given = name.toStdString();
    }
    m_taken.erase(m_entries[number].path); // what was found was about another name
    emit dataChanged(index(row), index(row));
    emit renamed();
}

void OfferFilesModel::setFound(const std::vector<api::OfferRename>& renames, const std::vector<api::TakenName>& taken) {
    m_renames.clear();
    m_taken.clear();
    for (const api::OfferRename& one : renames) m_renames.emplace(one.path, one.landsAs);
    for (const api::TakenName& one : taken) m_taken.emplace(one.path, one);
    if (rowCount() > 0) emit dataChanged(index(0), index(rowCount() - 1), {LandsAsRole, CannotLandRole, NoteRole});
}

// --- what is taken ----------------------------------------------------------------------------------------------------

QString OfferFilesModel::chosenText() const {
    const QString files = contentsText(m_filesTotal, 0);
    const bool listsAll = m_filesTotal == m_filesListed;
    if (allChosen() && !listsAll) return tr("All %1; the first %2 are listed").arg(files, numberText(m_filesListed));
    if (allChosen()) return m_filesTotal == 1 ? files : tr("All %1").arg(files);
    const QString some = tr("%1 of %2, %3").arg(numberText(m_chosenFiles), files, bytesText(m_chosenBytes));
    return listsAll ? some : tr("%1; none that is not listed").arg(some);
}

void OfferFilesModel::listAnew(const std::function<void()>& change) {
    beginResetModel();
    change();
    listRows();
    endResetModel();
    emit searchChanged();
    emit countChanged();
}

void OfferFilesModel::setSearch(const QString& search) {
    if (search != m_search) listAnew([&] { m_search = search; });
}

void OfferFilesModel::setOnlyMarked(bool only) {
    if (only != m_onlyMarked) listAnew([&] { m_onlyMarked = only; });
}

/// A leaf; the folders around it follow.
void OfferFilesModel::choose(uint32_t entry, bool chosen) {
    const auto own = m_contents.find(entry);
    if (m_chosen[entry] == chosen || (own != m_contents.end() && own->second.leaves > 0)) return;
    const auto add = [&](auto& sum, uint64_t what) { sum = chosen ? sum + what : sum - what; };
    const uint64_t file = m_entries[entry].isFolder ? 0 : 1;
    m_chosen[entry] = chosen;
    add(m_chosenEntries, 1);
    add(m_chosenFiles, file);
    add(m_chosenBytes, m_entries[entry].size);
    for (auto above = m_above[entry]; above; above = m_above[*above]) {
        Contents& in = m_contents[*above];
        add(in.chosenLeaves, 1);
        add(in.chosenFiles, file);
        const bool any = in.chosenLeaves > 0;
        if (m_chosen[*above] == any) continue;
        m_chosen[*above] = any;
        add(m_chosenEntries, 1);
    }
}

bool OfferFilesModel::isPartly(uint32_t entry) const {
    const auto in = m_contents.find(entry);
    return in != m_contents.end() && in->second.chosenLeaves > 0 && in->second.chosenLeaves < in->second.leaves;
}

void OfferFilesModel::tellChosen() {
    if (rowCount() > 0) emit dataChanged(index(0), index(rowCount() - 1), {ChosenRole, PartlyRole, SizeTextRole});
    emit chosenChanged();
}

void OfferFilesModel::setChosen(int row, bool chosen) {
    if (row < 0 || row >= rowCount()) return;
    const uint32_t number = m_rows[static_cast<size_t>(row)];
    choose(number, chosen);
    const std::string below = m_entries[number].path + "/";
    for (uint32_t i = 0; i < m_entries.size() && m_entries[number].isFolder; ++i)
        if (m_entries[i].path.starts_with(below)) choose(i, chosen);
    tellChosen();
}

void OfferFilesModel::setAllChosen(bool chosen) {
    for (uint32_t i = 0; i < m_entries.size(); ++i) choose(i, chosen);
    tellChosen();
}

std::vector<uint32_t> OfferFilesModel::selection() const {
    std::vector<uint32_t> chosen;
    if (allChosen()) return chosen;
    for (uint32_t i = 0; i < m_entries.size(); ++i)
        if (m_chosen[i]) chosen.push_back(i);
    return chosen;
}

} // namespace wherry::desktop
