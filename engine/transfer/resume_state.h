#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/store.h"
#include "base/time.h"
#include "crypto/peer_id.h"
#include "transfer/group_bits.h"
#include "transfer/manifest.h"
#include "transfer/transfer_types.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What a receiver keeps in the store so that the same offer finds its place, its parts and its finished files again,
/// also after a crash. All of it are hints: parts are hashed again before they count, finished files are looked at
/// before they are claimed.
///
///   Transfers  peer || offer key || folder -> TransferRecord
///   Done       local key || entry key -> PlacedFile: about to be published, or published. The first is put when the
///              rename is ordered, on another thread: usually it is there first, and then a crash before the second
///              does not make the file look like somebody else's.
///   Chunks     local key || entry key || group (u32 BE) -> bitmap of chunks that were verified and written into the
///   part
///              local key || entry key (of a batch: random) -> names of the parts that may be there
///   Choices    see OfferChoice
///   Owners     folder || hash of a name in it -> local key of the last transfer that has landed a folder there
///
/// A transfer is remembered for a week after its last attempt. While it is unfinished its rows in Transfers and Chunks
/// stay longer, only for PartSweep to find the parts.
namespace wherry::transfer {

/// Random and local: names parts and records, so that a peer can choose neither.
using LocalKey = std::array<uint8_t, 16>;

/// Where one root of an offer has landed.
struct LandedRoot {
    std::string name;    ///< in the offer
    std::string landed;  ///< in the folder; empty: skipped by the conflict policy
    bool merges = false; ///< it was there before: other people's files may be in it
    bool operator==(const LandedRoot&) const = default;
};

/// What somebody (or the policy) has said yes to: this manifest, and which entries of it. Another manifest under the
/// same offer key is another question, or a peer could add files to what was accepted once.
struct Consent {
    crypto::Digest manifest{};
    Bytes selection; ///< bit i of byte i/8: entry i; empty: all
    bool operator==(const Consent&) const = default;
};
crypto::Digest manifestDigest(const Manifest& manifest);
Bytes encodeSelection(const std::vector<uint32_t>& selection, uint32_t count);
/// Entries above `count` are left out.
std::vector<uint32_t> decodeSelection(ByteView bits, uint32_t count);

struct TransferRecord {
    LocalKey localKey{};
    Consent consent;
    int64_t touchedSeconds = 0;   ///< wall time of the last attempt before delivery
    int64_t deliveredSeconds = 0; ///< wall time of the delivery; 0: not delivered
    std::vector<LandedRoot> roots;
    /// Files below a root that have got another name because somebody else's has theirs: path in the offer, name.
    std::map<std::string, std::string> names;
    bool operator==(const TransferRecord&) const = default;
};

Bytes recordKey(const crypto::PeerId& peer, ByteView offerKey, const std::string& folder);
/// What it begins with: sender and offer, whatever the folder.
ByteView offerOf(ByteView recordKey);
/// What the keys of all records of a folder end with.
Bytes folderTag(const std::string& folder);
/// Under which the record of an expired transfer waits for PartSweep when the same offer has begun anew.
Bytes abandonedKey(const LocalKey& local, const std::string& folder);
/// Begins with folderTag.
Bytes ownerKey(const std::string& folder, const std::string& landed);
Bytes encodeRecord(const TransferRecord& record);
Result<TransferRecord> decodeRecord(ByteView value);

Bytes doneKey(const LocalKey& local, const EntryKey& entry);
Bytes chunksPrefix(const LocalKey& local, const EntryKey& entry);
Bytes chunksKey(const LocalKey& local, const EntryKey& entry, uint32_t group);
Bytes partsKey(const LocalKey& local, const EntryKey& entry);
bool isPartsKey(ByteView key);
/// `paths`: made by partName, below the download folder. Malformed: the store is damaged.
Bytes encodeParts(const std::vector<std::string>& paths);
Result<std::vector<std::string>> decodeParts(ByteView value);
/// The pieces of a row of Done (group: nothing) or Chunks. Malformed when the length is another.
Result<EntryKey> entryOfDoneKey(ByteView key);
Result<std::pair<EntryKey, uint32_t>> entryOfChunksKey(ByteView key);

/// Name of an entry's part, in the folder where the file will be: the same for every attempt. `number`: which of its
/// names; the next is for when a folder has the one before.
std::string partName(const LocalKey& local, const EntryKey& entry, uint8_t number = 0);
UnixTime recordExpiry(UnixTime now);
/// Of what names parts.
UnixTime partsExpiry(UnixTime now);
/// Its transfer is forgotten; it only names parts.
bool isExpired(const TransferRecord& record, UnixTime now);
/// The record with exactly this key among the rows of a scan; nullopt: none, or the store is damaged.
std::optional<TransferRecord> recordIn(const StoreScanned& scanned, const Bytes& key);
/// A folder of ours is not ours any more when another transfer has landed one under its name since: it was moved away
/// or removed in between. `owners`: the rows of the folder.
void forgetLostRoots(TransferRecord& record, const StoreScanned& owners, const std::string& folder);

} // namespace wherry::transfer
