#include "transfer/control_message.h"

#include "base/display_text.h"
#include "base/utf8.h"
#include "codec/varint.h"
#include "transfer/machine_limits.h"
#include "wire/decode.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Elements of a body: the runs and claims of an Accept are the most, 3 of them and a flag; roots of an Offer are
/// counted by its reader.
constexpr size_t kMaxBodyFields = 2 * kMaxRunsPerAccept + kMaxClaimsPerAccept + 8;

template <size_t Index> Result<ControlMessage> decodeBody(ByteView body) {
    using Body = std::variant_alternative_t<Index, ControlMessage>;
    const wire::DecodeLimits limits{"control message", kMaxControlMessage, kMaxBodyFields, {}};
    TRY(Body decoded, wire::decode<Body>(body, limits));
    return ControlMessage(std::in_place_index<Index>, std::move(decoded));
}

template <size_t Index = 0> Result<ControlMessage> decodeNumber(size_t index, ByteView body) {
    if constexpr (Index < std::variant_size_v<ControlMessage>) {
        if (index == Index) return decodeBody<Index>(body);
        return decodeNumber<Index + 1>(index, body);
    }
    return makeError(Errc::Malformed, "unknown control message");
}

Bytes withLength(ByteView message) {
    Bytes out;
    out.reserve(message.size() + 4);
    codec::appendVarint(out, message.size());
    append(out, message);
    return out;
}

} // namespace

Result<ControlMessage> decodeControl(ByteView message) {
    if (message.size() > kMaxControlMessage) return makeError(Errc::TooLarge, "control message");
    TRY(const codec::Varint tag, codec::requireVarint(message));
    const ByteView rest = message.subspan(tag.length);
    TRY(const codec::Varint length, codec::requireVarint(rest));
    const ByteView body = rest.subspan(length.length);
    if ((tag.value & 7) != 2 || tag.value < 8 || length.value != body.size())
        return makeError(Errc::Malformed, "control message");
    return decodeNumber(tag.value / 8 - 1, body);
}

Bytes encodeControl(const ControlMessage& message) {
    const Bytes body = std::visit([](const auto& one) { return wire::encode(one); }, message);
    Bytes control;
    control.reserve(body.size() + 8);
    codec::appendVarint(control, (message.index() + 1) << 3 | 2);
    codec::appendVarint(control, body.size());
    append(control, body);
    ASSERT(control.size() <= kMaxControlMessage);
    return withLength(control);
}

Bytes encodeHello(wire::StreamHello::Kind kind, ByteView attempt, uint32_t stream, uint64_t heard) {
    wire::StreamHello hello;
    hello.set_kind(kind);
    hello.set_transfer(attempt.data(), attempt.size());
    hello.set_stream(stream);
    hello.set_heard(heard);
    return withLength(wire::encode(hello));
}

Result<wire::StreamHello> decodeHello(ByteView message) {
    TRY(wire::StreamHello hello, wire::decode<wire::StreamHello>(message, {"stream hello", kMaxStreamHello, 4, {}}));
    if (hello.transfer().size() != kAttemptIdSize || !wire::StreamHello::Kind_IsValid(hello.kind()))
        return makeError(Errc::Malformed, "stream hello");
    return hello;
}

wire::Hold holdMessage(Hold hold) {
    wire::Hold message;
    message.set_why(static_cast<uint32_t>(hold));
    return message;
}

Hold holdOf(const wire::Hold& message) {
    return static_cast<Hold>(std::min(message.why(), static_cast<uint32_t>(Hold::Queued)));
}

uint32_t wireCode(Errc code) {
    switch (code) {
    case Errc::Cancelled:
        return 1;
    case Errc::DiskFull:
        return 2;
    case Errc::ReadOnly:
        return 3;
    case Errc::PermissionDenied:
        return 4;
    case Errc::VolumeGone:
        return 5;
    case Errc::VerificationFailed:
        return 7;
    case Errc::SourceChanged:
        return 8;
    case Errc::LimitReached:
    case Errc::TooLarge:
        return 9;
    case Errc::Internal:
        return 10;
    case Errc::Exists:
        return 11;
    case Errc::UnportableName:
        return 12;
    case Errc::NotFound:
        return 13;
    case Errc::Busy:
        return 14;
    case Errc::ProtocolViolation:
    case Errc::Malformed:
        return 15;
    default:
        return 6;
    }
}

Errc errcOfWire(uint32_t code) {
    static constexpr Errc kCodes[] = {Errc::Io,
                                      Errc::Cancelled,
                                      Errc::DiskFull,
                                      Errc::ReadOnly,
                                      Errc::PermissionDenied,
                                      Errc::VolumeGone,
                                      Errc::Io,
                                      Errc::VerificationFailed,
                                      Errc::SourceChanged,
                                      Errc::LimitReached,
                                      Errc::Internal,
                                      Errc::Exists,
                                      Errc::UnportableName,
                                      Errc::NotFound,
                                      Errc::Busy,
                                      Errc::ProtocolViolation};
    return code < std::size(kCodes) ? kCodes[code] : Errc::Io;
}

namespace {

std::string_view sentenceOf(Errc code) {
    switch (code) {
    case Errc::Cancelled:
        return "cancelled";
    case Errc::DiskFull:
        return "no space is left on the disk";
    case Errc::ReadOnly:
        return "the disk cannot be written";
    case Errc::PermissionDenied:
        return "permission denied";
    case Errc::VolumeGone:
        return "the disk or the folder is gone";
    case Errc::VerificationFailed:
        return "the content does not match its hash";
    case Errc::SourceChanged:
        return "it changed while it was sent";
    case Errc::LimitReached:
    case Errc::TooLarge:
        return "more than this side takes";
    case Errc::Internal:
        return "an internal error";
    case Errc::Exists:
        return "something of this name exists already";
    case Errc::UnportableName:
        return "the name is not possible there";
    case Errc::NotFound:
        return "it is not there";
    case Errc::Busy:
        return "something else is using it";
    case Errc::Timeout:
        return "nothing happened for too long";
    default:
        return "reading or writing failed";
    }
}

} // namespace

std::string reasonForPeer(const Error& error) {
    const bool breach = error.code == Errc::ProtocolViolation || error.code == Errc::Malformed;
    return cutReason(breach ? error.context : std::string(sentenceOf(error.code)));
}

std::string cutReason(std::string text) {
    if (!isUtf8(text)) text = displayText(text);
    if (text.size() <= kMaxReason) return text;
    size_t end = kMaxReason;
    while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    return text;
}

} // namespace wherry::transfer
