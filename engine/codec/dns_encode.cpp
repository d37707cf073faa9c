#include "base/overloaded.h"
#include "codec/dns_limits.h"
#include "codec/dns_message.h"

#include <limits>

namespace wherry::codec {

namespace {

template <typename Unsigned> void put(Bytes& out, Unsigned value) {
    out.resize(out.size() + sizeof(Unsigned));
    putBigEndian(MutableBytes(out).last(sizeof(Unsigned)), value);
}

void put(Bytes& out, const DnsName& name) {
    append(out, asBytes(name.wire()));
    out.push_back(0);
}

uint16_t count(size_t value) {
    ASSERT(value <= std::numeric_limits<uint16_t>::max());
    return static_cast<uint16_t>(value);
}

void put(Bytes& out, const DnsData& data) {
    std::visit(Overloaded{[&](const DnsPtr& ptr) { put(out, ptr.target); },
                          [&](const DnsTxt& txt) {
                              for (const std::string& string : txt.strings) {
                                  ASSERT(string.size() <= kMaxDnsStringBytes);
                                  out.push_back(static_cast<uint8_t>(string.size()));
                                  append(out, asBytes(string));
                              }
                              if (txt.strings.empty()) out.push_back(0);
                          },
                          [&](const DnsSrv& srv) {
                              put(out, srv.priority);
                              put(out, srv.weight);
                              put(out, srv.port);
                              put(out, srv.target);
                          },
                          [&](const IpAddress& ip) { append(out, ip.bytes()); },
                          [&](const DnsOpaque& opaque) { append(out, opaque.data); }},
               data);
}

void put(Bytes& out, const DnsRecord& record) {
    put(out, record.name);
    put(out, static_cast<uint16_t>(record.type()));
    put(out, static_cast<uint16_t>(record.recordClass | (record.cacheFlush ? kDnsClassTopBit : 0)));
    put(out, record.ttl);
    const size_t lengthAt = out.size();
    put(out, uint16_t(0));
    put(out, record.data);
    putBigEndian(MutableBytes(out).subspan(lengthAt, 2), count(out.size() - lengthAt - 2));
}

} // namespace

Bytes encodeDnsMessage(const DnsMessage& message) {
    Bytes out;
    put(out, message.id);
    unsigned flags = unsigned(message.opcode & 15) << 11 | unsigned(message.responseCode & 15);
    if (message.isResponse) flags |= 0x8000;
    if (message.isAuthoritative) flags |= 0x0400;
    if (message.isTruncated) flags |= 0x0200;
    put(out, static_cast<uint16_t>(flags));
    put(out, count(message.questions.size()));
    for (const auto* section : {&message.answers, &message.authorities, &message.additionals})
        put(out, count(section->size()));
    for (const DnsQuestion& question : message.questions) {
        put(out, question.name);
        put(out, static_cast<uint16_t>(question.type));
        put(out, static_cast<uint16_t>(question.recordClass | (question.wantsUnicast ? kDnsClassTopBit : 0)));
    }
    for (const auto* section : {&message.answers, &message.authorities, &message.additionals})
        for (const DnsRecord& record : *section) put(out, record);
    return out;
}

size_t encodedSize(const DnsRecord& record) {
    Bytes out;
    put(out, record);
    return out.size();
}

} // namespace wherry::codec
