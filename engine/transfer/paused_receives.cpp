#include "transfer/paused_receives.h"

#include "transfer/machine_limits.h"
#include "transfer/resume_state.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

constexpr uint8_t kVersion = 2;
constexpr size_t kNumbers = 4;
/// Version, numbers, whether the folder is a home, length of the folder.
constexpr size_t kFixed = 1 + kNumbers * sizeof(uint64_t) + 1 + sizeof(uint16_t);
constexpr uint8_t kWithdrawalVersion = 1;
/// What the key of a withdrawal begins with; that of a paused transfer begins with the length of a peer's id.
constexpr uint8_t kWithdrawalMark = 0;

void appendNumber(Bytes& out, uint64_t number) {
    uint8_t raw[sizeof number];
    putBigEndian<uint64_t>(raw, number);
    append(out, raw);
}

} // namespace

Bytes encodePaused(const PausedReceive& paused) {
    Bytes out{kVersion};
    const TransferFigures& figures = paused.figures;
    for (const uint64_t number : {figures.bytesTotal, figures.bytesVerified, figures.filesTotal, figures.filesDone})
        appendNumber(out, number);
    out.push_back(paused.folderIsHome ? 1 : 0);
    uint8_t length[sizeof(uint16_t)];
    putBigEndian<uint16_t>(length, static_cast<uint16_t>(paused.folder.size()));
    append(out, length);
    append(out, asBytes(paused.folder));
    append(out, asBytes(paused.label));
    return out;
}

Result<PausedReceive> decodePaused(ByteView key, ByteView value) {
    PausedReceive paused;
    if (value.size() < kFixed || value[0] != kVersion || key.empty() || key.size() <= 1u + key[0])
        return makeError(Errc::Malformed, "paused transfer");
    const size_t folderSize = getBigEndian<uint16_t>(value.subspan(kFixed - sizeof(uint16_t)));
    if (value.size() < kFixed + folderSize) return makeError(Errc::Malformed, "paused transfer");
    TRY(paused.peer, crypto::PeerId::fromMultihash(key.subspan(1, key[0])));
    const auto number = [&](size_t index) {
        return getBigEndian<uint64_t>(value.subspan(1 + index * sizeof(uint64_t)));
    };
    paused.figures.bytesTotal = number(0);
    paused.figures.bytesVerified = number(1);
    paused.figures.filesTotal = number(2);
    paused.figures.filesDone = number(3);
    paused.folderIsHome = value[1 + kNumbers * sizeof(uint64_t)] != 0;
    paused.folder = asText(value.subspan(kFixed, folderSize));
    paused.label = asText(value.subspan(kFixed + folderSize));
    return paused;
}

Bytes withdrawalKey(const Bytes& recordKey) {
    Bytes key{kWithdrawalMark};
    append(key, recordKey);
    return key;
}

Bytes encodeWithdrawal(const Withdrawal& withdrawal) {
    Bytes out{kWithdrawalVersion};
    appendNumber(out, static_cast<uint64_t>(withdrawal.turnAwayUntilSeconds));
    if (withdrawal.fetch) append(out, *withdrawal.fetch);
    return out;
}

Result<Withdrawal> decodeWithdrawal(ByteView value) {
    constexpr size_t kHead = 1 + sizeof(uint64_t);
    if (value.empty() || value[0] != kWithdrawalVersion ||
        (value.size() != kHead && value.size() != kHead + std::tuple_size_v<FetchToken>))
        return makeError(Errc::Malformed, "cancelled transfer");
    Withdrawal withdrawal;
    withdrawal.turnAwayUntilSeconds = static_cast<int64_t>(getBigEndian<uint64_t>(value.subspan(1)));
    if (value.size() == kHead) return withdrawal;
    const ByteView token = value.subspan(kHead);
    std::copy(token.begin(), token.end(), withdrawal.fetch.emplace().begin());
    return withdrawal;
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
        if (!key.empty() && key[0] == kWithdrawalMark) continue;
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
    put(key, paused, now);
    m_paused.insert_or_assign(key, std::move(paused));
    return {};
}

void PausedReceives::put(const Bytes& key, const PausedReceive& paused, Now now) {
    m_context.out.put(Space::Paused, key, encodePaused(paused), partsExpiry(now.wall), Durable::Yes);
}

void PausedReceives::storeAgain(Now now) {
    for (const auto& [key, paused] : m_paused) put(key, paused, now);
}

void PausedReceives::remove(const Bytes& key, Durable durable) {
    if (m_paused.erase(key) > 0) m_context.out.erase(Space::Paused, key, durable);
}

/// It is of use as long as the yes that it takes back.
void PausedReceives::withdraw(const Bytes& key, const Withdrawal& withdrawal, Now now, Durable durable) {
    m_context.out.put(Space::Paused, withdrawalKey(key), encodeWithdrawal(withdrawal), recordExpiry(now.wall), durable);
}

void PausedReceives::forgetWithdrawal(const Bytes& key) {
    m_context.out.erase(Space::Paused, withdrawalKey(key));
}

const PausedReceive* PausedReceives::find(const Bytes& key) const {
    const auto found = m_paused.find(key);
    return found == m_paused.end() ? nullptr : &found->second;
}

bool PausedReceives::holds(const Bytes& recordKey) const {
    const size_t tag = folderTag({}).size();
    if (recordKey.size() < tag) return false;
    const Bytes offer(recordKey.begin(), recordKey.end() - static_cast<ptrdiff_t>(tag));
    const auto found = m_paused.lower_bound(offer);
    return found != m_paused.end() && found->first.size() == recordKey.size() &&
           std::equal(offer.begin(), offer.end(), found->first.begin());
}

std::optional<Bytes> PausedReceives::keyOf(TransferId transfer) const {
    for (const auto& [key, paused] : m_paused)
        if (paused.transfer == transfer) return key;
    return std::nullopt;
}

const Bytes* PausedReceives::keyOfOffer(ByteView offer) const {
    for (auto found = m_paused.lower_bound(toBytes(offer)); found != m_paused.end(); ++found) {
        if (!std::ranges::equal(offerOf(found->first), offer)) return nullptr;
        if (!found->second.fetch) return &found->first;
    }
    return nullptr;
}

} // namespace wherry::transfer
