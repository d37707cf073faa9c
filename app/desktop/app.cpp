#include "desktop/app.h"

#include "api/address_order.h"
#include "desktop/display.h"

#include <QClipboard>
#include <QGuiApplication>

namespace wherry::desktop {

App::App(api::Settings settings, QObject* parent)
    : QObject(parent),
      m_settings(std::move(settings)),
      m_notices(nullptr),
      m_peers(m_engine, nullptr),
      m_list(m_peers, nullptr),
      m_receiving(m_engine, m_settings, m_settings.home, nullptr),
      m_offers(m_engine, m_peers, m_receiving, nullptr),
      m_transfers(m_engine, m_peers, nullptr),
      m_history(m_engine, m_peers, nullptr),
      m_draft(m_engine, m_notices, nullptr),
      m_texts(m_engine, m_peers, nullptr) {
    connectModels();
}

App::~App() {
    stop();
}

void App::connectModels() {
    const auto complain = [this](const QString& why) { m_notices.add(NoticesModel::Kind::Problem, why); };
    connect(&m_engine, &EngineSession::ready, this, &App::selfChanged);
    connect(&m_notices, &NoticesModel::added, this, &App::noticed);
    connect(&m_engine, &EngineSession::warning, this, complain);
    connect(&m_transfers, &TransfersModel::failed, this, complain);
    connect(&m_history, &HistoryModel::failed, this, complain);
    connect(&m_transfers, &TransfersModel::ended, this, &App::onEnded);
    connect(&m_history, &HistoryModel::folderWanted, this, &App::folderWanted);
    connect(&m_offers, &OffersModel::arrived, this, [this](Offer* offer) {
        emit attentionWanted(tr("%1 wants to send you something").arg(offer->peerName()),
                             offer->label() + QStringLiteral("\n") + offer->contents());
    });
    connect(&m_texts, &TextsModel::arrived, this,
            [this](const QString& peer) { emit attentionWanted(tr("A text from %1").arg(peer), {}); });
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
    return shown(api::deviceName(m_settings));
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

QString App::host() {
    return ready() && m_engine.engine().isAttached() ? shown(m_engine.engine().host()) : QString();
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

// --- transfers --------------------------------------------------------------------------------------------------------

void App::onEnded(const api::TransferEvent& how) {
    m_history.refresh();
    const auto name = [&](const api::PeerId& peer) { return m_peers.face(peer).name; };
    if (const auto* delivered = std::get_if<api::TransferDelivered>(&how)) {
        const QString text = delivered->incoming ? tr("Received from %1").arg(name(delivered->peer))
                                                 : tr("Delivered to %1").arg(name(delivered->peer));
        m_notices.add(NoticesModel::Kind::Success, text);
        emit attentionWanted(text, contentsText(delivered->figures.filesTotal, 0));
    } else if (const auto* failed = std::get_if<api::TransferFailed>(&how)) {
        m_notices.add(NoticesModel::Kind::Problem, failureText(failed->error, failed->file, failed->byPeer));
    } else if (const auto* declined = std::get_if<api::OfferDeclined>(&how)) {
        m_notices.add(NoticesModel::Kind::Info, declined->reason.empty()
                                                    ? tr("Declined")
                                                    : tr("Declined: %1").arg(shown(declined->reason)));
    }
}

QString App::stillRunning() const {
    const int count = m_transfers.count();
    if (count == 0) return {};
    return count == 1 ? tr("One transfer is still under way. It goes on from where it stopped when it is sent again.")
                      : tr("%1 transfers are still under way. They go on from where they stopped when they are sent again.").arg(count);
}

} // namespace wherry::desktop
