#include "protocols/share/ticket.h"

#include "base/utf8.h"
#include "codec/multibase.h"
#include "crypto/sha256.h"
#include "protocols/share/share_limits.h"
#include "wire/decode.h"
#include "wire/share.pb.h"

#include <algorithm>
#include <optional>

namespace wherry::share {

namespace {

constexpr uint32_t kVersion = 1;
constexpr std::string_view kScheme = "wherry:";
constexpr std::string_view kUrlPath = "//get/";
constexpr size_t kChecksumBytes = 4;
/// Tag and length of a bytes field below 16 KiB.
size_t fieldHeader(size_t bytes) {
    return bytes < 128 ? 2 : 3;
}

std::array<uint8_t, kChecksumBytes> checksumOf(ByteView ticket) {
    const crypto::Digest digest = crypto::Sha256().update(asBytes("wherry-ticket")).update(ticket).finish();
    std::array<uint8_t, kChecksumBytes> sum{};
    std::copy_n(digest.begin(), sum.size(), sum.begin());
    return sum;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool isBase32(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

/// What may be the digits of a ticket, the shortest first: the first line, the first two, ... A ticket may be wrapped
/// (with the `> ` of a quoted message), and nobody knows whether the next line belongs to it before the checksum says
/// so.
std::vector<std::string> digitsAfter(std::string_view text) {
    std::vector<std::string> found;
    std::string digits;
    for (size_t i = 0; i < text.size() && found.size() < kMaxTicketLines; ++i) {
        const char c = lower(text[i]);
        if (isBase32(c)) {
            digits += c;
            continue;
        }
        if (c != '\n' && c != '\r') break;
        found.push_back(digits);
        while (i + 1 < text.size() && (isSpace(text[i + 1]) || text[i + 1] == '>')) ++i;
    }
    found.push_back(std::move(digits));
    return found;
}

std::string cutLabel(std::string_view label) {
    std::string cut;
    while (!label.empty()) {
        const Utf8Step step = readUtf8(label);
        if (cut.size() + step.length > kMaxLabelBytes) break;
        // A protobuf string is UTF-8; a name that is not loses what cannot be written.
        if (step.character) cut += label.substr(0, step.length);
        label.remove_prefix(step.length);
    }
    return cut;
}

Error damaged() {
    return makeError(Errc::Malformed, "the ticket is damaged or cut off");
}

template <size_t Size> Result<std::array<uint8_t, Size>> fixed(const std::string& bytes) {
    if (bytes.size() != Size) return damaged();
    std::array<uint8_t, Size> out{};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Result<ShareTicket> decodeTicket(ByteView binary) {
    TRY(const auto message, wire::decode<wire::ShareTicket>(binary, {"ticket", kMaxTicketBytes, kMaxTicketFields}));
    if (message.version() != kVersion)
        return makeError(Errc::Unsupported,
                         "the ticket was made by a newer Wherry (version " + std::to_string(message.version()) + ")");
    ShareTicket ticket;
    TRY(ticket.peer, crypto::PeerId::fromMultihash(asBytes(message.peer())));
    TRY(ticket.share, fixed<std::tuple_size_v<ShareId>>(message.share()));
    TRY(ticket.secret, fixed<std::tuple_size_v<ShareSecret>>(message.secret()));
    // Seconds that nanoseconds cannot hold are as good as never.
    constexpr uint64_t kLastSecond = 9'000'000'000;
    if (message.expires() <= kLastSecond)
        ticket.expires = UnixTime::fromSeconds(static_cast<int64_t>(message.expires()));
    ticket.label = cutLabel(message.label());
    for (const std::string& one : message.addresses()) {
        // What a later version may put there is skipped.
        auto address = codec::Multiaddr::decode(asBytes(one));
        if (address && !address->empty() && ticket.addresses.size() < kMaxTicketAddresses)
            ticket.addresses.push_back(address->withoutPeer());
    }
    return ticket;
}

/// The ticket without its checksum; nullopt when that is wrong.
std::optional<Bytes> checkedBody(const std::string& digits) {
    Result<Bytes> binary = codec::decodeMultibase(static_cast<char>(codec::Multibase::Base32) + digits);
    if (!binary || binary->size() <= kChecksumBytes) return std::nullopt;
    const ByteView body = ByteView(*binary).first(binary->size() - kChecksumBytes);
    if (!equal(checksumOf(body), ByteView(*binary).last(kChecksumBytes))) return std::nullopt;
    binary->resize(body.size());
    return std::move(*binary);
}

size_t schemeIn(std::string_view text, size_t from) {
    const auto same = [](char a, char b) { return lower(a) == b; };
    const auto at =
        std::search(text.begin() + static_cast<ptrdiff_t>(from), text.end(), kScheme.begin(), kScheme.end(), same);
    return at == text.end() ? std::string_view::npos : static_cast<size_t>(at - text.begin());
}

std::string_view afterScheme(std::string_view text, size_t scheme) {
    std::string_view rest = text.substr(scheme + kScheme.size());
    const std::string_view path = rest.substr(0, std::min(rest.size(), kUrlPath.size()));
    if (std::equal(path.begin(), path.end(), kUrlPath.begin(), kUrlPath.end(),
                   [](char a, char b) { return lower(a) == b; }))
        rest.remove_prefix(kUrlPath.size());
    return rest;
}

} // namespace

std::string ticketText(const ShareTicket& ticket) {
    wire::ShareTicket message;
    message.set_version(kVersion);
    message.set_peer(std::string(asText(ticket.peer.multihash())));
    message.set_share(std::string(asText(ticket.share)));
    message.set_secret(std::string(asText(ticket.secret)));
    message.set_expires(static_cast<uint64_t>(std::max<int64_t>(ticket.expires.seconds(), 0)));
    message.set_label(cutLabel(ticket.label));
    for (const codec::Multiaddr& address : ticket.addresses) {
        const Bytes one = address.withoutPeer().encode();
        const bool fits = message.ByteSizeLong() + one.size() + fieldHeader(one.size()) <= kMaxTicketBytes;
        if (static_cast<size_t>(message.addresses_size()) == kMaxTicketAddresses || !fits) break;
        message.add_addresses(std::string(asText(one)));
    }
    Bytes binary = wire::encode(message);
    append(binary, checksumOf(binary));
    // The prefix of the multibase says nothing here: the encoding never changes.
    return std::string(kScheme) + codec::encodeMultibase(codec::Multibase::Base32, binary).substr(1);
}

std::string ticketQrText(const ShareTicket& ticket) {
    std::string text = ticketText(ticket);
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

bool looksLikeTicket(std::string_view text) {
    return schemeIn(text.substr(0, kMaxTicketText), 0) != std::string_view::npos;
}

Result<ShareTicket> parseTicket(std::string_view text) {
    if (text.size() > kMaxTicketText) return makeError(Errc::TooLarge, "a text too long to be a ticket");
    if (!looksLikeTicket(text))
        return makeError(Errc::InvalidArgument, "not a share ticket: it would begin with \"wherry:\"");
    for (size_t at = schemeIn(text, 0); at != std::string_view::npos; at = schemeIn(text, at + kScheme.size()))
        for (const std::string& digits : digitsAfter(afterScheme(text, at)))
            if (const auto body = checkedBody(digits)) return decodeTicket(*body);
    return damaged();
}

} // namespace wherry::share
