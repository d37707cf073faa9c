#include "desktop/peers_model.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"

namespace wherry::desktop {

namespace {

/// How often latency is asked for while somebody looks.
constexpr int kWatchMs = 3000;
/// Characters of a name in a row.
constexpr size_t kMaxShownName = 64;

QString presenceOf(const api::PeerView& view) {
    if (view.connection) return QStringLiteral("connected");
    if (view.nearby) return QStringLiteral("nearby");
    return view.presence && view.presence->here ? QStringLiteral("here") : QStringLiteral("away");
}

/// Connected, or heard to say that it is here.
api::UnixTime lastSeenOf(const api::PeerView& view) {
    return view.presence ? std::max(view.presence->at, view.known.lastSeen) : view.known.lastSeen;
}

double latencyOf(const api::PeerView& view) {
    if (!view.connection || view.connection->roundTrip.count() == 0) return -1;
    return std::chrono::duration<double, std::milli>(view.connection->roundTrip).count();
}

/// Under the person's own name for it nobody takes it for another.
bool hasDoubtfulName(const api::PeerView& view) {
    return view.claimsAnothersName && view.known.alias.empty();
}

/// Names that look alike at a glance are the same.
QString nameKey(const api::PeerView& view) {
    const std::string& name = view.known.alias.empty() ? view.known.claims.alias : view.known.alias;
    return shown(name, kMaxShownName).normalized(QString::NormalizationForm_KC).simplified().toCaseFolded();
}

PeerFace faceOf(const api::PeerId& peer, const api::PeerView* view) {
    const KeyLabel label = keyLabel(peer);
    PeerFace face{label.words, label.words, label.hue, QString::fromUtf8("unknown"), false};
    if (!view) return face;
    const std::string& name = view->known.alias.empty() ? view->known.claims.alias : view->known.alias;
    if (!name.empty()) face.name = shown(name, kMaxShownName);
    face.kind = word(api::deviceKindName(view->known.claims.kind));
    face.trusted = view->known.trust == api::Trust::Trusted;
    return face;
}

} // namespace

PeersModel::PeersModel(EngineSession& engine, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_acquaintances(engine, nullptr) {
    connect(&m_acquaintances, &Acquaintances::added, this, [this](const api::PeerId& peer) {
        if (const auto row = m_rows.find(peer); row != m_rows.end())
            emit dataChanged(index(row->second), index(row->second));
    });
    connect(&engine, &EngineSession::ready, this, [this] { refresh({}); });
    connect(&engine, &EngineSession::event, this, &PeersModel::onEvent);
    m_watch.setInterval(kWatchMs);
    connect(&m_watch, &QTimer::timeout, this, [this] { refresh({}); });
}

int PeersModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_peers.size());
}

QHash<int, QByteArray> PeersModel::roleNames() const {
    return {{PeerIdRole, "peerId"},       {NameRole, "name"},         {ClaimedNameRole, "claimedName"},
            {NameInTextRole, "nameInText"},
            {AliasRole, "alias"},         {WordsRole, "words"},       {HueRole, "hue"},
            {KindRole, "kind"},           {TrustedRole, "trusted"},   {BlockedRole, "blocked"},
            {PresenceRole, "presence"},   {PathRole, "path"},         {PathTextRole, "pathText"},
            {PathReasonRole, "pathReason"}, {LatencyRole, "latency"}, {LastSeenRole, "lastSeen"},
            {UnreadRole, "unread"},       {DoubtfulNameRole, "doubtfulName"},
            {AcquaintedRole, "acquainted"}};
}

QVariant PeersModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const api::PeerView& view = m_peers[static_cast<size_t>(index.row())];
    const api::KnownPeer& known = view.known;
    switch (role) {
    case PeerIdRole: return QString::fromStdString(known.peer.text());
    case Qt::DisplayRole:
    case NameRole: return faceOf(known.peer, &view).name;
    case NameInTextRole: return nameInText(faceOf(known.peer, &view).name);
    case ClaimedNameRole: return shown(known.claims.alias, kMaxShownName);
    case AliasRole: return shown(known.alias, kMaxShownName);
    case WordsRole: return keyLabel(known.peer).words;
    case HueRole: return keyLabel(known.peer).hue;
    case KindRole: return faceOf(known.peer, &view).kind;
    case TrustedRole: return known.trust == api::Trust::Trusted;
    case BlockedRole: return known.trust == api::Trust::Blocked;
    case PresenceRole: return presenceOf(view);
    case PathRole: return view.connection ? pathKindWord(view.connection->kind) : QString();
    case PathTextRole: return view.connection ? pathText(*view.connection, relayOf(view)) : QString();
    case PathReasonRole: return view.connection ? pathReason(*view.connection, relayOf(view)) : QString();
    case LatencyRole: return latencyOf(view);
    case LastSeenRole: return agoText(dateTimeOf(lastSeenOf(view)));
    case UnreadRole: return static_cast<int>(view.unread);
    case AcquaintedRole: return m_acquaintances.has(view);
    case DoubtfulNameRole: return hasDoubtfulName(view);
    default: return {};
    }
}

QString PeersModel::relayOf(const api::PeerView& view) const {
    const bool relayed = view.connection && view.connection->relay;
    return relayed ? face(*view.connection->relay).name : QString();
}

PeerFace PeersModel::face(const api::PeerId& peer) const {
    const api::PeerView* view = find(peer);
    PeerFace face = faceOf(peer, view);
    face.name = nameInText(face.name);
    if (view && hasDoubtfulName(*view))
        face.name = tr("%1 (another device of this name)").arg(face.name);
    else if (view && hasNamesake(*view))
        face.name = tr("%1 (%2)", "name, words of the key").arg(face.name, face.words);
    return face;
}

/// Whom the person has named or trusts has the name alone.
bool PeersModel::hasNamesake(const api::PeerView& view) const {
    if (!view.known.alias.empty() || view.known.trust == api::Trust::Trusted) return false;
    const QString key = nameKey(view);
    return !key.isEmpty() && m_named.count(key) > 1;
}

/// Its namesakes of before and now are shown by other words, perhaps.
void PeersModel::rename(const api::PeerId& peer, const QString& before, const QString& now) {
    if (before == now) return;
    m_named.remove(before, peer);
    if (!now.isEmpty()) m_named.insert(now, peer);
    for (const QString& key : {before, now})
        for (const api::PeerId& namesake : m_named.values(key))
            if (namesake != peer) emit peerChanged(namesake);
}

const api::PeerView* PeersModel::find(const api::PeerId& peer) const {
    const auto found = m_rows.find(peer);
    return found == m_rows.end() ? nullptr : &m_peers[static_cast<size_t>(found->second)];
}

void PeersModel::setWatched(bool watched) {
    if (!watched) return m_watch.stop();
    m_watch.start();
    if (m_engine.isReady()) refresh({});
}

void PeersModel::refresh(const api::PeerId& after) {
    m_engine.submit(api::ListPeers{after}, this, [this](const api::Event& event) {
        const auto* listed = std::get_if<api::PeersListed>(&event);
        if (!listed) return;
        for (const api::PeerView& view : listed->peers) put(view);
        if (listed->more && !listed->peers.empty()) refresh(listed->peers.back().known.peer);
    });
}

void PeersModel::onEvent(const api::Event& event) {
    if (const auto* changed = std::get_if<api::PeerChanged>(&event)) put(changed->peer);
}

void PeersModel::put(const api::PeerView& view) {
    const auto [found, isNew] = m_rows.try_emplace(view.known.peer, rowCount());
    const int row = found->second;
    const int before = isNew ? 0 : static_cast<int>(m_peers[static_cast<size_t>(row)].unread);
    const QString nameBefore = isNew ? QString() : nameKey(m_peers[static_cast<size_t>(row)]);
    if (isNew) {
        beginInsertRows({}, row, row);
        m_peers.push_back(view);
        endInsertRows();
        emit countChanged();
    } else {
        m_peers[static_cast<size_t>(row)] = view;
        emit dataChanged(index(row), index(row));
    }
    m_acquaintances.lookAt(view);
    rename(view.known.peer, nameBefore, nameKey(view));
    emit peerChanged(view.known.peer);
    const int more = static_cast<int>(view.unread) - before;
    m_unread += more;
    if (more != 0) emit unreadChanged();
}

} // namespace wherry::desktop
