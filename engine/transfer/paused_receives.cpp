#include "transfer/paused_receives.h"

#include "transfer/machine_limits.h"
#include "transfer/resume_state.h"

namespace wherry::transfer {

namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kNumbers = 4;

} // namespace

Bytes encodePaused(const PausedReceive& paused) {
    Bytes out{kVersion};
    const TransferFigures& figures = paused.figures;
    for (const uint64_t number : {figures.bytesTotal, figures.bytesVerified, figures.filesTotal, figures.filesDone}) {
        uint8_t raw[sizeof number];
        putBigEndian<uint64_t>(raw, number);
        append(out, raw);
    }
    append(out, asBytes(paused.label));
    return out;
}

Result<PausedReceive> decodePaused(ByteView key, ByteView value) {
    PausedReceive paused;
    if (value.size() < 1 + kNumbers * sizeof(uint64_t) || value[0] != kVersion || key.empty() ||
        key.size() <= 1u + key[0])
        return makeError(Errc::Malformed, "paused transfer");
    TRY(paused.peer, crypto::PeerId::fromMultihash(key.subspan(1, key[0])));
    const auto number = [&](size_t index) {
        return getBigEndian<uint64_t>(value.subspan(1 + index * sizeof(uint64_t)));
    };
    paused.figures.bytesTotal = number(0);
    paused.figures.bytesVerified = number(1);
    paused.figures.filesTotal = number(2);
    paused.figures.filesDone = number(3);
    paused.label = asText(value.subspan(1 + kNumbers * sizeof(uint64_t)));
    return paused;
}

void PausedReceives::load() {
    m_loaded = false;
    m_scan = m_context.out.scan(kOwner, Space::Paused, {});
}

/// A store that cannot be read costs the pauses of before, as it costs what was received before.
void PausedReceives::onStoreScanned(const StoreScanned& scanned, IdSource<TransferId>& ids) {
    if (scanned.id != m_scan) return;
    m_loaded = true;
    if (!scanned.rows) return;
    for (const auto& [key, value] : *scanned.rows) {
        Result<PausedReceive> paused = decodePaused(key, value);
        if (!paused || m_paused.size() >= kMaxPausedReceives) {
            m_context.out.erase(Space::Paused, key);
            continue;
        }
        paused->transfer = ids.take();
        m_context.out.event(TransferHeld{paused->transfer, paused->peer, true, Hold::Paused, Hold::None, paused->label,
                                         paused->figures});
        m_paused.emplace(key, std::move(*paused));
    }
}

Result<void> PausedReceives::add(const Bytes& key, PausedReceive paused, Now now) {
    if (m_paused.size() >= kMaxPausedReceives && !m_paused.contains(key))
        return makeError(Errc::LimitReached,
                         "at most " + std::to_string(kMaxPausedReceives) + " incoming transfers can be paused at once");
    m_context.out.put(Space::Paused, key, encodePaused(paused), partsExpiry(now.wall));
    m_paused.insert_or_assign(key, std::move(paused));
    return {};
}

void PausedReceives::remove(const Bytes& key) {
    if (m_paused.erase(key) > 0) m_context.out.erase(Space::Paused, key);
}

void PausedReceives::cancel(const Bytes& key, Now now) {
    const auto paused = m_paused.find(key);
    if (paused == m_paused.end()) return;
    std::erase_if(m_cancelled, [&](const auto& one) { return one.second.until <= now.mono; });
    if (m_cancelled.size() < kMaxPausedReceives) m_cancelled[key] = {now.mono + kCancelledMemory, paused->second.fetch};
    remove(key);
}

bool PausedReceives::takeCancelled(const Bytes& key, const std::optional<FetchToken>& fetch, Now now) {
    const auto cancelled = m_cancelled.extract(key);
    if (!cancelled || now.mono >= cancelled.mapped().until) return false;
    return !fetch || fetch == cancelled.mapped().fetch;
}

const PausedReceive* PausedReceives::find(const Bytes& key) const {
    const auto found = m_paused.find(key);
    return found == m_paused.end() ? nullptr : &found->second;
}

std::optional<Bytes> PausedReceives::keyOf(TransferId transfer) const {
    for (const auto& [key, paused] : m_paused)
        if (paused.transfer == transfer) return key;
    return std::nullopt;
}

} // namespace wherry::transfer
