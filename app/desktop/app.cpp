#include "desktop/app.h"

#include "api/address_order.h"
#include "desktop/display.h"
#include "desktop/landed_files.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QLocale>

namespace wherry::desktop {

namespace {

/// Transfers that a question names.
constexpr int kMaxNamed = 5;
/// Characters of what a notice names: it has two lines in a narrow window.
constexpr qsizetype kMaxNamedLength = 36;
/// Characters of why something cannot be sent.
constexpr size_t kMaxReason = 120;

QString declinedHere(const std::string& reason, const QString& label, const QString& peer) {
    return isPersonsNo(reason) ? App::tr("You declined %1 from %2").arg(label, peer)
                               : App::tr("Declined %1 from %2: %3").arg(label, peer, shown(reason));
}

} // namespace

App::App(api::Settings settings, const std::string& settingsFile, QObject* parent)
    : QObject(parent),
      m_settings(std::move(settings)),
      m_lasting(m_engine, m_settings, api::settingsPath(m_settings.home, settingsFile), nullptr),
      m_notices(nullptr),
      m_peers(m_engine, nullptr),
      m_list(m_peers, PeerListModel::Which::Acquainted, nullptr),
      m_others(m_peers, PeerListModel::Which::Others, nullptr),
      m_receiving(m_engine, m_settings, m_settings.home, nullptr),
      m_offers(m_engine, m_peers, m_receiving, nullptr),
      m_transfers(m_engine, m_peers, nullptr),
      m_history(m_engine, m_peers, nullptr),
      m_draft(m_engine, m_notices, nullptr),
      m_shares(m_engine, m_draft, nullptr),
      m_pasted(m_engine, m_peers, m_receiving, m_notices, nullptr),
      m_transferList(m_transfers, nullptr),
      m_messages(m_engine, m_peers, nullptr),
      m_bandwidth(m_engine, nullptr),
      m_network(m_engine, m_peers, m_lasting, nullptr) {
    connectModels();
}

App::~App() {
    stop();
}

void App::connectModels() {
    const auto complain = [this](const QString& why) { m_notices.add(NoticesModel::Kind::Problem, why); };
    connect(&m_engine, &EngineSession::ready, this, &App::selfChanged);
    connect(&m_lasting, &SettingsModel::changed, this, &App::onSettings);
    connect(&m_notices, &NoticesModel::added, this, &App::noticed);
    connect(&m_engine, &EngineSession::warning, this, complain);
    connect(&m_transfers, &TransfersModel::failed, this, complain);
    connect(&m_history, &HistoryModel::failed, this, complain);
    connect(&m_shares, &SharesModel::failed, this, complain);
    connect(&m_lasting, &SettingsModel::failed, this, complain);
    connect(&m_transfers, &TransfersModel::ended, this, &App::onEnded);
    connect(&m_transfers, &TransfersModel::incomplete, this, &App::onIncomplete);
    connect(&m_offers, &OffersModel::declinedAll, this, &App::onDeclinedAll);
    connect(&m_transfers, &TransfersModel::silent, &m_offers, &OffersModel::setSilence);
    connect(&m_messages, &MessagesModel::failed, this, complain);
    connect(&m_bandwidth, &Bandwidth::failed, this, complain);
}

api::Result<void> App::start() {
    return m_engine.start(m_settings);
}

void App::stop() {
    m_engine.stop();
}

QString App::version() const {
    return QStringLiteral(WHERRY_VERSION);
}

QString App::deviceName() const {
    return shown(api::deviceName(m_lasting.now()));
}

QString App::peerId() const {
    return ready() ? QString::fromStdString(const_cast<App*>(this)->m_engine.engine().names().peerId) : QString();
}

QString App::words() const {
    const auto self = api::PeerId::parse(peerId().toStdString());
    return self ? keyLabel(*self).words : QString();
}

double App::hue() const {
    const auto self = api::PeerId::parse(peerId().toStdString());
    return self ? keyLabel(*self).hue : 0;
}

QStringList App::addresses() const {
    QStringList texts;
    for (const api::Multiaddr& address : api::bestFirst(m_engine.addresses()))
        texts.append(QString::fromStdString(address.text()));
    return texts;
}

void App::onSettings() {
    m_receiving.takeUp(m_lasting.now());
    emit selfChanged();
}

void App::setFolder(const QUrl& folder) {
    const QString key = QStringLiteral("receive.out");
    if (!m_lasting.chooseFolder(key, folder) && !m_lasting.errorOf(key).isEmpty())
        m_notices.add(NoticesModel::Kind::Problem, m_lasting.errorOf(key));
}

QString App::host() {
    return ready() && m_engine.engine().isAttached() ? shown(m_engine.engine().host()) : QString();
}

void App::gather(const QList<QUrl>& urls) {
    if (urls.isEmpty()) return;
    m_draft.add(urls);
    emit devicesWanted();
}

void App::copy(const QString& text) const {
    QGuiApplication::clipboard()->setText(text);
}

// --- decisions about a device -----------------------------------------------------------------------------------------

api::Target App::targetOf(const QString& peerId) const {
    const auto peer = api::PeerId::parse(peerId.toStdString());
    return peer ? api::Target{*peer, {}} : api::Target{};
}

void App::decide(const QString& peerId, api::Command command) {
    if (targetOf(peerId).peer.empty()) return;
    m_engine.submit(std::move(command), this, [this](const api::Event& event) {
        if (const auto* failed = std::get_if<api::RequestFailed>(&event))
            m_notices.add(NoticesModel::Kind::Problem, shown(failed->error.context));
    });
}

void App::setTrusted(const QString& peerId, bool trusted) {
    const api::Target target = targetOf(peerId);
    decide(peerId, trusted ? api::Command(api::TrustPeer{target}) : api::Command(api::UntrustPeer{target}));
}

void App::setBlocked(const QString& peerId, bool blocked) {
    const api::Target target = targetOf(peerId);
    decide(peerId, blocked ? api::Command(api::BlockPeer{target}) : api::Command(api::UnblockPeer{target}));
}

void App::setAlias(const QString& peerId, const QString& alias) {
    decide(peerId, api::SetAlias{targetOf(peerId), alias.trimmed().toStdString()});
}

void App::tellOfText(const QString& peerName, const QString& peerId) {
    m_notices.add(NoticesModel::Kind::Info, tr("A text from %1").arg(peerName),
                  {{tr("Read", "a text that has come"), [this, peerId] { emit conversationWanted(peerId); }}});
}

// --- transfers --------------------------------------------------------------------------------------------------------

void App::onIncomplete(const api::OfferMade& offer) {
    const QString label = briefly(shown(offer.label), kMaxNamedLength);
    QString words = offer.skipped == 1
                        ? tr("1 item of “%1” is not sent").arg(label)
                        : tr("%1 items of “%2” are not sent").arg(numberText(offer.skipped), label);
    if (!offer.skippedReasons.empty()) words += QStringLiteral(": ") + shown(offer.skippedReasons.front(), kMaxReason);
    if (offer.skipped > 1) words += QStringLiteral("; ") + tr("and %1 more").arg(numberText(offer.skipped - 1));
    m_notices.add(NoticesModel::Kind::Loss, words, {{tr("All right", "understood"), [] {}}});
}

/// What was received has the name that it got on the disk.
void App::onDelivered(const api::TransferDelivered& how, const QString& sentAs) {
    const bool isOne = how.incoming && how.names.size() == 1;
    const QString label = isOne ? briefly(shownName(how.names.front()), kMaxNamedLength) : sentAs;
    const uint64_t leftOut = m_transfers.leftOutOf(how.transfer);
    const QString to = m_peers.face(how.peer).name;
    if (leftOut > 0)
        return m_notices.add(NoticesModel::Kind::Loss,
                             leftOut == 1 ? tr("Delivered %1 to %2, without 1 item").arg(label, to)
                                          : tr("Delivered %1 to %2, without %3 items").arg(label, to, numberText(leftOut)),
                             {{tr("All right", "understood"), [] {}}});
    const QString words = how.incoming ? tr("Received %1 from %2") : tr("Delivered %1 to %2");
    std::vector<NoticesModel::Action> actions;
    const LandedFiles files{how.folder, how.names};
    if (how.incoming && files.names.size() == 1)
        actions.push_back({tr("Open", "what was received"), [this, files] { m_history.openLanded(files); }});
    if (how.incoming && !files.folder.empty())
        actions.push_back({tr("Show in folder"), [this, files] {
                               files.show(this, [this](const QString& why) { m_notices.add(NoticesModel::Kind::Problem, why); });
                           }});
    m_notices.add(NoticesModel::Kind::Success, words.arg(label, to), std::move(actions));
}

void App::onEnded(const api::TransferEvent& how) {
    m_history.refresh();
    const api::TransferId transfer = api::transferOf(how);
    const QString label = briefly(m_transfers.labelOf(transfer), kMaxNamedLength);
    const auto name = [&](const api::PeerId& peer) { return m_peers.face(peer).name; };
    const auto about = [&](const QString& words, const api::PeerId& peer) { return words.arg(label, name(peer)); };
    const auto tell = [this](const QString& words) { m_notices.add(NoticesModel::Kind::Info, words); };
    const bool asked = m_transfers.isAsked(transfer);
    if (const auto* delivered = std::get_if<api::TransferDelivered>(&how)) {
        onDelivered(*delivered, label);
    } else if (const auto* failed = std::get_if<api::TransferFailed>(&how)) {
        const bool stopped = failed->error.code == api::Errc::Cancelled;
        if (stopped && !failed->byPeer)
            tell(about(failed->incoming ? tr("Stopped: %1 from %2") : tr("Stopped: %1 to %2"), failed->peer));
        else if (stopped && asked)
            tell(about(tr("%2 took %1 back before you answered"), failed->peer));
        else
            m_notices.add(NoticesModel::Kind::Problem, failureText(failed->error, failed->file, failed->byPeer));
    } else if (const auto* declined = std::get_if<api::OfferDeclined>(&how)) {
        if (m_offers.wasDeclinedWithAll(declined->transfer)) return;
        tell(m_transfers.isIncoming(transfer) ? declinedHere(declined->reason, label, name(declined->peer))
             : declined->reason.empty()       ? tr("Declined")
                                              : tr("Declined: %1").arg(shown(declined->reason)));
    } else if (const auto* lost = std::get_if<api::TransferInterrupted>(&how); lost && asked) {
        tell(about(tr("%2 is gone. You had not answered about %1"), lost->peer));
    }
}

void App::onDeclinedAll(int offers, int devices) {
    const QString count = QLocale().toString(offers);
    const QString words = offers == 1    ? tr("Declined 1 offer. The history has it.")
                          : devices == 1 ? tr("Declined %1 offers of one device. The history has them.").arg(count)
                                         : tr("Declined %1 offers of %2 devices. The history has them.")
                                               .arg(count, QLocale().toString(devices));
    m_notices.add(NoticesModel::Kind::Info, words);
}

/// Of what is under way and stops when this program ends: who sends can do something about it, who receives cannot.
QString App::howItGoesOn() const {
    int incoming = 0;
    for (int row = 0; row < m_transfers.count(); ++row)
        if (m_transfers.index(row).data(TransfersModel::IncomingRole).toBool()) ++incoming;
    const QString sent = tr("Send it again later to go on from there.");
    if (incoming == 0) return sent;
    if (incoming == m_transfers.count())
        return tr("It goes on by itself when you start Wherry again while the other side still tries, else when the "
                  "other side sends it again.");
    return tr("What you send: send it again later to go on from there. What you receive goes on by itself when you start "
              "Wherry again while the other side still tries, else when the other side sends it again.");
}

QString App::stillRunning() {
    QStringList names;
    const int count = m_transfers.count();
    for (int row = 0; row < std::min(count, kMaxNamed); ++row) {
        const QModelIndex transfer = m_transfers.index(row);
        const QString peer = transfer.data(TransfersModel::PeerNameRole).toString();
        const QString label = transfer.data(TransfersModel::LabelRole).toString();
        const bool incoming = transfer.data(TransfersModel::IncomingRole).toBool();
        names.append((incoming ? tr("%1 from %2") : tr("%1 to %2")).arg(label, peer));
    }
    if (count == 0) return {};
    if (count > kMaxNamed) names.append(tr("and %1 more").arg(QLocale().toString(count - kMaxNamed)));
    const QString stops = !host().isEmpty() ? tr("If you quit, what this window has begun stops.")
                          : count == 1      ? tr("If you quit, it stops.")
                                            : tr("If you quit, they stop.");
    const QString after = stops + QLatin1Char(' ') + howItGoesOn();
    return tr("Still under way:") + QStringLiteral("\n") + names.join(QLatin1Char('\n')) + QStringLiteral("\n\n") + after;
}

// --- the tray -----------------------------------------------------------------------------------------------------------

void App::setInTray(bool inTray) {
    if (std::exchange(m_inTray, inTray) != inTray) emit inTrayChanged();
}

QString App::trayNote() const {
    return QDir(QString::fromStdString(api::homeFolder(m_settings.home))).filePath(QStringLiteral("tray-explained"));
}

bool App::trayExplained() const {
    return QFile::exists(trayNote());
}

void App::setTrayExplained() {
    QFile note(trayNote());
    (void)note.open(QIODevice::WriteOnly); // else it is explained once more
}

} // namespace wherry::desktop
