#include "desktop/messages_model.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/file_opener.h"
#include "desktop/peers_model.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QRegularExpression>
#include <algorithm>

namespace wherry::desktop {

namespace {

/// Messages asked for at once.
constexpr uint32_t kPage = 30;
/// Bytes of a text that goes on its way; the engine says the same.
constexpr qsizetype kMaxTextBytes = 65536;
/// Web addresses that are offered of one message, and their length.
constexpr qsizetype kMaxLinks = 8;
constexpr qsizetype kMaxLink = 2048;
/// Characters of a host on a button.
constexpr qsizetype kMaxShownHost = 32;

/// Without names of users, which look like hosts. As they are opened: letters that look like others are written out
/// (xn--), so that nobody takes one name for another.
QStringList linksIn(const std::string& text) {
    static const QRegularExpression address(QStringLiteral("\\bhttps?://[^\\s<>\"]+"),
                                            QRegularExpression::CaseInsensitiveOption);
    QStringList links;
    auto found = address.globalMatch(QString::fromStdString(text));
    while (found.hasNext() && links.size() < kMaxLinks) {
        QString written = found.next().captured();
        while (!written.isEmpty() && QStringLiteral(".,;:!?)]}'").contains(written.back())) written.chop(1);
        const QUrl url(written, QUrl::StrictMode);
        const QString whole = url.toString(QUrl::FullyEncoded);
        if (url.isValid() && !url.host().isEmpty() && url.userInfo().isEmpty() && whole.size() <= kMaxLink && !links.contains(whole))
            links.append(whole);
    }
    return links;
}

QString statusText(const api::MessageInfo& message) {
    switch (message.state) {
    case api::MessageState::Sending: return MessagesModel::tr("On its way");
    case api::MessageState::Delivered: return MessagesModel::tr("Delivered");
    case api::MessageState::Failed:
        return MessagesModel::tr("Not delivered. %1")
            .arg(message.error ? failureText(*message.error, {}, false) : QString());
    case api::MessageState::Received: break;
    }
    return {};
}

} // namespace

MessagesModel::MessagesModel(EngineSession& engine, const PeersModel& peers, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_peers(peers) {
    connect(&engine, &EngineSession::event, this, &MessagesModel::onEvent);
    connect(&engine, &EngineSession::ready, this, &MessagesModel::reset);
}

int MessagesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_messages.size());
}

QHash<int, QByteArray> MessagesModel::roleNames() const {
    return {{TextRole, "text"}, {OwnRole, "own"},     {StateRole, "state"},  {StatusRole, "status"},
            {WhenRole, "when"}, {LinksRole, "links"}, {UnreadRole, "unread"}};
}

QVariant MessagesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const api::MessageInfo& message = m_messages[static_cast<size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case TextRole: return shownLines(message.text);
    case OwnRole: return !message.incoming;
    case StateRole: return word(api::messageStateName(message.state));
    case StatusRole: return statusText(message);
    case WhenRole: return whenText(dateTimeOf(message.at));
    case LinksRole: return linksIn(message.text);
    case UnreadRole: return message.unread;
    default: return {};
    }
}

// --- whose it is ------------------------------------------------------------------------------------------------------

QString MessagesModel::peerId() const {
    return m_peer.empty() ? QString() : QString::fromStdString(m_peer.text());
}

void MessagesModel::setPeerId(const QString& peerId) {
    const auto peer = api::PeerId::parse(peerId.toStdString());
    const api::PeerId next = peer ? *peer : api::PeerId();
    if (next == m_peer) return;
    m_peer = next;
    emit peerIdChanged();
    reset();
}

void MessagesModel::setWatched(bool watched) {
    if (watched == m_watched) return;
    m_watched = watched;
    emit watchedChanged();
    markRead();
}

void MessagesModel::reset() {
    ++m_round;
    m_asking = false;
    beginResetModel();
    m_messages.clear();
    m_more = false;
    endResetModel();
    emit countChanged();
    if (!m_peer.empty() && m_engine.isReady()) ask(0);
}

bool MessagesModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_more && !m_asking;
}

void MessagesModel::fetchMore(const QModelIndex& parent) {
    if (canFetchMore(parent)) ask(m_messages.back().number);
}

void MessagesModel::ask(uint64_t before) {
    m_asking = true;
    m_engine.submit(api::ListMessages{{m_peer, {}}, kPage, before}, this,
                    [this, before, round = m_round](const api::Event& event) {
                        if (round != m_round) return;
                        m_asking = false;
                        if (const auto* listed = std::get_if<api::MessagesListed>(&event)) onListed(*listed, before);
                        if (const auto* refused = std::get_if<api::RequestFailed>(&event))
                            emit failed(shown(refused->error.context));
                    });
}

void MessagesModel::onListed(const api::MessagesListed& listed, uint64_t before) {
    if (before == 0 && !m_messages.empty()) { // some have come while the first were asked for
        std::vector<api::MessageInfo> newer(m_messages.begin(), m_messages.end());
        beginResetModel();
        m_messages.assign(listed.messages.begin(), listed.messages.end());
        endResetModel();
        for (auto message = newer.rbegin(); message != newer.rend(); ++message)
            if (m_messages.empty() || message->number > m_messages.front().number) note(*message);
    } else if (!listed.messages.empty()) {
        const int count = static_cast<int>(listed.messages.size());
        beginInsertRows({}, rowCount(), rowCount() + count - 1);
        m_messages.insert(m_messages.end(), listed.messages.begin(), listed.messages.end());
        endInsertRows();
    }
    m_more = listed.more;
    emit countChanged();
    markRead();
}

// --- what the engine tells --------------------------------------------------------------------------------------------

void MessagesModel::onEvent(const api::Event& event) {
    if (const auto* changed = std::get_if<api::MessageChanged>(&event)) {
        const bool isNew = changed->message.incoming && !changed->message.text.empty();
        if (changed->message.peer == m_peer) note(changed->message);
        if (isNew)
            emit arrived(m_peers.face(changed->message.peer).name, QString::fromStdString(changed->message.peer.text()));
    } else if (const auto* gone = std::get_if<api::MessagesGone>(&event)) {
        if (gone->peer == m_peer) drop(gone->upTo);
    }
}

void MessagesModel::note(const api::MessageInfo& message) {
    const auto found = std::ranges::find(m_messages, message.number, &api::MessageInfo::number);
    if (found != m_messages.end()) {
        std::string text = std::move(found->text);
        *found = message;
        if (found->text.empty()) found->text = std::move(text);
        const int row = static_cast<int>(found - m_messages.begin());
        emit dataChanged(index(row), index(row));
        return;
    }
    const bool isNewest = m_messages.empty() || message.number > m_messages.front().number;
    if (message.text.empty() || !isNewest) return; // one that has not been scrolled to
    beginInsertRows({}, 0, 0);
    m_messages.push_front(message);
    endInsertRows();
    emit countChanged();
    markRead();
}

void MessagesModel::drop(uint64_t upTo) {
    const auto first = std::ranges::find_if(m_messages, [&](const auto& one) { return one.number <= upTo; });
    if (first == m_messages.end()) return;
    const int from = static_cast<int>(first - m_messages.begin());
    beginRemoveRows({}, from, rowCount() - 1);
    m_messages.erase(first, m_messages.end());
    m_more = false;
    endRemoveRows();
    emit countChanged();
}

void MessagesModel::markRead() {
    const auto isUnread = [](const api::MessageInfo& message) { return message.unread; };
    if (!m_watched || m_peer.empty()) return;
    const auto newest = std::ranges::find_if(m_messages, isUnread);
    if (newest == m_messages.end()) return;
    m_engine.submit(api::MarkRead{{m_peer, {}}, newest->number});
    for (int row = 0; row < rowCount(); ++row) {
        if (!std::exchange(m_messages[static_cast<size_t>(row)].unread, false)) continue;
        emit dataChanged(index(row), index(row), {UnreadRole});
    }
}

// --- what the person does ---------------------------------------------------------------------------------------------

void MessagesModel::command(api::Command command) {
    m_engine.submit(std::move(command), this, [this](const api::Event& event) {
        const auto* refused = std::get_if<api::RequestFailed>(&event);
        if (refused && refused->error.code == api::Errc::LimitReached) emit failed(shown(refused->error.context));
    });
}

QString MessagesModel::problemWith(const QString& text) const {
    const qsizetype bytes = text.toUtf8().size();
    if (bytes <= kMaxTextBytes) return {};
    return tr("This is %1 too long for one message. Send it as a file, or in parts.")
        .arg(bytesText(static_cast<uint64_t>(bytes - kMaxTextBytes)));
}

bool MessagesModel::send(const QString& text) {
    if (text.trimmed().isEmpty() || m_peer.empty() || !problemWith(text).isEmpty()) return false;
    command(api::SendText{{m_peer, {}}, text.toStdString()}); // whether it has arrived stands at the message
    return true;
}

void MessagesModel::retry(int row) {
    if (row < 0 || row >= rowCount()) return;
    command(api::RetryText{m_messages[static_cast<size_t>(row)].number});
}

void MessagesModel::copy(int row) const {
    if (row < 0 || row >= rowCount()) return;
    QGuiApplication::clipboard()->setText(QString::fromStdString(m_messages[static_cast<size_t>(row)].text));
}

void MessagesModel::clear() {
    if (!m_peer.empty()) command(api::ClearMessages{{m_peer, {}}});
}

QString MessagesModel::hostOf(const QString& link) const {
    const QString host = QUrl(link, QUrl::StrictMode).host(QUrl::FullyEncoded);
    return host.size() <= kMaxShownHost ? host : QChar(0x2026) + host.right(kMaxShownHost - 1);
}

void MessagesModel::openLink(const QString& link) {
    const QUrl url(link, QUrl::StrictMode);
    const bool isWeb = url.scheme() == QLatin1String("https") || url.scheme() == QLatin1String("http");
    if (isWeb && !FileOpener::openLink(url)) emit failed(tr("No program was found that opens web pages"));
}

} // namespace wherry::desktop
