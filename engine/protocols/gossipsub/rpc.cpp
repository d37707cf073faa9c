#include "protocols/gossipsub/rpc.h"

#include "codec/frame.h"
#include "codec/varint.h"
#include "protocols/gossipsub/gossipsub_limits.h"
#include "wire/decode.h"
#include "wire/pubsub.pb.h"

namespace wherry::gossipsub {

namespace {
/// The field `publish` of an RPC, as a tag.
constexpr uint8_t kPublishTag = wire::PubsubRpc::kPublishFieldNumber << 3 | 2;

bool isTopic(const std::string& text) {
    return !text.empty() && text.size() <= kMaxTopicBytes;
}

class Decoder {
  public:
    Result<Rpc> run(ByteView in) {
        TRY(const auto wired, wire::decode<wire::PubsubRpc>(in, {"pubsub RPC", kMaxRpcBytes, kMaxRpcItems}));
        for (const std::string& each : wired.subscriptions()) TRY_OK(subscription(asBytes(each)));
        for (const std::string& each : wired.publish()) {
            TRY(auto message, decodeGossip(asBytes(each)));
            m_rpc.messages.push_back(std::move(message));
        }
        if (wired.has_control()) TRY_OK(control(asBytes(wired.control())));
        return std::move(m_rpc);
    }

  private:
    Result<void> subscription(ByteView in) {
        TRY(const auto wired, wire::decode<wire::PubsubSubscription>(in, {"pubsub topic", kMaxRpcBytes, kSmallFields}));
        if (isTopic(wired.topic())) m_rpc.subscriptions.push_back({wired.topic(), wired.subscribe()});
        return {};
    }

    Result<void> control(ByteView in) {
        TRY(const auto wired,
            wire::decode<wire::PubsubControl>(in, {"pubsub control", kMaxRpcBytes, kMaxControlItems}));
        for (const std::string& each : wired.ihave()) TRY_OK(ihave(asBytes(each)));
        for (const std::string& each : wired.iwant()) TRY_OK(ids(asBytes(each), m_rpc.iwant));
        for (const std::string& each : wired.graft()) {
            TRY(const auto graft,
                wire::decode<wire::PubsubGraft>(asBytes(each), {"GRAFT", kMaxRpcBytes, kSmallFields}));
            if (isTopic(graft.topic())) m_rpc.graft.push_back(graft.topic());
        }
        for (const std::string& each : wired.prune()) TRY_OK(prune(asBytes(each)));
        for (const std::string& each : wired.idontwant()) TRY_OK(ids(asBytes(each), m_rpc.dontWant));
        return {};
    }

    Result<void> ihave(ByteView in) {
        TRY(const auto wired, wire::decode<wire::PubsubIHave>(in, {"IHAVE", kMaxRpcBytes, kMaxIdsPerItem + 1}));
        IHave out{wired.topic(), {}};
        TRY_OK(take(wired.message_ids(), out.ids));
        if (isTopic(out.topic) && !out.ids.empty()) m_rpc.ihave.push_back(std::move(out));
        return {};
    }
    Result<void> ids(ByteView in, std::vector<MessageId>& out) {
        TRY(const auto wired, wire::decode<wire::PubsubIds>(in, {"message ids", kMaxRpcBytes, kMaxIdsPerItem}));
        return take(wired.message_ids(), out);
    }
    template <typename Texts> Result<void> take(const Texts& texts, std::vector<MessageId>& out) {
        m_ids += static_cast<size_t>(texts.size());
        if (m_ids > kMaxIdsPerRpc) return makeError(Errc::TooLarge, "pubsub RPC: too many message ids");
        for (const std::string& each : texts)
            if (!each.empty() && each.size() <= kMaxMessageIdBytes) out.push_back(toBytes(asBytes(each)));
        return {};
    }

    Result<void> prune(ByteView in) {
        TRY(const auto wired, wire::decode<wire::PubsubPrune>(in, {"PRUNE", kMaxRpcBytes, kMaxControlItems}));
        if (!isTopic(wired.topic())) return {};
        Prune out{wired.topic(), {}, {}};
        if (wired.has_backoff()) out.backoffSeconds = wired.backoff();
        for (const std::string& each : wired.peers()) {
            if (out.peers.size() == kMaxExchangedPeers || m_exchanged == kMaxExchangedPerRpc) break;
            TRY(const auto peer, wire::decode<wire::PubsubPeer>(asBytes(each), {"PX", kMaxRpcBytes, kSmallFields}));
            auto id = crypto::PeerId::fromMultihash(asBytes(peer.peer_id()));
            if (!id || peer.signed_peer_record().size() > kMaxRecordBytes) continue;
            ++m_exchanged;
            out.peers.push_back({*id, toBytes(asBytes(peer.signed_peer_record()))});
        }
        m_rpc.prune.push_back(std::move(out));
        return {};
    }

    Rpc m_rpc;
    size_t m_ids = 0;
    size_t m_exchanged = 0;
};

template <typename Wired> void put(std::string* to, const Wired& what) {
    to->assign(asText(wire::encode(what)));
}

wire::PubsubIds idsOf(const std::vector<MessageId>& ids) {
    wire::PubsubIds out;
    for (const MessageId& id : ids) out.add_message_ids()->assign(asText(id));
    return out;
}

wire::PubsubPrune wired(const Prune& prune) {
    wire::PubsubPrune out;
    out.mutable_topic()->assign(prune.topic);
    for (const ExchangedPeer& peer : prune.peers) {
        wire::PubsubPeer one;
        one.mutable_peer_id()->assign(asText(peer.peer.multihash()));
        if (!peer.record.empty()) one.mutable_signed_peer_record()->assign(asText(peer.record));
        put(out.add_peers(), one);
    }
    if (prune.backoffSeconds) out.set_backoff(*prune.backoffSeconds);
    return out;
}

wire::PubsubControl controlOf(const Rpc& rpc) {
    wire::PubsubControl out;
    for (const IHave& each : rpc.ihave) {
        wire::PubsubIHave one;
        one.mutable_topic()->assign(each.topic);
        for (const MessageId& id : each.ids) one.add_message_ids()->assign(asText(id));
        put(out.add_ihave(), one);
    }
    if (!rpc.iwant.empty()) put(out.add_iwant(), idsOf(rpc.iwant));
    for (const std::string& topic : rpc.graft) {
        wire::PubsubGraft one;
        one.mutable_topic()->assign(topic);
        put(out.add_graft(), one);
    }
    for (const Prune& each : rpc.prune) put(out.add_prune(), wired(each));
    if (!rpc.dontWant.empty()) put(out.add_idontwant(), idsOf(rpc.dontWant));
    return out;
}
} // namespace

Result<Rpc> decodeRpc(ByteView in) {
    return Decoder().run(in);
}

Bytes encodeRpc(const Rpc& rpc) {
    wire::PubsubRpc out;
    for (const Subscription& each : rpc.subscriptions) {
        wire::PubsubSubscription one;
        one.set_subscribe(each.subscribe);
        one.mutable_topic()->assign(each.topic);
        put(out.add_subscriptions(), one);
    }
    for (const Message& message : rpc.messages) out.add_publish()->assign(asText(encodeGossip(message)));
    const Bytes control = wire::encode(controlOf(rpc));
    if (!control.empty()) out.mutable_control()->assign(asText(control));
    return wire::encode(out);
}

size_t itemsOf(const Rpc& rpc, size_t bytes) {
    size_t ids = rpc.iwant.size() + rpc.dontWant.size();
    for (const IHave& has : rpc.ihave) ids += has.ids.size();
    return 1 + rpc.subscriptions.size() + rpc.messages.size() + rpc.ihave.size() + rpc.graft.size() + rpc.prune.size() +
           ids / kIdsPerItem + bytes / kBytesPerItem;
}

Slices messageFrame(const Slice& encodedMessage) {
    Bytes field{kPublishTag};
    codec::appendVarint(field, encodedMessage.length);
    Bytes header;
    codec::appendVarint(header, field.size() + encodedMessage.length);
    append(header, field);
    return {Slice::copyOf(header), encodedMessage};
}

Slices rpcFrame(const Rpc& rpc) {
    Bytes frame;
    codec::appendFrame(frame, encodeRpc(rpc));
    return {Slice::copyOf(frame)};
}

} // namespace wherry::gossipsub
