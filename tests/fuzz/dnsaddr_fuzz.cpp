#include "base/assert.h"
#include "runtime/dnsaddr.h"
#include "runtime/dnsaddr_limits.h"
#include "runtime/runtime_limits.h"

using namespace wherry;
using namespace wherry::runtime;

/// Whoever owns a name decides what its records say: what that costs us is bounded. Lines are records; an empty one ends
/// those of one name, and after the last there are none.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto next = [&text] {
        std::vector<std::string> records;
        while (!text.empty()) {
            const size_t end = std::min(text.find('\n'), text.size());
            const std::string line(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
            if (line.empty()) break;
            records.push_back(line);
        }
        return records;
    };
    for (const char* asked : {"/dnsaddr/example.org",
                              "/dnsaddr/example.org/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq"}) {
        const std::string_view all = text;
        DnsAddrExpansion expansion(codec::Multiaddr::parse(asked).value());
        size_t lookups = 0;
        while (const auto name = expansion.next()) {
            ASSERT(name->starts_with("_dnsaddr."));
            ASSERT(++lookups <= kMaxDnsAddrLookups);
            const auto records = next();
            expansion.onRecords(records.empty() ? Result<std::vector<std::string>>(makeError(Errc::NotFound, "none"))
                                                : Result<std::vector<std::string>>(records));
        }
        const Expanded found = expansion.take();
        ASSERT(found.addresses.size() <= kMaxResolvedAddresses);
        ASSERT(found.failures.size() <= 2 * kMaxDnsAddrText + 512);
        for (const auto& address : found.addresses) ASSERT(codec::Multiaddr::decode(address.encode()).value() == address);
        text = all;
    }
    return 0;
}
