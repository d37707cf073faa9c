#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "transfer/transfer_types.h"
#include "wire/transfer.pb.h"

#include <string>
#include <variant>

namespace wherry::transfer {

/// One message of the control stream, by its body; the alternatives stand in the order of Control's field numbers,
/// from 1.
using ControlMessage =
    std::variant<wire::Offer, wire::ManifestPage, wire::ManifestEnd, wire::Accept, wire::Decline, wire::GroupRoots,
                 wire::FileEnd, wire::FileUnavailable, wire::SendEnd, wire::Need, wire::Progress, wire::FileFailed,
                 wire::Receipt, wire::Cancel, wire::Hold, wire::Moved, wire::StreamEnded, wire::StreamTaken>;

/// Decodes one Control message (without its length). Malformed or TooLarge: not exactly one known body, or more bytes
/// or elements than machine_limits.h allows; nothing is allocated before that is known.
Result<ControlMessage> decodeControl(ByteView message);
/// The message behind its length, ready for the stream.
Bytes encodeControl(const ControlMessage& message);

/// First message of a stream, behind its length.
Bytes encodeHello(wire::StreamHello::Kind kind, ByteView attempt, uint32_t stream = 0, uint64_t heard = 0);
Result<wire::StreamHello> decodeHello(ByteView message);

wire::Hold holdMessage(Hold hold);
Hold holdOf(const wire::Hold& message);

/// Codes of Cancel, FileFailed and FileUnavailable (wire/transfer.proto). A code that is not known is Io.
uint32_t wireCode(Errc code);
Errc errcOfWire(uint32_t code);
/// A reason for the other side: valid UTF-8, cut to kMaxReason bytes, not in the middle of a character. Nothing is
/// neutralised: whoever shows it does that, and once is enough.
std::string cutReason(std::string text);
/// What the other side is told of a failure: a sentence for its code; which entry it is about stands beside it. The
/// context stays here: it may hold local paths and figures. Only that of a breach of the protocol goes out, for whoever
/// develops the other side.
std::string reasonForPeer(const Error& error);

} // namespace wherry::transfer
