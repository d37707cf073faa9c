#include "bytepipe/upgrade.h"
#include "support/seeded_random.h"
#include "unit/bytepipe/talk.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::bytepipe;
using link::Side;

namespace {

const std::vector<std::string> kEarly{std::string(kYamuxId)};
const std::vector<std::string> kBoth{std::string(kNoiseId), std::string(kTlsId)};
const std::vector<std::string> kTlsOnly{std::string(kTlsId)};
const std::vector<std::string> kNoiseOnly{std::string(kNoiseId)};
constexpr Now kNow{{}, UnixTime::fromSeconds(1'790'000'000)};

struct End {
    End(Side side, uint64_t seed, std::vector<std::string> muxers, crypto::PeerId expected = {},
        const std::vector<std::string>& securities = kBoth)
        : random(seed),
          identity(crypto::Identity::generate(random)),
          credentials(std::move(*Credentials::make(identity, random, std::move(muxers)))),
          upgrade(side, credentials, securities, std::move(expected), random) {}

    void receive(ByteView in) {
        if (failed) return;
        if (upgrade.done()) return append(after, in);
        const auto result = upgrade.receive(in, plain, kNow);
        if (!result) error = result.error();
        failed = !result;
    }
    Bytes takeOutput() { return upgrade.takeOutput(); }

    wherry::test::SeededRandom random;
    crypto::Identity identity;
    Credentials credentials;
    Upgrade upgrade;
    Bytes plain, after;
    Error error;
    bool failed = false;
};

Bytes messages(std::initializer_list<std::string_view> texts) {
    Bytes out;
    for (const auto text : texts) link::appendMultistream(out, text);
    return out;
}

} // namespace

class UpgradeTest : public QObject {
    Q_OBJECT
  private slots:
    void bothEndsComeThroughHoweverTheBytesAreCut_data();
    void bothEndsComeThroughHoweverTheBytesAreCut();
    void anotherSecurityIsRefusedAndOursTaken();
    void aPeerWithoutOurSecurityIsUnsupported();
    void aPeerWithoutOurMuxerIsUnsupported();
    void theWrongPeerIsRefused();
    void bytesBehindTheLastMessageBelongToTheMuxer();
};

void UpgradeTest::bothEndsComeThroughHoweverTheBytesAreCut_data() {
    QTest::addColumn<int>("piece");
    QTest::addColumn<bool>("early");
    QTest::addColumn<bool>("tls");
    for (const int piece : {1, 7, 20, 100, 1 << 20})
        for (const bool early : {false, true})
            for (const bool tls : {false, true})
                QTest::addRow("%s in pieces of %d, muxer %s", tls ? "TLS" : "Noise", piece,
                              early ? "early" : "by multistream")
                    << piece << early << tls;
}

void UpgradeTest::bothEndsComeThroughHoweverTheBytesAreCut() {
    QFETCH(int, piece);
    QFETCH(bool, early);
    QFETCH(bool, tls);
    // Both speak both; the dialler's preference decides.
    End listener(Side::Listener, 2, early ? kEarly : std::vector<std::string>{});
    const std::vector<std::string> tlsFirst{std::string(kTlsId), std::string(kNoiseId)};
    End dialer(Side::Dialer, 1, kEarly, listener.identity.peerId(), tls ? tlsFirst : kBoth);
    talk(dialer, listener, size_t(piece));
    QVERIFY(dialer.upgrade.done() && listener.upgrade.done());
    QCOMPARE(dialer.upgrade.peer()->peerId, listener.identity.peerId());
    QCOMPARE(listener.upgrade.peer()->peerId, dialer.identity.peerId());
    QVERIFY(dialer.plain.empty() && listener.plain.empty() && dialer.after.empty() && listener.after.empty());
    // And the channels understand each other.
    const auto ours = dialer.upgrade.takeChannel(), theirs = listener.upgrade.takeChannel();
    Bytes out, in;
    ours->seal(asBytes("hello"), out);
    QVERIFY(theirs->receive(out, in, kNow));
    QCOMPARE(asText(in), std::string_view("hello"));
}

void UpgradeTest::anotherSecurityIsRefusedAndOursTaken() {
    End listener(Side::Listener, 2, kEarly);
    listener.receive(messages({"/multistream/1.0.0", "/plaintext/2.0.0", "ls", "/noise"}));
    QCOMPARE(listener.upgrade.takeOutput(), messages({"/multistream/1.0.0", "na", "na", "/noise"}));
    QVERIFY(!listener.failed);
    for (const auto& spoken : {kNoiseOnly, kTlsOnly}) {
        End one(Side::Listener, 2, kEarly, {}, spoken);
        End both(Side::Dialer, 1, kEarly, one.identity.peerId());
        talk(both, one);
        QVERIFY(both.upgrade.done() && one.upgrade.done());
    }
}

void UpgradeTest::aPeerWithoutOurSecurityIsUnsupported() {
    End dialer(Side::Dialer, 1, kEarly);
    QCOMPARE(dialer.upgrade.takeOutput(), messages({"/multistream/1.0.0", "/noise"}));
    dialer.receive(messages({"/multistream/1.0.0", "na"}));
    QCOMPARE(dialer.upgrade.takeOutput(), messages({"/tls/1.0.0"}));
    dialer.receive(messages({"na"}));
    QCOMPARE(dialer.error.code, Errc::Unsupported);
    QVERIFY(!dialer.upgrade.hasOutput());
}

void UpgradeTest::aPeerWithoutOurMuxerIsUnsupported() {
    End dialer(Side::Dialer, 1, kEarly), listener(Side::Listener, 2, {"/mplex/6.7.0"});
    talk(dialer, listener);
    QCOMPARE(dialer.error.code, Errc::Unsupported);
    QVERIFY(!listener.upgrade.done());
}

void UpgradeTest::theWrongPeerIsRefused() {
    for (const auto& securities : {kNoiseOnly, kTlsOnly}) {
        End other(Side::Listener, 3, kEarly), listener(Side::Listener, 2, kEarly);
        End dialer(Side::Dialer, 1, kEarly, other.identity.peerId(), securities);
        talk(dialer, listener);
        QCOMPARE(dialer.error.code, Errc::IdentityMismatch);
        QVERIFY(!dialer.upgrade.done() && !dialer.upgrade.peer());
        QVERIFY(!listener.upgrade.peer());
    }
}

void UpgradeTest::bytesBehindTheLastMessageBelongToTheMuxer() {
    for (const bool early : {true, false}) {
        End listener(Side::Listener, 2, early ? kEarly : std::vector<std::string>{});
        End dialer(Side::Dialer, 1, kEarly);
        // By hand until the dialler is done; what it says last travels with its first data.
        for (int i = 0; i < 10 && !dialer.upgrade.done(); ++i) {
            listener.receive(dialer.upgrade.takeOutput());
            dialer.receive(listener.upgrade.takeOutput());
        }
        Bytes last = dialer.upgrade.takeOutput();
        dialer.upgrade.takeChannel()->seal(asBytes("data"), last);
        if (listener.upgrade.done()) continue; // it answered the dialler's last word, so nothing is left to say
        listener.receive(last);
        QVERIFY(listener.upgrade.done());
        QCOMPARE(asText(listener.plain), std::string_view("data"));
    }
}

QTEST_APPLESS_MAIN(UpgradeTest)
#include "upgrade_test.moc"
