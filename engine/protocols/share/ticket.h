#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::share {

/// Names a share of one peer; random.
using ShareId = std::array<uint8_t, 16>;
using ShareSecret = std::array<uint8_t, 32>;

/// What a person hands to somebody who is to fetch something: where to go, whom to find there, and the right to have
/// it. Whoever holds it can fetch. Wire: ShareTicket in engine/wire/share.proto.
struct ShareTicket {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses; ///< without /p2p; may be empty
    ShareId share{};
    ShareSecret secret{};
    UnixTime expires{}; ///< whole seconds; zero: never
    std::string label;  ///< from the sharer: to be neutralised before it is shown
    bool operator==(const ShareTicket&) const = default;
};

/// "wherry:" and base32 in small letters. Addresses that are too many and the end of a long label are left out.
std::string ticketText(const ShareTicket& ticket);
/// The same in capitals, for the alphanumeric mode of a QR code.
std::string ticketQrText(const ShareTicket& ticket);
/// Finds the one ticket in what somebody typed, pasted, scanned or clicked: bare, in capitals, wrapped over lines, as
/// URL
/// ("wherry://get/...", or behind the # of a web address), in quotes or with words before it. InvalidArgument: no
/// ticket in it; Malformed: damaged or cut off; Unsupported: of a later version; TooLarge: the text.
Result<ShareTicket> parseTicket(std::string_view text);
/// Whether it is worth calling parseTicket: "wherry:" stands somewhere in it.
bool looksLikeTicket(std::string_view text);

} // namespace wherry::share
