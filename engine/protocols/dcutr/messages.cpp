#include "protocols/dcutr/messages.h"

#include "protocols/dcutr/dcutr_limits.h"
#include "wire/dcutr.pb.h"
#include "wire/decode.h"

#include <algorithm>

namespace wherry::dcutr {

namespace {
constexpr uint32_t kConnect = 100;
constexpr uint32_t kSync = 300;
} // namespace

Bytes encode(const Message& message) {
    wire::HolePunch out;
    const auto* connect = std::get_if<Connect>(&message);
    out.set_type(connect ? kConnect : kSync);
    const size_t count = connect ? std::min(connect->addresses.size(), kMaxCandidates) : 0;
    for (size_t i = 0; i < count; ++i) out.add_obs_addrs(std::string(asText(connect->addresses[i].encode())));
    return wire::encode(out);
}

Result<Message> decode(ByteView in) {
    TRY(const auto message, wire::decode<wire::HolePunch>(in, {"dcutr message", kMaxMessageBytes, kMaxFields}));
    if (message.type() == kSync) return Message(Sync{});
    if (message.type() != kConnect) return makeError(Errc::Malformed, "dcutr message that is neither of the two");
    Connect connect;
    for (const auto& binary : message.obs_addrs()) {
        if (connect.addresses.size() >= kMaxSaid) break;
        if (auto address = codec::Multiaddr::decode(asBytes(binary)); address && !address->empty())
            connect.addresses.push_back(std::move(*address));
    }
    return Message(std::move(connect));
}

} // namespace wherry::dcutr
