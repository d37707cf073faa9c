#include "codec/codec_limits.h"
#include "codec/lz4_block.h"

#include <QtTest>
#include <random>

using namespace wherry;
using namespace wherry::codec;

namespace {

constexpr size_t kSize = 256 * 1024;

Bytes noise(size_t size) {
    std::mt19937 generator(1);
    Bytes bytes(size);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(generator());
    return bytes;
}

Bytes prose(size_t size) {
    Bytes bytes;
    for (int i = 0; bytes.size() < size; ++i)
        append(bytes, asBytes("The ferry crosses for the " + std::to_string(i) + "th time. "));
    bytes.resize(size);
    return bytes;
}

std::optional<Bytes> compressed(const Bytes& content) {
    Bytes out(lz4Room(content.size()));
    const auto length = lz4Compress(content, out);
    if (!length) return std::nullopt;
    out.resize(*length);
    return out;
}

} // namespace

class Lz4BlockTest : public QObject {
    Q_OBJECT
  private slots:
    void textShrinksAndComesBack();
    void noiseIsNotWorthIt();
    void itMustShrinkByASixteenth();
    void contentOfAnotherLengthThanCommittedIsRefused();
    void aBombIsCutOffAtItsCommittedLength();
    void aDamagedBlockIsRefusedOrHasTheRightLength();
    void emptyAndOverlongInputsAreRefused();
};

void Lz4BlockTest::textShrinksAndComesBack() {
    for (const size_t size : {size_t{100}, size_t{4096}, kSize}) {
        const Bytes content = prose(size);
        const auto block = compressed(content);
        QVERIFY(block);
        QVERIFY(block->size() <= size - size / 16);
        Bytes back(size);
        QVERIFY(lz4Decompress(*block, back));
        QCOMPARE(back, content);
    }
}

void Lz4BlockTest::noiseIsNotWorthIt() {
    QVERIFY(!compressed(noise(kSize)));
    for (size_t size = 1; size < 40; ++size) QVERIFY(!compressed(noise(size)));
}

void Lz4BlockTest::itMustShrinkByASixteenth() {
    QCOMPARE(lz4Room(16), size_t{15});
    QCOMPARE(lz4Room(17), size_t{15});
    QCOMPARE(lz4Room(1), size_t{0});
    // Noise with a growing tail of zeros: from the first block that is returned on, every one saves at least 1/16.
    bool worthIt = false;
    for (size_t zeros = 0; zeros <= 1024; zeros += 8) {
        Bytes content = noise(8192);
        std::fill(content.end() - static_cast<std::ptrdiff_t>(zeros), content.end(), uint8_t{0});
        const auto block = compressed(content);
        if (block) QVERIFY(block->size() <= 8192 - 512);
        QVERIFY(block || !worthIt);
        worthIt = block.has_value();
        if (zeros <= 512) QVERIFY(!block);
    }
    QVERIFY(worthIt);
}

void Lz4BlockTest::contentOfAnotherLengthThanCommittedIsRefused() {
    const Bytes content = prose(5000);
    const Bytes block = *compressed(content);
    for (const size_t committed : {size_t{4999}, size_t{5001}, size_t{2500}, size_t{10000}}) {
        Bytes out(committed);
        QCOMPARE(lz4Decompress(block, out).error().code, Errc::Malformed);
    }
}

void Lz4BlockTest::aBombIsCutOffAtItsCommittedLength() {
    // 16 MiB of zeros fit into 64 KiB; the receiver has committed to 256 KiB.
    const Bytes bomb = *compressed(Bytes(16 * 1024 * 1024));
    QVERIFY(bomb.size() < kSize);
    Bytes out(kSize + 8, 0xee);
    QCOMPARE(lz4Decompress(bomb, MutableBytes(out).first(kSize)).error().code, Errc::Malformed);
    for (size_t i = kSize; i < out.size(); ++i) QCOMPARE(out[i], uint8_t{0xee});
}

void Lz4BlockTest::aDamagedBlockIsRefusedOrHasTheRightLength() {
    const Bytes content = prose(3000);
    const Bytes block = *compressed(content);
    Bytes out(content.size());
    for (size_t i = 0; i < block.size(); ++i) {
        QVERIFY(!lz4Decompress(ByteView(block).first(i), out));
        Bytes damaged = block;
        damaged[i] ^= 0x55;
        (void)lz4Decompress(damaged, out).has_value(); // either way nothing may be written beyond `out`
    }
}

void Lz4BlockTest::emptyAndOverlongInputsAreRefused() {
    Bytes out(10);
    QVERIFY(!lz4Decompress({}, out));
    QVERIFY(!lz4Decompress(Bytes(11), out));
    QCOMPARE(lz4Decompress(Bytes(1), {}).error().code, Errc::TooLarge);
}

QTEST_APPLESS_MAIN(Lz4BlockTest)
#include "lz4_block_test.moc"
