#include "wire/decode.h"
#include "wire/envelope.pb.h"
#include "wire/identify.pb.h"
#include "wire/keys.pb.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::wire;

namespace {

constexpr uint32_t kAddresses[] = {3};

Result<PeerRecord> decodeRecord(ByteView in, size_t maxFields, std::span<const uint32_t> nested = kAddresses) {
    return decode<PeerRecord>(in, {"peer record", 64 * 1024, maxFields, nested});
}

Bytes emptyAddresses(size_t count) {
    Bytes out;
    for (size_t i = 0; i < count; ++i) append(out, Bytes{0x1a, 0x00});
    return out;
}

} // namespace

class DecodeTest : public QObject {
    Q_OBJECT
  private slots:
    void aMessageGoesThereAndBack();
    void keysOfTypeZeroAreWrittenWithTheirType();
    void aMissingRequiredFieldIsMalformed();
    void bytesAreBounded();
    void elementsAreBoundedBeforeAnythingIsAllocated();
    void elementsInsideNamedFieldsCountToo();
    void depthIsBounded();
    void cutAndForeignInputIsMalformed();
    void unknownFieldsAreSkipped();
};

void DecodeTest::aMessageGoesThereAndBack() {
    PeerRecord record;
    record.set_peer_id("peer");
    record.set_seq(UINT64_MAX);
    record.add_addresses()->set_multiaddr("address");
    const auto back = decodeRecord(encode(record), 4);
    QVERIFY(back);
    QCOMPARE(back->peer_id(), std::string("peer"));
    QCOMPARE(back->seq(), UINT64_MAX);
    QCOMPARE(back->addresses(0).multiaddr(), std::string("address"));
    QCOMPARE(encode(PeerRecord()), Bytes());
    QVERIFY(decodeRecord({}, 0));
}

void DecodeTest::keysOfTypeZeroAreWrittenWithTheirType() {
    PublicKey key;
    key.set_type(RSA);
    key.set_data("x");
    QCOMPARE(toHex(encode(key)), std::string("0800120178"));
    key.set_type(Ed25519);
    QCOMPARE(toHex(encode(key)), std::string("0801120178"));
}

void DecodeTest::aMissingRequiredFieldIsMalformed() {
    const DecodeLimits limits{"key", 100, 2, {}};
    QVERIFY(decode<PublicKey>(fromHex("08011200"), limits));
    for (const char* bad : {"", "0801", "1200", "08041200"}) // the last: a type that does not exist
        QVERIFY2(decode<PublicKey>(fromHex(bad), limits).error().code == Errc::Malformed, bad);
}

void DecodeTest::bytesAreBounded() {
    Identify message;
    message.set_agent_version(std::string(100, 'a'));
    const Bytes bytes = encode(message);
    QVERIFY(decode<Identify>(bytes, {"identify", bytes.size(), 10, {}}));
    QCOMPARE(decode<Identify>(bytes, {"identify", bytes.size() - 1, 10, {}}).error().code, Errc::TooLarge);
}

void DecodeTest::elementsAreBoundedBeforeAnythingIsAllocated() {
    QVERIFY(decodeRecord(emptyAddresses(100), 100));
    QCOMPARE(decodeRecord(emptyAddresses(101), 100).error().code, Errc::TooLarge);
    QCOMPARE(decodeRecord(emptyAddresses(32 * 1024), 100).error().code, Errc::TooLarge);
}

void DecodeTest::elementsInsideNamedFieldsCountToo() {
    Bytes record{0x1a, 0x08};
    append(record, emptyAddresses(4));
    QVERIFY(decodeRecord(record, 5));
    QCOMPARE(decodeRecord(record, 4).error().code, Errc::TooLarge);
    QVERIFY(decodeRecord(record, 1, {}));
}

void DecodeTest::depthIsBounded() {
    Bytes nested;
    for (int depth = 0; depth < kMaxDecodeDepth; ++depth) {
        Bytes outer{0x1a, static_cast<uint8_t>(nested.size())};
        append(outer, nested);
        nested = outer;
    }
    const DecodeLimits limits{"peer record", 1000, 100, kAddresses};
    QVERIFY(scan(nested, limits));
    Bytes deeper{0x1a, static_cast<uint8_t>(nested.size())};
    append(deeper, nested);
    // The innermost of these is empty, so it is one level more that is refused.
    QCOMPARE(scan(deeper, limits).error().code, Errc::Malformed);
}

void DecodeTest::cutAndForeignInputIsMalformed() {
    for (const char* bad : {"0a",
                            "0a05",
                            "0a0561",
                            "08",
                            "09",
                            "0901",
                            "0d",
                            "0d010203",
                            "0b",
                            "0c",
                            "0e",
                            "0f",
                            "00",
                            "0200",
                            "80",
                            "ffffffffffffffffffff01",
                            "0affffffffffffffff7f",
                            "0affffffffffffffffff01",
                            "08ffffffffffffffffffff01",
                            "8080808080"
                            "0100"})
        QVERIFY2(scan(fromHex(bad), {"message", 1000, 100, {}}).error().code == Errc::Malformed, bad);
}

void DecodeTest::unknownFieldsAreSkipped() {
    // Fields 15 (number), 14 (64 bit), 13 (32 bit) and 12 (bytes) in front of the one that is known.
    QCOMPARE(decodeRecord(fromHex("7801"
                                  "710000000000000000"
                                  "6d00000000"
                                  "62026162"
                                  "0a0170"),
                          10)
                 ->peer_id(),
             std::string("p"));
}

QTEST_APPLESS_MAIN(DecodeTest)
#include "decode_test.moc"
