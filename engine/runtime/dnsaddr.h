#pragma once

#include "base/result.h"
#include "codec/multiaddr.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

class QObject;

namespace wherry::runtime {

/// The host of a /dnsaddr/HOST[/p2p/ID] address; nullopt for every other shape.
std::optional<std::string> dnsAddrHost(const codec::Multiaddr& address);

/// Asks for the TXT records of a name. `answer` is called once, never from within the call; Timeout is the caller's.
using TxtAnswer = std::function<void(Result<std::vector<std::string>>)>;
using TxtLookup = std::function<void(const std::string& name, TxtAnswer answer)>;
/// Through the system's resolver. Answers stop when `owner` is gone.
TxtLookup systemTxtLookup(QObject* owner);

struct Expanded {
    std::vector<codec::Multiaddr> addresses; ///< without /p2p; by number or with a name that is not /dnsaddr
    std::string failures;                    ///< what came to nothing, and why; empty: nothing did
};

/// What a /dnsaddr address stands for (multiaddr, "dnsaddr"): the records "dnsaddr=/..." of _dnsaddr.HOST, which may
/// name further hosts. Whoever owns such a name decides where we look and whom we dial, so all of it is bounded: depth,
/// look-ups, records, their length, addresses. With /p2p/ID only what ends in that id counts. A machine without a
/// clock: next() gives one name to look up after the other.
class DnsAddrExpansion {
  public:
    explicit DnsAddrExpansion(const codec::Multiaddr& address);

    /// The name of the records to ask for now; nullopt: it is done.
    std::optional<std::string> next() const;
    /// The records of that name, or why there are none.
    void onRecords(const Result<std::vector<std::string>>& records);
    Expanded take() { return std::move(m_result); }

  private:
    struct Wanted {
        std::string host;
        size_t depth = 0;
    };
    void add(const std::string& record, const Wanted& from);
    void fail(const std::string& host, const std::string& why);

    std::optional<Bytes> m_peer;
    std::deque<Wanted> m_wanted;
    std::vector<std::string> m_asked;
    Expanded m_result;
};

} // namespace wherry::runtime
