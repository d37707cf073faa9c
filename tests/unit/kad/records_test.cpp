#include "crypto/envelope.h"
#include "crypto/public_key.h"
#include "kad/provider_store.h"
#include "kad/record_store.h"
#include "kad/signed_record.h"
#include "support/test_node.h"
#include "unit/kad/virtual_peers.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
constexpr unsigned kBits = 6; // enough to be wrong without it, and at once to find
const Key kKey = Key::of(asBytes("key"));
const int64_t kIssued = at(0s).wall.seconds();

Now later(std::chrono::seconds since) {
    Now now = at(since);
    now.wall = UnixTime::fromSeconds(kIssued + since.count());
    return now;
}
SignedRecord recordOf(uint64_t version, int64_t ttl = 3600, int64_t issued = kIssued) {
    return {kKey, toBytes(asBytes("content")), version, issued, ttl};
}
Bytes worked(const Bytes& envelope, unsigned bits = kBits) {
    return withWork(envelope, findWork(envelope, bits, 0, 1 << 20).value());
}
Errc codeOf(const Result<OpenedRecord>& opened) {
    return opened ? Errc::Internal : opened.error().code;
}
Errc codeOf(const Result<void>& done) {
    return done ? Errc::Internal : done.error().code;
}
ValidRecord valid(const std::string& key, uint64_t publisher, uint64_t version, std::chrono::seconds ttl = 1h,
                  size_t bytes = 1) {
    return {{toBytes(asBytes(key)), Bytes(bytes), {}},
            virtualPeer(publisher),
            version,
            UnixTime::fromSeconds(kIssued + ttl.count())};
}
} // namespace

class RecordsTest : public QObject {
    Q_OBJECT
  private slots:
    void aSignedRecordWithItsWorkOpens();
    void anUnsignedPutIsRefused();
    void workBelowWhatIsDueIsRefusedBeforeTheSignatureIsChecked();
    void workForAnotherRecordIsNone();
    void anEnvelopeOfAnotherDomainIsRefused();
    void aRecordUnderAnotherKeyIsRefused();
    void anExpiredRecordAndOneFromTheFutureAreRefused();
    void numbersAtTheirEndsAreRefused();
    void anOwnKeyIsItsPublishersAlone();
    void aPublicKeyIsKeptUnderItsPeerId();
    void aNamespaceWithoutValidatorIsRefused();
    void theNewerVersionReplacesTheOlderAndNotTheOtherWayRound();
    void publishersOfAKeyStandSideBySide();
    void aFifthPublisherReplacesTheWorst();
    void aPeerMayPutSoManyRecords();
    void theStoreIsBoundedInRecordsAndBytes();
    void theWorkThatIsDueFollowsTheLoad();
    void recordsExpire();
    void providersAreKeptAndExpire();
    void addressesOfAProviderAreToldForADay();
    void providersAreBounded();
    void whatWeProvideIsToldAnew();
};

void RecordsTest::aSignedRecordWithItsWorkOpens() {
    const auto identity = identityOf(1);
    const auto opened = openRecord(worked(sealRecord(identity, recordOf(7))), kKey, kBits, later(1s)).value();
    QCOMPARE(opened.record, recordOf(7));
    QCOMPARE(opened.publisher, identity.peerId());
    QCOMPARE(opened.expires, UnixTime::fromSeconds(kIssued + 3600));
    QVERIFY(opened.workBits >= kBits);
    const Record wired{toBytes(kKey.bits), worked(sealRecord(identity, recordOf(7))), {}};
    QCOMPARE(OwnValidator().validate(wired, kBits, later(1s)).value().version, uint64_t(7));
}

void RecordsTest::anUnsignedPutIsRefused() {
    const OwnValidator validator;
    for (const Bytes& value : {Bytes(), toBytes(asBytes("plain text")), worked({}), worked(Bytes(200, 1))})
        QVERIFY(!validator.validate({toBytes(kKey.bits), value, {}}, 0, later(0s)));
    Bytes bad = worked(sealRecord(identityOf(1), recordOf(1)));
    bad[bad.size() / 2] ^= 1;
    QVERIFY(!validator.validate({toBytes(kKey.bits), bad, {}}, 0, later(0s)));
    QVERIFY(!validator.validate({Bytes(31), worked(sealRecord(identityOf(1), recordOf(1))), {}}, 0, later(0s)));
}

void RecordsTest::workBelowWhatIsDueIsRefusedBeforeTheSignatureIsChecked() {
    Bytes envelope = sealRecord(identityOf(1), recordOf(1));
    const auto nonce = findWork(envelope, kBits, 0, 1 << 20).value();
    const unsigned bits = workOf(envelope, nonce);
    QVERIFY(openRecord(withWork(envelope, nonce), kKey, bits, later(0s)));
    QCOMPARE(codeOf(openRecord(withWork(envelope, nonce), kKey, bits + 1, later(0s))), Errc::PermissionDenied);
    envelope.back() ^= 1; // the signature
    QCOMPARE(codeOf(openRecord(withWork(envelope, 0), kKey, 255, later(0s))), Errc::PermissionDenied);
    QCOMPARE(codeOf(openRecord(withWork(envelope, 0), kKey, 0, later(0s))), Errc::VerificationFailed);
    QVERIFY(!findWork(envelope, 255, 0, 100));
}

void RecordsTest::workForAnotherRecordIsNone() {
    const Bytes first = sealRecord(identityOf(1), recordOf(1)), second = sealRecord(identityOf(1), recordOf(2));
    uint64_t nonce = findWork(first, kBits, 0, 1 << 20).value();
    while (workOf(second, nonce) >= kBits) nonce = findWork(first, kBits, nonce + 1, 1 << 20).value();
    QCOMPARE(codeOf(openRecord(withWork(second, nonce), kKey, kBits, later(0s))), Errc::PermissionDenied);
}

void RecordsTest::anEnvelopeOfAnotherDomainIsRefused() {
    const std::string type = "/wherry/kad/record";
    const auto envelope =
        crypto::sealEnvelope(identityOf(1), {"libp2p-peer-record", asBytes(type)}, toBytes(asBytes("x")));
    QCOMPARE(codeOf(openRecord(worked(envelope), kKey, kBits, later(0s))), Errc::VerificationFailed);
}

void RecordsTest::aRecordUnderAnotherKeyIsRefused() {
    QCOMPARE(codeOf(openRecord(worked(sealRecord(identityOf(1), recordOf(1))), Key(), kBits, later(0s))),
             Errc::Malformed);
}

void RecordsTest::anExpiredRecordAndOneFromTheFutureAreRefused() {
    const auto open = [](const SignedRecord& record, std::chrono::seconds when) {
        return codeOf(openRecord(worked(sealRecord(identityOf(1), record)), kKey, kBits, later(when)));
    };
    QCOMPARE(open(recordOf(1), 3599s), Errc::Internal);
    QCOMPARE(open(recordOf(1), 3600s), Errc::InvalidArgument);
    QCOMPARE(open(recordOf(1, 3600, kIssued + 600), 0s), Errc::Internal);
    QCOMPARE(open(recordOf(1, 3600, kIssued + 601), 0s), Errc::InvalidArgument);
}

void RecordsTest::numbersAtTheirEndsAreRefused() {
    // Hand-made, since sealRecord refuses to write them (SECURITY D6): fields 3, 4 and 5 of the signed record.
    const std::string type = "/wherry/kad/record";
    const auto open = [&](uint64_t version, uint64_t issued, uint64_t ttl) {
        Bytes payload = {0x0a, 32};
        append(payload, kKey.bits);
        append(payload, Bytes{0x12, 0});
        for (const auto& [tag, number] : {std::pair(0x18, version), std::pair(0x20, issued), std::pair(0x28, ttl)}) {
            payload.push_back(static_cast<uint8_t>(tag));
            uint64_t rest = number;
            for (; rest > 0x7f; rest >>= 7) payload.push_back(static_cast<uint8_t>(rest | 0x80));
            payload.push_back(static_cast<uint8_t>(rest));
        }
        const auto envelope = crypto::sealEnvelope(identityOf(1), {"wherry-kad-record", asBytes(type)}, payload);
        return codeOf(openRecord(withWork(envelope, 0), kKey, 0, later(0s)));
    };
    const auto issued = static_cast<uint64_t>(kIssued);
    const uint64_t maxTtl = 48 * 3600;
    const uint64_t highest = highestVersion(later(0s));
    QCOMPARE(open(highest, issued, maxTtl), Errc::Internal);
    QCOMPARE(open(highest + 1, issued, maxTtl), Errc::InvalidArgument);
    QVERIFY(highestVersion(later(1s)) > highest);
    QCOMPARE(open(~uint64_t(0), issued, maxTtl), Errc::InvalidArgument);
    QCOMPARE(open(1, issued, maxTtl + 1), Errc::InvalidArgument);
    QCOMPARE(open(1, issued, ~uint64_t(0)), Errc::InvalidArgument);
    QCOMPARE(open(1, issued, 0), Errc::InvalidArgument);
    QCOMPARE(open(1, ~uint64_t(0), 1), Errc::InvalidArgument);
    QCOMPARE(open(1, ~uint64_t(0) - 10, 20), Errc::InvalidArgument);
}

void RecordsTest::anOwnKeyIsItsPublishersAlone() {
    const auto owner = identityOf(1), other = identityOf(2);
    SignedRecord record = recordOf(3);
    record.key = ownKey(owner.peerId(), kKey);
    record.openKey = kKey;
    const auto open = [&](const crypto::Identity& publisher, const SignedRecord& one) {
        return openRecord(worked(sealRecord(publisher, one)), one.key, kBits, later(0s));
    };
    QCOMPARE(open(owner, record).value().record, record);
    QCOMPARE(codeOf(open(other, record)), Errc::VerificationFailed);
    record.openKey = Key();
    QCOMPARE(codeOf(open(owner, record)), Errc::VerificationFailed);

    ValidRecord own = valid("k", 1, 1);
    own.own = true;
    RecordStore store;
    for (uint64_t i = 2; i < 2 + kMaxPublishersPerKey; ++i)
        QVERIFY(store.put(virtualPeer(9), valid("k", i, highestVersion(later(0s))), later(0s)));
    QVERIFY(store.put(virtualPeer(1), own, later(0s)));
    QCOMPARE(store.get(asBytes("k"), later(0s))->publisher, virtualPeer(1));
    QVERIFY(store.put(virtualPeer(9), valid("k", 8, highestVersion(later(1s))), later(1s)));
    QCOMPARE(store.get(asBytes("k"), later(1s))->publisher, virtualPeer(1));
}

void RecordsTest::aPublicKeyIsKeptUnderItsPeerId() {
    const auto identity = identityOf(1);
    Bytes key = toBytes(asBytes("/pk/"));
    append(key, identity.peerId().multihash());
    const Bytes value = crypto::PublicKey::ofEd25519(identity.publicKey()).encode();
    const IpfsValidator validator;
    QVERIFY(validator.validate({key, value, {}}, 0, later(0s)));
    const Bytes other = crypto::PublicKey::ofEd25519(identityOf(2).publicKey()).encode();
    QCOMPARE(validator.validate({key, other, {}}, 0, later(0s)).error().code, Errc::VerificationFailed);
    key.pop_back();
    QVERIFY(!validator.validate({key, value, {}}, 0, later(0s)));
}

void RecordsTest::aNamespaceWithoutValidatorIsRefused() {
    for (const char* key : {"/test/key", "", "/pk", "pk/x", "/ipns", "ipns/x"})
        QCOMPARE(IpfsValidator().validate({toBytes(asBytes(key)), {1}, {}}, 0, later(0s)).error().code,
                 Errc::Unsupported);
}

void RecordsTest::theNewerVersionReplacesTheOlderAndNotTheOtherWayRound() {
    RecordStore store;
    QVERIFY(store.put(virtualPeer(1), valid("k", 1, 5), later(0s)));
    QCOMPARE(codeOf(store.put(virtualPeer(2), valid("k", 1, 4, 2h), later(0s))), Errc::Exists);
    QCOMPARE(codeOf(store.put(virtualPeer(2), valid("k", 1, 5), later(0s))), Errc::Exists);
    QVERIFY(store.put(virtualPeer(2), valid("k", 1, 5, 2h), later(0s)));
    QVERIFY(store.put(virtualPeer(2), valid("k", 1, 6, 10min), later(0s)));
    QCOMPARE(store.get(asBytes("k"), later(0s))->version, uint64_t(6));
    QCOMPARE(store.size(), size_t(1));
    QCOMPARE(store.putBy(virtualPeer(1)), size_t(0));
    QCOMPARE(store.putBy(virtualPeer(2)), size_t(1));
}

void RecordsTest::publishersOfAKeyStandSideBySide() {
    RecordStore store;
    for (uint64_t i = 1; i <= kMaxPublishersPerKey; ++i)
        QVERIFY(store.put(virtualPeer(9), valid("k", i, i), later(0s)));
    QCOMPARE(store.get(asBytes("k"), later(0s))->publisher, virtualPeer(4));
    QCOMPARE(store.get(asBytes("k"), later(0s), virtualPeer(2))->version, uint64_t(2));
    QVERIFY(!store.get(asBytes("k"), later(0s), virtualPeer(7)));
    QVERIFY(!store.get(asBytes("other"), later(0s)));
}

void RecordsTest::aFifthPublisherReplacesTheWorst() {
    RecordStore store;
    for (uint64_t i = 1; i <= kMaxPublishersPerKey; ++i)
        QVERIFY(store.put(virtualPeer(9), valid("k", i, 10 + i), later(0s)));
    QCOMPARE(codeOf(store.put(virtualPeer(9), valid("k", 5, 10), later(0s))), Errc::Busy);
    QVERIFY(store.put(virtualPeer(9), valid("k", 5, 12), later(0s)));
    QVERIFY(!store.get(asBytes("k"), later(0s), virtualPeer(1)));
    QCOMPARE(store.size(), kMaxPublishersPerKey);
}

void RecordsTest::aPeerMayPutSoManyRecords() {
    RecordStore store;
    for (size_t i = 0; i < kMaxRecordsPerPeer; ++i)
        QVERIFY(store.put(virtualPeer(1), valid("k" + std::to_string(i), 1, 1), later(0s)));
    QCOMPARE(codeOf(store.put(virtualPeer(1), valid("one more", 1, 1), later(0s))), Errc::LimitReached);
    QVERIFY(store.put(virtualPeer(1), valid("k0", 1, 2), later(0s)));
    QVERIFY(store.put(virtualPeer(2), valid("one more", 1, 1), later(0s)));
}

void RecordsTest::theStoreIsBoundedInRecordsAndBytes() {
    RecordStore store;
    for (size_t i = 0; i < kMaxRecords; ++i)
        QVERIFY(store.put(virtualPeer(i / kMaxRecordsPerPeer), valid(std::to_string(i), 1, 1), later(0s)));
    QCOMPARE(codeOf(store.put(virtualPeer(99), valid("x", 1, 1), later(0s))), Errc::LimitReached);
    QVERIFY(store.put(virtualPeer(99), valid("0", 1, 2), later(0s)));
    RecordStore large;
    size_t kept = 0;
    while (large.put(virtualPeer(kept / kMaxRecordsPerPeer), valid(std::to_string(kept), 1, 1, 1h, kMaxValueBytes),
                     later(0s)))
        ++kept;
    QVERIFY(large.bytes() <= kMaxRecordBytes && large.bytes() > kMaxRecordBytes - 2 * kMaxValueBytes);
    QVERIFY(kept < kMaxRecords);
}

void RecordsTest::theWorkThatIsDueFollowsTheLoad() {
    RecordStore store;
    QCOMPARE(store.requiredWork(), kMinWorkBits);
    unsigned before = kMinWorkBits;
    for (size_t i = 0; i < kMaxRecords; ++i) {
        QVERIFY(store.put(virtualPeer(i / kMaxRecordsPerPeer), valid(std::to_string(i), 1, 1), later(0s)));
        if (i < kMaxRecords / kQuietShare) QCOMPARE(store.requiredWork(), kMinWorkBits);
        QVERIFY(store.requiredWork() >= before);
        before = store.requiredWork();
    }
    QCOMPARE(before, kMaxWorkBits);
    store.expire(later(1h));
    QCOMPARE(store.requiredWork(), kMinWorkBits);
}

void RecordsTest::recordsExpire() {
    RecordStore store;
    QCOMPARE(codeOf(store.put(virtualPeer(1), valid("k", 1, 1, 60s), later(60s))), Errc::InvalidArgument);
    QVERIFY(store.put(virtualPeer(1), valid("k", 1, 1, 60s), later(0s)));
    QCOMPARE(store.deadline(), std::optional(UnixTime::fromSeconds(kIssued + 60)));
    QVERIFY(store.get(asBytes("k"), later(59s)));
    QVERIFY(!store.get(asBytes("k"), later(60s)));
    store.expire(later(60s));
    QCOMPARE(store.size(), size_t(0));
    QCOMPARE(store.bytes(), size_t(0));
    QVERIFY(!store.deadline());
}

void RecordsTest::providersAreKeptAndExpire() {
    ProviderStore store(kIpfsProviderTtl);
    const Bytes key = {1, 2};
    QVERIFY(store.add(key, virtualPeer(1), {farAddress(1)}, later(0s)));
    QVERIFY(store.add(key, virtualPeer(2), {farAddress(2)}, later(1s)));
    QVERIFY(store.add(key, virtualPeer(1), {farAddress(3)}, later(2s)));
    const auto found = store.get(key, kReplication, later(3s));
    QCOMPARE(found.size(), size_t(2));
    QCOMPARE(found[0].peer, virtualPeer(1));
    QCOMPARE(found[0].addresses, std::vector{farAddress(3)});
    QCOMPARE(store.get(key, 1, later(3s)).size(), size_t(1));
    QCOMPARE(store.deadline(), later(48h + 1s).mono);
    store.expire(later(48h + 1s));
    QCOMPARE(store.get(key, kReplication, later(48h + 1s)).size(), size_t(1));
    store.expire(later(48h + 2s));
    QCOMPARE(store.size(), size_t(0));
    QCOMPARE(store.of(virtualPeer(1)), size_t(0));
    QCOMPARE(store.deadline(), kNever);
}

void RecordsTest::addressesOfAProviderAreToldForADay() {
    ProviderStore store(kIpfsProviderTtl);
    QVERIFY(store.add({1}, virtualPeer(1), {farAddress(1)}, later(0s)));
    QCOMPARE(store.get({1}, 1, later(24h - 1s))[0].addresses.size(), size_t(1));
    QCOMPARE(store.get({1}, 1, later(24h))[0].addresses.size(), size_t(0));
}

void RecordsTest::providersAreBounded() {
    ProviderStore store(kOwnProviderTtl);
    QCOMPARE(codeOf(store.add({1}, virtualPeer(1), {}, later(0s))), Errc::InvalidArgument);
    QCOMPARE(codeOf(store.add({}, virtualPeer(1), {farAddress(1)}, later(0s))), Errc::InvalidArgument);
    QCOMPARE(codeOf(store.add(Bytes(kMaxKeyBytes + 1), virtualPeer(1), {farAddress(1)}, later(0s))),
             Errc::InvalidArgument);
    for (uint64_t i = 0; i < kMaxProvidersPerKey; ++i)
        QVERIFY(store.add({1}, virtualPeer(i), {farAddress(1)}, later(0s)));
    QCOMPARE(codeOf(store.add({1}, virtualPeer(5000), {farAddress(1)}, later(0s))), Errc::LimitReached);
    QVERIFY(store.add({1}, virtualPeer(0), {farAddress(1)}, later(0s)));
    const auto keyOf = [](uint64_t number) {
        Bytes key(8);
        putBigEndian<uint64_t>(key, number);
        return key;
    };
    for (uint64_t i = 0; i < kMaxProvidersPerPeer; ++i)
        QVERIFY(store.add(keyOf(i), virtualPeer(6000), {farAddress(1)}, later(0s)));
    QCOMPARE(codeOf(store.add(keyOf(99'999), virtualPeer(6000), {farAddress(1)}, later(0s))), Errc::LimitReached);
    uint64_t more = 0;
    while (store.add(keyOf(10'000 + more), virtualPeer(7000 + more / kMaxProvidersPerPeer), {farAddress(1)}, later(0s)))
        ++more;
    QCOMPARE(store.size(), kMaxProviders);
}

void RecordsTest::whatWeProvideIsToldAnew() {
    Republisher republisher(kProviderRepublish);
    QCOMPARE(republisher.deadline(), kNever);
    QVERIFY(republisher.add({1}, later(0s)));
    QVERIFY(republisher.add({2}, later(1s)));
    QVERIFY(republisher.add({1}, later(1s)));
    QVERIFY(!republisher.poll(later(22h - 1s)));
    QCOMPARE(republisher.poll(later(22h)).value(), Bytes{1});
    QVERIFY(!republisher.poll(later(22h)));
    QCOMPARE(republisher.poll(later(22h + 1s)).value(), Bytes{2});
    QCOMPARE(republisher.poll(later(44h)).value(), Bytes{1});
    republisher.remove({2});
    QVERIFY(!republisher.poll(later(44h + 1s)));
    for (uint8_t i = 0; republisher.size() < kMaxProvidersPerPeer; ++i)
        QVERIFY(republisher.add({static_cast<uint8_t>(republisher.size() / 256), 7, i}, later(0s)));
    QCOMPARE(codeOf(republisher.add({9, 9}, later(0s))), Errc::LimitReached);
}

QTEST_APPLESS_MAIN(RecordsTest)
#include "records_test.moc"
