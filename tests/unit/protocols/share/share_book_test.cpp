#include "crypto/identity.h"
#include "protocols/share/share_book.h"
#include "protocols/share/share_limits.h"
#include "support/seeded_random.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::share;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
/// Both clocks go on.
Now after(Duration time) {
    Now now = at(time);
    now.wall.nanoseconds += time.count();
    return now;
}
/// A book with its store.
struct Shelf {
    SeededRandom random{1};
    ShareBook book{random};
    std::map<Bytes, Bytes> rows;

    void store() {
        while (auto op = book.pollStore()) {
            if (const auto* put = std::get_if<StorePut>(&*op)) rows[put->key] = put->value;
            if (const auto* erase = std::get_if<StoreErase>(&*op)) rows.erase(erase->prefix);
        }
    }
    std::vector<std::pair<Bytes, Bytes>> all() const { return {rows.begin(), rows.end()}; }
};
} // namespace

class ShareBookTest : public QObject {
    Q_OBJECT
  private slots:
    void aShareIsFoundUntilItIsRevoked();
    void aShareThatHasEndedIsErasedAgainUntilItsRowIsGone();
    void aShareThatCouldNotBeStoredIsNone();
    void sharesSurviveARestart();
    void theSamePathsGiveTheSameTicket();
    void anExpiredShareIsNotFound();
    void aShareForOneEndsWithItsDelivery();
    void theBeginningOfAnIdIsEnough();
    void damagedRowsAreDropped();
    void theBookIsBounded();
    void theEndOfAShareIsToldOnceWithItsReason();
    void pathsOfOneShareAreBounded();
    void aLifetimeWithoutEndDoesNotOverflow();
};

void ShareBookTest::aShareIsFoundUntilItIsRevoked() {
    Shelf shelf;
    const auto share = shelf.book.add({{"/a"}, "a", {}, false}, at(0s));
    QVERIFY(share.has_value());
    QVERIFY(shelf.book.find(share->id, at(0s)));
    QVERIFY(shelf.book.revoke(share->id).has_value());
    QVERIFY(!shelf.book.find(share->id, at(0s)));
    shelf.store();
    QVERIFY(shelf.rows.empty());
    shelf.book.onErased(share->id, true);
    QCOMPARE(shelf.book.revoke(share->id).error().code, Errc::NotFound);
    QCOMPARE(shelf.book.resolve(shareIdText(share->id), at(0s)).error().code, Errc::NotFound);
}

void ShareBookTest::aShareThatHasEndedIsErasedAgainUntilItsRowIsGone() {
    Shelf shelf;
    const auto share = shelf.book.add({{"/a"}, "a", {}, false}, at(0s));
    shelf.store();
    for (int round = 0; round < 2; ++round) {
        QCOMPARE(shelf.book.resolve(shareIdText(share->id), at(0s)).value(), share->id);
        QVERIFY(shelf.book.revoke(share->id).has_value());
        QVERIFY(shelf.book.pollStore().has_value()); // and it fails
        shelf.book.onErased(share->id, false);
        shelf.book.onStored(share->id, true); // of its put, late
        QVERIFY(!shelf.book.find(share->id, at(0s)));
        QVERIFY(shelf.book.list(at(0s)).empty());
        QVERIFY(!shelf.book.onFetched(share->id));
    }
    QVERIFY(shelf.book.add({{"/a"}, "a", {}, false}, at(0s))->id != share->id);
    shelf.book.storeAgain();
    QVERIFY(shelf.book.revoke(share->id).has_value());
    shelf.store();
    shelf.book.onErased(share->id, true);
    QCOMPARE(shelf.rows.size(), size_t(1));
    QVERIFY(!shelf.rows.contains(toBytes(share->id)));
}

void ShareBookTest::aShareThatCouldNotBeStoredIsNone() {
    Shelf shelf;
    const auto share = shelf.book.add({{"/a"}, "a", {}, false}, at(0s));
    shelf.book.onStored(share->id, false);
    QVERIFY(!shelf.book.find(share->id, at(0s)));
    shelf.store();
    QVERIFY(shelf.rows.empty());
    const auto stored = shelf.book.add({{"/a"}, "a", {}, false}, at(0s));
    shelf.book.onStored(stored->id, true);
    QCOMPARE(shelf.book.add({{"/a"}, "a", 1h, false}, at(0s))->id, stored->id);
    shelf.book.onStored(stored->id, false); // its new end was not: it is there until its old one
    QVERIFY(shelf.book.find(stored->id, at(0s)));
}

void ShareBookTest::theEndOfAShareIsToldOnceWithItsReason() {
    Shelf shelf;
    const auto add = [&](const char* path, Duration lifetime, bool once) {
        return shelf.book.add({{path}, path, lifetime, once}, at(0s))->id;
    };
    const ShareId revoked = add("/a", {}, false), expiring = add("/b", 10s, false), once = add("/c", {}, true);
    QVERIFY(!shelf.book.pollEnded());
    QVERIFY(shelf.book.revoke(revoked).has_value());
    QVERIFY(shelf.book.onFetched(once));
    shelf.book.sweep(after(5s));
    QVERIFY(shelf.book.pollEnded() == EndedShare({revoked, ShareEnd::Revoked}));
    QVERIFY(shelf.book.pollEnded() == EndedShare({once, ShareEnd::Fetched}));
    QVERIFY(!shelf.book.pollEnded());
    shelf.book.sweep(after(20s));
    QVERIFY(shelf.book.pollEnded() == EndedShare({expiring, ShareEnd::Expired}));
    shelf.book.sweep(after(30s));
    QVERIFY(!shelf.book.pollEnded());
}

void ShareBookTest::sharesSurviveARestart() {
    Shelf shelf;
    const auto share = shelf.book.add({{"/a/\xff", "/b"}, "two", 1h, false}, at(0s));
    shelf.book.onFetched(share->id);
    shelf.store();
    Shelf next;
    next.book.load(shelf.all(), after(1s));
    QCOMPARE(next.book.list(after(1s)).size(), size_t(1));
    Share expected = *share;
    expected.fetched = 1;
    QCOMPARE(next.book.list(after(1s)).front(), expected);
    QCOMPARE(next.book.deadline(), after(1h).mono);
}

void ShareBookTest::theSamePathsGiveTheSameTicket() {
    Shelf shelf;
    const auto first = shelf.book.add({{"/a"}, "a", 1h, false}, at(0s));
    const auto again = shelf.book.add({{"/a"}, "a", 1h, false}, after(60s));
    QCOMPARE(again->id, first->id);
    QCOMPARE(again->secret, first->secret);
    QVERIFY(again->expires > first->expires);
    QVERIFY(shelf.book.add({{"/b"}, "b", 1h, false}, at(0s))->id != first->id);
    QVERIFY(shelf.book.add({{"/a"}, "a", 1h, true}, at(0s))->id != first->id);
}

void ShareBookTest::anExpiredShareIsNotFound() {
    Shelf shelf;
    const auto share = shelf.book.add({{"/a"}, "a", 10s, false}, at(0s));
    QCOMPARE(shelf.book.deadline(), at(10s).mono);
    QVERIFY(shelf.book.find(share->id, after(10s - 1ns)));
    QVERIFY(!shelf.book.find(share->id, after(10s)));
    QVERIFY(shelf.book.list(after(10s)).empty());
    shelf.store();
    QCOMPARE(shelf.rows.size(), size_t(1));
    shelf.book.sweep(after(10s));
    shelf.store();
    QVERIFY(shelf.rows.empty());
    QCOMPARE(shelf.book.deadline(), kNever);
}

void ShareBookTest::aShareForOneEndsWithItsDelivery() {
    Shelf shelf;
    const auto once = shelf.book.add({{"/a"}, "a", {}, true}, at(0s));
    const auto often = shelf.book.add({{"/a"}, "a", {}, false}, at(0s));
    QVERIFY(shelf.book.onFetched(once->id));
    QVERIFY(!shelf.book.find(once->id, at(0s)));
    QVERIFY(!shelf.book.onFetched(often->id));
    QCOMPARE(shelf.book.find(often->id, at(0s))->fetched, 1u);
    QVERIFY(!shelf.book.onFetched(once->id));
}

void ShareBookTest::theBeginningOfAnIdIsEnough() {
    Shelf shelf;
    const auto a = shelf.book.add({{"/a"}, "a", {}, false}, at(0s));
    const auto b = shelf.book.add({{"/b"}, "b", {}, false}, at(0s));
    QCOMPARE(shelf.book.resolve(shareIdText(a->id), at(0s)).value(), a->id);
    QCOMPARE(shelf.book.resolve(toHex(b->id), at(0s)).value(), b->id);
    QCOMPARE(shelf.book.resolve("", at(0s)).error().code, Errc::NotFound);
    QCOMPARE(shelf.book.resolve("zz", at(0s)).error().code, Errc::NotFound);
    Share twin = *a;
    twin.id[15] ^= 1;
    Shelf twins;
    twins.book.load({}, at(0s));
    shelf.store();
    auto rows = shelf.all();
    rows.push_back({toBytes(twin.id), rows.front().second});
    twins.book.load(rows, at(0s));
    QCOMPARE(twins.book.resolve(shareIdText(a->id), at(0s)).error().code, Errc::InvalidArgument);
    QCOMPARE(twins.book.resolve(toHex(a->id), at(0s)).value(), a->id);
}

void ShareBookTest::damagedRowsAreDropped() {
    Shelf shelf;
    const auto share = shelf.book.add({{"/a"}, "a", {}, false}, at(0s));
    shelf.store();
    auto rows = shelf.all();
    rows.push_back({Bytes(16, 1), Bytes(3, 0xff)});
    rows.push_back({Bytes(15, 2), rows.front().second});
    rows.push_back({Bytes(16, 3), Bytes()});
    Shelf next;
    for (const auto& [key, value] : rows) next.rows[key] = value;
    next.book.load(rows, at(0s));
    next.store();
    QCOMPARE(next.book.list(at(0s)).size(), size_t(1));
    QCOMPARE(next.rows.size(), size_t(1));
    QCOMPARE(next.book.list(at(0s)).front().id, share->id);
}

void ShareBookTest::theBookIsBounded() {
    Shelf shelf;
    for (size_t i = 0; i < kMaxShares; ++i)
        QVERIFY(shelf.book.add({{"/" + std::to_string(i)}, {}, i == 0 ? Duration(1s) : Duration(), false}, at(0s))
                    .has_value());
    QCOMPARE(shelf.book.add({{"/x"}, {}, {}, false}, at(0s)).error().code, Errc::LimitReached);
    QVERIFY(shelf.book.add({{"/1"}, {}, {}, false}, at(0s)).has_value()); // it is there
    const Now later = after(2s);
    QVERIFY(shelf.book.add({{"/x"}, {}, {}, false}, later).has_value()); // one has expired
    shelf.store();
    Shelf next;
    auto rows = shelf.all();
    rows.push_back({Bytes(16, 0xff), rows.front().second});
    next.book.load(rows, later);
    QCOMPARE(next.book.list(later).size(), kMaxShares);
}

void ShareBookTest::pathsOfOneShareAreBounded() {
    Shelf shelf;
    QCOMPARE(shelf.book.add({{}, {}, {}, false}, at(0s)).error().code, Errc::InvalidArgument);
    std::vector<std::string> paths(kMaxSharePaths, "/a");
    QVERIFY(shelf.book.add({paths, {}, {}, false}, at(0s)).has_value());
    paths.push_back("/a");
    QCOMPARE(shelf.book.add({paths, {}, {}, false}, at(0s)).error().code, Errc::TooLarge);
    QVERIFY(shelf.book.add({{std::string(kMaxSharePathBytes, 'a')}, {}, {}, false}, at(0s)).has_value());
    QCOMPARE(shelf.book.add({{std::string(kMaxSharePathBytes + 1, 'a')}, {}, {}, false}, at(0s)).error().code,
             Errc::TooLarge);
    shelf.store();
    Shelf next;
    next.book.load(shelf.all(), at(0s));
    QCOMPARE(next.book.list(at(0s)).size(), size_t(2));
}

void ShareBookTest::aLifetimeWithoutEndDoesNotOverflow() {
    Shelf shelf;
    const auto share = shelf.book.add({{"/a"}, {}, Duration::max(), false}, at(0s));
    QVERIFY(shelf.book.find(share->id, at(0s)));
    QVERIFY(share->expires > at(0s).wall);
}

QTEST_APPLESS_MAIN(ShareBookTest)
#include "share_book_test.moc"
