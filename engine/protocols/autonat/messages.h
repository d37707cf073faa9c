#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wherry::autonat {

// --- version 1 (libp2p/specs autonat-v1) ----------------------------------------------------------------------------

namespace status1 {
inline constexpr uint32_t kOk = 0;
inline constexpr uint32_t kDialError = 100;
inline constexpr uint32_t kDialRefused = 101;
inline constexpr uint32_t kBadRequest = 200;
inline constexpr uint32_t kInternalError = 300;
} // namespace status1

struct Dial1 {
    crypto::PeerId peer;
    std::vector<codec::Multiaddr> addresses;
    bool operator==(const Dial1&) const = default;
};
struct Response1 {
    uint32_t status = status1::kOk;
    std::string text;
    codec::Multiaddr address; ///< with kOk; else empty
    bool operator==(const Response1&) const = default;
};
using Message1 = std::variant<Dial1, Response1>;

/// Addresses that would make it longer than kMaxSentBytes1 are left out, the last first.
Bytes encodeMessage1(const Message1& message);
/// Malformed, TooLarge. Addresses that do not parse are dropped.
Result<Message1> decodeMessage1(ByteView in);

// --- version 2 (libp2p/specs autonat-v2) ----------------------------------------------------------------------------

namespace status2 {
inline constexpr uint32_t kInternalError = 0;
inline constexpr uint32_t kRequestRejected = 100;
inline constexpr uint32_t kDialRefused = 101;
inline constexpr uint32_t kOk = 200;
} // namespace status2
namespace dial_status {
inline constexpr uint32_t kUnused = 0;
inline constexpr uint32_t kDialError = 100;
inline constexpr uint32_t kDialBackError = 101;
inline constexpr uint32_t kOk = 200;
} // namespace dial_status

struct DialRequest {
    /// In the order sent, at most kMaxAddresses; one that does not parse is empty, so that the others keep their index.
    std::vector<codec::Multiaddr> addresses;
    uint64_t nonce = 0;
    bool operator==(const DialRequest&) const = default;
};
struct DialResponse {
    uint32_t status = status2::kInternalError;
    uint32_t addressIndex = 0;
    uint32_t dialStatus = dial_status::kUnused;
    bool operator==(const DialResponse&) const = default;
};
struct DialDataRequest {
    uint32_t addressIndex = 0;
    uint64_t bytes = 0;
    bool operator==(const DialDataRequest&) const = default;
};
/// Its content means nothing; only how much came.
struct DialDataResponse {
    size_t bytes = 0;
    bool operator==(const DialDataResponse&) const = default;
};
using Message2 = std::variant<DialRequest, DialResponse, DialDataRequest, DialDataResponse>;

Bytes encodeMessage2(const Message2& message);
/// Malformed (also when it holds none of the four, or two), TooLarge.
Result<Message2> decodeMessage2(ByteView in);

/// What goes over a dial-back stream.
Bytes encodeDialBack(uint64_t nonce);
Result<uint64_t> decodeDialBack(ByteView in);
/// The answer to it: OK, which is a message without a byte.
Bytes encodeDialBackResponse();
Result<uint32_t> decodeDialBackResponse(ByteView in);

} // namespace wherry::autonat
