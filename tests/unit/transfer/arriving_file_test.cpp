#include "transfer/arriving_file.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::transfer;

namespace {

constexpr uint32_t kChunks = 4;
constexpr crypto::Digest kRoot{7};

ChunkHeader header(uint32_t chunk) {
    ChunkHeader header;
    header.chunk = chunk;
    header.plainLength = kChunkSize;
    header.groupRoot = kRoot;
    header.proof.resize(proofLength(chunk, kChunks));
    return header;
}

GroupBits bits(std::initializer_list<size_t> set) {
    GroupBits all;
    for (const size_t bit : set) all.set(bit);
    return all;
}

} // namespace

/// What is remembered of a chunked file for another attempt.
class ArrivingFileTest : public QObject {
    Q_OBJECT

  private slots:
    /// An attempt that ends before the roots of a group have come has not checked what it claims: none of it is lost.
    void whatIsClaimedIsRememberedUntilItIsChecked() {
        ArrivingFile file(uint64_t(kChunks) * kChunkSize);
        file.claim(0, bits({0, 1, 2}));
        QVERIFY(!file.changed());
        QCOMPARE(file.begin(header(3)).value(), ArrivingFile::Verdict::Take);
        QVERIFY(file.onVerified(3, kRoot));
        QVERIFY(file.takeChanged().at(0) == bits({0, 1, 2, 3}));
    }

    void aClaimThatDoesNotHoldIsForgotten() {
        ArrivingFile file(uint64_t(kChunks) * kChunkSize);
        file.claim(0, bits({0, 1, 2}));
        QVERIFY(file.onChecked(0, {true, false, true}) == bits({1}));
        QVERIFY(file.takeChanged().at(0) == bits({0, 2}));
    }
};

QTEST_APPLESS_MAIN(ArrivingFileTest)
#include "arriving_file_test.moc"
