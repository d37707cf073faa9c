#include "desktop/pasted_link.h"

#include "api/target.h"
#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/notices_model.h"
#include "desktop/peers_model.h"
#include "desktop/receiving.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <QStorageInfo>
#include <algorithm>

namespace wherry::desktop {

namespace {

constexpr size_t kMaxShownLabel = 200;
/// Characters of what was pasted: more than the longest link.
constexpr qsizetype kMaxShownText = 8192;
/// As long as somebody looks at a field and waits.
constexpr auto kLookFor = std::chrono::seconds(15);
/// For a name that nobody has yet it is only typing that would help.
constexpr auto kLookForName = std::chrono::seconds(3);

/// What nobody but the text is to blame for is said as it is; the rest in plain words.
QString problemText(const api::Error& error) {
    if (error.code == api::Errc::InvalidArgument || error.code == api::Errc::NotFound ||
        error.code == api::Errc::Malformed)
        return shown(error.context, 400);
    return failureText(error, {}, false);
}

/// Somebody means a device: whole or damaged, it is nothing to send. A name alone may be any word.
bool looksLikeAddress(const QString& text) {
    const QString word = text.trimmed();
    if (word.isEmpty() || std::ranges::any_of(word, [](QChar c) { return c.isSpace(); })) return false;
    for (const char* start : {"/ip4/", "/ip6/", "/dns/", "/dns4/", "/dns6/", "/dnsaddr/", "/p2p/", "key_"})
        if (word.startsWith(QLatin1String(start))) return true;
    return api::PeerId::parse(word.toStdString()).has_value();
}

} // namespace

PastedLink::PastedLink(EngineSession& engine, const PeersModel& peers, const Receiving& receiving,
                       NoticesModel& notices, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_peers(peers),
      m_receiving(receiving),
      m_notices(notices) {
    connect(&peers, &PeersModel::peerChanged, this, [this] {
        if (m_ticket) emit changed();
    });
}

QString PastedLink::label() const {
    if (!m_ticket) return {};
    return m_ticket->label.empty() ? tr("Files") : shown(m_ticket->label, kMaxShownLabel);
}

QString PastedLink::fromName() const {
    return m_ticket ? m_peers.face(m_ticket->peer).name : QString();
}

QString PastedLink::fromWords() const {
    return m_ticket ? keyLabel(m_ticket->peer).words : QString();
}

double PastedLink::fromHue() const {
    return m_ticket ? keyLabel(m_ticket->peer).hue : 0;
}

QString PastedLink::expires() const {
    if (!m_ticket || m_ticket->expires.nanoseconds == 0) return {};
    return QLocale().toString(dateTimeOf(m_ticket->expires).toLocalTime(), QLocale::ShortFormat);
}

QString PastedLink::folder() const {
    return shownFolder(m_folder.toLocalFile().toStdString());
}

QString PastedLink::freeText() const {
    const QStorageInfo disk(m_folder.toLocalFile());
    return disk.isValid() ? bytesText(static_cast<uint64_t>(std::max<qint64>(0, disk.bytesAvailable()))) : QString();
}

void PastedLink::setFolderUrl(const QUrl& folder) {
    if (!folder.isLocalFile()) return;
    m_folder = folder;
    m_folderProblem.clear();
    emit changed();
}

void PastedLink::setProblem(const QString& problem) {
    m_problem = problem;
    emit changed();
}

void PastedLink::forget() {
    m_ticket.reset();
    m_search = {};
    m_folderProblem.clear();
    setProblem({});
}

bool PastedLink::isSelf(const api::PeerId& peer) const {
    return m_engine.isReady() && peer.text() == m_engine.engine().names().peerId;
}

void PastedLink::read(const QString& text) {
    forget();
    const std::string pasted = text.trimmed().toStdString();
    m_text = text.trimmed().left(kMaxShownText);
    api::looksLikeTicket(pasted) ? readTicket(pasted) : look(pasted);
}

/// A link may come as the address that it is, too.
bool PastedLink::take(const QList<QUrl>& urls, const QString& text) {
    const QString dropped = urls.size() == 1 && !urls.first().isLocalFile() ? urls.first().toString() : text;
    const bool files = std::ranges::any_of(urls, [](const QUrl& url) { return url.isLocalFile(); });
    if (files || (!api::looksLikeTicket(dropped.toStdString()) && !looksLikeAddress(dropped))) return false;
    read(dropped);
    return true;
}

bool PastedLink::readClipboard() {
    const QMimeData* content = QGuiApplication::clipboard()->mimeData();
    return content && take(content->urls(), content->text());
}

// --- a ticket ------------------------------------------------------------------------------------------------

void PastedLink::readTicket(const std::string& text) {
    auto ticket = api::readTicket(text);
    if (!ticket) return setProblem(tr("This link is damaged or cut off. Copy the whole of it again."));
    if (isSelf(ticket->peer))
        return setProblem(tr("This is a link that this device has made itself. It is for others."));
    if (ticket->expires.nanoseconds != 0 && dateTimeOf(ticket->expires) <= QDateTime::currentDateTimeUtc())
        return setProblem(tr("The time of this link is over. Ask for a new one."));
    m_ticket = std::move(*ticket);
    m_ticketText = text;
    m_folder = m_receiving.folderUrl();
    emit changed();
}

bool PastedLink::fetch() {
    if (!m_ticket) return false;
    auto policy = m_receiving.policyFor(m_folder.toLocalFile(), m_folderProblem);
    if (!policy) {
        emit changed();
        return false;
    }
    m_engine.submit(api::GetShare{m_ticketText, std::move(*policy)}, this,
                    [this](const api::Event& event) { onFetched(event); });
    forget();
    return true;
}

void PastedLink::onFetched(const api::Event& event) {
    if (std::holds_alternative<api::TransferStarted>(event)) emit fetching();
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    if (!failed) return;
    const QString why =
        failed->error.code == api::Errc::NotFound ? tr("It is not shared any more.") : problemText(failed->error);
    m_notices.add(NoticesModel::Kind::Problem, tr("The link could not be fetched. %1").arg(why));
}

// --- a device ------------------------------------------------------------------------------------------------

void PastedLink::look(const std::string& text) {
    const auto target = api::parseTarget(text);
    if (!target) {
        const QString why = shown(target.error().context, 400);
        return setProblem(text.empty() ? tr("There is nothing here yet. Paste a link, or the address of a device.")
                                       : capitalized(why));
    }
    if (isSelf(target->peer)) return setProblem(tr("This is the address of this device itself."));
    m_found = target->peer;
    m_search = m_engine.submit(api::Ping{*target, 1, target->name.empty() ? kLookFor : kLookForName}, this,
                               [this](const api::Event& event) { onLooked(event); });
    emit changed();
}

void PastedLink::onLooked(const api::Event& event) {
    if (const auto* named = std::get_if<api::TargetFound>(&event); named && named->request == m_search)
        m_found = named->peer;
    if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_search) {
        m_search = {};
        return setProblem(problemText(failed->error));
    }
    const auto* here = std::get_if<api::PingReply>(&event);
    if (!here || here->request != m_search || !here->last) return;
    m_search = {};
    emit changed();
    emit deviceFound(QString::fromStdString(m_found.text()));
}

} // namespace wherry::desktop
