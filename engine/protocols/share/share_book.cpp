#include "protocols/share/share_book.h"

#include "base/take_front.h"
#include "protocols/share/share_limits.h"
#include "wire/decode.h"
#include "wire/share_record.pb.h"

#include <algorithm>

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

void ShareBook::put(const Share& share) {
    m_store.push_back(StorePut{Space::Shares, toBytes(share.id), encodeShare(share), share.expires});
}

void ShareBook::load(const std::vector<std::pair<Bytes, Bytes>>& rows, Now now) {
    m_loaded = true;
    for (const auto& [key, value] : rows) {
        std::optional<Share> share = decodeShare(key, value);
        if (!share)
            m_store.push_back(StoreErase{Space::Shares, key});
        else if (m_shares.size() < kMaxShares)
            m_shares.emplace(share->id, std::move(*share));
    }
    sweep(now);
}

Result<Share> ShareBook::add(const ShareOrder& order, Now now) {
    TRY_OK(checkOrder(order));
    sweep(now);
    for (auto& [id, share] : m_shares) {
        if (share.once || order.once || share.paths != order.paths) continue;
        share.expires = expiryOf(order, now.wall);
        if (!order.label.empty()) share.label = order.label;
        put(share);
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
    put(share);
    m_shares.emplace(share.id, share);
    planExpiry(now);
    return share;
}

Result<void> ShareBook::revoke(const ShareId& id) {
    return end(id, ShareEnd::Revoked);
}

Result<void> ShareBook::end(const ShareId& id, ShareEnd why) {
    if (m_shares.erase(id) == 0) return makeError(Errc::NotFound, "share " + shareIdText(id));
    m_store.push_back(StoreErase{Space::Shares, toBytes(id), Durable::Yes});
    m_ended.push_back({id, why});
    return {};
}

const Share* ShareBook::find(const ShareId& id, Now now) const {
    const auto found = m_shares.find(id);
    return found == m_shares.end() || hasExpired(found->second, now.wall) ? nullptr : &found->second;
}

Result<ShareId> ShareBook::resolve(std::string_view text, Now now) const {
    std::optional<ShareId> only;
    for (const auto& [id, share] : m_shares) {
        if (text.empty() || hasExpired(share, now.wall) || !toHex(id).starts_with(text)) continue;
        if (only) return makeError(Errc::InvalidArgument, "several shares begin with " + std::string(text));
        only = id;
    }
    if (!only) return makeError(Errc::NotFound, "no share " + std::string(text));
    return *only;
}

std::vector<Share> ShareBook::list(Now now) const {
    std::vector<Share> shares;
    for (const auto& [id, share] : m_shares)
        if (!hasExpired(share, now.wall)) shares.push_back(share);
    std::sort(shares.begin(), shares.end(),
              [](const Share& a, const Share& b) { return std::tie(a.created, a.id) < std::tie(b.created, b.id); });
    return shares;
}

bool ShareBook::onFetched(const ShareId& id) {
    const auto found = m_shares.find(id);
    if (found == m_shares.end()) return false;
    if (found->second.once) return end(id, ShareEnd::Fetched).has_value();
    if (found->second.fetched < UINT32_MAX) ++found->second.fetched;
    put(found->second);
    return false;
}

void ShareBook::sweep(Now now) {
    for (auto share = m_shares.begin(); share != m_shares.end();) {
        if (!hasExpired(share->second, now.wall)) {
            ++share;
            continue;
        }
        m_store.push_back(StoreErase{Space::Shares, toBytes(share->first)});
        m_ended.push_back({share->first, ShareEnd::Expired});
        share = m_shares.erase(share);
    }
    planExpiry(now);
}

/// Wall time may jump; sweep() looks again.
void ShareBook::planExpiry(Now now) {
    m_nextExpiry = kNever;
    for (const auto& [id, share] : m_shares) {
        if (share.expires.nanoseconds == 0) continue;
        const Duration left(std::max<int64_t>(share.expires.nanoseconds - now.wall.nanoseconds, 0));
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
