#include "protocols/relay/messages.h"

#include "protocols/relay/relay_limits.h"
#include "wire/decode.h"
#include "wire/relay.pb.h"

namespace wherry::relay {

namespace {

constexpr uint32_t kReserve = 0, kHopConnect = 1, kHopStatus = 2;
constexpr uint32_t kStopConnect = 0, kStopStatus = 1;

std::string text(const Bytes& bytes) {
    return std::string(asText(bytes));
}

template <typename Message> Result<Message> take(ByteView bytes, std::string_view what) {
    return wire::decode<Message>(bytes, {what, kMaxMessageBytes, kMaxFields});
}

std::string encodePeer(const crypto::PeerId& peer) {
    wire::RelayPeer out;
    out.set_id(text(toBytes(peer.multihash())));
    return text(wire::encode(out));
}

Result<crypto::PeerId> takePeer(const std::string& bytes) {
    TRY(const auto peer, take<wire::RelayPeer>(asBytes(bytes), "relay peer"));
    return crypto::PeerId::fromMultihash(asBytes(peer.id()));
}

std::string encodeLimit(const Limit& limit) {
    wire::RelayLimit out;
    if (limit.seconds) out.set_duration(limit.seconds);
    if (limit.bytes) out.set_data(limit.bytes);
    return text(wire::encode(out));
}

Result<Limit> takeLimit(const std::string& bytes) {
    TRY(const auto limit, take<wire::RelayLimit>(asBytes(bytes), "relay limit"));
    return Limit{limit.duration(), limit.data()};
}

std::string encodeReservation(const Reservation& reservation, size_t addresses) {
    wire::RelayReservation out;
    out.set_expire(reservation.expire);
    for (size_t i = 0; i < addresses; ++i) out.add_addrs(text(reservation.addresses[i].encode()));
    if (!reservation.voucher.empty()) out.set_voucher(text(reservation.voucher));
    return text(wire::encode(out));
}

Result<Reservation> takeReservation(const std::string& bytes) {
    TRY(const auto message, take<wire::RelayReservation>(asBytes(bytes), "relay reservation"));
    Reservation out{message.expire(), {}, toBytes(asBytes(message.voucher()))};
    for (const auto& binary : message.addrs()) {
        if (out.addresses.size() >= kMaxRelayAddresses) break;
        if (auto address = codec::Multiaddr::decode(asBytes(binary))) out.addresses.push_back(std::move(*address));
    }
    return out;
}

} // namespace

std::string statusText(uint32_t status) {
    switch (status) {
    case status::kOk:
        return "it agrees (OK)";
    case status::kReservationRefused:
        return "it takes no reservation of this device (RESERVATION_REFUSED)";
    case status::kResourceLimitExceeded:
        return "it has no room left (RESOURCE_LIMIT_EXCEEDED)";
    case status::kPermissionDenied:
        return "it does not allow it (PERMISSION_DENIED)";
    case status::kConnectionFailed:
        return "it could not reach that device (CONNECTION_FAILED)";
    case status::kNoReservation:
        return "that device has no reservation there (NO_RESERVATION)";
    case status::kMalformedMessage:
        return "it does not understand the request (MALFORMED_MESSAGE)";
    case status::kUnexpectedMessage:
        return "it did not expect the request (UNEXPECTED_MESSAGE)";
    default:
        return "it answered with status " + std::to_string(status);
    }
}

Bytes encodeHop(const HopMessage& message) {
    wire::RelayHop out;
    if (std::holds_alternative<HopReserve>(message)) {
        out.set_type(kReserve);
    } else if (const auto* connect = std::get_if<HopConnect>(&message)) {
        out.set_type(kHopConnect);
        out.set_peer(encodePeer(connect->peer));
    } else {
        const auto& said = std::get<HopStatus>(message);
        out.set_type(kHopStatus);
        out.set_status(said.status);
        if (said.limit) out.set_limit(encodeLimit(*said.limit));
        if (said.reservation) {
            size_t addresses = std::min(said.reservation->addresses.size(), kMaxRelayAddresses);
            out.set_reservation(encodeReservation(*said.reservation, addresses));
            while (out.ByteSizeLong() > kMaxMessageBytes && addresses > 0)
                out.set_reservation(encodeReservation(*said.reservation, --addresses));
        }
    }
    return wire::encode(out);
}

Result<HopMessage> decodeHop(ByteView in) {
    TRY(const auto message, take<wire::RelayHop>(in, "relay hop message"));
    if (!message.has_type()) return makeError(Errc::Malformed, "relay hop message without a type");
    switch (message.type()) {
    case kReserve:
        return HopMessage(HopReserve{});
    case kHopConnect: {
        TRY(auto peer, takePeer(message.peer()));
        return HopMessage(HopConnect{std::move(peer)});
    }
    case kHopStatus:
        break;
    default:
        return makeError(Errc::Malformed, "relay hop message of an unknown type");
    }
    if (!message.has_status()) return makeError(Errc::Malformed, "relay answer without a status");
    HopStatus said{message.status(), {}, {}};
    if (message.has_reservation()) {
        TRY(said.reservation, takeReservation(message.reservation()));
    }
    if (message.has_limit()) {
        TRY(said.limit, takeLimit(message.limit()));
    }
    return HopMessage(std::move(said));
}

Bytes encodeStop(const StopMessage& message) {
    wire::RelayStop out;
    if (const auto* connect = std::get_if<StopConnect>(&message)) {
        out.set_type(kStopConnect);
        out.set_peer(encodePeer(connect->peer));
        if (connect->limit) out.set_limit(encodeLimit(*connect->limit));
    } else {
        out.set_type(kStopStatus);
        out.set_status(std::get<StopStatus>(message).status);
    }
    return wire::encode(out);
}

Result<StopMessage> decodeStop(ByteView in) {
    TRY(const auto message, take<wire::RelayStop>(in, "relay stop message"));
    if (!message.has_type()) return makeError(Errc::Malformed, "relay stop message without a type");
    if (message.type() == kStopConnect) {
        StopConnect connect;
        TRY(connect.peer, takePeer(message.peer()));
        if (message.has_limit()) {
            TRY(connect.limit, takeLimit(message.limit()));
        }
        return StopMessage(std::move(connect));
    }
    if (message.type() != kStopStatus) return makeError(Errc::Malformed, "relay stop message of an unknown type");
    if (!message.has_status()) return makeError(Errc::Malformed, "relay answer without a status");
    return StopMessage(StopStatus{message.status()});
}

} // namespace wherry::relay
