#include "desktop/transfers_model.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/peers_model.h"

#include <algorithm>
#include <cmath>

namespace wherry::desktop {

namespace {

/// Between two changes of a row.
constexpr int kTellMs = 100;
/// The list is asked for so long after something that it may have changed with; what happens at once is asked about once.
constexpr int kAskMs = 50;
/// Of the graph: one minute.
constexpr size_t kMaxRates = 60;

bool isRunning(const api::TransferInfo& info) {
    return info.state == api::TransferState::Running;
}

bool isPausedHere(const api::TransferInfo& info) {
    const bool paused = info.state == api::TransferState::Paused;
    return info.heldHere == api::Hold::Paused || (paused && info.heldThere != api::Hold::Paused);
}

double progressOf(const api::TransferInfo& info) {
    if (info.figures.bytesTotal == 0) return 0;
    return std::min(1.0, static_cast<double>(info.figures.bytesVerified) / static_cast<double>(info.figures.bytesTotal));
}

QString sizeText(const api::TransferInfo& info) {
    if (!isRunning(info) && info.figures.bytesVerified == 0)
        return info.figures.bytesTotal == 0 ? QString() : bytesText(info.figures.bytesTotal);
    return unbroken(
        TransfersModel::tr("%1 of %2").arg(bytesText(info.figures.bytesVerified), bytesText(info.figures.bytesTotal)));
}

QString filesText(const api::TransferInfo& info) {
    if (info.figures.filesTotal == 0) return {};
    if (info.figures.filesDone == 0 || info.figures.filesTotal == 1) return contentsText(info.figures.filesTotal, 0);
    return unbroken(TransfersModel::tr("%1 of %2 files")
                        .arg(numberText(info.figures.filesDone), numberText(info.figures.filesTotal)));
}

QString statusText(const api::TransferInfo& info, const QString& peer) {
    if (info.silentSeconds > 0)
        return TransfersModel::tr("No answer from %1 for %2").arg(peer, durationText(std::floor(info.silentSeconds)));
    switch (info.state) {
    case api::TransferState::Queued:
        return TransfersModel::tr("Waiting for its turn");
    case api::TransferState::Preparing:
        return info.incoming ? TransfersModel::tr("Preparing") : TransfersModel::tr("Looking for %1").arg(peer);
    case api::TransferState::Offered:
        return info.incoming ? TransfersModel::tr("Waiting for your answer")
                             : TransfersModel::tr("Waiting for %1 to accept").arg(peer);
    case api::TransferState::Interrupted: return TransfersModel::tr("Connection lost, trying again");
    case api::TransferState::Paused:
        return isPausedHere(info) ? TransfersModel::tr("Paused") : TransfersModel::tr("Paused by %1: it goes on when %1 does").arg(peer);
    case api::TransferState::Running: break;
    }
    return info.incoming ? TransfersModel::tr("Receiving") : TransfersModel::tr("Sending");
}

QString paceText(const api::TransferInfo& info) {
    const QString left = durationText(info.etaSeconds);
    return joined({rateText(info.rate), left.isEmpty() ? QString() : TransfersModel::tr("%1 left").arg(left)});
}

} // namespace

TransfersModel::TransfersModel(EngineSession& engine, const PeersModel& peers, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_peers(peers) {
    const auto setUp = [this](QTimer& timer, int interval, bool once, void (TransfersModel::*slot)()) {
        timer.setInterval(interval);
        timer.setSingleShot(once);
        connect(&timer, &QTimer::timeout, this, slot);
    };
    setUp(m_tell, kTellMs, true, &TransfersModel::tellTouched);
    setUp(m_second, 1000, false, &TransfersModel::sampleRates);
    setUp(m_ask, kAskMs, true, &TransfersModel::ask);
    connect(&engine, &EngineSession::ready, this, &TransfersModel::ask);
    connect(&engine, &EngineSession::event, this, &TransfersModel::onEvent);
    connect(&peers, &PeersModel::peerChanged, this, [this](const api::PeerId& peer) {
        for (const Row& row : m_rows)
            if (row.info.peer == peer) touch(row.info.transfer);
    });
    m_second.start();
}

int TransfersModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QHash<int, QByteArray> TransfersModel::roleNames() const {
    return {{TransferRole, "transfer"},     {IncomingRole, "incoming"}, {PeerIdRole, "peerId"},
            {PeerNameRole, "peerName"},     {WordsRole, "words"},       {HueRole, "hue"},
            {LabelRole, "label"},           {StateRole, "state"},       {ProgressRole, "progress"},
            {StatusRole, "status"},         {DetailRole, "detail"},     {PaceRole, "pace"},
            {RatesRole, "rates"},
            {PathRole, "path"},             {PathTextRole, "pathText"}, {PathReasonRole, "pathReason"},
            {CanPauseRole, "canPause"},     {CanResumeRole, "canResume"},
            {SectionRole, "section"},       {VerifiedRole, "verified"}, {PriorityRole, "priority"},
            {CanPrioritiseRole, "canPrioritise"}, {LeftOutRole, "leftOut"}};
}

QVariant TransfersModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[static_cast<size_t>(index.row())];
    const api::TransferInfo& info = row.info;
    const api::PeerView* peer = m_peers.find(info.peer);
    const auto ofPath = [&](QString (*text)(const api::ConnectionInfo&, const QString&)) {
        return peer && peer->connection ? text(*peer->connection, m_peers.relayOf(*peer)) : QString();
    };
    const auto face = [&] { return m_peers.face(info.peer); };
    switch (role) {
    case TransferRole: return QVariant::fromValue(static_cast<qulonglong>(info.transfer.value));
    case IncomingRole: return info.incoming;
    case PeerIdRole: return QString::fromStdString(info.peer.text());
    case PeerNameRole: return face().name;
    case WordsRole: return face().words;
    case HueRole: return face().hue;
    case Qt::DisplayRole:
    case LabelRole: return shown(info.label);
    case StateRole: return word(api::transferStateName(info.state));
    case ProgressRole: return progressOf(info);
    case StatusRole: return statusText(info, face().name);
    case DetailRole:
        return joined({statusText(info, face().name), sizeText(info), filesText(info), notSentText(leftOutOf(info.transfer))});
    case LeftOutRole: return static_cast<qulonglong>(leftOutOf(info.transfer));
    case PaceRole: return isRunning(info) ? paceText(info) : QString();
    case RatesRole: return QVariant::fromValue(QList<double>(row.rates.begin(), row.rates.end()));
    case PathRole: return peer && peer->connection ? pathKindWord(peer->connection->kind) : QString();
    case PathTextRole: return ofPath(pathText);
    case PathReasonRole: return ofPath(pathReason);
    case CanPauseRole: return !isPausedHere(info) && !(info.incoming && info.state == api::TransferState::Offered);
    case CanResumeRole: return isPausedHere(info);
    case SectionRole: return info.state == api::TransferState::Queued ? QStringLiteral("queue") : QStringLiteral("active");
    case VerifiedRole: return QVariant::fromValue(QList<int>(info.verified.begin(), info.verified.end()));
    case PriorityRole: return word(api::priorityName(info.priority));
    case CanPrioritiseRole: return !info.incoming && info.state == api::TransferState::Queued;
    default: return {};
    }
}

double TransfersModel::progress() const {
    double done = 0;
    double total = 0;
    for (const Row& row : m_rows) {
        if (!isRunning(row.info)) continue;
        done += static_cast<double>(row.info.figures.bytesVerified);
        total += static_cast<double>(row.info.figures.bytesTotal);
    }
    return total > 0 ? done / total : -1;
}

QString TransfersModel::labelOf(api::TransferId transfer) const {
    const Row* row = find(transfer);
    return row ? shown(row->info.label) : QString();
}

bool TransfersModel::isIncoming(api::TransferId transfer) const {
    const Row* row = find(transfer);
    return row && row->info.incoming;
}

uint64_t TransfersModel::leftOutOf(api::TransferId transfer) const {
    const auto told = m_leftOut.find(transfer);
    if (told != m_leftOut.end()) return told->second;
    const Row* row = find(transfer);
    return row ? row->info.leftOut : 0;
}

bool TransfersModel::isAsked(api::TransferId transfer) const {
    return isIncoming(transfer) && find(transfer)->info.state == api::TransferState::Offered;
}

// --- what the person does -------------------------------------------------------------------------------------------

void TransfersModel::command(int row, const std::function<api::Command(api::TransferId)>& make) {
    if (row < 0 || row >= rowCount()) return;
    m_engine.submit(make(m_rows[static_cast<size_t>(row)].info.transfer), this, [this](const api::Event& event) {
        const auto* refused = std::get_if<api::RequestFailed>(&event);
        if (refused && refused->error.code != api::Errc::NotFound) emit failed(shown(refused->error.context));
        m_ask.start();
    });
}

void TransfersModel::pause(int row) {
    command(row, [](api::TransferId id) { return api::Command(api::PauseTransfer{id}); });
}

void TransfersModel::resume(int row) {
    command(row, [](api::TransferId id) { return api::Command(api::ResumeTransfer{id}); });
}

void TransfersModel::setPriority(int row, const QString& priority) {
    const auto named = api::priorityNamed(priority.toStdString());
    if (named) command(row, [&](api::TransferId id) { return api::Command(api::SetPriority{id, *named}); });
}

void TransfersModel::cancel(int row) {
    command(row, [](api::TransferId id) { return api::Command(api::CancelTransfer{id}); });
}

void TransfersModel::cancelAll() {
    for (int row = 0; row < rowCount(); ++row) cancel(row);
}

// --- what the engine tells ------------------------------------------------------------------------------------------

void TransfersModel::onEvent(const api::Event& event) {
    if (const auto* update = std::get_if<api::TransferUpdate>(&event))
        onTransfer(update->event);
    else if (std::holds_alternative<api::TransferStarted>(event))
        m_ask.start();
}

void TransfersModel::onTransfer(const api::TransferEvent& event) {
    const api::TransferId transfer = api::transferOf(event);
    if (!find(transfer)) m_ask.start(); // whose, and what it is called, the list tells
    std::visit([this](const auto& what) { note(what); }, event);
    touch(transfer);
}

void TransfersModel::note(const api::OfferMade& event) {
    m_ask.start();
    if (event.skipped > 0 && m_leftOut.emplace(event.transfer, event.skipped).second) emit incomplete(event);
}

void TransfersModel::note(const api::OfferAccepted&) {
    m_ask.start();
}

void TransfersModel::note(const api::OfferDeclined& event) {
    emit ended(event);
    remove(event.transfer);
}

void TransfersModel::note(const api::TransferResumed&) {
    m_ask.start();
}

void TransfersModel::note(const api::TransferProgress& event) {
    Row* row = find(event.transfer);
    if (!row) return;
    if (!isRunning(row->info)) m_ask.start();
    if (event.rate > 0) row->info.silentSeconds = 0; // something has come
    row->info.figures = event.figures;
    row->info.rate = event.rate;
    row->info.etaSeconds = event.etaSeconds;
    if (!event.verified.empty()) row->info.verified = event.verified;
}

void TransfersModel::note(const api::TransferDelivered& event) {
    emit ended(event);
    remove(event.transfer);
}

void TransfersModel::note(const api::TransferFailed& event) {
    emit ended(event);
    remove(event.transfer);
}

void TransfersModel::note(const api::TransferInterrupted& event) {
    const Row* row = find(event.transfer);
    const bool staysPaused = row && row->info.heldHere == api::Hold::Paused;
    if (!event.incoming || staysPaused) return m_ask.start();
    emit ended(event);
    remove(event.transfer);
}

void TransfersModel::note(const api::TransferHeld&) {
    m_ask.start();
}

void TransfersModel::ask() {
    if (!m_engine.isReady()) return;
    m_engine.submit(api::ListTransfers{}, this, [this](const api::Event& event) {
        if (const auto* listed = std::get_if<api::TransfersListed>(&event)) onListed(*listed);
    });
}

void TransfersModel::onListed(const api::TransfersListed& listed) {
    std::set<api::TransferId> there;
    for (const api::TransferInfo& info : listed.transfers) {
        there.insert(info.transfer);
        emit silent(info.transfer, info.silentSeconds);
        if (Row* row = find(info.transfer)) {
            row->info = info;
            touch(info.transfer);
        } else {
            insert(info);
        }
    }
    for (int i = rowCount() - 1; i >= 0; --i) {
        const api::TransferId transfer = m_rows[static_cast<size_t>(i)].info.transfer;
        if (!there.contains(transfer)) remove(transfer);
    }
}

void TransfersModel::insert(const api::TransferInfo& info) {
    beginInsertRows({}, rowCount(), rowCount());
    m_rows.push_back({info, {}});
    endInsertRows();
    emit countChanged();
}

void TransfersModel::remove(api::TransferId transfer) {
    m_leftOut.erase(transfer);
    const auto found = std::ranges::find(m_rows, transfer, [](const Row& row) { return row.info.transfer; });
    if (found == m_rows.end()) return;
    const int row = static_cast<int>(found - m_rows.begin());
    beginRemoveRows({}, row, row);
    m_rows.erase(found);
    endRemoveRows();
    emit countChanged();
    emit progressChanged();
}

const TransfersModel::Row* TransfersModel::find(api::TransferId transfer) const {
    return const_cast<TransfersModel*>(this)->find(transfer);
}

TransfersModel::Row* TransfersModel::find(api::TransferId transfer) {
    const auto found = std::ranges::find(m_rows, transfer, [](const Row& row) { return row.info.transfer; });
    return found == m_rows.end() ? nullptr : &*found;
}

// --- the pace of the screen -----------------------------------------------------------------------------------------

void TransfersModel::touch(api::TransferId transfer) {
    m_touched.insert(transfer);
    if (!m_tell.isActive()) m_tell.start();
}

void TransfersModel::tellTouched() {
    for (int i = 0; i < rowCount(); ++i)
        if (m_touched.contains(m_rows[static_cast<size_t>(i)].info.transfer)) emit dataChanged(index(i), index(i));
    m_touched.clear();
    emit progressChanged();
}

/// Also what changes without an event, as when another program pauses or queues something.
void TransfersModel::sampleRates() {
    for (Row& row : m_rows) {
        if (!isRunning(row.info)) continue;
        row.rates.push_back(row.info.rate);
        if (row.rates.size() > kMaxRates) row.rates.pop_front();
        touch(row.info.transfer);
    }
    ask();
}

} // namespace wherry::desktop
