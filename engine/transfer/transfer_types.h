#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "crypto/peer_id.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Values that the outside of the transfer folder sees: policies, events and figures.
namespace wherry::transfer {

/// Local number of a transfer, for events and commands; never on the wire.
using TransferId = StrongId<struct TransferTag>;

/// Ties an offer to the request of somebody who holds a share ticket; random, chosen by him.
using FetchToken = std::array<uint8_t, 16>;

/// Root names that the event of a delivery carries: what somebody reads, and what fits a line of the control socket.
inline constexpr size_t kMaxNamesTold = 1000;

enum class Accept : uint8_t { Ask, All, Trusted };
/// What happens to a root name that is taken (CLI.md --conflict).
enum class Conflict : uint8_t { Rename, Replace, Skip, Fail };

struct ReceivePolicy {
    bool enabled = false; ///< offers are declined while it is off
    Accept accept = Accept::Ask;
    Conflict conflict = Conflict::Rename;
    std::string folder; ///< absolute download folder
    /// It is a home folder: names that would be run or trusted there always need an answer (A15).
    bool folderIsHome = false;
    std::vector<crypto::PeerId> trusted; ///< keys that Accept::Trusted accepts
};

/// One entry as the person is asked about it. Text from the peer: to be neutralised before it is shown.
struct OfferEntry {
    std::string path;
    bool isFolder = false;
    uint64_t size = 0;
    std::string warning; ///< why it deserves a second look ("starts when you log in"); empty: nothing
};

/// An entry that the receiving volume cannot hold under its name (volume_names.h). Text from the peer, as above.
struct OfferRename {
    std::string path;
    std::string landsAs; ///< its name there, one component; empty: it cannot land
    bool operator==(const OfferRename&) const = default;
};

/// A name that the person gives an entry of an offer.
struct OfferName {
    uint32_t entry = 0;
    std::string name; ///< one component
    bool operator==(const OfferName&) const = default;
};
/// Where one offer lands, by the choice of the person or else by the policy.
struct OfferPlace {
    std::string folder; ///< absolute
    Conflict conflict = Conflict::Rename;
    std::vector<OfferName> names; ///< of entries that shall not have their own
    bool operator==(const OfferPlace&) const = default;
};

/// What becomes of an entry whose name is taken in the download folder.
enum class NameFate : uint8_t {
    Renamed,  ///< it lands beside what is there
    Replaced, ///< what is there goes
    Skipped   ///< it is left out
};
struct TakenName {
    std::string path; ///< text from the peer, as above
    NameFate fate = NameFate::Renamed;
    std::string landsAs; ///< Renamed: the name that is free now, of a root; empty: one is found when it is there
    bool operator==(const TakenName&) const = default;
};

/// Final or running figures of one transfer.
struct TransferFigures {
    uint64_t bytesTotal = 0;    ///< of the accepted files
    uint64_t bytesVerified = 0; ///< on the receiver's disk
    /// Payload bytes of this attempt, as on the wire, that the receiver's end has acknowledged (sender) or received
    /// (receiver).
    uint64_t bytesSent = 0;
    uint64_t filesTotal = 0;
    uint64_t filesDone = 0;
    /// Chosen, but something had the name and stays; in no other figure. The sender knows it from the receipt.
    uint64_t filesSkipped = 0;
    uint64_t chunksResent = 0;
    uint64_t chunksCompressed = 0;
    uint64_t filesBatched = 0;
    uint64_t streamsUsed = 0;
    bool operator==(const TransferFigures&) const = default;
};

// --- events ---

/// Sending: the offer is out. Receiving: an offer waits for an answer, or is being answered by the policy.
struct OfferMade {
    TransferId transfer;
    crypto::PeerId peer;
    bool incoming = false;
    bool needsAnswer = false;
    std::string label; ///< the root names
    uint64_t bytesTotal = 0;
    uint64_t filesTotal = 0;
    uint64_t foldersTotal = 0;
    std::vector<OfferEntry> entries;  ///< incoming: all of them when needsAnswer, else the first 1000
    std::vector<OfferRename> renames; ///< incoming: all of them when needsAnswer, else the first 1000
    std::vector<TakenName> taken;    ///< incoming, when needsAnswer: names that are taken now, the first kMaxTakenTold
    uint64_t takenTotal = 0;         ///< all of them
    bool takenMayBeMore = false;     ///< not everything was looked at
    OfferPlace place;                ///< incoming: where it lands unless the answer says otherwise
    uint64_t freeBytes = 0;          ///< incoming: on the volume of that folder
    uint64_t skipped = 0;            ///< outgoing: source entries left out, on purpose (links, sockets, devices) or because they cannot be sent
    uint64_t skippedFailures = 0;    ///< of them those that cannot be sent: unreadable, or of a name that no receiver takes
    std::vector<std::string> skippedReasons; ///< "path: reason", failures first; at most kMaxSkippedReported of each kind
};
/// What there is to know about another place for an offer, before or instead of a yes; nothing has been created.
struct OfferPlaced {
    uint64_t look = 0; ///< the number of the question
    TransferId transfer;
    std::optional<Error> error; ///< why it cannot land there; the offer waits on
    OfferPlace place;
    uint64_t freeBytes = 0;
    std::vector<OfferRename> renames; ///< the first kMaxTakenTold
    uint64_t renamesTotal = 0;
    std::vector<TakenName> taken; ///< the first kMaxTakenTold
    uint64_t takenTotal = 0;
    bool takenMayBeMore = false;
};
struct OfferAccepted {
    TransferId transfer;
    crypto::PeerId peer;
};
struct OfferDeclined {
    TransferId transfer;
    crypto::PeerId peer;
    std::string reason;
};
/// This attempt continues an earlier one.
struct TransferResumed {
    TransferId transfer;
    uint64_t bytesAlready = 0;
};
struct TransferProgress {
    TransferId transfer;
    bool incoming = false;
    TransferFigures figures;
    double rate = 0; ///< bytes a second, smoothed
    double etaSeconds = 0;
    /// How much of each part of the accepted bytes is verified on the receiver's disk, in cells of equal size (at most
    /// kMapCells), each 0 (nothing) to 255 (all). Empty: as it was told last, at most twice a second; always, when the
    /// receiver tells none.
    Bytes verified{};
};
/// Verified, synced and renamed on the receiver's disk; the sender says so only after the receiver has.
struct TransferDelivered {
    TransferId transfer;
    crypto::PeerId peer;
    bool incoming = false;
    TransferFigures figures;
    double seconds = 0;
    std::string folder;             ///< receiving: where
    std::vector<std::string> names; ///< receiving: the root names as they landed, the first kMaxNamesTold
};
/// The transfer has ended without delivery. What was verified is kept and the same send resumes, unless `error` says
/// otherwise.
struct TransferFailed {
    TransferId transfer;
    crypto::PeerId peer;
    bool incoming = false;
    Error error;
    std::string file; ///< the entry that it is about; empty: none
    TransferFigures figures;
    bool byPeer = false;        ///< the peer has said so: it is about that device's disk, files or program
    bool restDelivered = false; ///< everything but figures.filesTotal - figures.filesDone files has arrived
};
/// The connection was lost; the sender keeps trying to reach the peer.
struct TransferInterrupted {
    TransferId transfer;
    crypto::PeerId peer;
    bool incoming = false;
    Error error;
};
/// Why a side lets no content go, or takes none, although the connection is there. The numbers are those of
/// wire/transfer.proto.
enum class Hold : uint8_t { None, Paused, Queued };
/// What holds a transfer has changed; it goes on when neither side does. Also told at the start of each that was paused
/// in an earlier run, before any attempt of its sender.
struct TransferHeld {
    TransferId transfer;
    crypto::PeerId peer;
    bool incoming = false;
    Hold here = Hold::None;  ///< receiving: paused by the person, or waiting for its turn. Sending: paused
    Hold there = Hold::None; ///< as far as the other side says
    std::string label;       ///< the root names
    TransferFigures figures;
};
using TransferEvent = std::variant<OfferMade, OfferAccepted, OfferDeclined, TransferResumed, TransferProgress,
                                   TransferDelivered, TransferFailed, TransferInterrupted, TransferHeld>;

inline TransferId transferOf(const TransferEvent& event) {
    return std::visit([](const auto& what) { return what.transfer; }, event);
}

} // namespace wherry::transfer
