#pragma once

#include <cstddef>

namespace wherry::runtime {

/// Names behind one another: the public bootstrap name leads to one for each node, which lead to addresses.
inline constexpr size_t kMaxDnsAddrDepth = 4;
/// Names looked up for one address, one after the other, within the wait of the whole request.
inline constexpr size_t kMaxDnsAddrLookups = 16;
/// Records of one name that are looked at; a node has about ten addresses.
inline constexpr size_t kMaxDnsAddrRecords = 64;
/// Bytes of one record, and of what is said about failures: a multiaddr takes 200.
inline constexpr size_t kMaxDnsAddrText = 1024;

} // namespace wherry::runtime
