#include "transfer/resume_state.h"

#include "crypto/sha256.h"
#include "transfer/machine_limits.h"
#include "transfer/record_bytes.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

constexpr uint8_t kRecordVersion = 3;
/// Has no chosen names.
constexpr uint8_t kRecordVersionBefore = 2;
/// Bytes of the id in the name of a part: no two parts of a folder ever have the same.
constexpr size_t kPartIdSize = 8;
/// Bytes of the hash of a folder in keys.
constexpr size_t kFolderTagSize = 8;

/// With its last separator.
std::string folderOfPart(const std::string& path) {
    const size_t slash = path.rfind('/');
    return path.substr(0, slash == std::string::npos ? 0 : slash + 1);
}

} // namespace

Bytes recordKey(const crypto::PeerId& peer, ByteView offerKey, const std::string& folder) {
    Bytes key;
    const ByteView id = peer.multihash();
    key.push_back(static_cast<uint8_t>(id.size()));
    append(key, id);
    append(key, offerKey);
    append(key, folderTag(folder));
    return key;
}

ByteView offerOf(ByteView recordKey) {
    return recordKey.first(recordKey.size() - std::min(recordKey.size(), kFolderTagSize));
}

Bytes folderTag(const std::string& folder) {
    return toBytes(ByteView(crypto::sha256(asBytes(folder))).first(kFolderTagSize));
}

Bytes abandonedKey(const LocalKey& local, const std::string& folder) {
    Bytes key(local.begin(), local.end());
    append(key, folderTag(folder));
    return key;
}

Bytes ownerKey(const std::string& folder, const std::string& landed) {
    Bytes key = folderTag(folder);
    append(key, ByteView(crypto::sha256(asBytes(landed))).first(16));
    return key;
}

crypto::Digest manifestDigest(const Manifest& manifest) {
    crypto::Sha256 hash;
    Bytes text;
    for (uint32_t i = 0; i < manifest.count(); ++i) {
        const ManifestEntry entry = manifest.entry(i);
        text.clear();
        appendNumber<uint32_t>(text, entry.parent);
        appendNumber<uint64_t>(text, entry.size);
        appendNumber<uint64_t>(text, static_cast<uint64_t>(entry.modifiedNs));
        appendNumber<uint64_t>(text, entry.change);
        text.push_back(static_cast<uint8_t>((entry.isFolder ? 1 : 0) | (entry.executable ? 2 : 0)));
        text.push_back(static_cast<uint8_t>(entry.name.size()));
        append(text, asBytes(entry.name));
        hash.update(text);
    }
    return hash.finish();
}

Bytes encodeSelection(const std::vector<uint32_t>& selection, uint32_t count) {
    if (selection.empty()) return {};
    Bytes bits((count + 7) / 8);
    for (const uint32_t entry : selection)
        if (entry < count) bits[entry / 8] |= static_cast<uint8_t>(1u << (entry % 8));
    return bits;
}

std::vector<uint32_t> decodeSelection(ByteView bits, uint32_t count) {
    std::vector<uint32_t> selection;
    for (uint32_t i = 0; i < count && i / 8 < bits.size(); ++i)
        if (bits[i / 8] >> (i % 8) & 1) selection.push_back(i);
    return selection;
}

Bytes encodeRecord(const TransferRecord& record) {
    Bytes out{kRecordVersion};
    append(out, record.localKey);
    append(out, record.consent.manifest);
    appendNumber<uint32_t>(out, static_cast<uint32_t>(record.consent.selection.size()));
    append(out, record.consent.selection);
    appendNumber<uint64_t>(out, static_cast<uint64_t>(record.touchedSeconds));
    appendNumber<uint64_t>(out, static_cast<uint64_t>(record.deliveredSeconds));
    appendNumber<uint32_t>(out, static_cast<uint32_t>(record.roots.size()));
    for (const LandedRoot& root : record.roots) {
        appendText(out, root.name);
        appendText(out, root.landed);
        out.push_back(root.merges ? 1 : 0);
    }
    appendNumber<uint32_t>(out, static_cast<uint32_t>(record.names.size()));
    for (const auto& [path, name] : record.names) {
        appendText(out, path);
        appendText(out, name);
    }
    return out;
}

Result<TransferRecord> decodeRecord(ByteView value) {
    RecordReader in(value);
    TRY(const uint8_t version, in.number<uint8_t>());
    if (version != kRecordVersion && version != kRecordVersionBefore)
        return makeError(Errc::Unsupported, "a record of transfers");
    TransferRecord record;
    TRY(const ByteView local, in.bytes(record.localKey.size()));
    std::copy(local.begin(), local.end(), record.localKey.begin());
    TRY(const ByteView manifest, in.bytes(record.consent.manifest.size()));
    std::copy(manifest.begin(), manifest.end(), record.consent.manifest.begin());
    TRY(const uint32_t selectionSize, in.number<uint32_t>());
    TRY(const ByteView selection, in.bytes(selectionSize));
    record.consent.selection = toBytes(selection);
    TRY(const uint64_t touched, in.number<uint64_t>());
    record.touchedSeconds = static_cast<int64_t>(touched);
    TRY(const uint64_t delivered, in.number<uint64_t>());
    record.deliveredSeconds = static_cast<int64_t>(delivered);
    TRY(const uint32_t count, in.number<uint32_t>());
    for (uint32_t i = 0; i < count; ++i) {
        LandedRoot root;
        TRY(root.name, in.text());
        TRY(root.landed, in.text());
        TRY(const uint8_t merges, in.number<uint8_t>());
        root.merges = merges != 0;
        record.roots.push_back(std::move(root));
    }
    uint32_t names = 0;
    if (version != kRecordVersionBefore) {
        TRY(names, in.number<uint32_t>());
    }
    for (uint32_t i = 0; i < names; ++i) {
        TRY(std::string path, in.text());
        TRY(record.names[std::move(path)], in.text());
    }
    if (!in.atEnd()) return makeError(Errc::Malformed, "a record of transfers");
    return record;
}

Bytes doneKey(const LocalKey& local, const EntryKey& entry) {
    return chunksPrefix(local, entry);
}

Bytes chunksPrefix(const LocalKey& local, const EntryKey& entry) {
    Bytes key(local.begin(), local.end());
    append(key, entry);
    return key;
}

Bytes chunksKey(const LocalKey& local, const EntryKey& entry, uint32_t group) {
    Bytes key = chunksPrefix(local, entry);
    appendNumber<uint32_t>(key, group);
    return key;
}

Bytes partsKey(const LocalKey& local, const EntryKey& entry) {
    return chunksPrefix(local, entry);
}

bool isPartsKey(ByteView key) {
    return key.size() == std::tuple_size_v<LocalKey> + std::tuple_size_v<EntryKey>;
}

/// Runs of parts in one folder: its path, their number (u32 BE) and their ids.
Bytes encodeParts(const std::vector<std::string>& paths) {
    Bytes out;
    for (size_t first = 0; first < paths.size();) {
        const std::string folder = folderOfPart(paths[first]);
        size_t end = first + 1;
        while (end < paths.size() && folderOfPart(paths[end]) == folder) ++end;
        appendText(out, folder);
        appendNumber<uint32_t>(out, static_cast<uint32_t>(end - first));
        for (; first < end; ++first) append(out, asBytes(paths[first]).subspan(folder.size() + 1, 2 * kPartIdSize));
    }
    return out;
}

Result<std::vector<std::string>> decodeParts(ByteView value) {
    RecordReader in(value);
    std::vector<std::string> paths;
    while (!in.atEnd()) {
        TRY(const std::string folder, in.text());
        TRY(const uint32_t count, in.number<uint32_t>());
        for (uint32_t i = 0; i < count; ++i) {
            TRY(const ByteView id, in.bytes(2 * kPartIdSize));
            paths.push_back(folder + "." + std::string(asText(id)) + ".part");
        }
    }
    return paths;
}

Result<EntryKey> entryOfDoneKey(ByteView key) {
    EntryKey entry{};
    if (key.size() != std::tuple_size_v<LocalKey> + entry.size()) return makeError(Errc::Malformed, "record of a file");
    const ByteView raw = key.subspan(std::tuple_size_v<LocalKey>);
    std::copy(raw.begin(), raw.end(), entry.begin());
    return entry;
}

Result<std::pair<EntryKey, uint32_t>> entryOfChunksKey(ByteView key) {
    if (key.size() < sizeof(uint32_t)) return makeError(Errc::Malformed, "record of chunks");
    const size_t front = key.size() - sizeof(uint32_t);
    TRY(const EntryKey entry, entryOfDoneKey(key.first(front)));
    return std::pair(entry, getBigEndian<uint32_t>(key.subspan(front)));
}

std::string partName(const LocalKey& local, const EntryKey& entry, uint8_t number) {
    Bytes what = chunksPrefix(local, entry);
    if (number > 0) what.push_back(number);
    const crypto::Digest hash = crypto::sha256(what);
    return "." + toHex(ByteView(hash).first(kPartIdSize)) + ".part";
}

UnixTime recordExpiry(UnixTime now) {
    return UnixTime::fromSeconds(now.seconds() + kRecordLifetimeSeconds);
}

UnixTime partsExpiry(UnixTime now) {
    return UnixTime::fromSeconds(now.seconds() + kRecordLifetimeSeconds + kPartsLifetimeSeconds);
}

std::optional<TransferRecord> recordIn(const StoreScanned& scanned, const Bytes& key) {
    if (!scanned.rows) return std::nullopt;
    for (const auto& [rowKey, value] : *scanned.rows)
        if (Result<TransferRecord> record = decodeRecord(value); record && rowKey == key) return std::move(*record);
    return std::nullopt;
}

void forgetLostRoots(TransferRecord& record, const StoreScanned& owners, const std::string& folder) {
    if (!owners.rows) return;
    const Bytes ours(record.localKey.begin(), record.localKey.end());
    std::erase_if(record.roots, [&](const LandedRoot& root) {
        const Bytes key = ownerKey(folder, root.landed);
        const auto row = std::lower_bound(owners.rows->begin(), owners.rows->end(), key,
                                          [](const auto& one, const Bytes& sought) { return one.first < sought; });
        return row != owners.rows->end() && row->first == key && row->second != ours;
    });
}

bool isExpired(const TransferRecord& record, UnixTime now) {
    return now.seconds() - record.touchedSeconds >= kRecordLifetimeSeconds;
}

} // namespace wherry::transfer
