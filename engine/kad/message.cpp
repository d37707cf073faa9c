#include "kad/message.h"

#include "wire/decode.h"
#include "wire/kad.pb.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace wherry::kad {

namespace {
/// Fields whose messages have fields of their own: record, closer and provider peers.
constexpr std::array<uint32_t, 3> kNested = {3, 8, 9};

/// An address of `peer`: it may name that peer at its end, and nobody else there.
void addAddress(PeerEntry& entry, ByteView binary) {
    if (entry.addresses.size() >= kMaxAddresses) return;
    const auto address = codec::Multiaddr::decode(binary);
    if (!address || address->empty()) return;
    const bool named = address->parts().back().code == codec::AddrCode::P2p;
    if (named && !equal(address->parts().back().value, entry.peer.multihash())) return;
    codec::Multiaddr plain = address->withoutPeer();
    if (plain.empty() || std::ranges::find(entry.addresses, plain) != entry.addresses.end()) return;
    entry.addresses.push_back(std::move(plain));
}

template <typename Peers> std::vector<PeerEntry> readPeers(const Peers& peers) {
    std::vector<PeerEntry> out;
    for (const wire::KadPeer& peer : peers) {
        if (out.size() == kMaxPeersPerList) break;
        auto id = crypto::PeerId::fromMultihash(asBytes(peer.id()));
        if (!id) continue;
        PeerEntry entry{std::move(*id), {}, Connection::NotConnected};
        if (std::ranges::find(out, entry.peer, &PeerEntry::peer) != out.end()) continue;
        for (const std::string& address : peer.addrs()) addAddress(entry, asBytes(address));
        if (peer.connection() <= static_cast<uint64_t>(Connection::CannotConnect))
            entry.connection = static_cast<Connection>(peer.connection());
        out.push_back(std::move(entry));
    }
    return out;
}

/// An absent key is the message's.
Result<Record> readRecord(const wire::KadRecord& record, const Bytes& messageKey) {
    if (record.value().size() > kMaxValueBytes) return makeError(Errc::TooLarge, "kad: the value of a record");
    if (record.time_received().size() > kMaxTimeBytes) return makeError(Errc::TooLarge, "kad: the time of a record");
    if (record.has_key() && !equal(asBytes(record.key()), messageKey))
        return makeError(Errc::Malformed, "kad: a record about another key");
    return Record{messageKey, toBytes(asBytes(record.value())), record.time_received()};
}

void writePeers(const std::vector<PeerEntry>& peers, size_t maxPeers, size_t maxAddresses, auto add) {
    for (size_t i = 0; i < std::min(peers.size(), maxPeers); ++i) {
        wire::KadPeer& out = *add();
        out.mutable_id()->assign(asText(peers[i].peer.multihash()));
        for (size_t j = 0; j < std::min(peers[i].addresses.size(), maxAddresses); ++j)
            out.add_addrs()->assign(asText(peers[i].addresses[j].encode()));
        if (peers[i].connection != Connection::NotConnected)
            out.set_connection(static_cast<uint64_t>(peers[i].connection));
    }
}

Bytes encodeCut(const Message& message, size_t maxPeers, size_t maxAddresses) {
    wire::KadMessage out;
    out.set_type(static_cast<uint64_t>(message.type));
    if (!message.key.empty()) out.mutable_key()->assign(asText(message.key));
    if (message.record) {
        out.mutable_record()->mutable_key()->assign(asText(message.record->key));
        out.mutable_record()->mutable_value()->assign(asText(message.record->value));
        if (!message.record->timeReceived.empty())
            out.mutable_record()->mutable_time_received()->assign(message.record->timeReceived);
    }
    writePeers(message.closerPeers, maxPeers, maxAddresses, [&] { return out.add_closer_peers(); });
    writePeers(message.providerPeers, maxPeers, maxAddresses, [&] { return out.add_provider_peers(); });
    if (message.workBits) out.set_work_bits(*message.workBits);
    return wire::encode(out);
}
} // namespace

Bytes encodeMessage(const Message& message) {
    ASSERT(message.key.size() <= kMaxKeyBytes);
    ASSERT(!message.record ||
           (message.record->key.size() <= kMaxKeyBytes && message.record->value.size() <= kMaxValueBytes &&
            message.record->timeReceived.size() <= kMaxTimeBytes));
    for (size_t addresses = kMaxAddresses; addresses > 0; addresses /= 2) {
        Bytes out = encodeCut(message, kMaxPeersPerList, addresses);
        if (out.size() <= kMaxSentBytes) return out;
    }
    for (size_t peers = kMaxPeersPerList;; --peers) {
        Bytes out = encodeCut(message, peers, 1);
        if (out.size() <= kMaxSentBytes) return out;
        ASSERT(peers > 0);
    }
}

Result<Message> decodeMessage(ByteView in) {
    TRY(const auto wired, wire::decode<wire::KadMessage>(in, {"kad", kMaxMessageBytes, kMaxFields, kNested}));
    if (wired.type() > static_cast<uint64_t>(MessageType::Ping)) return makeError(Errc::Malformed, "kad: unknown type");
    if (wired.key().size() > kMaxKeyBytes) return makeError(Errc::TooLarge, "kad: the key");
    Message out;
    out.type = static_cast<MessageType>(wired.type());
    out.key = toBytes(asBytes(wired.key()));
    if (wired.has_record()) {
        TRY(out.record, readRecord(wired.record(), out.key));
    }
    out.closerPeers = readPeers(wired.closer_peers());
    out.providerPeers = readPeers(wired.provider_peers());
    if (wired.has_work_bits()) out.workBits = static_cast<uint32_t>(std::min<uint64_t>(wired.work_bits(), kKeyBits));
    return out;
}

std::string rfc3339(UnixTime time) {
    using namespace std::chrono;
    const int64_t nanos = std::max<int64_t>(time.nanoseconds, 0);
    const sys_days day = floor<days>(sys_seconds(seconds(nanos / 1'000'000'000)));
    const year_month_day date(day);
    const hh_mm_ss clock(seconds(nanos / 1'000'000'000) - day.time_since_epoch());
    std::array<char, 96> text{}; // room for any numbers, so that the compiler need not doubt it
    const int length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09lldZ", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<long long>(nanos % 1'000'000'000));
    return std::string(text.data(), static_cast<size_t>(length));
}

namespace {
/// `count` digits at the front, which go; nullopt: there are not so many.
std::optional<int64_t> digits(std::string_view& text, size_t count) {
    if (text.size() < count) return std::nullopt;
    int64_t number = 0;
    for (const char each : text.substr(0, count)) {
        if (each < '0' || each > '9') return std::nullopt;
        number = 10 * number + (each - '0');
    }
    text.remove_prefix(count);
    return number;
}
bool eat(std::string_view& text, std::string_view any) {
    if (text.empty() || any.find(text.front()) == any.npos) return false;
    text.remove_prefix(1);
    return true;
}
/// Nanoseconds of ".123", which goes; none: 0.
std::optional<int64_t> fraction(std::string_view& text) {
    if (!eat(text, ".")) return 0;
    const size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
    auto value = length == 0 || length > 9 ? std::nullopt : digits(text, length);
    for (size_t i = length; value && i < 9; ++i) *value *= 10;
    return value;
}
/// Seconds that the rest of the text, "Z" or "+hh:mm", is ahead of UTC.
std::optional<int64_t> zone(std::string_view text) {
    if (eat(text, "Zz")) return text.empty() ? std::optional<int64_t>(0) : std::nullopt;
    const bool behind = text.starts_with('-');
    if (!eat(text, "+-")) return std::nullopt;
    const auto hours = digits(text, 2);
    if (!hours || *hours > 23 || !eat(text, ":")) return std::nullopt;
    const auto minutes = digits(text, 2);
    if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
    const int64_t ahead = *hours * 3600 + *minutes * 60;
    return behind ? -ahead : ahead;
}
} // namespace

Result<UnixTime> parseRfc3339(std::string_view text) {
    using namespace std::chrono;
    const auto malformed = makeError(Errc::Malformed, "not a time of RFC 3339");
    const auto y = digits(text, 4);
    const auto mo = y && eat(text, "-") ? digits(text, 2) : std::nullopt;
    const auto d = mo && eat(text, "-") ? digits(text, 2) : std::nullopt;
    const auto h = d && eat(text, "Tt") ? digits(text, 2) : std::nullopt;
    const auto mi = h && eat(text, ":") ? digits(text, 2) : std::nullopt;
    const auto s = mi && eat(text, ":") ? digits(text, 2) : std::nullopt;
    const auto nanos = s ? fraction(text) : std::nullopt;
    const auto ahead = nanos ? zone(text) : std::nullopt;
    if (!ahead || *h > 23 || *mi > 59 || *s > 60) return malformed; // 60: a leap second
    const year_month_day date{year(static_cast<int>(*y)), month(static_cast<unsigned>(*mo)),
                              day(static_cast<unsigned>(*d))};
    if (!date.ok()) return malformed;
    const int64_t days = sys_days(date).time_since_epoch().count();
    const int64_t seconds = days * 86'400 + *h * 3600 + *mi * 60 + *s - *ahead;
    constexpr int64_t kPerSecond = 1'000'000'000;
    if (seconds >= INT64_MAX / kPerSecond) return UnixTime{INT64_MAX};
    if (seconds <= INT64_MIN / kPerSecond) return UnixTime{INT64_MIN};
    return UnixTime{seconds * kPerSecond + *nanos};
}

} // namespace wherry::kad
