#include "protocols/share/share_book.h"

#include "base/take_front.h"
#include "protocols/share/share_limits.h"
#include "wire/decode.h"
#include "wire/share_record.pb.h"

#include <algorithm>
#include <utility>

namespace wherry::share {

namespace {

constexpr size_t kShownIdBytes = 4;
/// A row holds the paths and little else.
constexpr size_t kMaxRowBytes = kMaxSharePathBytes + kMaxSharePaths * 4 + 1024;

Bytes encodeShare(const Share& share) {
    wire::ShareRecord record;
    record.set_secret(std::string(asText(share.secret)));
    for (const std::string& path : share.paths) record.add_paths(path);
    record.set_label(share.label);
    record.set_created_ns(share.created.nanoseconds);
    record.set_expires_ns(share.expires.nanoseconds);
    record.set_once(share.once);
    record.set_fetched(share.fetched);
    return wire::encode(record);
}

std::optional<Share> decodeShare(ByteView key, ByteView value) {
    const auto record = wire::decode<wire::ShareRecord>(value, {"share", kMaxRowBytes, kMaxSharePaths + 16});
    Share share;
    if (!record || key.size() != share.id.size() || record->secret().size() != share.secret.size()) return std::nullopt;
    std::copy(key.begin(), key.end(), share.id.begin());
    std::copy(record->secret().begin(), record->secret().end(), share.secret.begin());
    share.paths.assign(record->paths().begin(), record->paths().end());
    share.label = record->label();
    share.created = {record->created_ns()};
    share.expires = {record->expires_ns()};
    share.once = record->once();
    share.fetched = record->fetched();
    if (share.paths.empty()) return std::nullopt;
    return share;
}

bool hasExpired(const Share& share, UnixTime now) {
    return share.expires.nanoseconds != 0 && share.expires <= now;
}

UnixTime expiryOf(const ShareOrder& order, UnixTime now) {
    if (order.lifetime <= Duration::zero()) return {};
    constexpr int64_t kLast = INT64_MAX;
    return {order.lifetime.count() > kLast - now.nanoseconds ? kLast : now.nanoseconds + order.lifetime.count()};
}

Result<void> checkOrder(const ShareOrder& order) {
    if (order.paths.empty()) return makeError(Errc::InvalidArgument, "nothing to share");
    if (order.paths.size() > kMaxSharePaths)
        return makeError(Errc::TooLarge, "more than " + std::to_string(kMaxSharePaths) + " paths in one share");
    size_t bytes = 0;
    for (const std::string& path : order.paths) bytes += path.size();
    if (bytes > kMaxSharePathBytes) return makeError(Errc::TooLarge, "the paths of one share");
    return {};
}

} // namespace

std::string shareIdText(const ShareId& id) {
    return toHex(ByteView(id).first(kShownIdBytes));
}

void ShareBook::put(const Share& share, Durable durable) {
    m_store.push_back(StorePut{Space::Shares, toBytes(share.id), encodeShare(share), share.expires, durable});
}

void ShareBook::load(const std::vector<std::pair<Bytes, Bytes>>& rows, Now now) {
    m_loaded = true;
    for (const auto& [key, value] : rows) {
        std::optional<Share> share = decodeShare(key, value);
        if (!share)
            m_store.push_back(StoreErase{Space::Shares, key});
        else if (m_shares.size() < kMaxShares)
            m_shares.emplace(share->id, Kept{std::move(*share), State::Stored});
    }
    sweep(now);
}

Result<Share> ShareBook::add(const ShareOrder& order, Now now) {
    TRY_OK(checkOrder(order));
    sweep(now);
    for (auto& [id, kept] : m_shares) {
        Share& share = kept.share;
        if (kept.state == State::Ended || share.once || order.once || share.paths != order.paths) continue;
        share.expires = expiryOf(order, now.wall);
        if (!order.label.empty()) share.label = order.label;
        put(share, Durable::Yes);
        planExpiry(now);
        return share;
    }
    if (m_shares.size() >= kMaxShares)
        return makeError(Errc::LimitReached, "there are " + std::to_string(kMaxShares) + " shares; revoke some first");
    Share share;
    m_random.fill(share.id);
    m_random.fill(share.secret);
    share.paths = order.paths;
    share.label = order.label;
    share.created = now.wall;
    share.expires = expiryOf(order, now.wall);
    share.once = order.once;
    put(share, Durable::Yes);
    m_shares.emplace(share.id, Kept{share, State::Unstored});
    planExpiry(now);
    return share;
}

void ShareBook::onStored(const ShareId& id, bool good) {
    const auto found = m_shares.find(id);
    if (found == m_shares.end() || found->second.state != State::Unstored) return;
    if (good) {
        found->second.state = State::Stored;
        return;
    }
    m_store.push_back(StoreErase{Space::Shares, toBytes(id)}); // in case that it is there all the same
    m_shares.erase(found);
}

Result<void> ShareBook::revoke(const ShareId& id) {
    return end(id, ShareEnd::Revoked);
}

Result<void> ShareBook::end(const ShareId& id, ShareEnd why) {
    const auto found = m_shares.find(id);
    if (found == m_shares.end()) return makeError(Errc::NotFound, "share " + shareIdText(id));
    if (std::exchange(found->second.state, State::Ended) != State::Ended) m_ended.push_back({id, why});
    m_store.push_back(StoreErase{Space::Shares, toBytes(id), Durable::Yes});
    return {};
}

void ShareBook::onErased(const ShareId& id, bool good) {
    const auto found = m_shares.find(id);
    if (good && found != m_shares.end() && found->second.state == State::Ended) m_shares.erase(found);
}

const Share* ShareBook::find(const ShareId& id, Now now) const {
    const auto found = m_shares.find(id);
    if (found == m_shares.end() || found->second.state == State::Ended) return nullptr;
    return hasExpired(found->second.share, now.wall) ? nullptr : &found->second.share;
}

Result<ShareId> ShareBook::resolve(std::string_view text, Now now) const {
    std::optional<ShareId> only;
    for (const auto& [id, kept] : m_shares) {
        if (text.empty() || hasExpired(kept.share, now.wall) || !toHex(id).starts_with(text)) continue;
        if (only) return makeError(Errc::InvalidArgument, "several shares begin with " + std::string(text));
        only = id;
    }
    if (!only) return makeError(Errc::NotFound, "no share " + std::string(text));
    return *only;
}

std::vector<Share> ShareBook::list(Now now) const {
    std::vector<Share> shares;
    for (const auto& [id, kept] : m_shares)
        if (kept.state != State::Ended && !hasExpired(kept.share, now.wall)) shares.push_back(kept.share);
    std::sort(shares.begin(), shares.end(),
              [](const Share& a, const Share& b) { return std::tie(a.created, a.id) < std::tie(b.created, b.id); });
    return shares;
}

void ShareBook::storeAgain() {
    for (const auto& [id, kept] : m_shares)
        if (kept.state != State::Ended) put(kept.share, Durable::Yes);
}

bool ShareBook::onFetched(const ShareId& id) {
    const auto found = m_shares.find(id);
    if (found == m_shares.end() || found->second.state == State::Ended) return false;
    Share& share = found->second.share;
    if (share.once) return end(id, ShareEnd::Fetched).has_value();
    if (share.fetched < UINT32_MAX) ++share.fetched;
    put(share, Durable::No);
    return false;
}

void ShareBook::sweep(Now now) {
    for (auto kept = m_shares.begin(); kept != m_shares.end();) {
        if (!hasExpired(kept->second.share, now.wall)) {
            ++kept;
            continue;
        }
        m_store.push_back(StoreErase{Space::Shares, toBytes(kept->first)});
        if (kept->second.state != State::Ended) m_ended.push_back({kept->first, ShareEnd::Expired});
        kept = m_shares.erase(kept);
    }
    planExpiry(now);
}

/// Wall time may jump; sweep() looks again.
void ShareBook::planExpiry(Now now) {
    m_nextExpiry = kNever;
    for (const auto& [id, kept] : m_shares) {
        if (kept.share.expires.nanoseconds == 0) continue;
        const Duration left(std::max<int64_t>(kept.share.expires.nanoseconds - now.wall.nanoseconds, 0));
        if (left < kNever - now.mono) m_nextExpiry = std::min(m_nextExpiry, now.mono + left);
    }
}

std::optional<StoreOp> ShareBook::pollStore() {
    return takeFront(m_store);
}

std::optional<EndedShare> ShareBook::pollEnded() {
    return takeFront(m_ended);
}

} // namespace wherry::share
