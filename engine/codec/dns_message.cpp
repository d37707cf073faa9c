#include "codec/dns_message.h"

#include "base/overloaded.h"
#include "codec/dns_limits.h"

#include <algorithm>
#include <utility>

namespace wherry::codec {

namespace {

/// A length byte with both high bits is the first of a pointer (RFC 1035 4.1.4).
constexpr uint8_t kPointer = 0xC0;

Error cut() {
    return makeError(Errc::Malformed, "DNS message is cut");
}

} // namespace

/// Walks over one message. `m_end` is the message's, or that of the record data being read.
class DnsReader {
  public:
    explicit DnsReader(ByteView message) : m_message(message), m_end(message.size()) {}

    Result<DnsMessage> message();

  private:
    size_t left() const { return m_end - m_at; }
    template <typename Unsigned> Result<Unsigned> number() {
        if (left() < sizeof(Unsigned)) return cut();
        const auto value = getBigEndian<Unsigned>(m_message.subspan(m_at, sizeof(Unsigned)));
        m_at += sizeof(Unsigned);
        return value;
    }
    Result<DnsName> name();
    Result<DnsQuestion> question();
    Result<DnsRecord> record();
    Result<DnsData> data(uint16_t type);
    Result<DnsData> txt();
    Result<std::vector<DnsRecord>> records(uint16_t count);

    ByteView m_message;
    size_t m_end;
    size_t m_at = 0;
};

/// A pointer leads before the place where the piece of the name that holds it began, so every jump goes down and the
/// walk ends; kMaxDnsPointers is what it may cost.
Result<DnsName> DnsReader::name() {
    DnsName out;
    size_t at = m_at;
    size_t pieceStart = m_at;
    size_t end = m_end; // of the record data; behind a pointer the whole message counts
    size_t jumps = 0;
    for (;;) {
        if (at >= end) return cut();
        const uint8_t length = m_message[at];
        if ((length & kPointer) == kPointer) {
            if (at + 1 >= end) return cut();
            const size_t target = static_cast<size_t>(length & ~kPointer) << 8 | m_message[at + 1];
            if (target >= pieceStart) return makeError(Errc::Malformed, "DNS name points forwards");
            if (jumps == 0) m_at = at + 2;
            if (++jumps > kMaxDnsPointers) return makeError(Errc::Malformed, "DNS name of more than 16 pointers");
            at = pieceStart = target;
            end = m_message.size();
            continue;
        }
        if ((length & kPointer) != 0) return makeError(Errc::Malformed, "DNS label of an unknown kind");
        if (length == 0) break;
        if (at + 1 + length > end) return cut();
        if (out.m_wire.size() + 1 + length + 1 > kMaxDnsNameBytes)
            return makeError(Errc::Malformed, "DNS name of more than 255 bytes");
        out.m_wire.push_back(static_cast<char>(length));
        for (uint8_t byte : m_message.subspan(at + 1, length))
            out.m_wire.push_back(static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte));
        at += 1 + size_t(length);
    }
    if (jumps == 0) m_at = at + 1;
    return out;
}

Result<DnsQuestion> DnsReader::question() {
    DnsQuestion out;
    TRY(out.name, name());
    TRY(const auto type, number<uint16_t>());
    TRY(const auto recordClass, number<uint16_t>());
    out.type = static_cast<DnsType>(type);
    out.recordClass = recordClass & static_cast<uint16_t>(~kDnsClassTopBit);
    out.wantsUnicast = (recordClass & kDnsClassTopBit) != 0;
    return out;
}

Result<DnsData> DnsReader::txt() {
    DnsTxt out;
    while (left() > 0) {
        if (out.strings.size() == kMaxDnsStrings)
            return makeError(Errc::TooLarge, "TXT record of more than 256 strings");
        TRY(const auto length, number<uint8_t>());
        if (left() < length) return cut();
        out.strings.emplace_back(asText(m_message.subspan(m_at, length)));
        m_at += length;
    }
    if (out.strings.empty()) out.strings.emplace_back(); // RFC 6763 6.1: no data is to be read as one empty string
    return DnsData(std::move(out));
}

/// Reads up to m_end; what it leaves there is an error, found by the caller.
Result<DnsData> DnsReader::data(uint16_t type) {
    switch (static_cast<DnsType>(type)) {
    case DnsType::Ptr: {
        TRY(DnsName target, name());
        return DnsData(DnsPtr{std::move(target)});
    }
    case DnsType::Txt:
        return txt();
    case DnsType::Srv: {
        DnsSrv out;
        TRY(out.priority, number<uint16_t>());
        TRY(out.weight, number<uint16_t>());
        TRY(out.port, number<uint16_t>());
        TRY(out.target, name());
        return DnsData(std::move(out));
    }
    case DnsType::A:
    case DnsType::Aaaa: {
        const bool v4 = static_cast<DnsType>(type) == DnsType::A;
        IpAddress out{v4 ? IpAddress::Family::V4 : IpAddress::Family::V6, {}};
        if (left() != out.bytes().size()) return makeError(Errc::Malformed, "DNS address of a wrong length");
        std::copy_n(m_message.begin() + static_cast<std::ptrdiff_t>(m_at), left(), out.octets.begin());
        m_at = m_end;
        return DnsData(out);
    }
    default: {
        DnsOpaque out{type, toBytes(m_message.subspan(m_at, left()))};
        m_at = m_end;
        return DnsData(std::move(out));
    }
    }
}

Result<DnsRecord> DnsReader::record() {
    DnsRecord out;
    TRY(out.name, name());
    TRY(const auto type, number<uint16_t>());
    TRY(const auto recordClass, number<uint16_t>());
    TRY(out.ttl, number<uint32_t>());
    TRY(const auto length, number<uint16_t>());
    out.recordClass = recordClass & static_cast<uint16_t>(~kDnsClassTopBit);
    out.cacheFlush = (recordClass & kDnsClassTopBit) != 0;
    if (left() < length) return cut();
    const size_t messageEnd = std::exchange(m_end, m_at + length);
    TRY(out.data, data(type));
    if (m_at != m_end) return makeError(Errc::Malformed, "DNS record with bytes behind its data");
    m_end = messageEnd;
    return out;
}

Result<std::vector<DnsRecord>> DnsReader::records(uint16_t count) {
    std::vector<DnsRecord> out;
    for (uint16_t i = 0; i < count; ++i) {
        TRY(DnsRecord one, record());
        out.push_back(std::move(one));
    }
    return out;
}

Result<DnsMessage> DnsReader::message() {
    DnsMessage out;
    TRY(out.id, number<uint16_t>());
    TRY(const auto flags, number<uint16_t>());
    out.isResponse = (flags & 0x8000) != 0;
    out.opcode = static_cast<uint8_t>(flags >> 11 & 15);
    out.isAuthoritative = (flags & 0x0400) != 0;
    out.isTruncated = (flags & 0x0200) != 0;
    out.responseCode = static_cast<uint8_t>(flags & 15);
    uint16_t counts[4];
    for (uint16_t& count : counts) {
        TRY(count, number<uint16_t>());
    }
    if (counts[0] > kMaxDnsQuestions || size_t(counts[1]) + counts[2] + counts[3] > kMaxDnsRecords)
        return makeError(Errc::TooLarge, "DNS message of more than 64 questions or 256 records");
    for (uint16_t i = 0; i < counts[0]; ++i) {
        TRY(DnsQuestion one, question());
        out.questions.push_back(std::move(one));
    }
    TRY(out.answers, records(counts[1]));
    TRY(out.authorities, records(counts[2]));
    TRY(out.additionals, records(counts[3]));
    return out;
}

Result<DnsMessage> decodeDnsMessage(ByteView bytes) {
    if (bytes.size() > kMaxDnsMessageBytes) return makeError(Errc::TooLarge, "DNS message of more than 9000 bytes");
    return DnsReader(bytes).message();
}

DnsType DnsRecord::type() const {
    return std::visit(Overloaded{[](const DnsPtr&) { return DnsType::Ptr; }, [](const DnsTxt&) { return DnsType::Txt; },
                                 [](const DnsSrv&) { return DnsType::Srv; },
                                 [](const IpAddress& ip) { return ip.isV4() ? DnsType::A : DnsType::Aaaa; },
                                 [](const DnsOpaque& opaque) { return static_cast<DnsType>(opaque.type); }},
                      data);
}

} // namespace wherry::codec
