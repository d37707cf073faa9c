#include "support/memory_storage.h"
#include "support/seeded_random.h"
#include "transfer/job.h"
#include "transfer/source_manifest.h"
#include "transfer/transfer_limits.h"

#include <lz4.h>

#include <QTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::transfer;
using wherry::testing::MemoryStorage;

namespace {

constexpr int64_t kTime = 1'600'000'000'123'456'789;

Bytes noise(size_t length, uint32_t seed = 1) {
    Bytes out(length);
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (uint8_t& byte : out) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        byte = uint8_t(state >> 56);
    }
    return out;
}

Bytes prose(size_t length) {
    const std::string text = "a wherry carries files straight across, bank to bank. ";
    Bytes out(length);
    for (size_t i = 0; i < length; ++i) out[i] = uint8_t(text[i % text.size()]);
    return out;
}

/// Cuts bytes into pieces as they come from a stream.
Slices pieces(ByteView bytes, size_t length) {
    Slices out;
    while (!bytes.empty()) {
        const size_t take = std::min(length, bytes.size());
        out.push_back(Slice::copyOf(bytes.first(take)));
        bytes = bytes.subspan(take);
    }
    return out;
}

Bytes flat(const Slices& slices) {
    Bytes out(totalLength(slices));
    copyTo(slices, out);
    return out;
}

/// A frame as the receiver gets it.
struct Arrived {
    FrameHeader header;
    Bytes payload;
};

Arrived arrive(const FrameReady& ready) {
    const Bytes all = flat(ready.frame);
    const size_t size = *frameHeaderSize(ByteView(all).first(kFramePrefixSize));
    return {*decodeFrameHeader(ByteView(all).first(size)), toBytes(ByteView(all).subspan(size))};
}

crypto::Digest rootOf(ByteView content) {
    crypto::Digest root{};
    fileRoots({&content, 1}, {&root, 1});
    return root;
}

crypto::Digest digestOf(ByteView content) {
    return fileDigest(content.size(), rootOf(content));
}

} // namespace

class JobsTest : public QObject {
    Q_OBJECT

    MemoryStorage m_source;
    MemoryStorage m_target;
    BlockPool m_pool;
    DestinationPtr m_destination;

    template <typename Value> Result<Value> run(JobWork work, MemoryStorage& storage) {
        JobDone done = runJob({JobId{7}, JobLane::Worker, std::move(work)}, storage, m_pool);
        if (done.id != JobId{7}) return makeError(Errc::Internal, "another job's answer");
        if (!done.outcome) return done.outcome.error();
        return std::get<Value>(std::move(*done.outcome));
    }
    template <typename Value> Result<Value> send(JobWork work) { return run<Value>(std::move(work), m_source); }
    template <typename Value> Result<Value> receive(JobWork work) { return run<Value>(std::move(work), m_target); }

    SourceRef source(const std::string& path) {
        auto file = m_source.openSource(path, "");
        return {path, "", *(*file)->stamp()};
    }
    Result<ChunkRoots> hashGroup(const SourceRef& ref, uint32_t group) {
        return send<ChunkRoots>(HashGroupJob{ref, group});
    }
    Result<FrameReady> readChunk(const SourceRef& ref, uint32_t chunk) {
        TRY(const ChunkRoots roots, hashGroup(ref, chunk / kChunksPerGroup));
        return send<FrameReady>(ReadChunkJob{ref, 3, chunk, roots, true, {}});
    }
    Result<Written> writeChunk(const Arrived& frame, uint64_t size, size_t pieceLength = 70'000) {
        WriteChunkJob job{m_destination, ".x.part", size, std::get<ChunkHeader>(frame.header),
                          pieces(frame.payload, pieceLength)};
        return receive<Written>(std::move(job));
    }
    WriteChunkJob chunkJob(const Arrived& frame, uint64_t size, const std::string& part) {
        return {m_destination, part, size, std::get<ChunkHeader>(frame.header), pieces(frame.payload, 70'000)};
    }
    /// Sends a file whole through all its jobs.
    Result<FilesWritten> carry(const SourceRef& ref, const std::string& path) {
        const uint64_t size = ref.stamp.size;
        TRY_OK(receive<PartReady>(PreparePartJob{m_destination, ".x.part", size, false}));
        ChunkRoots roots;
        for (uint32_t chunk = 0; chunk < chunkCount(size); ++chunk) {
            if (indexInGroup(chunk) == 0) {
                TRY(roots, hashGroup(ref, groupOfChunk(chunk)));
            }
            TRY(const FrameReady ready, send<FrameReady>(ReadChunkJob{ref, 3, chunk, roots, true, {}}));
            TRY_OK(writeChunk(arrive(ready), size));
        }
        const crypto::Digest digest = digestOf(*m_source.content(ref.rootPath));
        return receive<FilesWritten>(
            FinishFileJob{m_destination, ".x.part", path, size, kTime, true, OnExisting::Fail, digest});
    }
    BatchReady readBatch(const std::vector<std::string>& paths, bool mayCompress = true) {
        ReadBatchJob job;
        job.mayCompress = mayCompress;
        for (uint32_t i = 0; i < paths.size(); ++i) job.files.push_back({i, source(paths[i])});
        return *send<BatchReady>(std::move(job));
    }
    WriteBatchJob batchJob(const BatchReady& ready) {
        const Arrived frame = arrive(ready.frame);
        WriteBatchJob job{m_destination, std::get<BatchHeader>(frame.header), {}, pieces(frame.payload, 50'000)};
        for (const BatchFile& file : job.header.files)
            job.targets.push_back({".s" + std::to_string(file.entry) + ".part", kTime, false});
        return job;
    }
    /// What is in the parts now is what was sent.
    std::vector<PublishItem> items(uint32_t count) {
        std::vector<PublishItem> out;
        const MemoryStorage::Tree tree = m_target.tree("/in");
        for (uint32_t i = 0; i < count; ++i) {
            const std::string name = "s" + std::to_string(i);
            PublishItem item{i, "." + name + ".part", name, OnExisting::Fail};
            if (const auto part = tree.find(item.part); part != tree.end())
                item.what = {part->second.content.size(), part->second.modifiedNs, false,
                             digestOf(part->second.content)};
            out.push_back(std::move(item));
        }
        return out;
    }

  private slots:
    void a_chunk_goes_on_behind_what_it_begins_with() {
        m_source.addFile("/out/random", wherry::test::SeededRandom(3).bytes(kChunkSize + 5));
        m_source.addFile("/out/even", Bytes(kChunkSize, 'x')); // compressed
        for (const char* name : {"/out/random", "/out/even"}) {
            const SourceRef ref = source(name);
            const ChunkRoots roots = hashGroup(ref, 0).value();
            const Arrived whole = arrive(send<FrameReady>(ReadChunkJob{ref, 3, 0, roots, true, {}}).value());
            const uint32_t length = std::get<ChunkHeader>(whole.header).wireLength;
            for (const uint32_t bytes : {1U, length / 3, length - 1}) {
                const ByteView beginning = ByteView(whole.payload).first(bytes);
                const HeldPart held{bytes, crypto::sha256(beginning)};
                const FrameReady ready = send<FrameReady>(ReadChunkJob{ref, 3, 0, roots, true, held}).value();
                QCOMPARE(ready.payloadOnWire, length - bytes);
                const Arrived rest = arrive(ready);
                ChunkHeader header = std::get<ChunkHeader>(rest.header);
                QCOMPARE(header.from, bytes);
                QVERIFY(equal(rest.payload, ByteView(whole.payload).subspan(bytes)));
                header.from = 0;
                QVERIFY(header == std::get<ChunkHeader>(whole.header));
            }
            // What is not its beginning, or all of it or more, is good for nothing.
            const crypto::Digest other{};
            for (const HeldPart& held :
                 {HeldPart{1, other}, HeldPart{0, crypto::sha256({})}, HeldPart{length, crypto::sha256(whole.payload)},
                  HeldPart{UINT32_MAX, other}}) {
                const Arrived frame = arrive(send<FrameReady>(ReadChunkJob{ref, 3, 0, roots, true, held}).value());
                QVERIFY(frame.header == whole.header && frame.payload == whole.payload);
            }
        }
    }

    void init() {
        m_source = MemoryStorage();
        m_target = MemoryStorage();
        m_destination = *receive<DestinationPtr>(OpenDestinationJob{"/in"});
    }
    void cleanup() {
        m_destination.reset();
        QCOMPARE(m_pool.outstanding(), size_t(0)); // every Block came back
    }

    void aFileOfManyGroupsArrivesEqual() {
        const Bytes content = noise(kGroupSize + 3 * kChunkSize + 12'345);
        m_source.addFile("/out/big", content);
        const auto done = carry(source("/out/big"), "big");
        QVERIFY2(done, done ? "" : done.error().text().c_str());
        QVERIFY(m_target.content("/in/big") == content);
        QCOMPARE(m_target.tree("/in").at("big").modifiedNs, kTime);
        QVERIFY(m_target.tree("/in").at("big").executable);
        QVERIFY(m_target.parts("/in").empty());
    }

    void groupRootsMakeTheFileDigest() {
        const Bytes content = noise(kGroupSize + 5 * kChunkSize + 1);
        m_source.addFile("/out/f", content);
        RootAccumulator root;
        for (uint32_t group = 0; group < 2; ++group) root.add((*hashGroup(source("/out/f"), group))->root());
        QCOMPARE(toHex(root.root()), toHex(rootOf(content)));
    }

    void aChunkFrameIsOneSliceWithItsHeader() {
        m_source.addFile("/out/f", noise(3 * kChunkSize));
        const auto ready = readChunk(source("/out/f"), 1);
        QVERIFY(ready);
        QCOMPARE(ready->frame.size(), size_t(1));
        QCOMPARE(ready->payloadOnWire, uint32_t(kChunkSize));
        QVERIFY(!ready->compressed);
        const auto header = std::get<ChunkHeader>(arrive(*ready).header);
        QCOMPARE(header.entry, 3u);
        QCOMPARE(header.chunk, 1u);
        QCOMPARE(header.proof.size(), size_t(2));
    }

    void whatShrinksIsCompressedAndWhatDoesNotIsLeft() {
        m_source.addFile("/out/prose", prose(kChunkSize));
        m_source.addFile("/out/noise", noise(kChunkSize));
        m_source.addFile("/out/short", prose(500));
        const auto packed = readChunk(source("/out/prose"), 0);
        QVERIFY(packed && packed->compressed);
        QVERIFY(packed->payloadOnWire < kChunkSize / 4);
        QCOMPARE(packed->plainLength, uint32_t(kChunkSize));
        QVERIFY(!readChunk(source("/out/noise"), 0)->compressed);
        QVERIFY(readChunk(source("/out/short"), 0)->compressed);
        const ChunkRoots roots = *hashGroup(source("/out/prose"), 0);
        QVERIFY(!send<FrameReady>(ReadChunkJob{source("/out/prose"), 3, 0, roots, false, {}})->compressed);
        QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", kChunkSize, false}));
        QVERIFY(writeChunk(arrive(*packed), kChunkSize, 1200)); // compressed, in many pieces
        QVERIFY(m_target.content("/in/.x.part") == prose(kChunkSize));
    }

    void B10_aSourceThatChangesInTheMiddleIsAnError() {
        m_source.addFile("/out/f", noise(3 * kChunkSize));
        const SourceRef ref = source("/out/f");
        const ChunkRoots roots = *hashGroup(ref, 0);
        const auto codeOf = [](const auto& result) { return result ? Errc::Internal : result.error().code; };
        m_source.onSourceRead(
            [this](const std::string& path, uint64_t) { m_source.addFile(path, noise(3 * kChunkSize, 2)); });
        QVERIFY(send<FrameReady>(
            ReadChunkJob{ref, 0, 0, roots, true, {}})); // another file took the name: what is open is still ours
        m_source.onSourceRead(nullptr);
        QCOMPARE(codeOf(send<FrameReady>(ReadChunkJob{ref, 0, 1, roots, true, {}})), Errc::SourceChanged);
        QCOMPARE(codeOf(hashGroup(ref, 0)), Errc::SourceChanged);
        m_source.remove("/out/f");
        QCOMPARE(codeOf(send<FrameReady>(ReadChunkJob{ref, 0, 1, roots, true, {}})), Errc::SourceChanged);
        QVERIFY(hashGroup(ref, 0).error().context.find("/out/f") != std::string::npos);
    }

    void B10_changesUnderAnOpenFileAreNoticedAfterReading() {
        m_source.addFile("/out/f", noise(2 * kChunkSize));
        const SourceRef ref = source("/out/f");
        for (const size_t length : {2 * kChunkSize, kChunkSize + 5, size_t(0), 3 * kChunkSize}) {
            m_source.addFile("/out/g", noise(2 * kChunkSize));
            const SourceRef g = source("/out/g");
            m_source.onSourceRead([&](const std::string&, uint64_t) { m_source.rewrite("/out/g", noise(length, 9)); });
            QCOMPARE(hashGroup(g, 0).error().code, Errc::SourceChanged);
            m_source.onSourceRead(nullptr);
        }
        QVERIFY(hashGroup(ref, 0));
    }

    void sourceFailuresKeepTheirCode() {
        m_source.addFile("/out/f", noise(100));
        const SourceRef ref = source("/out/f");
        m_source.failRead(1, Errc::Io);
        QCOMPARE(hashGroup(ref, 0).error().code, Errc::Io);
        m_source.setGone(true);
        QCOMPARE(hashGroup(ref, 0).error().code, Errc::VolumeGone);
    }

    void B9_chunksThatDoNotVerifyAreNeverWritten() {
        const uint64_t size = 5 * kChunkSize + 77;
        m_source.addFile("/out/f", noise(size));
        const SourceRef ref = source("/out/f");
        QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", size, false}));
        const Arrived good = arrive(*readChunk(ref, 2));
        const auto refused = [&](const Arrived& frame) {
            const auto result = writeChunk(frame, size);
            return !result && result.error().code == Errc::VerificationFailed;
        };
        Arrived bent = good;
        bent.payload[kChunkSize / 2] ^= 1;
        QVERIFY(refused(bent));
        bent = good;
        std::get<ChunkHeader>(bent.header).groupRoot[0] ^= 1;
        QVERIFY(refused(bent));
        bent = good;
        std::get<ChunkHeader>(bent.header).chunk = 3; // right content at another place
        QVERIFY(refused(bent));
        bent = good;
        std::get<ChunkHeader>(bent.header).proof.pop_back();
        QVERIFY(refused(bent));
        bent = good;
        bent.payload = arrive(*readChunk(ref, 1)).payload; // swapped
        QVERIFY(refused(bent));
        QCOMPARE(m_target.content("/in/.x.part")->size(), size_t(0));
        QVERIFY(writeChunk(good, size));
    }

    void B8_chunksThatDoNotFitTheirFileAreRefused() {
        const uint64_t size = kChunkSize + 10;
        m_source.addFile("/out/f", noise(size));
        QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", size, false}));
        const Arrived last = arrive(*readChunk(source("/out/f"), 1));
        const auto refused = [&](const Arrived& frame, uint64_t fileSize) {
            const auto result = writeChunk(frame, fileSize);
            return !result && result.error().code == Errc::ProtocolViolation;
        };
        QVERIFY(refused(last, size - 1));
        QVERIFY(refused(last, size + 1));
        QVERIFY(refused(last, kChunkSize)); // beyond the end
        QVERIFY(refused(last, 0));
        Arrived cut = last;
        cut.payload.pop_back();
        QVERIFY(refused(cut, size));
        QVERIFY(writeChunk(last, size));
    }

    void twoChunksAreWrittenInOneGo() {
        const uint64_t size = 3 * kChunkSize + 5;
        m_source.addFile("/out/f", noise(size));
        m_source.addFile("/out/g", prose(size));
        for (const char* part : {".x.part", ".y.part"})
            QVERIFY(receive<PartReady>(PreparePartJob{m_destination, part, size, false}));
        const auto ofF = [&](uint32_t chunk) { return arrive(*readChunk(source("/out/f"), chunk)); };
        const auto ofG = [&](uint32_t chunk) { return arrive(*readChunk(source("/out/g"), chunk)); };
        const std::vector<WriteChunkPairJob> pairs{
            {{chunkJob(ofF(3), size, ".x.part"), chunkJob(ofF(0), size, ".x.part")}},
            {{chunkJob(ofF(1), size, ".x.part"), chunkJob(ofG(2), size, ".y.part")}},
            {{chunkJob(ofG(0), size, ".y.part"), chunkJob(ofF(2), size, ".x.part")}},
            {{chunkJob(ofG(3), size, ".y.part"), chunkJob(ofG(1), size, ".y.part")}}};
        for (const WriteChunkPairJob& pair : pairs) {
            const auto written = receive<PairWritten>(pair);
            QVERIFY(written && written->chunks[0] && written->chunks[1]);
        }
        QVERIFY(m_target.content("/in/.x.part") == m_source.content("/out/f"));
        QVERIFY(m_target.content("/in/.y.part") == m_source.content("/out/g"));
    }

    void B9_ofTwoChunksEachIsJudgedAlone() {
        const uint64_t size = 2 * kChunkSize;
        m_source.addFile("/out/f", noise(size));
        const Arrived good = arrive(*readChunk(source("/out/f"), 0));
        Arrived flipped = arrive(*readChunk(source("/out/f"), 1));
        flipped.payload[77] ^= 1;
        Arrived cut = flipped;
        cut.payload.pop_back();
        for (const bool first : {true, false})
            for (const auto& [bad, code] :
                 {std::pair(flipped, Errc::VerificationFailed), std::pair(cut, Errc::ProtocolViolation)}) {
                QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", size, false}));
                WriteChunkPairJob pair{{chunkJob(good, size, ".x.part"), chunkJob(bad, size, ".x.part")}};
                if (first) std::swap(pair.chunks[0], pair.chunks[1]);
                const auto written = receive<PairWritten>(pair);
                QVERIFY(written);
                QVERIFY(written->chunks[first ? 1 : 0]);
                QCOMPARE(written->chunks[first ? 0 : 1].error().code, code);
                QVERIFY(m_target.content("/in/.x.part") == toBytes(ByteView(noise(size)).first(kChunkSize)));
            }
    }

    void ofTwoChunksTheOneWithoutAPartFailsAlone() {
        const uint64_t size = 2 * kChunkSize;
        m_source.addFile("/out/f", noise(size));
        const Arrived frame = arrive(*readChunk(source("/out/f"), 0));
        QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", size, false}));
        const auto written = receive<PairWritten>(
            WriteChunkPairJob{{chunkJob(frame, size, ".gone.part"), chunkJob(frame, size, ".x.part")}});
        QVERIFY(written);
        QCOMPARE(written->chunks[0].error().code, Errc::NotFound);
        QVERIFY(written->chunks[1]);
    }

    void F6_aChunkThatExpandsBeyondItsLengthIsRefused() {
        const uint64_t size = 2 * kChunkSize;
        m_source.addFile("/out/f", prose(size));
        QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", size, false}));
        const Arrived good = arrive(*readChunk(source("/out/f"), 0));
        for (const size_t expanded : {kChunkSize + 1, kChunkSize - 1, 16 * kChunkSize}) {
            const Bytes content = prose(expanded);
            Arrived bomb = good;
            bomb.payload.resize(kChunkSize);
            const int length =
                LZ4_compress_default(reinterpret_cast<const char*>(content.data()),
                                     reinterpret_cast<char*>(bomb.payload.data()), int(expanded), int(kChunkSize));
            QVERIFY(length > 0);
            bomb.payload.resize(size_t(length));
            std::get<ChunkHeader>(bomb.header).wireLength = uint32_t(length);
            const auto result = writeChunk(bomb, size);
            QVERIFY(!result);
            QCOMPARE(result.error().code, Errc::VerificationFailed);
        }
        QCOMPARE(m_target.content("/in/.x.part")->size(), size_t(0));
        QVERIFY(writeChunk(good, size));
    }

    void smallFilesGoThroughBatchesAndArePublishedAsAGroup() {
        std::vector<std::string> paths;
        for (int i = 0; i < 40; ++i) {
            paths.push_back("/out/s" + std::to_string(i));
            m_source.addFile(paths.back(), i % 3 ? prose(size_t(i) * 50) : noise(size_t(i) * 50), kTime);
        }
        const BatchReady ready = readBatch(paths);
        QCOMPARE(ready.entries.size(), paths.size());
        QVERIFY(ready.failures.empty());
        const auto written = receive<FilesWritten>(batchJob(ready));
        QVERIFY(written && written->failures.empty());
        const auto published = receive<FilesWritten>(PublishGroupJob{m_destination, items(40)});
        QVERIFY(published && published->failures.empty());
        MemoryStorage::Tree sent = m_source.tree("/out");
        QVERIFY(m_target.tree("/in") == sent);
    }

    void batchesAtTheirBoundsWork() {
        std::vector<std::string> many;
        for (size_t i = 0; i < kMaxBatchFiles; ++i) {
            many.push_back("/out/e" + std::to_string(i));
            m_source.addFile(many.back(), i % 2 ? Bytes{} : Bytes{1});
        }
        const BatchReady ready = readBatch(many, false);
        QCOMPARE(ready.frame.frame.size(), size_t(1)); // little content: a copy of its own size, no Block is kept
        QCOMPARE(ready.frame.frame[0].block->capacity(), ready.frame.frame[0].length);
        QVERIFY(receive<FilesWritten>(batchJob(ready))->failures.empty());

        std::vector<std::string> half;
        for (size_t i = 0; i < 600; ++i) {
            half.push_back("/out/h" + std::to_string(i));
            m_source.addFile(half.back(), noise(300, uint32_t(i)));
        }
        const BatchReady longHeader = readBatch(half, false);
        QCOMPARE(longHeader.frame.frame.size(),
                 size_t(2)); // the header is longer than the room in front of the payload
        QVERIFY(receive<FilesWritten>(batchJob(longHeader))->failures.empty());

        std::vector<std::string> large;
        for (size_t i = 0; i < kChunkSize / kSmallFileMax; ++i) {
            large.push_back("/out/l" + std::to_string(i));
            m_source.addFile(large.back(), noise(kSmallFileMax, uint32_t(i)));
        }
        const BatchReady full = readBatch(large);
        QCOMPARE(full.frame.plainLength, uint32_t(kChunkSize));
        QVERIFY(receive<FilesWritten>(batchJob(full))->failures.empty());

        m_source.addFile("/out/empty", {});
        const BatchReady nothing = readBatch({"/out/empty"});
        QCOMPARE(nothing.frame.plainLength, 0u);
        QVERIFY(receive<FilesWritten>(batchJob(nothing))->failures.empty());
    }

    void filesThatChangeAreLeftOutOfTheirBatch() {
        m_source.addFile("/out/a", prose(10));
        m_source.addFile("/out/b", prose(20));
        ReadBatchJob job{{{0, source("/out/a")}, {1, source("/out/b")}}, true};
        m_source.addFile("/out/a", prose(11));
        auto ready = send<BatchReady>(job);
        QVERIFY(ready);
        QCOMPARE(ready->failures.size(), size_t(1));
        QCOMPARE(ready->failures[0].entry, 0u);
        QCOMPARE(ready->failures[0].error.code, Errc::SourceChanged);
        QVERIFY(ready->entries == std::vector<uint32_t>{1});
        QVERIFY(receive<FilesWritten>(batchJob(*ready))->failures.empty());
        QVERIFY(m_target.content("/in/.s1.part") == prose(20));
        m_source.remove("/out/b");
        ready = send<BatchReady>(job);
        QVERIFY(ready && ready->frame.frame.empty());
        QCOMPARE(ready->failures.size(), size_t(2));
    }

    void B9_aSmallFileThatDoesNotMatchItsDigestIsNotWritten() {
        m_source.addFile("/out/a", noise(1000, 1));
        m_source.addFile("/out/b", noise(1000, 2));
        WriteBatchJob job = batchJob(readBatch({"/out/a", "/out/b"}));
        job.header.files[0].digest[5] ^= 1;
        const auto written = receive<FilesWritten>(job);
        QVERIFY(written);
        QCOMPARE(written->failures.size(), size_t(1));
        QCOMPARE(written->failures[0].error.code, Errc::VerificationFailed);
        QVERIFY(!m_target.exists("/in/.s0.part"));
        QVERIFY(m_target.exists("/in/.s1.part"));
    }

    void aLeftOverPartOfASmallFileGivesWay() {
        m_source.addFile("/out/a", noise(1000));
        m_target.addFile("/in/.s0.part", noise(5000, 4));
        QVERIFY(receive<FilesWritten>(batchJob(readBatch({"/out/a"})))->failures.empty());
        QVERIFY(m_target.content("/in/.s0.part") == noise(1000));
    }

    void B2_linksInTheWayAreNeverWrittenThrough() {
        m_target.addFile("/secret", prose(10));
        m_target.addLink("/in/.x.part", "/secret");
        m_target.addLink("/in/folder", "/elsewhere");
        m_target.addFolder("/elsewhere");
        m_source.addFile("/out/f", noise(100'000));
        QVERIFY(!writeChunk(arrive(*readChunk(source("/out/f"), 0)), 100'000));
        QVERIFY(!receive<Written>(MakeFoldersJob{m_destination, {"folder/below"}}));
        QVERIFY(!receive<PartReady>(PreparePartJob{m_destination, "folder/.y.part", 10, false}));
        QVERIFY(m_target.content("/secret") == prose(10));
        QVERIFY(m_target.tree("/elsewhere").empty());
    }

    void whatHasTheNameOfAPartGivesWayUnlessItIsAFolder() {
        m_target.addFile("/secret", prose(10));
        for (const bool resume : {false, true}) {
            m_target.remove("/in/.x.part");
            m_target.addLink("/in/.x.part", "/secret");
            const auto part = receive<PartReady>(PreparePartJob{m_destination, ".x.part", 10, resume});
            QVERIFY(part && !part->existed);
            for (const MemoryStorage::Kind kind :
                 {MemoryStorage::Kind::Fifo, MemoryStorage::Kind::Socket, MemoryStorage::Kind::Device}) {
                m_target.remove("/in/.x.part");
                m_target.addSpecial("/in/.x.part", kind);
                const auto anew = receive<PartReady>(PreparePartJob{m_destination, ".x.part", 10, resume});
                QVERIFY(anew && !anew->existed);
            }
            m_target.addFile("/in/.y.part/mine", prose(20));
            const auto folder = receive<PartReady>(PreparePartJob{m_destination, ".y.part", 10, resume});
            QCOMPARE(folder.error().code, Errc::Exists);
        }
        QVERIFY(m_target.content("/secret") == prose(10));
        QVERIFY(m_target.content("/in/.y.part/mine") == prose(20));
    }

    void looksAnswerEveryName() {
        m_target.addFile("/in/file", prose(10), kTime);
        m_target.addFolder("/in/folder");
        m_target.addLink("/in/link", "/x");
        const auto look =
            receive<LookOutcome>(LookJob{m_destination, {"file", "folder", "link", "none", "none/below"}});
        QVERIFY(look);
        QCOMPARE(look->existing.size(), size_t(5));
        QCOMPARE(look->existing[0]->size, uint64_t(10));
        QCOMPARE(look->existing[0]->modifiedNs, kTime);
        QVERIFY(look->existing[1]->isFolder);
        QVERIFY(look->existing[2]->isSpecial);
        QVERIFY(!look->existing[3]);
        QVERIFY(!look->existing[4]);
        QVERIFY(look->freeBytes > 0);
    }

    void partsAreReopenedOnlyWhenResuming() {
        m_target.addFile("/in/.x.part", prose(100));
        QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", 100, true})->existed);
        QVERIFY(m_target.content("/in/.x.part") == prose(100));
        QVERIFY(!receive<PartReady>(PreparePartJob{m_destination, ".x.part", 100, false})->existed);
        QVERIFY(m_target.content("/in/.x.part")->empty());
        QVERIFY(!receive<PartReady>(PreparePartJob{m_destination, ".y.part", 100, true})->existed);
        QVERIFY(m_target.exists("/in/.y.part"));
    }

    void claimsAreHashedAgain() {
        const uint64_t size = 6 * kChunkSize + 9;
        Bytes content = noise(size);
        m_source.addFile("/out/f", content);
        const ChunkRoots roots = *hashGroup(source("/out/f"), 0);
        content[kChunkSize + 5] ^= 1;                    // chunk 1 is damaged
        content.resize(5 * kChunkSize + kChunkSize / 2); // chunk 5 is cut, chunk 6 is not there
        m_target.addFile("/in/.x.part", content);
        CheckGroupJob job{m_destination, ".x.part", size, 0, {true, true, false, true, true, true, true}, roots};
        const auto checked = receive<GroupChecked>(job);
        QVERIFY(checked);
        QVERIFY(checked->good == (std::vector<bool>{true, false, false, true, true, false, false}));
        job.part = ".none.part";
        QVERIFY(receive<GroupChecked>(job)->good == std::vector<bool>(7, false));
        job.claimed.pop_back();
        QCOMPARE(receive<GroupChecked>(job).error().code, Errc::ProtocolViolation);
    }

    void chunksOfZerosReplaceWhatIsInAPart() {
        Bytes content = noise(3 * kChunkSize + 100);
        std::fill_n(content.begin() + kChunkSize, 2 * kChunkSize + 100, uint8_t(0)); // up to the end
        m_source.addFile("/out/f", content);
        for (const bool stale : {false, true}) {
            m_target.remove("/in/.x.part");
            if (stale) m_target.addFile("/in/.x.part", noise(content.size(), 9)); // of another version
            QCOMPARE(receive<PartReady>(PreparePartJob{m_destination, ".x.part", content.size(), true})->existed, stale);
            for (uint32_t chunk = 0; chunk < 4; ++chunk)
                QVERIFY(writeChunk(arrive(*readChunk(source("/out/f"), chunk)), content.size()));
            QVERIFY(m_target.content("/in/.x.part") == content);
        }
    }

    void publishingNeverReplacesUnlessAsked() {
        m_target.addFile("/in/taken", prose(50));
        m_source.addFile("/out/f", noise(200'000));
        QCOMPARE(carry(source("/out/f"), "taken").error().code, Errc::Exists);
        QVERIFY(m_target.content("/in/taken") == prose(50));
        QVERIFY(m_target.exists("/in/.x.part")); // kept
        FinishFileJob replace{m_destination, ".x.part",           "taken",
                              200'000,       kTime,               false,
                              OnExisting::Replace, digestOf(noise(200'000))};
        QVERIFY(receive<FilesWritten>(replace));
        QVERIFY(m_target.content("/in/taken") == noise(200'000));
        m_target.addFolder("/in/folder");
        m_target.addFile("/in/.x.part", prose(5));
        replace = {m_destination, ".x.part", "folder", 5, kTime, false, OnExisting::Replace, digestOf(prose(5))};
        QCOMPARE(receive<FilesWritten>(replace).error().code, Errc::Exists);
    }

    void onlyTheFileThatIsTakenFailsInAGroup() {
        for (int i = 0; i < 4; ++i) m_target.addFile("/in/.s" + std::to_string(i) + ".part", prose(size_t(i) + 1));
        m_target.addFile("/in/s2", prose(99));
        const auto published = receive<FilesWritten>(PublishGroupJob{m_destination, items(5)});
        QVERIFY(published);
        QCOMPARE(published->failures.size(), size_t(2));
        QCOMPARE(published->failures[0].entry, 2u);
        QCOMPARE(published->failures[0].error.code, Errc::Exists);
        QCOMPARE(published->failures[1].entry, 4u);
        QCOMPARE(published->failures[1].error.code, Errc::NotFound);
        QVERIFY(m_target.content("/in/s3") == prose(4));
        QVERIFY(m_target.content("/in/s2") == prose(99));
    }

    void whatAnEarlierAttemptPublishedCountsAsPublished() {
        m_target.addFile("/in/s0", prose(30), kTime);
        m_target.addFile("/in/.s0.part", prose(30), kTime);
        QVERIFY(receive<FilesWritten>(PublishGroupJob{m_destination, items(1)})->failures.empty());
        QVERIFY(m_target.parts("/in").empty());
        for (const auto& [content, time] :
             {std::pair(noise(30), kTime), std::pair(prose(31), kTime), std::pair(prose(30), kTime + 1)}) {
            m_target.addFile("/in/.s0.part", content, time);
            QCOMPARE(receive<FilesWritten>(PublishGroupJob{m_destination, items(1)})->failures.size(), size_t(1));
        }
        const Bytes large = noise(3 * kChunkSize);
        m_source.addFile("/out/f", large);
        QVERIFY(carry(source("/out/f"), "f"));
        QVERIFY(carry(source("/out/f"), "f"));
        QVERIFY(m_target.content("/in/f") == large);
    }

    void volumesThatCannotBeSyncedAsOneAreSyncedFileByFile() {
        m_target.setCanSyncVolume(false);
        for (int i = 0; i < 3; ++i) m_source.addFile("/out/s" + std::to_string(i), noise(500, uint32_t(i)), kTime);
        QVERIFY(receive<FilesWritten>(batchJob(readBatch({"/out/s0", "/out/s1", "/out/s2"})))->failures.empty());
        QVERIFY(receive<FilesWritten>(PublishGroupJob{m_destination, items(3)})->failures.empty());
        m_target.powerCut(1);
        QVERIFY(m_target.tree("/in") == m_source.tree("/out"));
    }

    void B11_everyFailureOfTheDiskHasItsOwnCode() {
        m_source.addFile("/out/f", noise(300'000));
        const SourceRef ref = source("/out/f");
        m_target.setCapacity(200'000);
        QCOMPARE(receive<PartReady>(PreparePartJob{m_destination, ".x.part", 300'000, false}).error().code,
                 Errc::DiskFull);
        m_target.setCapacity(1'000'000);
        QVERIFY(receive<PartReady>(PreparePartJob{m_destination, ".x.part", 300'000, false}));
        const Arrived frame = arrive(*readChunk(ref, 0));
        m_target.setCapacity(100'000);
        QCOMPARE(writeChunk(frame, 300'000).error().code, Errc::DiskFull);
        m_target.setReadOnly(true);
        QCOMPARE(writeChunk(frame, 300'000).error().code, Errc::ReadOnly);
        m_target.setGone(true);
        QCOMPARE(writeChunk(frame, 300'000).error().code, Errc::VolumeGone);
        m_target.setGone(false);
        m_target.setReadOnly(false);
        m_target.setCapacity(1'000'000);
        QVERIFY(writeChunk(frame, 300'000));
        m_target.setOnlyPortableNames(true);
        QCOMPARE(receive<PartReady>(PreparePartJob{m_destination, "aux.c", 1, false}).error().code,
                 Errc::UnportableName);
    }

    void B11_afterTheVolumeFailsNoOtherFileOfABatchIsTried() {
        for (int i = 0; i < 5; ++i) m_source.addFile("/out/s" + std::to_string(i), noise(500, uint32_t(i)), kTime);
        const BatchReady ready = readBatch({"/out/s0", "/out/s1", "/out/s2", "/out/s3", "/out/s4"});
        m_target.failChange(3 * 2 + 1, Errc::DiskFull); // create, write and finish of two files go through
        const auto written = receive<FilesWritten>(batchJob(ready));
        QVERIFY(written);
        QCOMPARE(written->failures.size(), size_t(3));
        for (const FileFailure& failure : written->failures) QCOMPARE(failure.error.code, Errc::DiskFull);
        m_target.failChange(1, Errc::PermissionDenied); // one file's own failure: the others go on
        QCOMPARE(receive<FilesWritten>(batchJob(ready))->failures.size(), size_t(1));
    }

    void B12_aFailureAtAnyChangeLeavesNothingThatLooksComplete() {
        const Bytes content = noise(2 * kChunkSize + 100);
        m_source.addFile("/out/f", content);
        const SourceRef ref = source("/out/f");
        for (uint64_t nth = 1;; ++nth) {
            m_target.remove("/in/f");
            m_target.failChange(nth, Errc::Io);
            const auto first = carry(ref, "f");
            m_target.failChange(0, Errc::Io);
            const auto there = m_target.content("/in/f");
            if (there) QVERIFY(*there == content);
            if (first) {
                QVERIFY(there);
                break;
            }
            const auto second = carry(ref, "f"); // and the next attempt goes through
            QVERIFY2(second, second ? "" : second.error().text().c_str());
            QVERIFY(m_target.content("/in/f") == content);
            QVERIFY(nth < 100);
        }
    }

    void B12_aPowerCutNeverLeavesAWrongFileUnderItsName() {
        const Bytes content = noise(kChunkSize + 100'000);
        m_source.addFile("/out/f", content);
        for (int i = 0; i < 8; ++i)
            m_source.addFile("/out/s" + std::to_string(i), noise(9000, uint32_t(i) + 50), kTime);
        const SourceRef ref = source("/out/f");
        std::vector<std::string> small;
        for (int i = 0; i < 8; ++i) small.push_back("/out/s" + std::to_string(i));
        const BatchReady ready = readBatch(small);
        for (uint64_t seed = 1; seed < 400; ++seed) {
            m_target = MemoryStorage();
            m_target.addFolder("/in");
            m_destination = *receive<DestinationPtr>(OpenDestinationJob{"/in"});
            m_target.setCanSyncVolume(seed % 2);
            m_target.failChange(1 + seed % 55, Errc::Io, MemoryStorage::Repeat::Forever); // the lights go out here
            const bool groupDone = receive<FilesWritten>(batchJob(ready)).has_value() && [&] {
                const auto published = receive<FilesWritten>(PublishGroupJob{m_destination, items(8)});
                return published && published->failures.empty();
            }();
            const bool fileDone = carry(ref, "f").has_value();
            m_target.failChange(0, Errc::Io);
            m_target.powerCut(seed);
            const MemoryStorage::Tree sent = m_source.tree("/out");
            size_t found = 0;
            for (const auto& [name, entry] : m_target.tree("/in")) {
                if (name.ends_with(".part")) continue;
                ++found;
                QVERIFY2(entry.content == sent.at(name).content, name.c_str());
                QCOMPARE(entry.modifiedNs, kTime);
            }
            QVERIFY(found >= (groupDone ? 8u : 0u) + (fileDone ? 1u : 0u)); // what was said to be done is there
        }
    }

    void foldersPartsAndTimes() {
        QVERIFY(receive<Written>(MakeFoldersJob{m_destination, {"a", "a/b", "a/b/c", "a"}}));
        QVERIFY(m_target.exists("/in/a/b/c"));
        m_target.addFile("/in/x", prose(1));
        QCOMPARE(receive<Written>(MakeFoldersJob{m_destination, {"x"}}).error().code, Errc::Exists);
        QVERIFY(receive<Written>(FolderTimesJob{m_destination, {{"a/b", 5}, {"a", 6}}}));
        QCOMPARE((*m_destination->look("a"))->modifiedNs, int64_t(6));
        QVERIFY(!receive<Written>(FolderTimesJob{m_destination, {{"none", 5}}}));
        m_target.addFile("/in/.y.part", prose(1));
        QVERIFY(receive<Written>(RemovePartsJob{m_destination, {".y.part", ".none.part"}}));
        QVERIFY(m_target.parts("/in").empty());
        m_target.setReadOnly(true);
        m_target.addFile("/in/.y.part", prose(1));
        QCOMPARE(receive<Written>(RemovePartsJob{m_destination, {".y.part"}}).error().code, Errc::ReadOnly);
    }

    void B4_aScanSkipsAndNamesWhatIsNoFile() {
        m_source.addFile("/out/t/a", prose(3), kTime, true);
        m_source.addFolder("/out/t/empty");
        m_source.addLink("/out/t/link", "/etc/passwd");
        m_source.addSpecial("/out/t/pipe", MemoryStorage::Kind::Fifo);
        m_source.addFile("/other/t", prose(4));
        const auto sent = send<SourceManifestPtr>(ScanJob{{"/out/t", "/other/t"}});
        QVERIFY(sent);
        const SourceManifest& source = **sent;
        QVERIFY(source.askedPaths() == (std::vector<std::string>{"/out/t", "/other/t"}));
        std::vector<std::string> paths;
        for (uint32_t i = 0; i < source.manifest().count(); ++i) paths.push_back(source.manifest().path(i));
        QVERIFY(paths == (std::vector<std::string>{"t", "t/a", "t/empty", "t (1)"}));
        QVERIFY(source.manifest().entry(1).executable);
        QCOMPARE(source.source(3).rootPath, std::string("/other/t"));
        QCOMPARE(source.skippedCount(), uint64_t(2));
        QVERIFY(!send<SourceManifestPtr>(ScanJob{{"/nothing"}}));
    }
};

QTEST_APPLESS_MAIN(JobsTest)
#include "jobs_test.moc"
