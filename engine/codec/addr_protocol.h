#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/multiaddr.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wherry::codec {

/// What the value of a multiaddr component is.
enum class AddrValue : uint8_t { None, Port, Ip4, Ip6, DnsName, Zone, UnixPath, PeerId, CertHash };

/// One row of the multiaddr protocol table.
struct AddrProtocol {
    AddrCode code;
    std::string_view name;
    AddrValue value;
};

/// nullptr for a protocol that we do not know.
const AddrProtocol* findAddrProtocol(uint64_t code);
const AddrProtocol* findAddrProtocol(std::string_view name);

/// Bytes of a value of fixed size; nullopt for one with a length prefix. 0 for None.
std::optional<size_t> fixedSize(AddrValue kind);
/// Malformed when `value` is not well-formed for its kind.
Result<void> checkAddrValue(AddrValue kind, ByteView value);
/// Text of a well-formed value, and back. InvalidArgument from parse. Not for None.
std::string addrValueText(AddrValue kind, ByteView value);
Result<Bytes> parseAddrValue(AddrValue kind, std::string_view text);

} // namespace wherry::codec
