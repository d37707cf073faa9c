#pragma once

#include "base/result.h"
#include "codec/multiaddr.h"
#include "node/dialer.h"
#include "runtime/runtime_limits.h"

#include <QObject>
#include <QTimer>
#include <functional>
#include <map>
#include <string>
#include <vector>

class QHostInfo;

namespace wherry::runtime {

/// Turns /dns, /dns4 and /dns6 addresses into those with numbers, through the system's resolver. Lives in the thread
/// that made it. Bounds: kMaxNameLookups at once, `wait` for each request.
class NameResolver final : public QObject {
    Q_OBJECT

  public:
    /// NotFound: none of the names has an address; the context names them.
    using Answer = std::function<void(node::ResolveId, Result<std::vector<codec::Multiaddr>>)>;

    explicit NameResolver(Answer answer, Duration wait = kNameLookupTimeout);
    ~NameResolver() override;

    /// Every request has exactly one answer, never from within this call.
    void resolve(const node::ResolveNames& request);

  private:
    struct Request {
        std::vector<codec::Multiaddr> found;
        std::map<int, std::string> lookups; ///< still out, and the name of each
        std::string failures;               ///< what is said when nothing was found
    };

    void onLooked(node::ResolveId id, const codec::Multiaddr::DnsTarget& target, const QHostInfo& info);
    void onTimeout(node::ResolveId id);
    void finish(std::map<node::ResolveId, Request>::iterator request);

    Answer m_answer;
    Duration m_wait;
    std::map<node::ResolveId, Request> m_requests;
    size_t m_lookups = 0;
};

} // namespace wherry::runtime
