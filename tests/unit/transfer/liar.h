#pragma once

#include "codec/varint.h"
#include "transfer/control_message.h"
#include "transfer/frame.h"
#include "transfer/machine_limits.h"
#include "transfer/merkle.h"
#include "transfer_world.h"

namespace wherry::test {

/// A peer that says whatever the test wants: bytes on streams of a PairCarrier, no machine behind them.
class Liar {
  public:
    Liar(PairNetwork& network, uint8_t number)
        : carrier(network, TransferPeer::idOf(number), {TransferPeer::addressOf(number)}) {}

    PairCarrier carrier;
    link::LinkId linkId;
    std::vector<link::StreamKey> opened; ///< by the other side
    std::map<link::StreamKey, uint64_t> resets;
    std::map<link::StreamKey, Bytes> received;

    void settle() {
        while (auto event = carrier.poll()) {
            if (const auto* open = std::get_if<link::LinkOpened>(&*event)) linkId = open->link;
            if (const auto* stream = std::get_if<link::StreamOpened>(&*event)) opened.push_back(stream->key);
            if (const auto* reset = std::get_if<link::StreamReset>(&*event)) resets[reset->key] = reset->code;
            if (const auto* readable = std::get_if<link::StreamReadable>(&*event)) {
                const Slices slices = carrier.take(readable->key, carrier.available(readable->key));
                carrier.credit(readable->key, totalLength(slices));
                for (const Slice& slice : slices) append(received[readable->key], slice.view());
            }
        }
    }
    void write(link::StreamKey key, ByteView bytes) { carrier.write(key, Slice::copyOf(bytes), link::Fin::No); }
    void say(link::StreamKey key, const ControlMessage& message) { write(key, encodeControl(message)); }
    link::StreamKey open(wire::StreamHello::Kind kind, const Bytes& attempt) {
        const link::StreamKey key = carrier.openStream(linkId).value();
        write(key, encodeHello(kind, attempt));
        return key;
    }
    /// All control messages of a stream so far.
    std::vector<ControlMessage> heard(link::StreamKey key) {
        std::vector<ControlMessage> messages;
        ByteView in = received[key];
        while (!in.empty()) {
            const auto length = codec::decodeVarint(in).value();
            messages.push_back(decodeControl(in.subspan(length->length, static_cast<size_t>(length->value))).value());
            in = in.subspan(length->length + static_cast<size_t>(length->value));
        }
        return messages;
    }
};

/// Room for a whole frame at once: a liar does not wait for StreamWritable.
inline PairOptions wideOpen() {
    PairOptions options;
    options.sendBuffer = 8 * 1024 * 1024;
    options.streamWindow = 4 * 1024 * 1024;
    options.linkWindow = 16 * 1024 * 1024;
    return options;
}

/// An honest receiver and a liar that has dialled it.
struct LiarWorld {
    explicit LiarWorld(PairOptions options = wideOpen())
        : network(options),
          victim(network, host, 2, 77),
          liar(network, 9) {
        host.disk.addFile("/sentinel/file", pattern(5, 100));
        policy.enabled = true;
        policy.accept = Accept::All;
        policy.folder = "/dst";
        victim.transfers.setReceivePolicy(policy, now);
        (void)liar.carrier.dial(TransferPeer::addressOf(2), victim.id, now).value();
        run();
    }
    void run() {
        while (network.deliverOne() || !victim.jobs.empty() || !victim.scans.empty()) {
            victim.settle(now);
            liar.settle();
            if (!victim.jobs.empty()) victim.runJob(0, now);
            if (!victim.scans.empty()) victim.answerScan(now);
        }
    }
    /// Offers these entries, as the sender of an ordinary offer would.
    link::StreamKey offer(const std::vector<wire::ManifestEntry>& entries, uint64_t total, uint32_t count = 0) {
        const link::StreamKey key = liar.open(wire::StreamHello::CONTROL, attempt);
        wire::Offer offer;
        offer.set_offer_key(std::string(32, 'k'));
        offer.set_entry_count(count != 0 ? count : static_cast<uint32_t>(entries.size()));
        offer.set_total_bytes(total);
        liar.say(key, offer);
        wire::ManifestPage page;
        for (const wire::ManifestEntry& entry : entries) *page.add_entries() = entry;
        liar.say(key, page);
        liar.say(key, wire::ManifestEnd());
        run();
        return key;
    }
    static wire::ManifestEntry file(const std::string& name, uint64_t size, uint32_t parent = 0) {
        wire::ManifestEntry entry;
        entry.set_parent(parent);
        entry.set_name(name);
        entry.set_size(size);
        entry.set_modified_ns(1'700'000'000'000'000'000);
        return entry;
    }
    static wire::ManifestEntry folder(const std::string& name, uint32_t parent = 0) {
        wire::ManifestEntry entry = file(name, 0, parent);
        entry.set_folder(true);
        return entry;
    }
    bool nothingCreated() const { return !host.disk.exists("/dst"); }
    Error lastError() const {
        const auto failed = victim.eventsOf<TransferFailed>();
        return failed.empty() ? makeError(Errc::NotFound, "no failure") : failed.back().error;
    }
    bool linkLives() const { return !victim.links.empty() && !liar.carrier.links().empty(); }

    Now now{Instant{}, UnixTime::fromSeconds(1'800'000'000)};
    PairNetwork network;
    Host host;
    ReceivePolicy policy;
    TransferPeer victim;
    Liar liar;
    Bytes attempt = Bytes(16, 7);
};

/// A file of several chunks and honest frames of it.
struct HonestFile {
    explicit HonestFile(size_t size) : content(pattern(42, size)) {
        for (uint32_t i = 0; i < chunkCount(size); ++i) roots.push_back(chunkRoot(chunk(i)));
        tree = GroupTree(roots);
    }
    ByteView chunk(uint32_t index) const {
        return ByteView(content).subspan(size_t(index) * kChunkSize, chunkLength(content.size(), index));
    }
    ChunkHeader header(uint32_t entry, uint32_t index) const {
        ChunkHeader header;
        header.entry = entry;
        header.chunk = index;
        header.wireLength = header.plainLength = chunkLength(content.size(), index);
        header.groupRoot = tree.root();
        header.proof = tree.proof(index);
        return header;
    }
    Bytes frame(uint32_t entry, uint32_t index) const { return frame(header(entry, index), chunk(index)); }
    static Bytes frame(const ChunkHeader& header, ByteView payload) {
        Bytes bytes = encodeFrameHeader(header);
        append(bytes, payload);
        return bytes;
    }
    wire::FileEnd end(uint32_t entry) const {
        const crypto::Digest digest = fileDigest(content.size(), tree.root());
        wire::FileEnd end;
        end.set_entry(entry);
        end.set_digest(digest.data(), digest.size());
        return end;
    }

    Bytes content;
    std::vector<crypto::Digest> roots;
    GroupTree tree;
};

} // namespace wherry::test
