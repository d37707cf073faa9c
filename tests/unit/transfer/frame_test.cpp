#include "transfer/frame.h"
#include "transfer/transfer_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::transfer;

namespace {

crypto::Digest digestOf(uint8_t fill) {
    crypto::Digest digest;
    digest.fill(fill);
    return digest;
}

ChunkHeader someChunk() {
    ChunkHeader header;
    header.entry = 0x01020304 % kMaxEntries;
    header.chunk = 0x00a0b0c0;
    header.wireLength = 1000;
    header.plainLength = uint32_t(kChunkSize);
    header.compressed = true;
    header.groupRoot = digestOf(7);
    header.proof = {digestOf(1), digestOf(2), digestOf(3)};
    return header;
}

BatchHeader someBatch(size_t files) {
    BatchHeader header;
    for (size_t i = 0; i < files; ++i) header.files.push_back({uint32_t(i), uint32_t(i % 200), digestOf(uint8_t(i))});
    for (const BatchFile& file : header.files) header.plainLength += file.size;
    header.wireLength = header.plainLength;
    return header;
}

Errc failure(const Bytes& header) {
    const auto decoded = decodeFrameHeader(header);
    return decoded ? Errc::Internal : decoded.error().code;
}

void setU32(Bytes& header, size_t at, uint32_t value) {
    putBigEndian(MutableBytes(header).subspan(at), value);
}

} // namespace

class FrameTest : public QObject {
    Q_OBJECT

  private slots:
    void aChunkHeaderComesBackAsItWas() {
        for (size_t proof = 0; proof <= kMaxProofLength; ++proof) {
            ChunkHeader header = someChunk();
            header.proof.assign(proof, digestOf(uint8_t(proof)));
            const Bytes encoded = encodeFrameHeader(header);
            QCOMPARE(encoded.size(), 52 + 32 * proof);
            QCOMPARE(*frameHeaderSize(ByteView(encoded).first(kFramePrefixSize)), encoded.size());
            const auto decoded = decodeFrameHeader(encoded);
            QVERIFY(decoded);
            QVERIFY(std::get<ChunkHeader>(*decoded) == header);
        }
    }

    void aChunkThatGoesOnSaysWhere() {
        ChunkHeader header = someChunk();
        header.from = 999;
        const Bytes encoded = encodeFrameHeader(header);
        QCOMPARE(encoded.size(), size_t(56 + 3 * 32));
        QCOMPARE(*frameHeaderSize(ByteView(encoded).first(kFramePrefixSize)), encoded.size());
        const auto decoded = decodeFrameHeader(encoded);
        QVERIFY(decoded);
        QVERIFY(std::get<ChunkHeader>(*decoded) == header);
        for (const uint32_t from : {0U, 1000U, 1001U, UINT32_MAX}) {
            Bytes bad = encoded;
            setU32(bad, 52, from);
            QCOMPARE(failure(bad), Errc::Malformed);
        }
        Bytes batch = encodeFrameHeader(someBatch(2));
        batch[1] |= 2;
        QCOMPARE(failure(batch), Errc::Malformed);
    }

    void aBatchHeaderComesBackAsItWas() {
        for (size_t files : {size_t(1), size_t(2), kMaxBatchFiles}) {
            const BatchHeader header = someBatch(files);
            const Bytes encoded = encodeFrameHeader(header);
            QCOMPARE(encoded.size(), 12 + 40 * files);
            QCOMPARE(*frameHeaderSize(ByteView(encoded).first(kFramePrefixSize)), encoded.size());
            const auto decoded = decodeFrameHeader(encoded);
            QVERIFY(decoded);
            QVERIFY(std::get<BatchHeader>(*decoded) == header);
        }
    }

    void aBatchOfOnlyEmptyFilesIsFine() {
        BatchHeader header;
        header.files = {{3, 0, digestOf(1)}};
        QVERIFY(decodeFrameHeader(encodeFrameHeader(header)));
    }

    void F9_aHeaderCutAnywhereIsRefused() {
        for (const Bytes& whole : {encodeFrameHeader(someChunk()), encodeFrameHeader(someBatch(5))}) {
            for (size_t length = 0; length < whole.size(); ++length)
                QCOMPARE(failure(Bytes(whole.begin(), whole.begin() + ptrdiff_t(length))), Errc::Malformed);
            Bytes longer = whole;
            longer.push_back(0);
            QCOMPARE(failure(longer), Errc::Malformed);
        }
        const Bytes whole = encodeFrameHeader(someChunk());
        QVERIFY(!frameHeaderSize(ByteView(whole).first(kFramePrefixSize - 1)));
    }

    void F5_announcedCountsAboveTheirBoundAreRefusedFromThePrefixAlone() {
        Bytes prefix(kFramePrefixSize);
        prefix[0] = 1;
        putBigEndian(MutableBytes(prefix).subspan(2), uint16_t(kMaxProofLength));
        QVERIFY(frameHeaderSize(prefix));
        putBigEndian(MutableBytes(prefix).subspan(2), uint16_t(kMaxProofLength + 1));
        QCOMPARE(frameHeaderSize(prefix).error().code, Errc::TooLarge);
        putBigEndian(MutableBytes(prefix).subspan(2), uint16_t(0xffff));
        QCOMPARE(frameHeaderSize(prefix).error().code, Errc::TooLarge);
        prefix[0] = 2;
        QCOMPARE(frameHeaderSize(prefix).error().code, Errc::TooLarge);
        putBigEndian(MutableBytes(prefix).subspan(2), uint16_t(kMaxBatchFiles + 1));
        QCOMPARE(frameHeaderSize(prefix).error().code, Errc::TooLarge);
        putBigEndian(MutableBytes(prefix).subspan(2), uint16_t(kMaxBatchFiles));
        QVERIFY(frameHeaderSize(prefix));
        putBigEndian(MutableBytes(prefix).subspan(2), uint16_t(0));
        QCOMPARE(frameHeaderSize(prefix).error().code, Errc::Malformed);
        for (uint8_t type : {uint8_t(0), uint8_t(3), uint8_t(0xff)}) {
            prefix[0] = type;
            QCOMPARE(frameHeaderSize(prefix).error().code, Errc::Malformed);
        }
    }

    void F5_chunkLengthsAreBounded() {
        Bytes header = encodeFrameHeader(someChunk());
        setU32(header, 16, uint32_t(kChunkSize + 1)); // plain
        QCOMPARE(failure(header), Errc::TooLarge);
        setU32(header, 16, 0xffffffff);
        QCOMPARE(failure(header), Errc::TooLarge);
        setU32(header, 16, 0);
        QCOMPARE(failure(header), Errc::Malformed);
        setU32(header, 16, uint32_t(kChunkSize));
        setU32(header, 12, uint32_t(kChunkSize)); // a compressed chunk must be smaller
        QCOMPARE(failure(header), Errc::Malformed);
        setU32(header, 12, uint32_t(kChunkSize - 1));
        QVERIFY(decodeFrameHeader(header));
        setU32(header, 12, 0);
        QCOMPARE(failure(header), Errc::Malformed);
        setU32(header, 12, 0xffffffff);
        QCOMPARE(failure(header), Errc::Malformed);
        header[1] = 0; // a plain one must be as long as it says
        setU32(header, 12, uint32_t(kChunkSize - 1));
        QCOMPARE(failure(header), Errc::Malformed);
        setU32(header, 12, uint32_t(kChunkSize));
        QVERIFY(decodeFrameHeader(header));
    }

    void D6_integersAtTheirMaximumAreRefused() {
        Bytes header = encodeFrameHeader(someChunk());
        setU32(header, 4, kMaxEntries);
        QCOMPARE(failure(header), Errc::TooLarge);
        setU32(header, 4, kMaxEntries - 1);
        QVERIFY(decodeFrameHeader(header));
        setU32(header, 8, 0x80000000u);
        QCOMPARE(failure(header), Errc::TooLarge);
        setU32(header, 8, 0x7fffffffu);
        QVERIFY(decodeFrameHeader(header));
        Bytes batch = encodeFrameHeader(someBatch(3));
        setU32(batch, 12, 0xffffffff);
        QCOMPARE(failure(batch), Errc::TooLarge);
        setU32(batch, 12, 0);
        setU32(batch, 16, 0xffffffff); // a size that would wrap the sum in 32 bits
        QCOMPARE(failure(batch), Errc::TooLarge);
    }

    void B8_sizesOfABatchMustAddUp() {
        BatchHeader header = someBatch(4);
        header.files[2].size += 1;
        QCOMPARE(failure(encodeFrameHeader(header)), Errc::Malformed);
        header.files[2].size = uint32_t(kSmallFileMax);
        header.plainLength = header.wireLength = uint32_t(kSmallFileMax) + 0 + 1 + 3;
        QVERIFY(decodeFrameHeader(encodeFrameHeader(header)));
        header.files[2].size += 1;
        header.plainLength = header.wireLength += 1;
        QCOMPARE(failure(encodeFrameHeader(header)), Errc::TooLarge);
    }

    void unknownFlagsAreRefused() {
        for (const Bytes& good : {encodeFrameHeader(someChunk()), encodeFrameHeader(someBatch(2))}) {
            Bytes header = good;
            header[1] |= 0x02;
            QCOMPARE(failure(header), Errc::Malformed);
        }
    }
};

QTEST_APPLESS_MAIN(FrameTest)
#include "frame_test.moc"
