#include "crypto/identity.h" // first: moc cannot read <compare> before what comes with it
#include "peers/peer_book.h"
#include "peers/peers_limits.h"
#include "peers/stored_peer.h"
#include "support/seeded_random.h"

#include <QTest>
#include <map>
#include <set>

using namespace wherry;
using namespace wherry::peers;
using codec::Multiaddr;
using crypto::PeerId;

namespace {

PeerId numbered(uint32_t number) {
    Bytes multihash(34);
    multihash[0] = 0x12;
    multihash[1] = 0x20;
    putBigEndian(MutableBytes(multihash).subspan(2, 4), number);
    return *PeerId::fromMultihash(multihash);
}
PeerId withKey(uint8_t seed) {
    return crypto::Identity::fromSeed({seed}).peerId();
}
Now at(int64_t seconds) {
    return {Instant(std::chrono::seconds(seconds)), UnixTime::fromSeconds(1'800'000'000 + seconds)};
}
Multiaddr address(size_t port) {
    return *Multiaddr::parse("/ip4/192.0.2.7/udp/" + std::to_string(port) + "/quic-v1");
}

/// A book on a database that outlives it.
struct Home {
    Home() { open(); }
    void open() {
        book.emplace(log);
        book->start({1});
        settle();
    }
    void settle() {
        while (auto op = book->pollStore()) {
            if (const auto* put = std::get_if<StorePut>(&*op)) rows[put->key] = *put;
            if (const auto* erase = std::get_if<StoreErase>(&*op)) rows.erase(erase->prefix);
            if (std::holds_alternative<StoreScan>(*op)) loading = true;
        }
        if (!std::exchange(loading, false)) return;
        std::vector<std::pair<Bytes, Bytes>> all;
        for (const auto& [key, put] : rows) all.emplace_back(key, put.value);
        book->onLoaded(all, at(0));
        settle();
    }
    void meet(const PeerId& peer, int64_t when, const std::string& claim = {}) {
        book->onConnected(peer, at(when));
        if (!claim.empty()) book->onClaims(peer, {claim, DeviceKind::Laptop, {}}, at(when));
        settle();
    }
    size_t changes() {
        size_t count = 0;
        while (book->pollChange()) ++count;
        return count;
    }

    Log log;
    std::map<Bytes, StorePut> rows;
    std::optional<PeerBook> book;
    bool loading = false;
};

} // namespace

class PeerBookTest : public QObject {
    Q_OBJECT

  private slots:
    void whatIsKnownSurvivesTheProcess() {
        Home home;
        home.meet(numbered(1), 5, "Anna");
        home.book->onDialled(numbered(1), address(1).withPeer(numbered(1).multihash()), at(6));
        QVERIFY(home.book->setAlias(numbered(1), "sister", at(7)));
        QVERIFY(home.book->trust(numbered(1), at(7)));
        QVERIFY(home.book->block(numbered(2), at(8)));
        home.settle();
        const KnownPeer before = *home.book->find(numbered(1));
        home.open();
        QVERIFY(*home.book->find(numbered(1)) == before);
        QCOMPARE(before.addresses, std::vector{address(1)});
        QCOMPARE(before.lastSeen, UnixTime::fromSeconds(1'800'000'005));
        QCOMPARE(before.claims.kind, DeviceKind::Laptop);
        QCOMPARE(home.book->trustOf(numbered(2)), Trust::Blocked);
        QCOMPARE(home.book->trustOf(numbered(3)), Trust::Unknown);
    }

    void aDecisionThatIsSaidAgainIsStoredAgain() {
        Home home;
        const PeerId bob = withKey(1), carol = withKey(2);
        for (int round = 0; round < 2; ++round) {
            QVERIFY(home.book->block(bob, at(1)).has_value());
            const auto op = home.book->pollStore(); // which may fail, and nobody tells the book
            QVERIFY(op && std::get<StorePut>(*op).durable == Durable::Yes);
            QVERIFY(!home.book->pollStore());
            QCOMPARE(home.changes(), size_t(round == 0));
        }
        QVERIFY(home.book->untrust(carol, at(1)).has_value());
        const auto op = home.book->pollStore();
        QCOMPARE(op.value(), StoreOp(StoreErase{Space::Peers, storedKey(carol), Durable::Yes}));
        home.book->storeAgain(at(2));
        home.settle();
        QCOMPARE(home.rows.size(), size_t(1));
        QVERIFY(home.rows.contains(storedKey(bob)));
    }

    void notesAreNotDurableSoThatTheirLossFailsNobodysDecision() {
        Home home;
        const PeerId bob = withKey(1);
        home.book->onConnected(bob, at(1));
        home.book->onDialled(bob, address(1), at(1));
        home.book->onClaims(bob, {"Bob", DeviceKind::Laptop, {}}, at(1));
        home.book->onGone(bob, at(2));
        size_t notes = 0;
        for (; const auto op = home.book->pollStore(); ++notes) QVERIFY(std::get<StorePut>(*op).durable == Durable::No);
        QCOMPARE(notes, size_t(4));
    }

    void passingPeersExpireAndDecidedOnesDoNot() {
        Home home;
        home.meet(numbered(1), 0);
        QCOMPARE(home.rows.begin()->second.expires, UnixTime::fromSeconds(1'800'000'000 + kStrangerLifetimeSeconds));
        QVERIFY(home.book->trust(numbered(1), at(1)));
        home.settle();
        QCOMPARE(home.rows.begin()->second.expires, UnixTime());
    }

    void claimsNeverChangeNameOrTrust() {
        Home home;
        home.meet(numbered(1), 0, "Anna");
        QVERIFY(home.book->setAlias(numbered(1), "sister", at(1)));
        home.meet(numbered(1), 2, "brother");
        QCOMPARE(home.book->find(numbered(1))->alias, std::string("sister"));
        QCOMPARE(home.book->find(numbered(1))->trust, Trust::Unknown);
        QCOMPARE(home.book->find(numbered(1))->claims.alias, std::string("brother"));
    }

    void claimsOfAPeerThatIsNotConnectedAreDropped() {
        Home home;
        home.meet(numbered(1), 0, "Anna");
        home.book->onGone(numbered(1), at(1));
        home.book->onClaims(numbered(1), {"Bob", DeviceKind::Phone, {}}, at(2));
        home.book->onClaims(numbered(2), {"Bob", DeviceKind::Phone, {}}, at(2));
        QCOMPARE(home.book->find(numbered(1))->claims.alias, std::string("Anna"));
        QVERIFY(!home.book->find(numbered(2)));
    }

    void addressesAreTheNewestFirstAndBounded() {
        Home home;
        for (size_t port = 1; port <= kMaxVerifiedAddresses; ++port)
            home.book->onDialled(numbered(1), address(port), at(0));
        QCOMPARE(home.book->find(numbered(1))->addresses.size(), kMaxVerifiedAddresses);
        QCOMPARE(home.book->find(numbered(1))->addresses.back(), address(1));
        home.book->onDialled(numbered(1), address(1), at(0)); // known again
        QCOMPARE(home.book->find(numbered(1))->addresses.front(), address(1));
        home.book->onDialled(numbered(1), address(100), at(0));
        QCOMPARE(home.book->find(numbered(1))->addresses.size(), kMaxVerifiedAddresses);
        QCOMPARE(home.book->find(numbered(1))->addresses.back(), address(3));
    }

    void aBlockedPeerIsTrustedOnlyAfterItWasUnblocked() {
        Home home;
        QVERIFY(home.book->trust(numbered(1), at(0)));
        QVERIFY(home.book->block(numbered(1), at(0)));
        QCOMPARE(home.book->trust(numbered(1), at(0)).error().code, Errc::InvalidArgument);
        QVERIFY(home.book->untrust(numbered(1), at(0)));
        QCOMPARE(home.book->trustOf(numbered(1)), Trust::Blocked);
        QVERIFY(home.book->unblock(numbered(1), at(0)));
        QCOMPARE(home.book->trustOf(numbered(1)), Trust::Unknown); // not what it was before
    }

    void namesOfOnesOwnAreDistinct() {
        Home home;
        QVERIFY(home.book->setAlias(numbered(1), "Anna", at(0)));
        QCOMPARE(home.book->setAlias(numbered(2), "anna", at(0)).error().code, Errc::Exists);
        QVERIFY(home.book->setAlias(numbered(1), "ANNA", at(0))); // its own, written otherwise
        QVERIFY(home.book->setAlias(numbered(1), "", at(0)));
        QVERIFY(home.book->setAlias(numbered(2), "anna", at(0)));
    }

    void everyNameOfAKeyFindsIt() {
        Home home;
        const auto identity = crypto::Identity::fromSeed({9});
        const auto names = crypto::keyNames(identity.publicKey());
        QCOMPARE(*home.book->resolve(names.peerId), (Found{identity.peerId(), FoundBy::Key}));
        QCOMPARE(*home.book->resolve(names.registryKey), (Found{identity.peerId(), FoundBy::Key}));
        QCOMPARE(home.book->resolve(names.i6pId).error().code, Errc::NotFound); // a digest: only of peers that were met
        home.meet(identity.peerId(), 0);
        QCOMPARE(*home.book->resolve(names.i6pId), (Found{identity.peerId(), FoundBy::Key}));
        QCOMPARE(*home.book->resolve(QByteArray::fromStdString(names.i6pId).toUpper().toStdString()),
                 (Found{identity.peerId(), FoundBy::Key}));
        QCOMPARE(home.book->resolve(names.registryKey + "1").error().code, Errc::InvalidArgument);
        QCOMPARE(home.book->resolve("nobody").error().code, Errc::NotFound);
        QCOMPARE(home.book->resolve("").error().code, Errc::NotFound);
    }

    void onesOwnNameBeatsAClaim() {
        Home home;
        home.meet(numbered(1), 0);
        QVERIFY(home.book->setAlias(numbered(1), "Anna", at(0)));
        home.meet(numbered(2), 0, "Anna");
        QCOMPARE(*home.book->resolve("anna"), (Found{numbered(1), FoundBy::Alias}));
        QVERIFY(home.book->claimsAnothersName(numbered(2)));
        QVERIFY(!home.book->claimsAnothersName(numbered(1)));
    }

    void aSpoofedNameIsFlaggedHoweverItIsHidden() {
        Home home;
        QVERIFY(home.book->setAlias(numbered(1), "Anna", at(0)));
        home.meet(numbered(2), 0, "A\u200bnna ");
        home.meet(numbered(3), 0, "\u202eanna");
        home.meet(numbered(4), 0, "Annabel");
        QVERIFY(home.book->claimsAnothersName(numbered(2)));
        QVERIFY(home.book->claimsAnothersName(numbered(3)));
        QVERIFY(!home.book->claimsAnothersName(numbered(4)));
    }

    void whoClaimsANameThatIsTakenOrLeftIsSaidToHaveChanged_data() {
        QTest::addColumn<int>("step");
        const char* names[] = {"named", "named otherwise", "trusted", "no longer trusted", "the trusted one renames itself"};
        for (int step = 0; step < 5; ++step) QTest::newRow(names[step]) << step;
    }
    void whoClaimsANameThatIsTakenOrLeftIsSaidToHaveChanged() {
        QFETCH(int, step);
        Home home;
        home.meet(numbered(1), 0, step < 2 ? "laptop" : "Anna");
        home.meet(numbered(2), 0, "ANNA");
        home.meet(numbered(3), 0, "Annabel");
        if (step == 1) QVERIFY(home.book->setAlias(numbered(1), "Anna", at(0)));
        if (step > 2) QVERIFY(home.book->trust(numbered(1), at(0)));
        const bool flagged = home.book->claimsAnothersName(numbered(2));
        QCOMPARE(flagged, step == 1 || step > 2);
        home.changes();
        if (step < 2) QVERIFY(home.book->setAlias(numbered(1), step == 0 ? "Anna" : "Bert", at(1)));
        if (step == 2) QVERIFY(home.book->trust(numbered(1), at(1)));
        if (step == 3) QVERIFY(home.book->untrust(numbered(1), at(1)));
        if (step == 4) home.book->onClaims(numbered(1), {"Anna's laptop", DeviceKind::Laptop, {}}, at(1));
        QCOMPARE(home.book->claimsAnothersName(numbered(2)), !flagged);
        std::set<PeerId> changed;
        while (const auto peer = home.book->pollChange()) changed.insert(*peer);
        QCOMPARE(changed, (std::set{numbered(1), numbered(2)}));
    }

    void aClaimedNameFindsOnePeerOrNamesTheCandidates() {
        Home home;
        home.meet(numbered(1), 0, "printer");
        QCOMPARE(*home.book->resolve("Printer"), (Found{numbered(1), FoundBy::Claim}));
        home.meet(numbered(2), 0, "PRINTER");
        const auto ambiguous = home.book->resolve("printer");
        QCOMPARE(ambiguous.error().code, Errc::InvalidArgument);
        QVERIFY(ambiguous.error().context.find(numbered(1).text()) != std::string::npos);
        QVERIFY(ambiguous.error().context.find(numbered(2).text()) != std::string::npos);
        QVERIFY(home.book->trust(numbered(2), at(0))); // the person has said which
        QCOMPARE(*home.book->resolve("printer"), (Found{numbered(2), FoundBy::Claim}));
        QVERIFY(home.book->claimsAnothersName(numbered(1)));
        QVERIFY(home.book->block(numbered(2), at(0)));
        QCOMPARE(*home.book->resolve("printer"), (Found{numbered(1), FoundBy::Claim}));
    }

    void ambiguityNamesABoundedNumber() {
        Home home;
        for (uint32_t i = 0; i < 100; ++i) home.meet(numbered(i), 0, "printer");
        const std::string text = home.book->resolve("printer").error().context;
        QVERIFY(text.starts_with("100 devices"));
        QVERIFY(text.size() < 100 * kMaxCandidatesNamed);
    }

    void theBookIsBoundedAndForgetsStrangersThatWereMetLongestAgo() {
        Home home;
        QVERIFY(home.book->trust(numbered(0), at(0)));
        QVERIFY(home.book->block(numbered(1), at(0)));
        QVERIFY(home.book->setAlias(numbered(2), "x", at(0)));
        home.meet(numbered(3), 0);
        home.book->onDialled(numbered(3), address(1), at(0)); // we went there once
        for (uint32_t i = 4; i < kMaxPeers; ++i) home.meet(numbered(i), i);
        for (uint32_t i = 0; i < kMaxPeers; ++i) home.book->onGone(numbered(i), at(i));
        home.settle();
        QCOMPARE(home.book->all().size(), kMaxPeers);
        QCOMPARE(home.rows.size(), kMaxPeers);
        home.meet(numbered(5'000), 5'000);
        QCOMPARE(home.book->all().size(), kMaxPeers);
        QCOMPARE(home.rows.size(), kMaxPeers);
        QVERIFY(!home.book->find(numbered(4)));
        for (uint32_t i = 0; i < 4; ++i) QVERIFY(home.book->find(numbered(i)));
        QVERIFY(home.book->find(numbered(5'000)));
    }

    void aCrowdOfNewKeysPushesOutNobodyThatMatters() {
        Home home;
        for (uint32_t i = 0; i < kMaxKeptPeers; ++i) QVERIFY(home.book->trust(numbered(i), at(0)));
        QCOMPARE(home.book->trust(numbered(999'999), at(0)).error().code, Errc::LimitReached);
        QVERIFY(home.book->block(numbered(0), at(0))); // another decision about the same peer
        for (uint32_t i = 10'000; i < 10'000 + 3 * kMaxPeers; ++i) {
            home.meet(numbered(i), i, "crowd");
            if (i % 2) home.book->onGone(numbered(i), at(i));
        }
        home.settle();
        QCOMPARE(home.book->all().size(), kMaxPeers);
        QCOMPARE(home.rows.size(), kMaxPeers);
        for (uint32_t i = 0; i < kMaxKeptPeers; ++i) QVERIFY(home.book->find(numbered(i)));
        QVERIFY(home.book->untrust(numbered(1), at(0)));
        QVERIFY(home.book->trust(numbered(999'999), at(0)));
    }

    void decisionsWaitForTheRows() {
        Log log;
        PeerBook book(log);
        book.start({1});
        book.onConnected(numbered(1), at(9));
        book.onClaims(numbered(1), {"new", DeviceKind::Phone, {}}, at(9));
        QCOMPARE(book.trust(numbered(1), at(9)).error().code, Errc::Busy);
        KnownPeer row;
        row.peer = numbered(1);
        row.trust = Trust::Blocked;
        row.alias = "troll";
        row.claims.alias = "old";
        row.lastSeen = UnixTime::fromSeconds(1);
        QVERIFY(std::holds_alternative<StoreScan>(*book.pollStore()));
        QVERIFY(!book.pollStore()); // nothing may overwrite the row
        book.onLoaded(std::vector<std::pair<Bytes, Bytes>>{{storedKey(row.peer), storedValue(row)}}, at(10));
        QCOMPARE(book.trustOf(numbered(1)), Trust::Blocked);
        QCOMPARE(book.find(numbered(1))->alias, std::string("troll"));
        QCOMPARE(book.find(numbered(1))->claims.alias, std::string("new"));
        QCOMPARE(book.find(numbered(1))->lastSeen, at(9).wall);
        QVERIFY(std::holds_alternative<StorePut>(*book.pollStore()));
    }

    void aBookThatCannotBeReadIsNotWrittenTo() {
        Log log;
        PeerBook book(log);
        book.start({1});
        book.pollStore();
        book.onLoaded(makeError(Errc::Io, "disk"), at(0));
        QVERIFY(book.isLoaded() && book.isReadOnly());
        book.onConnected(numbered(1), at(1));
        QCOMPARE(book.block(numbered(1), at(1)).error().code, Errc::Io);
        QCOMPARE(book.setAlias(numbered(1), "x", at(1)).error().code, Errc::Io);
        QVERIFY(!book.pollStore());
        QVERIFY(book.find(numbered(1)));
    }

    void damagedRowsBlockWhoeverTheyAreAboutAndOthersAreRead() {
        Home home;
        home.meet(numbered(1), 0, "Anna");
        const Bytes good = home.rows.begin()->second.value;
        const auto put = [&](Bytes key, Bytes value) {
            home.rows[key] = StorePut{Space::Peers, key, std::move(value), {}};
        };
        put({1, 2, 3}, good);                            // no peer id
        put(storedKey(numbered(2)), {0xff});             // no message
        put(storedKey(numbered(3)), {0x08, 0x07});       // trust 7
        put(storedKey(numbered(4)), {0x12, 0x01, 0xff}); // a name that is not UTF-8
        put(storedKey(numbered(5)), Bytes(kMaxStoredPeerBytes + 1));
        put(storedKey(numbered(6)), {0x3a, 0x02, 0xff, 0xff, 0x20, 0x63}); // an address that is none, kind 99
        home.open();
        QCOMPARE(home.book->all().size(), size_t(6));
        QCOMPARE(home.rows.size(), size_t(6)); // nobody knows whom the row without a peer id was about
        QCOMPARE(home.book->damagedRows(), size_t(5));
        for (uint32_t i = 2; i <= 5; ++i) QCOMPARE(home.book->trustOf(numbered(i)), Trust::Blocked);
        QCOMPARE(home.book->trustOf(numbered(1)), Trust::Unknown);
        QVERIFY(home.book->unblock(numbered(2), at(1)));
        home.settle();
        home.open();
        QCOMPARE(home.book->damagedRows(), size_t(3));
        QCOMPARE(home.book->trustOf(numbered(2)), Trust::Unknown);
        QVERIFY(home.book->find(numbered(6))->addresses.empty());
        QCOMPARE(home.book->find(numbered(6))->claims.kind, DeviceKind::Unknown);
    }

    void eachChangeIsToldOnceAndOnlyWhenThereIsOne() {
        Home home;
        home.meet(numbered(1), 0, "Anna");
        QCOMPARE(home.changes(), size_t(1));
        home.meet(numbered(2), 0);
        QCOMPARE(home.changes(), size_t(1));
        home.book->onClaims(numbered(1), {"Anna", DeviceKind::Laptop, {}}, at(1));
        QVERIFY(home.book->untrust(numbered(1), at(1)));
        QVERIFY(home.book->untrust(numbered(7), at(1)));
        QCOMPARE(home.changes(), size_t(0));
        QVERIFY(!home.book->find(numbered(7)));
    }

    /// Random histories: bounds and indices hold whatever happens, and the database always gives the same book again.
    void anyHistoryKeepsBoundsAndReadsBackTheSame() {
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            test::SeededRandom random(seed);
            Home home;
            const std::vector<std::string> names{"", "anna", "ANNA", "bob", "\u200bbob", "x"};
            for (int step = 0; step < 400; ++step) {
                const PeerId peer = withKey(static_cast<uint8_t>(1 + random.below(12)));
                const std::string name = names[random.below(names.size())];
                PeerBook& book = *home.book;
                switch (random.below(9)) {
                case 0:
                    book.onConnected(peer, at(step));
                    break;
                case 1:
                    book.onGone(peer, at(step));
                    break;
                case 2:
                    book.onClaims(peer, {name, DeviceKind::Phone, "p"}, at(step));
                    break;
                case 3:
                    book.onDialled(peer, address(1 + random.below(20)), at(step));
                    break;
                case 4:
                    (void)book.trust(peer, at(step));
                    break;
                case 5:
                    (void)book.untrust(peer, at(step));
                    break;
                case 6:
                    (void)book.block(peer, at(step));
                    break;
                case 7:
                    (void)book.unblock(peer, at(step));
                    break;
                case 8:
                    (void)book.setAlias(peer, name, at(step));
                    break;
                }
                home.settle();
                std::set<std::string> own;
                for (const KnownPeer* known : book.all()) {
                    QVERIFY(known->addresses.size() <= kMaxVerifiedAddresses);
                    if (!known->alias.empty()) {
                        QVERIFY(own.insert(known->alias == "ANNA" ? "anna" : known->alias).second);
                        QCOMPARE(book.resolve(known->alias)->peer, known->peer);
                    }
                }
                if (random.below(20) > 0) continue;
                std::vector<KnownPeer> before;
                for (const KnownPeer* known : book.all()) before.push_back(*known);
                home.open();
                std::vector<KnownPeer> after;
                for (const KnownPeer* known : home.book->all()) after.push_back(*known);
                QVERIFY2(before == after, qPrintable(QStringLiteral("seed %1 step %2").arg(seed).arg(step)));
            }
        }
    }
};

QTEST_APPLESS_MAIN(PeerBookTest)
#include "peer_book_test.moc"
