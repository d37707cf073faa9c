#include "liar.h"
#include "transfer/incoming_offer.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// An honest receiver and any number of liars that have dialled it.
struct Crowd {
    explicit Crowd(Accept accept) : world(wideOpen()) {
        world.policy.accept = accept;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
    }
    Liar& liar(size_t number) {
        while (liars.size() <= number) {
            liars.push_back(std::make_unique<Liar>(world.network, static_cast<uint8_t>(20 + liars.size())));
            (void)liars.back()->carrier.dial(TransferPeer::addressOf(2), world.victim.id, world.now).value();
            run();
        }
        return *liars[number];
    }
    void run() {
        for (bool more = true; more;) {
            world.run();
            for (const auto& one : liars) one->settle();
            more = world.network.waiting() > 0;
        }
    }
    /// One file that never comes, as an offer of its own. False: it has been refused.
    bool offer(Liar& from) {
        const uint8_t number = ++m_offers;
        const link::StreamKey key = from.open(wire::StreamHello::CONTROL, Bytes(16, number));
        wire::Offer offer;
        offer.set_offer_key(std::string(32, static_cast<char>(number)));
        offer.set_entry_count(1);
        offer.set_total_bytes(10);
        from.say(key, offer);
        wire::ManifestPage page;
        *page.add_entries() = LiarWorld::file("f" + std::to_string(number), 10);
        from.say(key, page);
        from.say(key, wire::ManifestEnd());
        run();
        last = key;
        return !from.resets.contains(key);
    }

    LiarWorld world;
    std::vector<std::unique_ptr<Liar>> liars;
    link::StreamKey last;

  private:
    uint8_t m_offers = 0;
};

wire::Offer announced(uint32_t entries) {
    wire::Offer offer;
    offer.set_offer_key(std::string(kOfferKeySize, 'k'));
    offer.set_entry_count(entries);
    return offer;
}

wire::ManifestPage pageOf(const std::string& name) {
    wire::ManifestPage page;
    *page.add_entries() = LiarWorld::file(name, 0);
    return page;
}

const SpillMaker inMemory;

/// What one page costs while nobody has answered.
size_t manifestBytes() {
    ManifestReader reader = ManifestReader::begin(2, 0).value();
    (void)reader.addPage(pageOf("a"));
    return reader.heldBytes();
}

} // namespace

class OfferBoundsTest : public QObject {
    Q_OBJECT

  private slots:
    void the_next_offer_above_those_of_all_peers_is_refused_until_one_has_ended() {
        Crowd crowd(Accept::Ask);
        for (size_t i = 0; i < kMaxOffersInAll; ++i) QVERIFY(crowd.offer(crowd.liar(i / kMaxOffersPerPeer)));
        QCOMPARE(crowd.world.victim.eventsOf<OfferMade>().size(), kMaxOffersInAll);
        Liar& late = crowd.liar(kMaxOffersInAll / kMaxOffersPerPeer);
        QVERIFY(!crowd.world.victim.transfers.pollTurnedAway());
        QVERIFY(!crowd.offer(late));
        QVERIFY(!crowd.offer(late)); // as often as it likes
        QVERIFY(crowd.world.victim.transfers.pollTurnedAway() ==
                TransferPeer::idOf(20 + kMaxOffersInAll / kMaxOffersPerPeer));
        QVERIFY(!crowd.world.victim.transfers.pollTurnedAway());
        const TransferId first = crowd.world.victim.eventsOf<OfferMade>()[0].transfer;
        QVERIFY(
            crowd.world.victim.transfers.answer(first, false, "no", {}, crowd.world.victim.carrier, crowd.world.now));
        crowd.run();
        QVERIFY(crowd.offer(late));
    }

    void a_peer_has_no_more_accepted_transfers_under_way_than_the_bound() {
        Crowd crowd(Accept::All);
        for (size_t i = 0; i < kMaxReceivesPerPeer; ++i) QVERIFY(crowd.offer(crowd.liar(0)));
        QCOMPARE(crowd.world.victim.eventsOf<OfferAccepted>().size(), kMaxReceivesPerPeer);
        QVERIFY(!crowd.offer(crowd.liar(0)));
        QVERIFY(crowd.offer(crowd.liar(1)));
        const TransferId first = crowd.world.victim.eventsOf<OfferAccepted>()[0].transfer;
        QVERIFY(crowd.world.victim.transfers.cancel(first, crowd.world.victim.carrier, crowd.world.now));
        crowd.world.now.mono += kCloseTimeout;
        crowd.world.victim.transfers.onDeadline(crowd.world.victim.carrier, crowd.world.now);
        crowd.run();
        QVERIFY(crowd.offer(crowd.liar(0)));
    }

    void all_peers_together_have_no_more_accepted_transfers_than_the_bound() {
        Crowd crowd(Accept::All);
        for (size_t i = 0; i < kMaxReceivesInAll; ++i) QVERIFY(crowd.offer(crowd.liar(i / kMaxReceivesPerPeer)));
        QCOMPARE(crowd.world.victim.eventsOf<OfferAccepted>().size(), kMaxReceivesInAll);
        QVERIFY(!crowd.offer(crowd.liar(kMaxReceivesInAll / kMaxReceivesPerPeer + 1)));
    }

    void an_offer_that_does_not_come_to_its_end_ends_at_the_time_out() {
        LiarWorld world;
        const auto key = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
        world.liar.say(key, announced(1));
        world.run();
        QCOMPARE(world.victim.transfers.deadline(), world.now.mono + kOfferTimeout);
        world.now.mono += kOfferTimeout - Duration(1);
        world.victim.transfers.onDeadline(world.victim.carrier, world.now);
        world.run();
        QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
        world.now.mono += Duration(1);
        world.victim.transfers.onDeadline(world.victim.carrier, world.now);
        world.run();
        QCOMPARE(world.lastError().code, Errc::Timeout);
        QVERIFY(world.linkLives());
    }

    void a_peer_that_does_not_close_a_declined_offer_has_its_stream_taken_at_the_time_out() {
        LiarWorld world;
        world.victim.transfers.setReceivePolicy({}, world.now);
        const auto key = world.offer({LiarWorld::file("f", 1)}, 1);
        QVERIFY(std::holds_alternative<wire::Decline>(world.liar.heard(key).back()));
        QCOMPARE(world.victim.transfers.deadline(), world.now.mono + kCloseTimeout);
        world.now.mono += kCloseTimeout - Duration(1);
        world.victim.transfers.onDeadline(world.victim.carrier, world.now);
        QVERIFY(world.victim.transfers.deadline() != kNever);
        world.now.mono += Duration(1);
        world.victim.transfers.onDeadline(world.victim.carrier, world.now);
        QCOMPARE(world.victim.transfers.deadline(), kNever);
    }

    void manifests_that_wait_fill_their_room_exactly() {
        const auto me = TransferPeer::idOf(1);
        const auto other = TransferPeer::idOf(2);
        const size_t bytes = manifestBytes();
        for (const bool tooMuch : {false, true}) {
            PendingOffers pending;
            const size_t taken = kMaxPendingManifestBytes - bytes + (tooMuch ? 1 : 0);
            (void)pending.manifests.grow(other, taken, kMaxPendingManifestBytes, kMaxPendingManifestBytes);
            {
                IncomingOffer offer(pending, me, inMemory);
                QVERIFY(offer.onOffer(announced(2)));
                const Result<void> page = offer.onPage(pageOf("a"));
                QCOMPARE(page.has_value(), !tooMuch);
                if (!page) QCOMPARE(page.error().code, Errc::LimitReached);
            }
            // The offer is gone, and its bytes with it.
            QVERIFY(pending.manifests.grow(me, kMaxPendingManifestBytes - taken, kMaxPendingManifestBytes,
                                           kMaxPendingManifestBytes));
        }
    }

    void the_manifests_of_one_peer_fill_its_share_exactly() {
        const auto me = TransferPeer::idOf(1);
        const size_t bytes = manifestBytes();
        for (const bool tooMuch : {false, true}) {
            PendingOffers pending;
            (void)pending.manifests.grow(me, kMaxPendingManifestBytesPerPeer - bytes + (tooMuch ? 1 : 0),
                                         kMaxPendingManifestBytes, kMaxPendingManifestBytes);
            IncomingOffer offer(pending, me, inMemory);
            QVERIFY(offer.onOffer(announced(2)));
            QCOMPARE(offer.onPage(pageOf("a")).has_value(), !tooMuch);
            IncomingOffer ofAnother(pending, TransferPeer::idOf(2), inMemory);
            QVERIFY(ofAnother.onOffer(announced(2)));
            QVERIFY(ofAnother.onPage(pageOf("a")));
        }
    }
};

QTEST_APPLESS_MAIN(OfferBoundsTest)
#include "offer_bounds_test.moc"
