#include "runtime/dnsaddr.h"

#include "base/assert.h"
#include "runtime/dnsaddr_limits.h"
#include "runtime/runtime_limits.h"

#include <QDnsLookup>
#include <QObject>
#include <algorithm>

namespace wherry::runtime {

using codec::AddrCode;
using codec::Multiaddr;

static constexpr std::string_view kKey = "dnsaddr=";
static constexpr std::string_view kPrefix = "_dnsaddr.";

std::optional<std::string> dnsAddrHost(const Multiaddr& address) {
    const auto& parts = address.parts();
    const bool shape = !parts.empty() && parts[0].code == AddrCode::DnsAddr &&
                       (parts.size() == 1 || (parts.size() == 2 && parts[1].code == AddrCode::P2p));
    if (!shape) return std::nullopt;
    return std::string(asText(parts[0].value));
}

TxtLookup systemTxtLookup(QObject* owner) {
    return [owner](const std::string& name, TxtAnswer answer) {
        auto* lookup = new QDnsLookup(QDnsLookup::TXT, QString::fromStdString(name), owner);
        QObject::connect(lookup, &QDnsLookup::finished, owner, [lookup, answer = std::move(answer)] {
            lookup->deleteLater();
            if (lookup->error() != QDnsLookup::NoError)
                return answer(makeError(Errc::NotFound, lookup->errorString().toStdString()));
            std::vector<std::string> records;
            for (const QDnsTextRecord& record : lookup->textRecords()) {
                std::string whole; // the strings of one record are one text
                for (const QByteArray& piece : record.values()) whole += piece.toStdString();
                records.push_back(std::move(whole));
            }
            answer(std::move(records));
        });
        lookup->lookup();
    };
}

DnsAddrExpansion::DnsAddrExpansion(const Multiaddr& address) : m_peer(address.peerMultihash()) {
    if (auto host = dnsAddrHost(address)) m_wanted.push_back({*host, 1});
}

std::optional<std::string> DnsAddrExpansion::next() const {
    if (m_wanted.empty()) return std::nullopt;
    return std::string(kPrefix) + m_wanted.front().host;
}

void DnsAddrExpansion::fail(const std::string& host, const std::string& why) {
    if (m_result.failures.size() > kMaxDnsAddrText) return;
    m_result.failures += (m_result.failures.empty() ? "" : "; ") + host + ": " + why;
}

void DnsAddrExpansion::onRecords(const Result<std::vector<std::string>>& records) {
    ASSERT(!m_wanted.empty());
    const Wanted asked = std::move(m_wanted.front());
    m_wanted.pop_front();
    m_asked.push_back(asked.host);
    if (!records) return fail(asked.host, records.error().context);
    const size_t before = m_result.addresses.size() + m_wanted.size();
    const size_t count = std::min(records->size(), kMaxDnsAddrRecords);
    for (size_t i = 0; i < count; ++i) add((*records)[i], asked);
    if (m_result.addresses.size() + m_wanted.size() == before && m_result.failures.empty())
        fail(asked.host, m_peer ? "no record names an address of this peer" : "no record names an address");
}

void DnsAddrExpansion::add(const std::string& record, const Wanted& from) {
    if (!record.starts_with(kKey) || record.size() > kMaxDnsAddrText) return; // TXT is for everybody
    const auto address = Multiaddr::parse(std::string_view(record).substr(kKey.size()));
    if (!address || address->empty()) return;
    if (m_peer && address->peerMultihash() != m_peer) return;
    if (const auto host = dnsAddrHost(*address)) {
        const auto same = [&](const Wanted& one) { return one.host == *host; };
        if (std::ranges::find(m_asked, *host) != m_asked.end() || std::ranges::any_of(m_wanted, same)) return;
        if (from.depth >= kMaxDnsAddrDepth) return fail(*host, "too many names lead to it");
        if (m_asked.size() + m_wanted.size() >= kMaxDnsAddrLookups) return fail(*host, "too many names to look up");
        m_wanted.push_back({*host, from.depth + 1});
        return;
    }
    Multiaddr bare = address->withoutPeer();
    auto& all = m_result.addresses;
    if (all.size() < kMaxResolvedAddresses && std::ranges::find(all, bare) == all.end()) all.push_back(std::move(bare));
}

} // namespace wherry::runtime
