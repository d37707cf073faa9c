#include "desktop/send_draft.h"

#include "api/target.h"
#include "api/ticket.h"
#include "desktop/background.h"
#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/notices_model.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <algorithm>

namespace wherry::desktop {

namespace {

/// Paths of one send: a request to another program's engine has to hold them all.
constexpr size_t kMaxPaths = 20'000;

QString lastPart(const std::string& path) {
    return shownName(std::string_view(path).substr(path.rfind('/') + 1));
}

} // namespace

SendDraft::SendDraft(EngineSession& engine, NoticesModel& notices, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_notices(notices) {}

int SendDraft::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

QHash<int, QByteArray> SendDraft::roleNames() const {
    return {{NameRole, "name"}, {FolderRole, "folder"}, {IsFolderRole, "isFolder"}};
}

QVariant SendDraft::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const SourcePaths::Item& item = m_items[static_cast<size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case NameRole: return lastPart(item.path);
    case FolderRole: return shown(std::string_view(item.path).substr(0, item.path.rfind('/')));
    case IsFolderRole: return item.isFolder;
    default: return {};
    }
}

QString SendDraft::summary() const {
    if (m_items.empty()) return m_text.isEmpty() ? QString() : tr("Text to send");
    if (m_items.size() == 1) return lastPart(m_items.front().path);
    const auto folders = static_cast<uint64_t>(std::ranges::count_if(m_items, &SourcePaths::Item::isFolder));
    const uint64_t files = m_items.size() - folders;
    if (files == 0 || folders == 0) return contentsText(files, folders);
    return tr("%1 and %2").arg(contentsText(files, 0), contentsText(0, folders));
}

QString SendDraft::contents() const {
    uint64_t files = 0;
    uint64_t bytes = 0;
    for (const auto& item : m_items) {
        if (!item.counted) return {};
        files += item.files;
        bytes += item.bytes;
    }
    return m_items.empty() ? QString() : contentsText(files, 0) + QStringLiteral(", ") + bytesText(bytes);
}

// --- gathering ------------------------------------------------------------------------------------------------------

void SendDraft::read(const QList<QUrl>& urls, std::function<void(SourcePaths)> then) {
    const DroppedUrls sorted = sortUrls(urls);
    if (sorted.others > 0) m_notices.add(NoticesModel::Kind::Problem, tr("Only files and folders of this device can be sent."));
    if (sorted.local.isEmpty()) return;
    inBackground(
        this, [local = sorted.local] { return readSourcePaths(local); },
        [this, then = std::move(then)](const SourcePaths& paths) {
            if (!paths.problem.isEmpty()) m_notices.add(NoticesModel::Kind::Problem, paths.problem);
            if (!paths.items.empty()) then(paths);
        });
}

void SendDraft::add(const QList<QUrl>& urls) {
    read(urls, [this](SourcePaths paths) { insert(std::move(paths.items)); });
}

void SendDraft::insert(std::vector<SourcePaths::Item> items) {
    std::set<std::string> there;
    for (const auto& item : m_items) there.insert(item.path);
    std::erase_if(items, [&](const auto& item) { return !there.insert(item.path).second; });
    if (m_items.size() + items.size() > kMaxPaths) {
        m_notices.add(NoticesModel::Kind::Problem,
                      tr("That is too much to choose one by one: send the folder that it is in."));
        return;
    }
    if (items.empty()) return;
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(items.size()) - 1);
    m_items.insert(m_items.end(), items.begin(), items.end());
    endInsertRows();
    for (const auto& item : items)
        if (item.isFolder) count(item);
    emit countChanged();
    emit emptyChanged();
}

void SendDraft::count(const SourcePaths::Item& folder) {
    inBackground(this, [folder] { return readContents(folder); },
                 [this](const SourcePaths::Item& counted) {
                     const auto found = std::ranges::find(m_items, counted.path, &SourcePaths::Item::path);
                     if (found == m_items.end()) return;
                     *found = counted;
                     emit emptyChanged();
                 });
}

void SendDraft::setText(const QString& text) {
    if (text == m_text) return;
    if (const auto good = api::checkText(text.toStdString()); !text.isEmpty() && !good) {
        m_notices.add(NoticesModel::Kind::Problem, tr("This text is too long. Send it as a file."));
        return;
    }
    m_text = text;
    emit textChanged();
    emit emptyChanged();
}

void SendDraft::remove(int row) {
    if (row < 0 || row >= rowCount()) return;
    beginRemoveRows({}, row, row);
    m_items.erase(m_items.begin() + row);
    endRemoveRows();
    emit countChanged();
    emit emptyChanged();
    if (isEmpty()) forgetRecipients(); // the next draft is another
}

void SendDraft::clearFiles() {
    const QString text = m_text;
    clear();
    setText(text);
}

void SendDraft::forgetRecipients() {
    if (m_recipients.isEmpty()) return;
    m_recipients.clear();
    emit recipientsChanged();
}

void SendDraft::clear() {
    beginResetModel();
    m_items.clear();
    endResetModel();
    m_text.clear();
    forgetRecipients();
    emit countChanged();
    emit textChanged();
    emit emptyChanged();
}

void SendDraft::take(const QList<QUrl>& urls, const QString& text) {
    if (!urls.isEmpty()) return add(urls);
    if (!text.isEmpty()) setText(text);
}

void SendDraft::paste() {
    if (const QMimeData* content = QGuiApplication::clipboard()->mimeData()) take(content->urls(), content->text());
}

// --- sending --------------------------------------------------------------------------------------------------------

std::vector<std::string> SendDraft::paths() const {
    std::vector<std::string> paths;
    for (const auto& item : m_items) paths.push_back(item.path);
    return paths;
}

void SendDraft::setRecipient(const QString& peerId, bool chosen) {
    if (chosen == m_recipients.contains(peerId)) return;
    chosen ? m_recipients.append(peerId) : static_cast<void>(m_recipients.removeAll(peerId));
    emit recipientsChanged();
}

void SendDraft::sendTo(const QStringList& peerIds) {
    const QStringList all = peerIds; // clear() empties what it may be
    for (const QString& peerId : all)
        if (const auto peer = api::PeerId::parse(peerId.toStdString())) submit({*peer, {}}, m_items, m_text);
    if (!all.isEmpty()) clear();
}

bool SendDraft::sendToTarget(const QString& word) {
    const std::string text = word.trimmed().toStdString();
    if (api::readTicket(text)) {
        m_notices.add(NoticesModel::Kind::Problem, tr("This is a ticket: files are fetched with it, not sent to it."));
        return false;
    }
    const auto target = api::parseTarget(text);
    if (!target) {
        m_notices.add(NoticesModel::Kind::Problem, shown(target.error().context));
        return false;
    }
    submit(*target, m_items, m_text);
    clear();
    return true;
}

void SendDraft::sendNow(const QString& peerId, const QList<QUrl>& urls, const QString& text) {
    const auto peer = api::PeerId::parse(peerId.toStdString());
    if (!peer) return;
    const api::Target target{*peer, {}};
    if (urls.isEmpty()) return submit(target, {}, text);
    read(urls, [this, target](SourcePaths paths) { submit(target, paths.items, {}); });
}

void SendDraft::submit(const api::Target& target, const std::vector<SourcePaths::Item>& items, const QString& text) {
    const auto answer = [this](const api::Event& event) { onAnswer(event); };
    if (!items.empty()) {
        api::SendFiles send;
        send.target = target;
        for (const auto& item : items) send.paths.push_back(item.path);
        m_engine.submit(std::move(send), this, answer);
        emit sent();
    }
    if (text.isEmpty()) return;
    api::SendText send;
    send.target = target;
    send.text = text.toStdString();
    m_engine.submit(std::move(send), this, answer);
}

void SendDraft::onAnswer(const api::Event& event) {
    if (const auto* failed = std::get_if<api::RequestFailed>(&event))
        m_notices.add(NoticesModel::Kind::Problem, failureText(failed->error, {}, false));
    else if (std::holds_alternative<api::TextSent>(event))
        m_notices.add(NoticesModel::Kind::Success, tr("The text has arrived."));
}

} // namespace wherry::desktop
