#include "codec/dns_limits.h"
#include "codec/dns_message.h"

namespace wherry::codec {

static char lowerCase(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Result<DnsName> DnsName::below(std::string_view label) const {
    if (label.empty() || label.size() > kMaxDnsLabelBytes)
        return makeError(Errc::InvalidArgument, "DNS label of " + std::to_string(label.size()) + " bytes");
    if (1 + label.size() + m_wire.size() + 1 > kMaxDnsNameBytes)
        return makeError(Errc::InvalidArgument, "DNS name of more than 255 bytes");
    DnsName out;
    out.m_wire.reserve(1 + label.size() + m_wire.size());
    out.m_wire.push_back(static_cast<char>(label.size()));
    for (char c : label) out.m_wire.push_back(lowerCase(c));
    out.m_wire += m_wire;
    return out;
}

Result<DnsName> DnsName::parse(std::string_view text) {
    if (text.size() > kMaxDnsNameBytes) return makeError(Errc::InvalidArgument, "DNS name of more than 255 bytes");
    if (text.ends_with('.')) text.remove_suffix(1);
    DnsName out;
    while (!text.empty()) {
        const size_t dot = text.rfind('.');
        TRY(out, out.below(dot == std::string_view::npos ? text : text.substr(dot + 1)));
        if (dot == 0) return makeError(Errc::InvalidArgument, "DNS name with an empty label");
        text = dot == std::string_view::npos ? std::string_view() : text.substr(0, dot);
    }
    return out;
}

std::string_view DnsName::firstLabel() const {
    if (m_wire.empty()) return {};
    return std::string_view(m_wire).substr(1, static_cast<uint8_t>(m_wire.front()));
}

DnsName DnsName::parent() const {
    DnsName out;
    if (!m_wire.empty()) out.m_wire = m_wire.substr(1 + static_cast<uint8_t>(m_wire.front()));
    return out;
}

std::string DnsName::text() const {
    std::string out;
    for (size_t at = 0; at < m_wire.size(); at += 1 + static_cast<uint8_t>(m_wire[at])) {
        if (at > 0) out.push_back('.');
        out.append(m_wire, at + 1, static_cast<uint8_t>(m_wire[at]));
    }
    return out;
}

} // namespace wherry::codec
