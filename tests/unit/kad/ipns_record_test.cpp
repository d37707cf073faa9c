#include "crypto/public_key.h"
#include "kad/ipns_record.h"
#include "kad/kad_limits.h"
#include "kad/record_store.h"
#include "kad/validator.h"
#include "support/test_node.h"
#include "wire/decode.h"
#include "wire/ipns.pb.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
constexpr const char* kValidity = "2027-01-16T00:00:00.5Z"; // 16 hours after at(0s)
constexpr Duration kLeft = 15h + 59min + 60s + 500ms;

void addText(Bytes& out, std::string_view text) {
    out.push_back(uint8_t(0x60 + text.size()));
    append(out, asBytes(text));
}
void addBytes(Bytes& out, std::string_view text) {
    out.push_back(uint8_t(0x40 + text.size()));
    append(out, asBytes(text));
}
struct Made {
    uint8_t signer = 1;
    std::string value = "/ipfs/x";
    std::string validity = kValidity;
    uint8_t validityType = 0, sequence = 7;
    bool hasTtl = true;

    Bytes data() const {
        Bytes out = {uint8_t(hasTtl ? 0xa6 : 0xa5)};
        addText(out, "Value");
        addBytes(out, value);
        addText(out, "Validity");
        addBytes(out, validity);
        addText(out, "ValidityType");
        out.push_back(validityType);
        addText(out, "Sequence");
        out.push_back(sequence);
        addText(out, "_more");
        addText(out, "of the author's");
        if (!hasTtl) return out;
        addText(out, "TTL");
        out.push_back(9);
        return out;
    }
    wire::IpnsEntry entry() const {
        wire::IpnsEntry entry;
        const Bytes signedData = data();
        Bytes text = toBytes(asBytes("ipns-signature:"));
        append(text, signedData);
        entry.mutable_data()->assign(asText(signedData));
        entry.mutable_signature_v2()->assign(asText(identityOf(signer).sign(text)));
        return entry;
    }
    Bytes bytes() const { return wire::encode(entry()); }
};
const crypto::PeerId kName = identityOf(1).peerId();

Errc codeOf(const Bytes& value, Now now = at(0s)) {
    const auto opened = openIpnsRecord(value, kName, now);
    return opened ? Errc::Internal : opened.error().code;
}
Record under(const crypto::PeerId& name, Bytes value) {
    Bytes key = toBytes(asBytes("/ipns/"));
    append(key, name.multihash());
    return {std::move(key), std::move(value), {}};
}
} // namespace

class IpnsRecordTest : public QObject {
    Q_OBJECT
  private slots:
    void theVectorsOfTheSpecificationAreJudgedAsItSays() {
        QFile file(QStringLiteral(WHERRY_TEST_DATA "/ipns_vectors.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto all = QJsonDocument::fromJson(file.readAll()).object()[QLatin1String("records")].toArray();
        QCOMPARE(all.size(), 6);
        for (const auto& each : all) {
            const auto one = each.toObject();
            const auto name = crypto::PeerId::parse(one[QLatin1String("name")].toString().toStdString()).value();
            const Bytes record = fromHex(one[QLatin1String("record")].toString().toStdString());
            const bool good = one[QLatin1String("valid")].toBool();
            const auto opened = openIpnsRecord(record, name, at(0s));
            QVERIFY2(opened.has_value() == good, qPrintable(one[QLatin1String("kind")].toString()));
            if (good) QVERIFY(asText(opened->value).starts_with("/ipfs/bafk"));
            QCOMPARE(IpfsValidator().validate(under(name, record), 0, at(0s)).has_value(), good);
            QVERIFY(!openIpnsRecord(record, kName, at(0s))); // under another name
        }
    }
    void whatItSaysIsWhatWasSigned() {
        const auto opened = openIpnsRecord(Made().bytes(), kName, at(0s)).value();
        QCOMPARE(asText(opened.value), std::string_view("/ipfs/x"));
        QCOMPARE(opened.sequence, uint64_t(7));
        QCOMPARE(codeOf(Made{.signer = 2}.bytes()), Errc::VerificationFailed);
        auto entry = Made().entry();
        entry.mutable_data()->back() ^= 1;
        QCOMPARE(codeOf(wire::encode(entry)), Errc::VerificationFailed);
    }
    void itIsGoodUntilItsValidity() {
        QVERIFY(openIpnsRecord(Made().bytes(), kName, at(kLeft - 1ns)));
        Now late = at(0s);
        late.wall = openIpnsRecord(Made().bytes(), kName, at(0s))->validity;
        QCOMPARE(codeOf(Made().bytes(), late), Errc::InvalidArgument);
        late.wall.nanoseconds -= 1;
        QVERIFY(openIpnsRecord(Made().bytes(), kName, late));
        QCOMPARE(codeOf(Made{.validity = "tomorrow"}.bytes()), Errc::Malformed);
        QCOMPARE(codeOf(Made{.validityType = 1}.bytes()), Errc::Unsupported);
    }
    void aRecordWithoutItsPartsIsMalformed() {
        auto entry = Made().entry();
        entry.clear_signature_v2();
        QCOMPARE(codeOf(wire::encode(entry)), Errc::Malformed);
        entry = Made().entry();
        entry.clear_data();
        QCOMPARE(codeOf(wire::encode(entry)), Errc::Malformed);
        QCOMPARE(codeOf(Made{.hasTtl = false}.bytes()), Errc::Malformed);
        QCOMPARE(codeOf({}), Errc::Malformed);
    }
    void copiesForOldReadersAreWhatIsSigned() {
        auto entry = Made().entry();
        entry.set_value("/ipfs/x");
        QCOMPARE(codeOf(wire::encode(entry)), Errc::VerificationFailed); // the others are missing
        entry.set_validity(kValidity);
        entry.set_sequence(7);
        entry.set_ttl(9);
        QVERIFY(openIpnsRecord(wire::encode(entry), kName, at(0s)));
        entry.set_sequence(8);
        QCOMPARE(codeOf(wire::encode(entry)), Errc::VerificationFailed);
    }
    void aKeyInTheRecordIsTheNames() {
        auto entry = Made().entry();
        const auto put = [&](uint8_t number) {
            const Bytes key = crypto::PublicKey::ofEd25519(identityOf(number).publicKey()).encode();
            entry.mutable_pub_key()->assign(asText(key));
        };
        put(1);
        QVERIFY(openIpnsRecord(wire::encode(entry), kName, at(0s)));
        put(2);
        QCOMPARE(codeOf(wire::encode(entry)), Errc::VerificationFailed);
        // A name that is only a hash needs it.
        Bytes hash = {0x12, 0x20};
        hash.resize(34, 7);
        const auto opened = openIpnsRecord(Made().bytes(), crypto::PeerId::fromMultihash(hash).value(), at(0s));
        QCOMPARE(opened.error().code, Errc::Malformed);
    }
    void tenKibibytesAreTakenAndNoMore() {
        auto entry = Made().entry();
        const auto grow = [&](size_t to) {
            entry.clear_signature_v1();
            entry.set_signature_v1(std::string(to - wire::encode(entry).size() - 3, 'x'));
            entry.set_value("");
            return wire::encode(entry);
        };
        const Bytes most = grow(kMaxValueBytes - 2);
        QCOMPARE(most.size(), kMaxValueBytes);
        QCOMPARE(codeOf(most), Errc::VerificationFailed); // it has been read
        Bytes more = most;
        more.push_back(0);
        QCOMPARE(codeOf(more), Errc::TooLarge);
    }
    void theHigherSequenceIsKeptAndThenTheLongerValidity() {
        const auto valid = [](const Made& made) {
            return IpfsValidator().validate(under(kName, made.bytes()), 0, at(0s)).value();
        };
        const auto first = valid({}), newer = valid({.sequence = 8});
        const auto longer = valid({.validity = "2029-01-16T00:00:00Z"}),
                   longest = valid({.validity = "2030-01-16T00:00:00Z"});
        QCOMPARE(first.publisher, kName);
        QVERIFY(isBetter(newer, first) && isBetter(longer, first) && isBetter(newer, longest));
        QVERIFY(isBetter(longest, longer) && !isBetter(longer, longest));
        // It is kept for as long as it is good, or as this network keeps anything.
        QCOMPARE(first.expires, first.validity);
        QCOMPARE(longer.expires.nanoseconds, at(0s).wall.nanoseconds + kIpfsValueTtl.count());
        RecordStore store;
        QVERIFY(store.put(kName, longest, at(0s)));
        auto again = longer;
        again.expires.nanoseconds += 5;
        QCOMPARE(store.put(kName, again, at(0s)).error().code, Errc::Exists);
        QVERIFY(store.put(kName, newer, at(0s)));
    }
};

QTEST_APPLESS_MAIN(IpnsRecordTest)
#include "ipns_record_test.moc"
