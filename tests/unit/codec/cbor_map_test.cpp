#include "codec/cbor_map.h"
#include "codec/codec_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::codec;

namespace {
Errc codeOf(const Bytes& in) {
    const auto map = decodeCborMap(in);
    return map ? Errc::Internal : map.error().code;
}
Errc codeOf(std::string_view hex) {
    return codeOf(fromHex(hex));
}
/// {"a": [[...]]} with so many arrays around a number.
Bytes nested(size_t depth) {
    Bytes out = {0xa1, 0x61, 'a'};
    out.insert(out.end(), depth, 0x81);
    out.push_back(0);
    return out;
}
/// {"a": [0, 0, ...]}
Bytes many(uint16_t count) {
    Bytes out = {0xa1, 0x61, 'a', 0x99, uint8_t(count >> 8), uint8_t(count)};
    out.resize(out.size() + count);
    return out;
}
} // namespace

class CborMapTest : public QObject {
    Q_OBJECT
  private slots:
    void numbersAndBytesOfAMapAreKept() {
        const auto map = decodeCborMap(fromHex("a461610561621903e861631bffffffffffffffff616443010203")).value();
        QCOMPARE(map.numbers, (decltype(map.numbers){{"a", 5}, {"b", 1000}, {"c", UINT64_MAX}}));
        QCOMPARE(map.bytes, (decltype(map.bytes){{"d", {1, 2, 3}}}));
        QVERIFY(decodeCborMap(fromHex("a0")).value() == CborMap{});
    }
    void everythingElseIsReadOver() {
        // {"t": "x", "n": -1, "l": [1, {"k": true}], "c": 42(h'00'), "f": 1.5, "z": null, "a": 7}
        const auto whole =
            decodeCborMap(fromHex("a761746178616e20616c8201a1616bf56163d82a41006166fb3ff8000000000000617af6616107"));
        QVERIFY(whole);
        QCOMPARE(whole->numbers, (decltype(whole->numbers){{"a", 7}}));
        QVERIFY(whole->bytes.empty());
    }
    void whatIsNotDagCborIsMalformed() {
        for (const char* hex : {"",
                                "01",
                                "8100",
                                "a1",
                                "a161",
                                "a16161",
                                "a1616143",
                                "a1616143aabb", // cut off, no map
                                "a1010a",
                                "a1410100", // keys of other kinds
                                "bf616101ff",
                                "a161619f01ff",
                                "a161615f4101ff", // indefinite
                                "a161611801",
                                "a16161190018",
                                "a161611a0000ffff", // longer than need be
                                "a161611b00000000ffffffff",
                                "b801616101",
                                "a161611c",
                                "a2616101616102",
                                "a16161a2616b01616b02", // a key twice
                                "a16161c100",
                                "a16161f7",
                                "a16161f93c00",
                                "a16161fa3fc00000",
                                "a16161f820",
                                "a161610100"}) // something after it
            QCOMPARE(codeOf(std::string_view(hex)), Errc::Malformed);
    }
    void itemsAndDepthAreBounded() {
        QVERIFY(decodeCborMap(nested(kMaxCborDepth - 1)));
        QCOMPARE(codeOf(nested(kMaxCborDepth)), Errc::TooLarge);
        const auto most = uint16_t(kMaxCborItems - 3); // the map, the key and the array
        QVERIFY(decodeCborMap(many(most)));
        QCOMPARE(codeOf(many(uint16_t(most + 1))), Errc::TooLarge);
        // A count or length that was never meant costs nothing.
        QCOMPARE(codeOf("bbffffffffffffffff"), Errc::Malformed);
        QCOMPARE(codeOf("a161615bffffffffffffffff"), Errc::Malformed);
        QCOMPARE(codeOf("a161619bffffffffffffffff"), Errc::Malformed);
    }
};

QTEST_APPLESS_MAIN(CborMapTest)
#include "cbor_map_test.moc"
