#include "liar.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// An offer that comes page by page, as fast as the receiver takes it.
struct PagedOffer {
    explicit PagedOffer(LiarWorld& aWorld, uint32_t count)
        : world(aWorld),
          key(world.liar.open(wire::StreamHello::CONTROL, world.attempt)) {
        wire::Offer offer;
        offer.set_offer_key(std::string(32, 'k'));
        offer.set_entry_count(count);
        say(offer);
    }
    void say(const ControlMessage& message) {
        bytes += encodeControl(message).size();
        world.liar.say(key, message);
        world.run();
    }
    void add(const wire::ManifestEntry& entry) {
        *page.add_entries() = entry;
        if (page.entries_size() == int(kMaxPageEntries) || page.ByteSizeLong() > kMaxControlMessage - 1024) flush();
    }
    void flush() {
        if (page.entries_size() == 0) return;
        const uint32_t next = page.first_index() + uint32_t(page.entries_size());
        say(page);
        page.Clear();
        page.set_first_index(next);
    }

    LiarWorld& world;
    link::StreamKey key;
    wire::ManifestPage page;
    size_t bytes = 0;
};

std::string numbered(uint32_t i, const std::string& tail = {}) {
    const std::string digits = std::to_string(i);
    return std::string(8 - digits.size(), '0') + digits + tail;
}

} // namespace

class LargeOfferTest : public QObject {
    Q_OBJECT

    struct Effort {
        size_t jobs = 0;
        size_t steps = 0;
        size_t rows = 0;
    };
    static Effort effortOf(uint32_t files) {
        TransferWorld world(1);
        for (uint32_t i = 0; i < files; ++i)
            world.senderHost.disk.addFile("/src/in/" + numbered(i / 1000) + "/" + numbered(i), Bytes(i % 7, 'x'));
        world.send({"/src/in"});
        const bool over = world.run(20'000'000);
        const auto delivered = world.sender->eventsOf<TransferDelivered>();
        if (!over || delivered.size() != 1 || delivered[0].figures.filesDone != files) return {};
        return {world.sender->jobsSeen + world.receiver->jobsSeen, world.steps, world.receiverHost.store.size()};
    }

  private slots:
    void whoever_is_asked_sees_every_entry() {
        LiarWorld world; // A16
        world.policy.accept = Accept::Ask;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
        std::vector<wire::ManifestEntry> entries{LiarWorld::folder("all")};
        for (uint32_t i = 0; i < 2500; ++i) entries.push_back(LiarWorld::file(numbered(i), 0, 1));
        PagedOffer offer(world, uint32_t(entries.size()));
        for (const wire::ManifestEntry& entry : entries) offer.add(entry);
        offer.flush();
        offer.say(wire::ManifestEnd());
        const auto made = world.victim.eventsOf<OfferMade>();
        QVERIFY(made.size() == 1 && made[0].needsAnswer);
        QCOMPARE(made[0].entries.size(), entries.size());
        QCOMPARE(made[0].filesTotal + made[0].foldersTotal, uint64_t(entries.size()));
        QCOMPARE(made[0].entries[0].path, std::string("all"));
        QVERIFY(made[0].entries[0].isFolder);
        for (size_t i = 1; i < entries.size(); ++i)
            QCOMPARE(made[0].entries[i].path, "all/" + numbered(static_cast<uint32_t>(i - 1)));
        QVERIFY(world.nothingCreated());
    }

    void a_hundred_thousand_entries_are_as_many_times_the_work_of_ten_thousand() {
        const Effort some = effortOf(10'000); // B16
        const Effort many = effortOf(100'000);
        QVERIFY(some.jobs > 0 && many.jobs > 0);
        QVERIFY2(many.jobs <= 11 * some.jobs, qPrintable(QString("%1 %2").arg(some.jobs).arg(many.jobs)));
        QVERIFY2(many.steps <= 11 * some.steps, qPrintable(QString("%1 %2").arg(some.steps).arg(many.steps)));
        QVERIFY2(many.rows <= 10 * some.rows, qPrintable(QString("%1 %2").arg(some.rows).arg(many.rows)));
    }

    void a_million_entries_are_taken_and_one_more_is_not() {
        for (const bool oneMore : {false, true}) {
            LiarWorld world; // B16
            world.policy.accept = Accept::Trusted;
            world.policy.trusted = {};
            world.victim.transfers.setReceivePolicy(world.policy, world.now);
            PagedOffer offer(world, kMaxEntries);
            offer.add(LiarWorld::folder("in"));
            for (uint32_t i = 1; i < kMaxEntries; ++i) offer.add(LiarWorld::file(numbered(i), 0, 1));
            offer.flush();
            QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
            if (oneMore) {
                offer.add(LiarWorld::file(numbered(kMaxEntries), 0, 1));
                offer.flush();
                QCOMPARE(world.victim.eventsOf<TransferFailed>().size(), size_t(1));
                QVERIFY(world.victim.eventsOf<OfferMade>().empty());
            } else {
                offer.say(wire::ManifestEnd());
                QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
                QCOMPARE(world.victim.eventsOf<OfferMade>().at(0).filesTotal, uint64_t(kMaxEntries - 1));
            }
            QVERIFY(world.nothingCreated() && world.linkLives());
        }
    }

    void a_manifest_of_a_gibibyte_is_refused_after_its_bound() {
        LiarWorld world; // B16
        PagedOffer offer(world, kMaxEntries);
        offer.add(LiarWorld::folder("in"));
        const std::string tail(247, 'x');
        for (uint32_t i = 1; i < kMaxEntries && world.victim.eventsOf<TransferFailed>().empty(); ++i)
            offer.add(LiarWorld::file(numbered(i, tail), 0, 1));
        QCOMPARE(world.lastError().code, Errc::TooLarge);
        QVERIFY2(offer.bytes < kMaxManifestNames + kMaxManifestNames / 8, qPrintable(QString::number(offer.bytes)));
        QVERIFY(world.nothingCreated() && world.linkLives());
        const auto heard = world.liar.heard(offer.key);
        QVERIFY(!heard.empty() && std::holds_alternative<wire::Decline>(heard.back()));
    }
};

QTEST_APPLESS_MAIN(LargeOfferTest)
#include "large_offer_test.moc"
