#include "crypto/crypto_limits.h"
#include "crypto/sha256.h"

#include <QtTest>
#include <thread>

using namespace wherry;
using namespace wherry::crypto;

namespace {

Bytes pattern(size_t size, size_t seed) {
    Bytes bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 31 + seed * 7 + (i >> 8));
    return bytes;
}

Digest leafDigest(ByteView message) {
    Bytes leaf{0x00};
    append(leaf, message);
    return sha256(leaf);
}

/// Whether sha256Leaves agrees with hashing one after another, for messages of these sizes.
bool agree(const std::vector<size_t>& sizes) {
    std::vector<Bytes> messages;
    for (const size_t size : sizes) messages.push_back(pattern(size, messages.size()));
    const std::vector<ByteView> views(messages.begin(), messages.end());
    std::vector<Digest> digests(views.size());
    sha256Leaves(views, digests);
    for (size_t i = 0; i < views.size(); ++i)
        if (digests[i] != leafDigest(views[i])) return false;
    return true;
}

} // namespace

class Sha256Test : public QObject {
    Q_OBJECT
  private slots:
    void theVectorsOfFips180Hold();
    void piecesMakeTheSameDigestAsTheWhole();
    void anObjectStartsAnewAfterItsDigest();
    void anyNumberOfLeavesHashesAsOneAfterAnother();
    void leavesOfDifferentAndOddLengthsHashToo();
    void leavesLongerThanALaneHashToo();
    void everyThreadHasLanesOfItsOwn();
    void theBackendHasAName();
};

void Sha256Test::theVectorsOfFips180Hold() {
    QCOMPARE(toHex(sha256({})), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    QCOMPARE(toHex(sha256(asBytes("abc"))),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QCOMPARE(toHex(sha256(asBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
             std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    QCOMPARE(toHex(sha256(Bytes(1'000'000, 'a'))),
             std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

void Sha256Test::piecesMakeTheSameDigestAsTheWhole() {
    const Bytes whole = pattern(1000, 1);
    for (const size_t step : {1, 63, 64, 65, 999}) {
        Sha256 hash;
        for (size_t at = 0; at < whole.size(); at += step)
            hash.update(ByteView(whole).subspan(at, std::min(step, whole.size() - at)));
        QCOMPARE(hash.finish(), sha256(whole));
    }
}

void Sha256Test::anObjectStartsAnewAfterItsDigest() {
    Sha256 hash;
    QCOMPARE(hash.update(asBytes("abc")).finish(), sha256(asBytes("abc")));
    QCOMPARE(hash.update({}).finish(), sha256({}));
    QCOMPARE(hash.update(asBytes("ab")).update(asBytes("c")).finish(), sha256(asBytes("abc")));
}

void Sha256Test::anyNumberOfLeavesHashesAsOneAfterAnother() {
    for (size_t count = 0; count <= 40; ++count) QVERIFY(agree(std::vector<size_t>(count, 1000)));
    QVERIFY(agree(std::vector<size_t>(8, kMaxLaneMessageBytes)));
    QVERIFY(agree(std::vector<size_t>(17, kMaxLaneMessageBytes)));
}

void Sha256Test::leavesOfDifferentAndOddLengthsHashToo() {
    std::vector<size_t> sizes;
    for (size_t size = 0; size <= 200; ++size) sizes.push_back(size);
    QVERIFY(agree(sizes));
    QVERIFY(agree({32768, 0, 1, 32767, 32704, 55, 56, 63, 64, 5000, 1, 1, 1, 1, 1, 32768, 12}));
}

void Sha256Test::leavesLongerThanALaneHashToo() {
    QVERIFY(agree({kMaxLaneMessageBytes + 1}));
    QVERIFY(agree({10, 20, kMaxLaneMessageBytes + 1, 30, 40, 300'000, 50}));
}

void Sha256Test::everyThreadHasLanesOfItsOwn() {
    std::vector<std::thread> threads;
    std::vector<char> good(4, 0);
    for (size_t i = 0; i < good.size(); ++i)
        threads.emplace_back([&good, i] { good[i] = agree(std::vector<size_t>(20 + i, 30000 + i)); });
    for (std::thread& thread : threads) thread.join();
    QVERIFY(std::all_of(good.begin(), good.end(), [](char each) { return each; }));
}

void Sha256Test::theBackendHasAName() {
    const std::string name = sha256LeavesBackend();
    QVERIFY(name == "gnutls" || name == "ipsec-mb");
}

QTEST_APPLESS_MAIN(Sha256Test)
#include "sha256_test.moc"
