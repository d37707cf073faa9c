#include "base/assert.h"
#include "codec/dns_limits.h"
#include "codec/dns_message.h"

using namespace wherry;
using namespace wherry::codec;

/// What decodes stays within its bounds and survives being encoded again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto message = decodeDnsMessage({data, size});
    if (!message) return 0;
    ASSERT(message->questions.size() <= kMaxDnsQuestions);
    ASSERT(message->answers.size() + message->authorities.size() + message->additionals.size() <= kMaxDnsRecords);
    const Bytes encoded = encodeDnsMessage(*message);
    if (encoded.size() > kMaxDnsMessageBytes) return 0; // names that were compressed
    const auto again = decodeDnsMessage(encoded);
    ASSERT(again && *again == *message);
    for (const DnsRecord& record : message->answers) {
        ASSERT(record.name.wire().size() < kMaxDnsNameBytes);
        ASSERT(DnsName::parse(record.name.firstLabel()).has_value() || !record.name.firstLabel().empty() ||
               record.name == DnsName());
    }
    return 0;
}
