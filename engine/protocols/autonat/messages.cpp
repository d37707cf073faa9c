#include "protocols/autonat/messages.h"

#include "base/overloaded.h"
#include "protocols/autonat/autonat_limits.h"
#include "wire/autonat.pb.h"
#include "wire/decode.h"

namespace wherry::autonat {

namespace {
template <typename Message> Result<Message> take(const std::string& bytes, std::string_view what) {
    return wire::decode<Message>(asBytes(bytes), {what, kMaxMessageBytes, kMaxFields});
}
std::string text(const Bytes& bytes) {
    return std::string(asText(bytes));
}

Result<Message1> takeDial1(const std::string& bytes) {
    TRY(const auto dial, take<wire::Autonat1Dial>(bytes, "autonat dial"));
    TRY(const auto peer, take<wire::Autonat1Peer>(dial.peer(), "autonat peer"));
    Dial1 out;
    TRY(out.peer, crypto::PeerId::fromMultihash(asBytes(peer.id())));
    for (const auto& binary : peer.addrs()) {
        if (out.addresses.size() >= kMaxAddresses) break;
        if (auto address = codec::Multiaddr::decode(asBytes(binary)); address && !address->empty())
            out.addresses.push_back(std::move(*address));
    }
    return Message1(std::move(out));
}

Result<Message1> takeResponse1(const std::string& bytes) {
    TRY(const auto response, take<wire::Autonat1Response>(bytes, "autonat response"));
    if (!response.has_status()) return makeError(Errc::Malformed, "autonat response without a status");
    Response1 out{response.status(), response.status_text().substr(0, kMaxStatusText), {}};
    if (auto address = codec::Multiaddr::decode(asBytes(response.addr()))) out.address = std::move(*address);
    return Message1(std::move(out));
}

std::string serialised(const Dial1& dial, size_t count) {
    wire::Autonat1Peer peer;
    peer.set_id(text(toBytes(dial.peer.multihash())));
    for (size_t i = 0; i < count; ++i) peer.add_addrs(text(dial.addresses[i].encode()));
    wire::Autonat1Dial inner;
    inner.set_peer(text(wire::encode(peer)));
    return text(wire::encode(inner));
}

Result<Message2> takeRequest2(const std::string& bytes) {
    TRY(const auto request, take<wire::Autonat2DialRequest>(bytes, "autonat dial request"));
    DialRequest out;
    out.nonce = request.nonce();
    for (const auto& binary : request.addrs()) {
        if (out.addresses.size() >= kMaxAddresses) break;
        out.addresses.push_back(codec::Multiaddr::decode(asBytes(binary)).value_or(codec::Multiaddr()));
    }
    return Message2(std::move(out));
}

std::string inner(const DialRequest& request) {
    wire::Autonat2DialRequest out;
    for (const auto& address : request.addresses) out.add_addrs(text(address.encode()));
    out.set_nonce(request.nonce);
    return text(wire::encode(out));
}
/// proto3: what is zero is not written.
std::string inner(const DialResponse& response) {
    wire::Autonat2DialResponse out;
    if (response.status) out.set_status(response.status);
    if (response.addressIndex) out.set_addr_idx(response.addressIndex);
    if (response.dialStatus) out.set_dial_status(response.dialStatus);
    return text(wire::encode(out));
}
std::string inner(const DialDataRequest& request) {
    wire::Autonat2DialDataRequest out;
    if (request.addressIndex) out.set_addr_idx(request.addressIndex);
    if (request.bytes) out.set_num_bytes(request.bytes);
    return text(wire::encode(out));
}
std::string inner(const DialDataResponse& response) {
    wire::Autonat2DialDataResponse out;
    out.set_data(std::string(response.bytes, '\0'));
    return text(wire::encode(out));
}
} // namespace

Bytes encodeMessage1(const Message1& message) {
    wire::Autonat1 out;
    if (const auto* dial = std::get_if<Dial1>(&message)) {
        out.set_type(0);
        size_t count = std::min(dial->addresses.size(), kMaxAddresses);
        out.set_dial(serialised(*dial, count));
        while (out.ByteSizeLong() > kMaxSentBytes1 && count > 0) out.set_dial(serialised(*dial, --count));
    } else {
        const auto& response = std::get<Response1>(message);
        wire::Autonat1Response reply;
        reply.set_status(response.status);
        if (!response.text.empty()) reply.set_status_text(response.text.substr(0, kMaxStatusText));
        if (!response.address.empty()) reply.set_addr(text(response.address.encode()));
        out.set_type(1);
        out.set_dial_response(text(wire::encode(reply)));
    }
    return wire::encode(out);
}

Result<Message1> decodeMessage1(ByteView in) {
    TRY(const auto message, wire::decode<wire::Autonat1>(in, {"autonat message", kMaxMessageBytes, kMaxFields}));
    if (message.type() == 0 && message.has_dial()) return takeDial1(message.dial());
    if (message.type() == 1 && message.has_dial_response()) return takeResponse1(message.dial_response());
    return makeError(Errc::Malformed, "autonat message without its content");
}

Bytes encodeMessage2(const Message2& message) {
    wire::Autonat2 out;
    std::visit(Overloaded{[&](const DialRequest& what) { out.set_dial_request(inner(what)); },
                          [&](const DialResponse& what) { out.set_dial_response(inner(what)); },
                          [&](const DialDataRequest& what) { out.set_dial_data_request(inner(what)); },
                          [&](const DialDataResponse& what) { out.set_dial_data_response(inner(what)); }},
               message);
    return wire::encode(out);
}

Result<Message2> decodeMessage2(ByteView in) {
    TRY(const auto message, wire::decode<wire::Autonat2>(in, {"autonat message", kMaxMessageBytes, kMaxFields}));
    const int said = message.has_dial_request() + message.has_dial_response() + message.has_dial_data_request() +
                     message.has_dial_data_response();
    if (said != 1) return makeError(Errc::Malformed, "autonat message that is not one of the four");
    if (message.has_dial_request()) return takeRequest2(message.dial_request());
    if (message.has_dial_response()) {
        TRY(const auto what, take<wire::Autonat2DialResponse>(message.dial_response(), "autonat dial response"));
        return Message2(DialResponse{what.status(), what.addr_idx(), what.dial_status()});
    }
    if (message.has_dial_data_request()) {
        TRY(const auto what, take<wire::Autonat2DialDataRequest>(message.dial_data_request(), "autonat data request"));
        return Message2(DialDataRequest{what.addr_idx(), what.num_bytes()});
    }
    TRY(const auto what, take<wire::Autonat2DialDataResponse>(message.dial_data_response(), "autonat dial data"));
    return Message2(DialDataResponse{what.data().size()});
}

Bytes encodeDialBack(uint64_t nonce) {
    wire::Autonat2DialBack out;
    out.set_nonce(nonce);
    return wire::encode(out);
}

Result<uint64_t> decodeDialBack(ByteView in) {
    TRY(const auto message, wire::decode<wire::Autonat2DialBack>(in, {"autonat dial back", kMaxDialBackBytes, 8}));
    if (!message.has_nonce()) return makeError(Errc::Malformed, "autonat dial back without a nonce");
    return message.nonce();
}

Bytes encodeDialBackResponse() {
    return {};
}

Result<uint32_t> decodeDialBackResponse(ByteView in) {
    TRY(const auto message,
        wire::decode<wire::Autonat2DialBackResponse>(in, {"autonat dial back response", kMaxDialBackBytes, 8}));
    return message.status();
}

} // namespace wherry::autonat
