#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/ip.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// DNS messages (RFC 1035 4) as multicast DNS uses them (RFC 6762 18). Total: every input gives a value or an error.
namespace wherry::codec {

/// The top bit of a class is multicast DNS' own: an answer by unicast is wanted, old records go (RFC 6762 5.4, 10.2).
inline constexpr uint16_t kDnsClassTopBit = 0x8000;

/// A domain name. DNS compares names without regard to ASCII case, so they are kept in lower case.
class DnsName {
  public:
    DnsName() = default; ///< the root

    /// "_p2p._udp.local", without escapes; a final dot is allowed. InvalidArgument: an empty or too long label, or more
    /// than kMaxDnsNameBytes on the wire.
    static Result<DnsName> parse(std::string_view text);
    /// One label (any bytes) in front of this name.
    Result<DnsName> below(std::string_view label) const;

    /// Labels with their length bytes, without the final zero.
    std::string_view wire() const { return m_wire; }
    /// The first label; empty for the root.
    std::string_view firstLabel() const;
    /// The name without its first label; the root's parent is the root.
    DnsName parent() const;
    /// Labels joined by dots, unescaped: for logs and tests only.
    std::string text() const;

    auto operator<=>(const DnsName&) const = default;

  private:
    friend class DnsReader;
    std::string m_wire;
};

enum class DnsType : uint16_t { A = 1, Ptr = 12, Txt = 16, Aaaa = 28, Srv = 33, Any = 255 };
inline constexpr uint16_t kDnsClassIn = 1;
inline constexpr uint16_t kDnsClassAny = 255;

struct DnsQuestion {
    DnsName name;
    DnsType type = DnsType::Ptr; ///< may hold any number
    uint16_t recordClass = kDnsClassIn;
    bool wantsUnicast = false; ///< the QU bit (RFC 6762 5.4)
    bool operator==(const DnsQuestion&) const = default;
};

struct DnsPtr {
    DnsName target;
    bool operator==(const DnsPtr&) const = default;
};
/// Each at most kMaxDnsStringBytes of any bytes; at least one (RFC 6763 6.1: an empty record is one empty string).
struct DnsTxt {
    std::vector<std::string> strings;
    bool operator==(const DnsTxt&) const = default;
};
struct DnsSrv {
    uint16_t priority = 0;
    uint16_t weight = 0;
    uint16_t port = 0;
    DnsName target;
    bool operator==(const DnsSrv&) const = default;
};
/// The data of a type that we do not know. Names inside may be compressed, so it is not for passing on.
struct DnsOpaque {
    uint16_t type = 0;
    Bytes data;
    bool operator==(const DnsOpaque&) const = default;
};
/// IpAddress: an A or AAAA record, by its family.
using DnsData = std::variant<DnsPtr, DnsTxt, DnsSrv, IpAddress, DnsOpaque>;

struct DnsRecord {
    DnsName name;
    uint16_t recordClass = kDnsClassIn;
    bool cacheFlush = false; ///< the owner's complete set: what was known before is outdated (RFC 6762 10.2)
    uint32_t ttl = 0;        ///< seconds
    DnsData data;
    bool operator==(const DnsRecord&) const = default;
    DnsType type() const;
};

struct DnsMessage {
    uint16_t id = 0;
    bool isResponse = false;
    bool isAuthoritative = false;
    bool isTruncated = false; ///< in a query: more known answers follow (RFC 6762 7.2)
    uint8_t opcode = 0;       ///< 0: a standard query; 4 bits
    uint8_t responseCode = 0; ///< 4 bits
    std::vector<DnsQuestion> questions;
    std::vector<DnsRecord> answers;
    std::vector<DnsRecord> authorities;
    std::vector<DnsRecord> additionals;
    bool operator==(const DnsMessage&) const = default;
};

/// TooLarge: above one of the bounds of dns_limits.h. Malformed: anything else that RFC 1035 does not allow. Bytes
/// behind the last record are ignored, as other implementations do.
Result<DnsMessage> decodeDnsMessage(ByteView bytes);
/// Without name compression. The result may be longer than kMaxDnsMessageBytes: the caller chooses what goes in. More
/// than 65535 of anything, or a string above kMaxDnsStringBytes, is a bug of the caller.
Bytes encodeDnsMessage(const DnsMessage& message);
/// Bytes that a record takes in an encoded message.
size_t encodedSize(const DnsRecord& record);

} // namespace wherry::codec
