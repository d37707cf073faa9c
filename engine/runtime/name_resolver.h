#pragma once

#include "base/result.h"
#include "codec/multiaddr.h"
#include "node/dialer.h"
#include "runtime/dnsaddr.h"
#include "runtime/runtime_limits.h"

#include <QObject>
#include <QTimer>
#include <functional>
#include <map>
#include <string>
#include <vector>

class QHostInfo;

namespace wherry::runtime {

/// Turns /dns, /dns4, /dns6 and /dnsaddr addresses into those with numbers, through the system's resolver. Lives in
/// the thread that made it. Bounds: kMaxNameLookups at once, `wait` for each request. One
/// that has no answer in time counts on until the system is through with it.
class NameResolver final : public QObject {
    Q_OBJECT

  public:
    /// NotFound: none of the names has an address; the context names them.
    using Answer = std::function<void(node::ResolveId, Result<std::vector<codec::Multiaddr>>)>;

    /// `txt`: for tests; empty: systemTxtLookup().
    explicit NameResolver(Answer answer, Duration wait = kNameLookupTimeout, TxtLookup txt = {});
    ~NameResolver() override;

    /// Every request has exactly one answer, never from within this call.
    void resolve(const node::ResolveNames& request);

  private:
    struct Request {
        std::vector<codec::Multiaddr> found;
        std::map<int, std::string> lookups;            ///< still out, and the name of each
        std::map<size_t, DnsAddrExpansion> expansions; ///< still going on
        std::string failures;                          ///< what is said when nothing was found
    };

    void keep(Request& request, codec::Multiaddr address);
    bool full(Request& request, const std::string& name);
    void lookUp(node::ResolveId id, const codec::Multiaddr::DnsTarget& target);
    void expand(node::ResolveId id, size_t expansion);
    void onExpanded(node::ResolveId id, size_t expansion);
    void onLooked(node::ResolveId id, const codec::Multiaddr::DnsTarget& target, const QHostInfo& info);
    void onTimeout(node::ResolveId id);
    void finish(std::map<node::ResolveId, Request>::iterator request);

    Answer m_answer;
    Duration m_wait;
    std::map<node::ResolveId, Request> m_requests;
    size_t m_lookups = 0; // that the system is busy with, of hosts and of TXT records
    TxtLookup m_txt;
    size_t m_lastExpansion = 0;
};

} // namespace wherry::runtime
