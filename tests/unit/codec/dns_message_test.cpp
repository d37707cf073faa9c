#include "codec/dns_limits.h"
#include "codec/dns_message.h"
#include "support/seeded_random.h"

#include <QTest>

using namespace wherry;
using namespace wherry::codec;

namespace {

DnsName name(std::string_view text) {
    return DnsName::parse(text).value();
}

/// 12 bytes of header with these counts, and what follows in hexadecimal.
Bytes message(uint16_t questions, uint16_t answers, const std::string& hex) {
    Bytes out(12);
    out[2] = 0x84;
    putBigEndian(MutableBytes(out).subspan(4, 2), questions);
    putBigEndian(MutableBytes(out).subspan(6, 2), answers);
    append(out, fromHex(hex));
    return out;
}

Errc errorOf(ByteView bytes) {
    const auto decoded = decodeDnsMessage(bytes);
    return decoded ? Errc::Internal : decoded.error().code;
}

const std::string kService = "045f703270045f756470056c6f63616c00"; // _p2p._udp.local

} // namespace

class DnsMessageTest : public QObject {
    Q_OBJECT

  private slots:
    void theQueryOfLibp2pIsTheseBytes() {
        DnsMessage query;
        query.questions.push_back({name("_p2p._udp.local"), DnsType::Ptr, kDnsClassIn, false});
        const Bytes bytes = encodeDnsMessage(query);
        QCOMPARE(toHex(bytes), "000000000001000000000000" + kService + "000c0001");
        QCOMPARE(decodeDnsMessage(bytes).value(), query);
    }

    void anAnswerWithPtrTxtSrvAndAddressesIsTheseBytes() {
        DnsMessage answer;
        answer.isResponse = answer.isAuthoritative = true;
        answer.answers.push_back(
            {name("_p2p._udp.local"), kDnsClassIn, false, 120, DnsPtr{name("ab._p2p._udp.local")}});
        answer.additionals.push_back({name("ab.local"), kDnsClassIn, true, 120, DnsTxt{{"k=v", ""}}});
        answer.additionals.push_back({name("ab.local"), kDnsClassIn, true, 120, DnsSrv{1, 2, 4001, name("h.local")}});
        answer.additionals.push_back({name("h.local"), kDnsClassIn, true, 1, IpAddress::v4({192, 0, 2, 1})});
        answer.additionals.push_back({name("h.local"), kDnsClassIn, true, 1, parseIp("2001:db8::1").value()});
        const Bytes bytes = encodeDnsMessage(answer);
        const std::string ab = "026162056c6f63616c00", h = "0168056c6f63616c00";
        QCOMPARE(toHex(bytes), "000084000000000100000004" + kService + "000c00010000007800140261" + "62" + kService +
                                   ab + "00108001000000780005036b3d7600" + ab + "0021800100000078000f000100020fa1" + h +
                                   h + "0001800100000001" + "0004c0000201" + h + "001c800100000001" +
                                   "001020010db8000000000000000000000001");
        QCOMPARE(decodeDnsMessage(bytes).value(), answer);
        QCOMPARE(encodedSize(answer.answers[0]), 17u + 10u + 20u);
    }

    void compressedNamesAreReadWithoutRegardToCase() {
        // "_P2P._udp.local" PTR "x" + pointer to offset 12, and a pointer to that name's own label.
        const Bytes bytes = message(0, 2,
                                    "045f503250045f756470056c6f63616c00"
                                    "000c0001"
                                    "00000078"
                                    "0004"
                                    "0178c00c"
                                    "c027"
                                    "000c8001"
                                    "00000000"
                                    "0002"
                                    "c027");
        const auto decoded = decodeDnsMessage(bytes);
        QVERIFY2(decoded, decoded ? "" : decoded.error().text().c_str());
        QCOMPARE(decoded->answers[0].name, name("_p2p._UDP.local."));
        QCOMPARE(std::get<DnsPtr>(decoded->answers[0].data).target.text(), std::string("x._p2p._udp.local"));
        QCOMPARE(decoded->answers[1].name.text(), std::string("x._p2p._udp.local"));
        QVERIFY(decoded->answers[1].cacheFlush);
        QCOMPARE(std::get<DnsPtr>(decoded->answers[1].data).target, decoded->answers[1].name);
    }

    void pointersThatDoNotGoBackwardsAreRefused() {
        QCOMPARE(errorOf(message(1, 0, "c00c000c0001")), Errc::Malformed);     // to itself
        QCOMPARE(errorOf(message(1, 0, "c00e0000000c0001")), Errc::Malformed); // forwards
        QCOMPARE(errorOf(message(1, 0, "0161c00c000c0001")), Errc::Malformed); // a loop over its own label
        QCOMPARE(errorOf(message(1, 0, "c0")), Errc::Malformed);               // half a pointer
        QCOMPARE(errorOf(message(1, 0, "400161000c0001")), Errc::Malformed);   // the two reserved label kinds
        QCOMPARE(errorOf(message(1, 0, "800161000c0001")), Errc::Malformed);
        QCOMPARE(errorOf(message(1, 0, "0561")), Errc::Malformed); // a label behind the end
    }

    void sixteenPointersAreFollowedForANameAndNotOneMore() {
        const auto chain = [](size_t pointers) { // questions; each name is a pointer to the one before
            std::string hex = "0161" + std::string("00") + "000c0001";
            size_t before = 12;
            for (size_t i = 0, at = 12 + 7; i < pointers; ++i, at += 6) {
                hex += toHex(Bytes{0xC0, static_cast<uint8_t>(before)}) + "000c0001";
                before = at;
            }
            return message(static_cast<uint16_t>(pointers + 1), 0, hex);
        };
        const auto decoded = decodeDnsMessage(chain(kMaxDnsPointers));
        QVERIFY(decoded.has_value());
        QCOMPARE(decoded->questions.back().name, name("a"));
        QCOMPARE(errorOf(chain(kMaxDnsPointers + 1)), Errc::Malformed);
    }

    void aNameInsideRecordDataMayNotRunOverItsEnd() {
        // PTR whose data has 3 bytes, while the name has 4.
        QCOMPARE(errorOf(message(0, 1, "00000c000100000001000302616200")), Errc::Malformed);
        QCOMPARE(errorOf(message(0, 1, "00000c000100000001000502616200ff")), Errc::Malformed); // a byte too many
        QVERIFY(decodeDnsMessage(message(0, 1, "00000c000100000001000402616200")).has_value());
    }

    void namesUpTo255BytesAreReadAndNotOneMore() {
        std::string labels;
        for (int i = 0; i < 3; ++i) labels += "3f" + toHex(Bytes(63, 'a'));
        const std::string fits = labels + "3d" + toHex(Bytes(61, 'b')) + "00"; // 3 * 64 + 62 + 1
        const std::string tooLong = labels + "3e" + toHex(Bytes(62, 'b')) + "00";
        QVERIFY(decodeDnsMessage(message(1, 0, fits + "000c0001")).has_value());
        QCOMPARE(errorOf(message(1, 0, tooLong + "000c0001")), Errc::Malformed);
        const std::string label(63, 'a');
        const std::string three = label + "." + label + "." + label;
        QVERIFY(DnsName::parse(three + "." + std::string(61, 'b')).has_value());
        QCOMPARE(DnsName::parse(three + "." + std::string(62, 'b')).error().code, Errc::InvalidArgument);
        QVERIFY(DnsName::parse(label).has_value());
        QCOMPARE(DnsName::parse(label + "a").error().code, Errc::InvalidArgument);
        QCOMPARE(DnsName::parse("a..b").error().code, Errc::InvalidArgument);
        QCOMPARE(DnsName::parse(".a").error().code, Errc::InvalidArgument);
        QCOMPARE(DnsName::parse("").value(), DnsName());
    }

    void labelsComeOffTheFront() {
        const DnsName whole = name("abc._p2p._udp.local");
        QCOMPARE(whole.firstLabel(), std::string_view("abc"));
        QCOMPARE(whole.parent(), name("_p2p._udp.local"));
        QCOMPARE(whole.parent().below("ABC").value(), whole);
        QCOMPARE(DnsName().parent(), DnsName());
        QCOMPARE(DnsName().firstLabel(), std::string_view());
    }

    void recordsOfUnknownTypesAreKeptAsBytes() {
        const auto decoded = decodeDnsMessage(message(0, 1, "00002f0001000000780003010203"));
        QCOMPARE(decoded.value().answers[0].data, DnsData(DnsOpaque{47, {1, 2, 3}}));
        QCOMPARE(static_cast<int>(decoded.value().answers[0].type()), 47);
    }

    void anEmptyTxtRecordIsOneEmptyString() {
        const auto decoded = decodeDnsMessage(message(0, 1, "0000100001000000780000"));
        QCOMPARE(decoded.value().answers[0].data, DnsData(DnsTxt{{""}}));
        QCOMPARE(errorOf(message(0, 1, "00001000010000007800020261")), Errc::Malformed);
    }

    void addressesHaveTheirLength() {
        QCOMPARE(errorOf(message(0, 1, "0000010001000000780003010203")), Errc::Malformed);
        QCOMPARE(errorOf(message(0, 1, "00001c000100000078000401020304")), Errc::Malformed);
    }

    void countsAreBounded() {
        std::string questions, records;
        for (size_t i = 0; i < kMaxDnsQuestions; ++i) questions += "00000c0001";
        QVERIFY(decodeDnsMessage(message(kMaxDnsQuestions, 0, questions)).has_value());
        QCOMPARE(errorOf(message(kMaxDnsQuestions + 1, 0, questions + "00000c0001")), Errc::TooLarge);
        for (size_t i = 0; i < kMaxDnsRecords; ++i) records += "0000100001000000000000";
        QVERIFY(decodeDnsMessage(message(0, kMaxDnsRecords, records)).has_value());
        QCOMPARE(errorOf(message(0, kMaxDnsRecords + 1, records + "0000100001000000000000")), Errc::TooLarge);
        QCOMPARE(errorOf(message(0, 0xFFFF, "")), Errc::TooLarge);
    }

    void stringsOfOneRecordAreBounded() {
        const auto txt = [](size_t count) {
            Bytes length(2);
            putBigEndian(length, static_cast<uint16_t>(count));
            return message(0, 1, "000010000100000000" + toHex(length) + toHex(Bytes(count, 0)));
        };
        QVERIFY(decodeDnsMessage(txt(kMaxDnsStrings)).has_value());
        QCOMPARE(errorOf(txt(kMaxDnsStrings + 1)), Errc::TooLarge);
    }

    void bytesOfOneMessageAreBounded() {
        QVERIFY(decodeDnsMessage(message(0, 0, toHex(Bytes(kMaxDnsMessageBytes - 12, 0)))).has_value());
        QCOMPARE(errorOf(message(0, 0, toHex(Bytes(kMaxDnsMessageBytes - 11, 0)))), Errc::TooLarge);
    }

    void everyPrefixOfAMessageIsRefused() {
        const Bytes whole = message(1, 1, kService + "000c8001c00c001000010000007800050461626364");
        QVERIFY(decodeDnsMessage(whole).has_value());
        for (size_t length = 0; length < whole.size(); ++length)
            QCOMPARE(errorOf(ByteView(whole).first(length)), Errc::Malformed);
    }

    void flagsSurviveTheRoundTrip() {
        DnsMessage all{0xABCD, true, true, true, 9, 5, {}, {}, {}, {}};
        all.questions.push_back({name("a.b"), DnsType::Any, kDnsClassAny, true});
        all.authorities.push_back({DnsName(), 3, true, 0xFFFFFFFF, DnsOpaque{99, {7}}});
        QCOMPARE(decodeDnsMessage(encodeDnsMessage(all)).value(), all);
    }

    void randomBytesNeverSurprise() {
        test::SeededRandom random(1);
        for (int round = 0; round < 20'000; ++round) {
            Bytes bytes = random.bytes(12 + random.below(60));
            bytes[4] = bytes[6] = bytes[8] = bytes[10] = 0;
            if (const auto decoded = decodeDnsMessage(bytes))
                QCOMPARE(decodeDnsMessage(encodeDnsMessage(*decoded)).value(), *decoded);
        }
    }
};

QTEST_APPLESS_MAIN(DnsMessageTest)
#include "dns_message_test.moc"
