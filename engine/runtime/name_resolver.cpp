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

NameResolver::NameResolver(Answer answer, Duration wait) : m_answer(std::move(answer)), m_wait(wait) {}

NameResolver::~NameResolver() {
    for (const auto& [id, request] : m_requests)
        for (const auto& [lookup, name] : request.lookups) QHostInfo::abortHostLookup(lookup);
}

void NameResolver::resolve(const node::ResolveNames& request) {
    ResolveId id = request.id;
    Request& entry = m_requests[id];
    for (const Multiaddr& name : request.names) {
        auto target = name.quicDnsTarget();
        if (!target) {
            entry.failures += name.text() + ": not a QUIC address with a name; ";
            continue;
        }
        if (m_lookups >= kMaxNameLookups) {
            entry.failures += target->name + ": too many names are being looked up; ";
            continue;
        }
        ++m_lookups;
        const int lookup =
            QHostInfo::lookupHost(QString::fromStdString(target->name), this,
                                  [this, id, target = *target](const QHostInfo& info) { onLooked(id, target, info); });
        entry.lookups[lookup] = target->name;
    }
    if (entry.lookups.empty()) {
        QTimer::singleShot(0, this, [this, id] { onTimeout(id); });
        return;
    }
    auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(m_wait);
    QTimer::singleShot(wait, this, [this, id] { onTimeout(id); });
}

void NameResolver::onLooked(ResolveId id, const Multiaddr::DnsTarget& target, const QHostInfo& info) {
    auto request = m_requests.find(id);
    if (request == m_requests.end()) return; // it had been posted when the time was up
    if (request->second.lookups.erase(info.lookupId()) == 0) return;
    --m_lookups;
    auto& found = request->second.found;
    size_t before = found.size();
    for (const QHostAddress& address : info.addresses()) {
        auto ip = wanted(address, target.kind);
        if (!ip || found.size() >= kMaxResolvedAddresses) continue;
        Multiaddr resolved = Multiaddr::quic({*ip, target.port, 0});
        if (std::ranges::find(found, resolved) == found.end()) found.push_back(std::move(resolved));
    }
    if (found.size() == before) {
        QString why =
            info.error() == QHostInfo::NoError ? QStringLiteral("no address of that kind") : info.errorString();
        request->second.failures += target.name + ": " + why.toStdString() + "; ";
    }
    if (request->second.lookups.empty()) finish(request);
}

void NameResolver::onTimeout(ResolveId id) {
    auto request = m_requests.find(id);
    if (request == m_requests.end()) return;
    // They go on and nobody listens: what is aborted leaves its callback behind (Qt 6.4), and no thread is freed by it.
    for (const auto& [lookup, name] : std::exchange(request->second.lookups, {})) {
        --m_lookups;
        request->second.failures += name + ": no answer in time; ";
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
