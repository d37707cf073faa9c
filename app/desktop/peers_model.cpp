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
    return view.nearby ? QStringLiteral("nearby") : QStringLiteral("away");
}

double latencyOf(const api::PeerView& view) {
    if (!view.connection || view.connection->roundTrip.count() == 0) return -1;
    return std::chrono::duration<double, std::milli>(view.connection->roundTrip).count();
}

PeerFace faceOf(const api::PeerId& peer, const api::PeerView* view) {
    const KeyLabel label = keyLabel(peer);
    PeerFace face{label.words, label.words, label.hue, QString::fromUtf8("unknown"), false};
    if (!view) return face;
    const std::string& name = view->known.alias.empty() ? view->known.claims.alias : view->known.alias;
    if (!name.empty()) face.name = shown(name, kMaxShownName);
    const std::string_view kind = api::deviceKindName(view->known.claims.kind);
    face.kind = QString::fromUtf8(kind.data(), static_cast<qsizetype>(kind.size()));
    face.trusted = view->known.trust == api::Trust::Trusted;
    return face;
}

} // namespace

PeersModel::PeersModel(EngineSession& engine, QObject* parent) : QAbstractListModel(parent), m_engine(engine) {
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
            {AliasRole, "alias"},         {WordsRole, "words"},       {HueRole, "hue"},
            {KindRole, "kind"},           {TrustedRole, "trusted"},   {BlockedRole, "blocked"},
            {PresenceRole, "presence"},   {PathRole, "path"},         {PathTextRole, "pathText"},
            {PathReasonRole, "pathReason"}, {LatencyRole, "latency"}, {LastSeenRole, "lastSeen"},
            {DoubtfulNameRole, "doubtfulName"}};
}

QVariant PeersModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const api::PeerView& view = m_peers[static_cast<size_t>(index.row())];
    const api::KnownPeer& known = view.known;
    switch (role) {
    case PeerIdRole: return QString::fromStdString(known.peer.text());
    case Qt::DisplayRole:
    case NameRole: return faceOf(known.peer, &view).name;
    case ClaimedNameRole: return shown(known.claims.alias, kMaxShownName);
    case AliasRole: return shown(known.alias, kMaxShownName);
    case WordsRole: return keyLabel(known.peer).words;
    case HueRole: return keyLabel(known.peer).hue;
    case KindRole: return faceOf(known.peer, &view).kind;
    case TrustedRole: return known.trust == api::Trust::Trusted;
    case BlockedRole: return known.trust == api::Trust::Blocked;
    case PresenceRole: return presenceOf(view);
    case PathRole: return view.connection ? pathKindName(view.connection->kind) : QString();
    case PathTextRole: return view.connection ? pathKindText(view.connection->kind) : QString();
    case PathReasonRole: return view.connection ? pathKindReason(view.connection->kind) : QString();
    case LatencyRole: return latencyOf(view);
    case LastSeenRole: return whenText(dateTimeOf(known.lastSeen));
    case DoubtfulNameRole: return view.claimsAnothersName;
    default: return {};
    }
}

PeerFace PeersModel::face(const api::PeerId& peer) const {
    return faceOf(peer, find(peer));
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
    if (isNew) {
        beginInsertRows({}, row, row);
        m_peers.push_back(view);
        endInsertRows();
        emit countChanged();
    } else {
        m_peers[static_cast<size_t>(row)] = view;
        emit dataChanged(index(row), index(row));
    }
    emit peerChanged(view.known.peer);
}

} // namespace wherry::desktop
