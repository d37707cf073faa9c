#include "desktop/acquaintances.h"

#include "desktop/engine_session.h"

#include <algorithm>

namespace wherry::desktop {

namespace {

/// Messages of a conversation that are looked through.
constexpr uint32_t kMaxMessages = 30;
/// Pages of the history that are.
constexpr int kMaxPages = 10;

/// Somebody here has said yes to it, or has begun it.
bool isOwnAct(const api::HistoryEntry& entry) {
    return !entry.incoming || entry.outcome == api::TransferOutcome::Delivered || entry.seconds > 0;
}

} // namespace

Acquaintances::Acquaintances(EngineSession& engine, QObject* parent) : QObject(parent), m_engine(engine) {
    connect(&engine, &EngineSession::event, this, &Acquaintances::onEvent);
    connect(&engine, &EngineSession::ready, this, [this] {
        m_lookedAt.clear();
        readHistory(0, kMaxPages);
    });
}

/// An address is known where this device has called the other: because of the person, or because it was nearby.
bool Acquaintances::has(const api::PeerView& view) const {
    return view.nearby || view.known.isKept() || !view.known.addresses.empty() || m_met.contains(view.known.peer);
}

void Acquaintances::lookAt(const api::PeerView& view) {
    if (!m_engine.isReady() || has(view) || !m_lookedAt.insert(view.known.peer).second) return;
    m_engine.submit(api::ListMessages{{view.known.peer, {}}, kMaxMessages, 0}, this, [this](const api::Event& event) {
        const auto* listed = std::get_if<api::MessagesListed>(&event);
        if (listed && std::ranges::any_of(listed->messages, [](const auto& one) { return !one.incoming; })) add(listed->peer);
    });
}

void Acquaintances::readHistory(uint64_t before, int pages) {
    m_engine.submit(api::ListHistory{0, before}, this, [this, pages](const api::Event& event) {
        const auto* listed = std::get_if<api::HistoryListed>(&event);
        if (!listed) return;
        for (const api::HistoryEntry& entry : listed->entries)
            if (isOwnAct(entry)) add(entry.peer);
        if (listed->more && !listed->entries.empty() && pages > 1)
            readHistory(listed->entries.back().number, pages - 1);
    });
}

void Acquaintances::onEvent(const api::Event& event) {
    if (const auto* message = std::get_if<api::MessageChanged>(&event); message && !message->message.incoming)
        add(message->message.peer);
    const auto* update = std::get_if<api::TransferUpdate>(&event);
    if (!update) return;
    if (const auto* made = std::get_if<api::OfferMade>(&update->event); made && !made->incoming) add(made->peer);
    if (const auto* accepted = std::get_if<api::OfferAccepted>(&update->event)) add(accepted->peer);
    if (const auto* delivered = std::get_if<api::TransferDelivered>(&update->event)) add(delivered->peer);
}

void Acquaintances::add(const api::PeerId& peer) {
    if (!peer.empty() && m_met.insert(peer).second) emit added(peer);
}

} // namespace wherry::desktop
