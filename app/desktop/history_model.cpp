#include "desktop/history_model.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/peers_model.h"

#include <QUrl>
#include <algorithm>

namespace wherry::desktop {

namespace {

/// Entries asked for at once.
constexpr uint32_t kPage = 50;
/// What ends together is asked for once.
constexpr int kRefreshMs = 100;

QString statusText(const api::HistoryEntry& entry) {
    switch (entry.outcome) {
    case api::TransferOutcome::Delivered:
        if (entry.figures.filesTotal == 0 && entry.figures.filesSkipped > 0)
            return HistoryModel::tr("Skipped: the names were taken");
        return entry.incoming ? HistoryModel::tr("Received and verified") : HistoryModel::tr("Delivered and verified");
    case api::TransferOutcome::Declined: return entry.incoming ? HistoryModel::tr("You said no") : HistoryModel::tr("Declined");
    case api::TransferOutcome::Cancelled:
        return entry.byPeer ? HistoryModel::tr("Stopped by the other side") : HistoryModel::tr("Stopped");
    case api::TransferOutcome::Interrupted: return HistoryModel::tr("Interrupted; sending again continues it");
    case api::TransferOutcome::Failed: break;
    }
    return entry.error ? failureText(*entry.error, entry.file, entry.byPeer) : HistoryModel::tr("Failed");
}

QString outcomeName(const api::HistoryEntry& entry) {
    const std::string_view name = api::transferOutcomeName(entry.outcome);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

QString sizeText(const api::HistoryEntry& entry) {
    const QString files = contentsText(entry.figures.filesTotal, 0);
    return files + QStringLiteral(", ") + bytesText(entry.figures.bytesTotal);
}

} // namespace

HistoryModel::HistoryModel(EngineSession& engine, const PeersModel& peers, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_peers(peers) {
    m_refresh.setInterval(kRefreshMs);
    m_refresh.setSingleShot(true);
    connect(&m_refresh, &QTimer::timeout, this, [this] { ask(0); });
    connect(&engine, &EngineSession::ready, this, &HistoryModel::refresh);
    connect(&peers, &PeersModel::peerChanged, this, [this](const api::PeerId& peer) {
        for (int i = 0; i < rowCount(); ++i)
            if (m_entries[static_cast<size_t>(i)].peer == peer)
                emit dataChanged(index(i), index(i), {PeerNameRole, DetailRole});
    });
}

int HistoryModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QHash<int, QByteArray> HistoryModel::roleNames() const {
    return {{IncomingRole, "incoming"},   {PeerIdRole, "peerId"},   {PeerNameRole, "peerName"}, {WordsRole, "words"},
            {HueRole, "hue"},             {LabelRole, "label"},     {OutcomeRole, "outcome"},   {StatusRole, "status"},
            {DetailRole, "detail"},       {FolderRole, "folder"},
            {RetryableRole, "retryable"}, {PathTextRole, "pathText"}};
}

QVariant HistoryModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const api::HistoryEntry& entry = m_entries[static_cast<size_t>(index.row())];
    switch (role) {
    case IncomingRole: return entry.incoming;
    case PeerIdRole: return QString::fromStdString(entry.peer.text());
    case PeerNameRole: return m_peers.face(entry.peer).name;
    case WordsRole: return m_peers.face(entry.peer).words;
    case HueRole: return m_peers.face(entry.peer).hue;
    case Qt::DisplayRole:
    case LabelRole: return shown(entry.label);
    case OutcomeRole: return outcomeName(entry);
    case StatusRole: return statusText(entry);
    case DetailRole: {
        const QString name = m_peers.face(entry.peer).name;
        return joined({entry.incoming ? tr("from %1").arg(name) : tr("to %1").arg(name), sizeText(entry),
                       whenText(dateTimeOf(entry.ended))});
    }
    case FolderRole: return shown(entry.folder);
    case RetryableRole: return entry.retryable && entry.outcome != api::TransferOutcome::Delivered;
    case PathTextRole: return entry.path ? pathKindText(*entry.path) : QString();
    default: return {};
    }
}

bool HistoryModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_more && !m_asking;
}

void HistoryModel::fetchMore(const QModelIndex& parent) {
    if (canFetchMore(parent)) ask(m_entries.back().number);
}

int HistoryModel::retryable() const {
    int found = 0;
    for (int row = 0; row < rowCount(); ++row) found += index(row).data(RetryableRole).toBool() ? 1 : 0;
    return found;
}

void HistoryModel::refresh() {
    m_refresh.start();
}

void HistoryModel::ask(uint64_t before) {
    if (!m_engine.isReady()) return;
    const bool older = before > 0;
    if (older) m_asking = true;
    m_engine.submit(api::ListHistory{kPage, before}, this, [this, older](const api::Event& event) {
        if (older) m_asking = false;
        if (const auto* listed = std::get_if<api::HistoryListed>(&event)) older ? onOlder(*listed) : onNewest(*listed);
    });
}

/// Those that are not here yet go in front; with a gap between them and what is here, all is shown anew.
void HistoryModel::onNewest(const api::HistoryListed& listed) {
    const uint64_t known = m_entries.empty() ? 0 : m_entries.front().number;
    std::vector<api::HistoryEntry> fresh;
    for (const api::HistoryEntry& entry : listed.entries)
        if (entry.number > known) fresh.push_back(entry);
    if (fresh.empty()) return;
    if (fresh.size() == listed.entries.size()) {
        beginResetModel();
        m_entries.assign(fresh.begin(), fresh.end());
        m_more = listed.more;
        endResetModel();
    } else {
        beginInsertRows({}, 0, static_cast<int>(fresh.size()) - 1);
        m_entries.insert(m_entries.begin(), fresh.begin(), fresh.end());
        endInsertRows();
    }
    emit countChanged();
}

void HistoryModel::onOlder(const api::HistoryListed& listed) {
    m_more = listed.more;
    std::vector<api::HistoryEntry> older;
    for (const api::HistoryEntry& entry : listed.entries)
        if (m_entries.empty() || entry.number < m_entries.back().number) older.push_back(entry);
    if (older.empty()) return emit countChanged();
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(older.size()) - 1);
    m_entries.insert(m_entries.end(), older.begin(), older.end());
    endInsertRows();
    emit countChanged();
}

void HistoryModel::retry(int row) {
    if (row < 0 || row >= rowCount()) return;
    const uint64_t number = m_entries[static_cast<size_t>(row)].number;
    m_engine.submit(api::RetryTransfer{number}, this, [this](const api::Event& event) {
        if (const auto* refused = std::get_if<api::RequestFailed>(&event)) emit failed(shown(refused->error.context));
    });
}

void HistoryModel::retryAll() {
    for (int row = rowCount() - 1; row >= 0; --row)
        if (index(row).data(RetryableRole).toBool()) retry(row);
}

void HistoryModel::showInFolder(int row) {
    if (row < 0 || row >= rowCount()) return;
    const std::string& folder = m_entries[static_cast<size_t>(row)].folder;
    if (!folder.empty()) emit folderWanted(QUrl::fromLocalFile(QString::fromStdString(folder)));
}

} // namespace wherry::desktop
