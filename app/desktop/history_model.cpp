#include "desktop/history_model.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/file_opener.h"
#include "desktop/landed_files.h"
#include "desktop/peers_model.h"

#include <QLocale>
#include <algorithm>

namespace wherry::desktop {

namespace {

/// Entries asked for at once.
constexpr uint32_t kPage = 50;
/// What ends together is asked for once.
constexpr int kRefreshMs = 100;

/// Why nobody here has said yes or no.
QString unansweredText(const api::HistoryEntry& entry, const QString& peer) {
    const api::Errc code = entry.error ? entry.error->code : api::Errc::Timeout;
    if (entry.byPeer) return HistoryModel::tr("%1 took it back before you answered").arg(peer);
    if (code == api::Errc::LimitReached) return HistoryModel::tr("Not shown to you: too many offers waited already");
    if (code == api::Errc::Declined) return HistoryModel::tr("Nobody was there to answer");
    if (code == api::Errc::ConnectionLost) return HistoryModel::tr("%1 was gone before you answered").arg(peer);
    if (code == api::Errc::Cancelled) return HistoryModel::tr("Wherry ended here before you answered");
    return HistoryModel::tr("You did not answer in time");
}

QString declinedText(const api::HistoryEntry& entry) {
    if (!entry.incoming) return HistoryModel::tr("Declined");
    const bool said = !entry.error || isPersonsNo(entry.error->context);
    return said ? HistoryModel::tr("You said no") : HistoryModel::tr("Declined: %1").arg(shown(entry.error->context));
}

QString statusText(const api::HistoryEntry& entry, const QString& peer) {
    switch (entry.outcome) {
    case api::TransferOutcome::Delivered:
        if (entry.figures.filesTotal == 0 && entry.figures.filesSkipped > 0)
            return HistoryModel::tr("Skipped: the names were taken");
        if (entry.leftOut > 0) return HistoryModel::tr("Delivered, but %1").arg(notSentText(entry.leftOut));
        return entry.incoming ? HistoryModel::tr("Received and verified") : HistoryModel::tr("Delivered and verified");
    case api::TransferOutcome::Declined: return declinedText(entry);
    case api::TransferOutcome::Cancelled:
        return entry.byPeer ? HistoryModel::tr("Stopped by the other side") : HistoryModel::tr("Stopped");
    case api::TransferOutcome::Interrupted:
        return entry.incoming ? HistoryModel::tr("Interrupted. It continues when the other side sends it again")
                              : HistoryModel::tr("Interrupted. Sending again continues it");
    case api::TransferOutcome::Unanswered: return unansweredText(entry, peer);
    case api::TransferOutcome::Failed: break;
    }
    return entry.error ? failureText(*entry.error, entry.file, entry.byPeer) : HistoryModel::tr("Failed");
}

bool isRetryable(const api::HistoryEntry& entry) {
    return entry.retryable && entry.outcome != api::TransferOutcome::Delivered;
}

/// It did not arrive, and not because somebody here has stopped it.
bool isMissing(const api::HistoryEntry& entry) {
    return isRetryable(entry) && (entry.outcome != api::TransferOutcome::Cancelled || entry.byPeer);
}

bool isOpenable(const api::HistoryEntry& entry) {
    return entry.incoming && entry.names.size() == 1 && entry.outcome == api::TransferOutcome::Delivered;
}

LandedFiles filesOf(const api::HistoryEntry& entry) {
    return {entry.folder, entry.names};
}

QString outcomeName(const api::HistoryEntry& entry) {
    return word(api::transferOutcomeName(entry.outcome));
}

/// The name under which it is found on this disk, where that is one and another than the sender's; empty: it is not.
QString nameOnDisk(const api::HistoryEntry& entry) {
    return isOpenable(entry) && entry.names.front() != entry.label ? shownName(entry.names.front()) : QString();
}

QString labelText(const api::HistoryEntry& entry) {
    if (const QString name = nameOnDisk(entry); !name.isEmpty()) return name;
    const bool unknown = entry.label.empty() && entry.outcome == api::TransferOutcome::Unanswered;
    return unknown ? HistoryModel::tr("Something that was not shown to you") : shown(entry.label);
}

QString sizeText(const api::HistoryEntry& entry) {
    if (entry.label.empty() && entry.figures.filesTotal == 0) return {};
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
        if (m_retryable > 0) emit countChanged(); // the name stands in retryableText()
        for (int i = 0; i < rowCount(); ++i)
            if (m_entries[static_cast<size_t>(i)].peer == peer)
                emit dataChanged(index(i), index(i), {PeerNameRole, DetailRole, StatusRole});
    });
}

int HistoryModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QHash<int, QByteArray> HistoryModel::roleNames() const {
    return {{IncomingRole, "incoming"},   {PeerIdRole, "peerId"},   {PeerNameRole, "peerName"}, {WordsRole, "words"},
            {HueRole, "hue"},             {LabelRole, "label"},     {OutcomeRole, "outcome"},   {StatusRole, "status"},
            {DetailRole, "detail"},       {FolderRole, "folder"},
            {RetryableRole, "retryable"}, {PathTextRole, "pathText"},
            {PathReasonRole, "pathReason"}, {PathRole, "path"}, {OpenableRole, "openable"},
            {LeftOutRole, "leftOut"}};
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
    case LabelRole: return labelText(entry);
    case OutcomeRole: return outcomeName(entry);
    case StatusRole: return statusText(entry, m_peers.face(entry.peer).name);
    case DetailRole: {
        const QString name = m_peers.face(entry.peer).name;
        const QString was = nameOnDisk(entry).isEmpty() ? QString() : tr("sent as %1").arg(shown(entry.label));
        return joined({entry.incoming ? tr("from %1").arg(name) : tr("to %1").arg(name), was, sizeText(entry),
                       whenText(dateTimeOf(entry.ended))});
    }
    case FolderRole: return shown(entry.folder);
    case RetryableRole: return isRetryable(entry);
    case PathTextRole: return entry.path ? pathKindText(*entry.path) : QString();
    case PathReasonRole: return entry.path ? pathKindReason(*entry.path) : QString();
    case PathRole: return entry.path ? pathKindWord(*entry.path) : QString();
    case OpenableRole: return isOpenable(entry);
    case LeftOutRole: return static_cast<qulonglong>(entry.leftOut);
    default: return {};
    }
}

bool HistoryModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_more && !m_asking;
}

void HistoryModel::fetchMore(const QModelIndex& parent) {
    if (canFetchMore(parent)) ask(m_entries.back().number);
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

/// An offer that has come again takes the entry of the time before with it.
void HistoryModel::dropVanished(const api::HistoryListed& listed) {
    const uint64_t oldest = !listed.more ? 0 : listed.entries.empty() ? UINT64_MAX : listed.entries.back().number;
    for (int row = rowCount() - 1; row >= 0; --row) {
        const uint64_t number = m_entries[static_cast<size_t>(row)].number;
        if (number >= oldest &&
            std::ranges::find(listed.entries, number, &api::HistoryEntry::number) == listed.entries.end())
            drop(number);
    }
}

/// Those that are not here yet go in front; with a gap between them and what is here, all is shown anew.
void HistoryModel::onNewest(const api::HistoryListed& listed) {
    dropVanished(listed);
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
    onRowsChanged();
    forgetFinished();
}

/// What was interrupted on its way here and has arrived since has one entry.
void HistoryModel::forgetFinished() {
    std::vector<uint64_t> finished;
    for (auto later = m_entries.begin(); later != m_entries.end(); ++later) {
        if (!later->incoming || later->outcome != api::TransferOutcome::Delivered) continue;
        for (auto earlier = std::next(later); earlier != m_entries.end(); ++earlier)
            if (earlier->incoming && earlier->outcome == api::TransferOutcome::Interrupted &&
                earlier->peer == later->peer && earlier->label == later->label &&
                earlier->figures.bytesTotal == later->figures.bytesTotal)
                finished.push_back(earlier->number);
    }
    for (const uint64_t number : finished) {
        m_engine.submit(api::ForgetHistory{number});
        drop(number);
    }
}

void HistoryModel::onOlder(const api::HistoryListed& listed) {
    m_more = listed.more;
    std::vector<api::HistoryEntry> older;
    for (const api::HistoryEntry& entry : listed.entries)
        if (m_entries.empty() || entry.number < m_entries.back().number) older.push_back(entry);
    if (older.empty()) return onRowsChanged();
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(older.size()) - 1);
    m_entries.insert(m_entries.end(), older.begin(), older.end());
    endInsertRows();
    onRowsChanged();
}

// --- what the person does -----------------------------------------------------------------------------------------

const api::HistoryEntry* HistoryModel::at(int row) const {
    return row < 0 || row >= rowCount() ? nullptr : &m_entries[static_cast<size_t>(row)];
}

void HistoryModel::onRowsChanged() {
    m_retryable = static_cast<int>(std::ranges::count_if(m_entries, isMissing));
    emit countChanged();
}

void HistoryModel::drop(uint64_t number) {
    const auto found = std::ranges::find(m_entries, number, &api::HistoryEntry::number);
    if (found == m_entries.end()) return;
    const int row = static_cast<int>(found - m_entries.begin());
    beginRemoveRows({}, row, row);
    m_entries.erase(found);
    endRemoveRows();
    onRowsChanged();
}

QString HistoryModel::retryableText() const {
    if (m_retryable != 1)
        return m_retryable == 0 ? QString()
                                : tr("%1 things that you sent have not arrived").arg(QLocale().toString(m_retryable));
    const auto one = std::ranges::find_if(m_entries, isMissing);
    return tr("“%1” has not reached %2").arg(shown(one->label), m_peers.face(one->peer).name);
}

/// What is sent again stands among the transfers and has an entry of its own at its end: the old one goes.
void HistoryModel::retry(int row) {
    const api::HistoryEntry* entry = at(row);
    if (!entry) return;
    const uint64_t number = entry->number;
    m_engine.submit(api::RetryTransfer{number}, this, [this, number](const api::Event& event) {
        if (const auto* refused = std::get_if<api::RequestFailed>(&event)) emit failed(shown(refused->error.context));
        if (!std::holds_alternative<api::TransferStarted>(event)) return;
        m_engine.submit(api::ForgetHistory{number});
        drop(number);
    });
}

void HistoryModel::retryAll() {
    for (int row = rowCount() - 1; row >= 0; --row)
        if (isMissing(m_entries[static_cast<size_t>(row)])) retry(row);
}

void HistoryModel::remove(int row) {
    const api::HistoryEntry* entry = at(row);
    if (!entry) return;
    const uint64_t number = entry->number;
    m_engine.submit(api::ForgetHistory{number}, this, [this, number](const api::Event& event) {
        if (const auto* refused = std::get_if<api::RequestFailed>(&event))
            emit failed(shown(refused->error.context));
        else
            drop(number);
    });
}

void HistoryModel::clear() {
    m_engine.submit(api::ForgetHistory{}, this, [this](const api::Event& event) {
        if (const auto* refused = std::get_if<api::RequestFailed>(&event))
            return emit failed(shown(refused->error.context));
        beginResetModel();
        m_entries.clear();
        m_more = false;
        endResetModel();
        onRowsChanged();
        refresh(); // what has ended meanwhile
    });
}

void HistoryModel::showInFolder(int row) {
    const api::HistoryEntry* entry = at(row);
    if (!entry || entry->folder.empty()) return;
    filesOf(*entry).show(this, [this](const QString& why) { emit failed(why); });
}

void HistoryModel::open(int row, bool askedBefore) {
    const api::HistoryEntry* entry = at(row);
    if (!entry || !isOpenable(*entry)) return;
    const LandedFiles files = filesOf(*entry);
    const QStringList paths = files.paths();
    if (!askedBefore && !paths.isEmpty() && FileOpener::mayRun(paths.front()))
        return emit runQuestion(row, shown(entry->names.front()));
    files.open(this, [this](const QString& why) { emit failed(why); });
}

void HistoryModel::openLanded(const LandedFiles& files) {
    const auto found = std::ranges::find_if(m_entries, [&](const api::HistoryEntry& entry) {
        return isOpenable(entry) && entry.folder == files.folder && entry.names == files.names;
    });
    if (found != m_entries.end()) return open(static_cast<int>(found - m_entries.begin()));
    files.show(this, [this](const QString& why) { emit failed(why); });
}

} // namespace wherry::desktop
