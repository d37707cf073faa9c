#include "runtime/name_resolver.h"

#include <QHostAddress>
#include <QHostInfo>
#include <algorithm>

namespace wherry::runtime {

using codec::AddrCode;
using codec::IpAddress;
using codec::Multiaddr;
using node::ResolveId;

static std::optional<IpAddress> wanted(const QHostAddress& address, AddrCode kind) {
    if (address.protocol() == QAbstractSocket::IPv4Protocol && kind != AddrCode::Dns6) {
        std::array<uint8_t, 4> octets{};
        putBigEndian<uint32_t>(octets, address.toIPv4Address());
        return IpAddress::v4(octets);
    }
    if (address.protocol() == QAbstractSocket::IPv6Protocol && kind != AddrCode::Dns4) {
        std::array<uint8_t, 16> octets{};
        Q_IPV6ADDR raw = address.toIPv6Address();
        std::copy_n(raw.c, 16, octets.begin());
        return IpAddress::v6(octets);
    }
    return std::nullopt;
}

NameResolver::NameResolver(Answer answer, Duration wait, TxtLookup txt)
    : m_answer(std::move(answer)),
      m_wait(wait),
      m_txt(txt ? std::move(txt) : systemTxtLookup(this)) {}

NameResolver::~NameResolver() {
    for (const auto& [id, request] : m_requests)
        for (const auto& [lookup, name] : request.lookups) QHostInfo::abortHostLookup(lookup);
}

void NameResolver::resolve(const node::ResolveNames& request) {
    ResolveId id = request.id;
    Request& entry = m_requests[id];
    for (const Multiaddr& name : request.names) {
        if (dnsAddrHost(name)) {
            if (full(entry, name.text())) continue;
            entry.expansions.emplace(++m_lastExpansion, DnsAddrExpansion(name));
            expand(id, m_lastExpansion);
        } else if (const auto target = name.dnsTarget()) {
            lookUp(id, *target);
        } else {
            entry.failures += name.text() + ": not an address with a name that can be dialled; ";
        }
    }
    if (entry.lookups.empty() && entry.expansions.empty()) {
        QTimer::singleShot(0, this, [this, id] { onTimeout(id); });
        return;
    }
    auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(m_wait);
    QTimer::singleShot(wait, this, [this, id] { onTimeout(id); });
}

void NameResolver::keep(Request& request, Multiaddr address) {
    auto& found = request.found;
    if (found.size() < kMaxResolvedAddresses && std::ranges::find(found, address) == found.end())
        found.push_back(std::move(address));
}

/// Whether no look-up may begin; notes it.
bool NameResolver::full(Request& request, const std::string& name) {
    if (m_lookups < kMaxNameLookups) return false;
    request.failures += name + ": too many names are being looked up; ";
    return true;
}

void NameResolver::lookUp(ResolveId id, const Multiaddr::DnsTarget& target) {
    Request& request = m_requests.at(id);
    if (full(request, target.name)) return;
    ++m_lookups;
    const int lookup = QHostInfo::lookupHost(QString::fromStdString(target.name), this,
                                             [this, id, target](const QHostInfo& info) { onLooked(id, target, info); });
    request.lookups[lookup] = target.name;
}

/// Asks for the next records of a /dnsaddr address: there is room, or the answer before has just made some. Those of a
/// request that is over are not waited for.
void NameResolver::expand(ResolveId id, size_t expansion) {
    const auto name = m_requests.at(id).expansions.at(expansion).next();
    if (!name) { // an address without a host: cannot be
        m_requests.at(id).expansions.erase(expansion);
        return;
    }
    ++m_lookups;
    m_txt(*name, [this, id, expansion](const Result<std::vector<std::string>>& records) {
        --m_lookups;
        const auto request = m_requests.find(id);
        if (request == m_requests.end()) return;
        const auto found = request->second.expansions.find(expansion);
        if (found == request->second.expansions.end()) return;
        found->second.onRecords(records);
        found->second.next() ? expand(id, expansion) : onExpanded(id, expansion);
    });
}

void NameResolver::onExpanded(ResolveId id, size_t expansion) {
    const auto request = m_requests.find(id);
    Expanded expanded = request->second.expansions.extract(expansion).mapped().take();
    for (Multiaddr& address : expanded.addresses) {
        if (address.transportAddress())
            keep(request->second, std::move(address));
        else if (const auto target = address.dnsTarget())
            lookUp(id, *target);
    }
    if (!expanded.failures.empty()) request->second.failures += expanded.failures + "; ";
    if (request->second.lookups.empty() && request->second.expansions.empty()) finish(request);
}

void NameResolver::onLooked(ResolveId id, const Multiaddr::DnsTarget& target, const QHostInfo& info) {
    --m_lookups;
    auto request = m_requests.find(id);
    if (request == m_requests.end() || request->second.lookups.erase(info.lookupId()) == 0) return; // its time was up
    auto& found = request->second.found;
    size_t before = found.size();
    for (const QHostAddress& address : info.addresses()) {
        auto ip = wanted(address, target.kind);
        if (!ip) continue;
        const codec::SocketAddress socket{*ip, target.port, 0};
        keep(request->second, target.serverName.empty() ? Multiaddr::of({target.transport, socket})
                                                        : Multiaddr::wss({socket, target.serverName}));
    }
    if (found.size() == before) {
        QString why =
            info.error() == QHostInfo::NoError ? QStringLiteral("no address of that kind") : info.errorString();
        request->second.failures += target.name + ": " + why.toStdString() + "; ";
    }
    if (request->second.lookups.empty() && request->second.expansions.empty()) finish(request);
}

void NameResolver::onTimeout(ResolveId id) {
    auto request = m_requests.find(id);
    if (request == m_requests.end()) return;
    // They go on, and count until they end: what is aborted leaves its callback behind (Qt 6.4), and no thread is freed
    // by it.
    for (const auto& [lookup, name] : std::exchange(request->second.lookups, {}))
        request->second.failures += name + ": no answer in time; ";
    for (auto& [number, expansion] : std::exchange(request->second.expansions, {})) {
        if (const auto name = expansion.next()) request->second.failures += *name + ": no answer in time; ";
        for (Multiaddr& address : expansion.take().addresses)
            if (address.transportAddress()) keep(request->second, std::move(address));
    }
    finish(request);
}

void NameResolver::finish(std::map<ResolveId, Request>::iterator request) {
    ResolveId id = request->first;
    Request done = std::move(request->second);
    m_requests.erase(request);
    if (!done.found.empty()) {
        m_answer(id, std::move(done.found));
        return;
    }
    if (done.failures.ends_with("; ")) done.failures.resize(done.failures.size() - 2);
    m_answer(id, makeError(Errc::NotFound, done.failures.empty() ? "nothing to look up" : done.failures));
}

} // namespace wherry::runtime
