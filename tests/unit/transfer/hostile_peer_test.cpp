#include "liar.h"

#include <lz4.h>

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

class HostilePeerTest : public QObject {
    Q_OBJECT

  private slots:
    void an_offer_with_an_attack_is_refused_before_anything_is_created() {
        struct Case {
            std::vector<wire::ManifestEntry> entries;
            uint64_t total;
        };
        wire::ManifestEntry fat = LiarWorld::folder("fat");
        fat.set_size(10);
        wire::ManifestEntry late = LiarWorld::file("late", 1);
        late.set_modified_ns(INT64_MAX);
        const std::vector<Case> cases = {
            {{LiarWorld::file("..", 1)}, 1},                                  // A1
            {{LiarWorld::file("../x", 1)}, 1},                                // A1
            {{LiarWorld::file("/etc/x", 1)}, 1},                              // A2
            {{LiarWorld::file("a\\..\\b", 1)}, 1},                            // A3
            {{LiarWorld::file(std::string("a\0b", 3), 1)}, 1},                // A6
            {{LiarWorld::file("x:stream", 1)}, 1},                            // A8
            {{LiarWorld::file("", 1)}, 1},                                    // A9
            {{LiarWorld::file("a", 1), LiarWorld::file("a", 1)}, 2},          // A11
            {{LiarWorld::file("a", 1), LiarWorld::file("b", 1, 1)}, 2},       // A11: below a file
            {{LiarWorld::folder("d"), LiarWorld::folder("..", 1)}, 0},        // B6
            {{fat}, 10},                                                      // B5
            {{LiarWorld::file("a", 10)}, 11},                                 // B8
            {{LiarWorld::file("a", uint64_t(1) << 63)}, uint64_t(1) << 63},   // B8
            {{LiarWorld::file("a", UINT64_MAX)}, UINT64_MAX},                 // B8, D6
            {{LiarWorld::file("a", UINT64_MAX), LiarWorld::file("b", 2)}, 1}, // B8: overflow
            {{LiarWorld::file("a", 1, 9)}, 1},                                // no such parent
        };
        for (size_t i = 0; i < cases.size(); ++i) {
            LiarWorld world;
            const auto before = world.host.disk.tree("/");
            const auto key = world.offer(cases[i].entries, cases[i].total);
            QVERIFY2(world.nothingCreated(), qPrintable(QString::number(i)));
            QVERIFY2(world.victim.eventsOf<OfferMade>().empty(), qPrintable(QString::number(i)));
            QVERIFY2(world.victim.eventsOf<TransferFailed>().size() == 1, qPrintable(QString::number(i)));
            QVERIFY2(!world.liar.heard(key).empty(), qPrintable(QString::number(i)));
            QVERIFY(world.host.disk.tree("/") == before);
            QVERIFY(world.linkLives());
        }
        LiarWorld world; // a strange time alone is harmless
        world.offer({late}, 1);
        QVERIFY(!world.victim.eventsOf<OfferAccepted>().empty());
    }

    void an_offer_larger_than_the_bounds_is_refused_at_the_offer() {
        LiarWorld world;
        const auto key = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
        wire::Offer offer;
        offer.set_offer_key(std::string(32, 'k'));
        offer.set_entry_count(kMaxEntries + 1);
        world.liar.say(key, offer);
        world.run();
        QCOMPARE(world.lastError().code, Errc::TooLarge);
        QVERIFY(world.linkLives());
    }

    void a_control_message_longer_than_the_bound_ends_the_offer_without_memory() {
        for (const Bytes& bytes :
             {Bytes{0x81, 0x80, 0x10}, Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
              Bytes{0x80, 0x00}, Bytes{0x00}}) {
            LiarWorld world; // D8
            const auto key = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
            world.liar.write(key, bytes);
            world.run();
            QCOMPARE(world.victim.eventsOf<TransferFailed>().size(), size_t(1));
            QVERIFY(world.nothingCreated() && world.linkLives());
        }
    }

    void messages_out_of_order_end_the_transfer() {
        wire::GroupRoots roots;
        roots.set_roots(std::string(32, 'r'));
        wire::FileEnd end;
        end.set_digest(std::string(32, 'd'));
        for (const ControlMessage& message :
             {ControlMessage(wire::SendEnd()), ControlMessage(roots), ControlMessage(end),
              ControlMessage(wire::Accept()), ControlMessage(wire::ManifestEnd()), ControlMessage(wire::Receipt()),
              ControlMessage(wire::Need())}) {
            LiarWorld world; // F9: before the offer
            const auto key = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
            world.liar.say(key, message);
            world.run();
            QCOMPARE(world.lastError().code, Errc::ProtocolViolation);
            QVERIFY(world.nothingCreated() && world.linkLives());
        }
        for (const ControlMessage& message :
             {ControlMessage(roots), ControlMessage(wire::Accept()), ControlMessage(wire::ManifestEnd()),
              ControlMessage(wire::Receipt()), ControlMessage(wire::Offer()), ControlMessage(wire::FileEnd())}) {
            LiarWorld world; // after Accept
            const auto key = world.offer({LiarWorld::file("big", 100'000)}, 100'000);
            world.liar.say(key, message);
            world.run();
            QCOMPARE(world.lastError().code, Errc::ProtocolViolation);
            QVERIFY(!world.host.disk.exists("/dst/big") && world.linkLives());
        }
    }

    void content_without_consent_resets_the_stream() {
        LiarWorld world; // B15
        const HonestFile file(300'000);
        world.policy.accept = Accept::Ask;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
        const auto before = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.write(before, file.frame(0, 1));
        world.run();
        QVERIFY(world.liar.resets.contains(before));
        world.offer({LiarWorld::file("big", 300'000)}, 300'000);
        QVERIFY(world.victim.eventsOf<OfferMade>().at(0).needsAnswer);
        const auto asked = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.write(asked, file.frame(0, 1));
        world.run();
        QVERIFY(world.liar.resets.contains(asked));
        QVERIFY(world.nothingCreated() && world.linkLives());
    }

    void content_for_the_accepted_offer_of_somebody_else_resets_the_stream() {
        LiarWorld world; // B15: the attempt id is another peer's
        world.offer({LiarWorld::file("big", 300'000)}, 300'000);
        Liar other(world.network, 10);
        (void)other.carrier.dial(TransferPeer::addressOf(2), world.victim.id, world.now).value();
        const auto settle = [&] {
            for (int i = 0; i < 10; ++i) {
                world.run();
                other.settle();
            }
        };
        settle();
        const auto key = other.open(wire::StreamHello::DATA, world.attempt);
        other.write(key, HonestFile(300'000).frame(0, 0));
        settle();
        QVERIFY(other.resets.contains(key));
        QCOMPARE(world.victim.carrier.uncredited(), size_t(0));
    }

    void an_attempt_cannot_be_begun_twice_at_once() {
        LiarWorld world; // B14
        world.offer({LiarWorld::file("big", 300'000)}, 300'000);
        const auto again = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
        world.run();
        QVERIFY(world.liar.resets.contains(again));
        QCOMPARE(world.victim.eventsOf<OfferMade>().size(), size_t(1));
    }

    void bad_frames_end_the_transfer_and_leave_no_file() {
        const HonestFile file(300'000);
        const auto frame = [&](auto&& change) {
            ChunkHeader header = file.header(0, 1);
            change(header);
            return HonestFile::frame(header, file.chunk(1));
        };
        const std::vector<Bytes> frames = {
            frame([](ChunkHeader& h) { h.entry = 1; }),
            frame([](ChunkHeader& h) { h.entry = UINT32_MAX; }),
            frame([](ChunkHeader& h) { h.chunk = 2; }),
            frame([](ChunkHeader& h) { h.chunk = UINT32_MAX; }),
            frame([](ChunkHeader& h) { h.chunk = 0; }),
            frame([](ChunkHeader& h) { h.proof.push_back(h.groupRoot); }),
            frame([](ChunkHeader& h) { h.proof.clear(); }),
            Bytes(64, 0xff), // F5
            Bytes{2, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
            encodeFrameHeader(BatchHeader{10, 10, false, {{0, 10, {}}}}),
        };
        for (size_t i = 0; i < frames.size(); ++i) {
            LiarWorld world;
            world.offer({LiarWorld::file("big", 300'000)}, 300'000);
            const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
            world.liar.write(key, frames[i]);
            world.run();
            const QString where = QString("frame %1: %2").arg(i).arg(QString::fromStdString(world.lastError().text()));
            QVERIFY2(world.victim.eventsOf<TransferFailed>().size() == 1, qPrintable(where));
            QVERIFY2(!world.host.disk.exists("/dst/big"), qPrintable(where));
            QCOMPARE(world.victim.carrier.uncredited(), size_t(0));
            QVERIFY(world.linkLives());
        }
    }

    void a_repeated_frame_is_a_violation_and_costs_nothing() {
        const HonestFile file(300'000);
        LiarWorld world; // B14
        world.offer({LiarWorld::file("big", 300'000)}, 300'000);
        const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.write(key, file.frame(0, 1));
        world.run();
        world.liar.write(key, file.frame(0, 1));
        world.run();
        QCOMPARE(world.lastError().code, Errc::ProtocolViolation);
        QCOMPARE(world.victim.carrier.uncredited(), size_t(0));
    }

    void wrong_content_is_asked_for_again_and_never_published() {
        const HonestFile file(600'000);
        const ChunkHeader right = file.header(0, 2);
        ChunkHeader swapped = file.header(0, 1); // B9: another chunk's content and proof
        ChunkHeader otherProof = right;
        otherProof.proof[0][5] ^= 1;
        ChunkHeader otherRoot = right;
        otherRoot.groupRoot[5] ^= 1;
        Bytes flipped = toBytes(file.chunk(2));
        flipped[1000] ^= 1;
        const std::vector<Bytes> frames = {
            HonestFile::frame(swapped, file.chunk(0)), HonestFile::frame(otherProof, file.chunk(2)),
            HonestFile::frame(otherRoot, file.chunk(2)), HonestFile::frame(right, flipped)};
        for (size_t i = 0; i < frames.size(); ++i) {
            LiarWorld world;
            const auto control = world.offer({LiarWorld::file("big", 600'000)}, 600'000);
            const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
            world.liar.write(key, file.frame(0, 0)); // fixes the group's root
            world.run();
            size_t needs = 0;
            for (int times = 0; times < 3; ++times) {
                QCOMPARE(world.victim.eventsOf<TransferFailed>().size(), size_t(0));
                world.liar.write(key, frames[i]);
                world.run();
            }
            for (const ControlMessage& message : world.liar.heard(control))
                needs += std::holds_alternative<wire::Need>(message);
            QVERIFY2(needs == 2, qPrintable(QString("case %1: %2").arg(i).arg(needs)));
            QCOMPARE(world.lastError().code, Errc::VerificationFailed);
            QVERIFY(!world.host.disk.exists("/dst/big"));
            QCOMPARE(world.victim.carrier.uncredited(), size_t(0));
        }
    }

    void a_chunk_that_expands_beyond_its_length_is_never_written() {
        const HonestFile file(2 * kChunkSize);
        for (const size_t expanded : {kChunkSize + 1, kChunkSize - 1, 16 * kChunkSize}) {
            LiarWorld world; // F6
            const auto control = world.offer({LiarWorld::file("big", 2 * kChunkSize)}, 2 * kChunkSize);
            const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
            const Bytes content(expanded, 'b');
            Bytes bomb(kChunkSize);
            bomb.resize(static_cast<size_t>(LZ4_compress_default(reinterpret_cast<const char*>(content.data()),
                                                                 reinterpret_cast<char*>(bomb.data()), int(expanded),
                                                                 int(kChunkSize))));
            ChunkHeader header = file.header(0, 0);
            header.compressed = true;
            header.wireLength = static_cast<uint32_t>(bomb.size());
            for (int times = 1; times <= kMaxChunkFailures; ++times) {
                QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
                world.liar.write(key, HonestFile::frame(header, bomb));
                world.run();
            }
            size_t needs = 0;
            for (const ControlMessage& message : world.liar.heard(control))
                needs += std::holds_alternative<wire::Need>(message);
            QCOMPARE(needs, size_t(kMaxChunkFailures - 1));
            QCOMPARE(world.lastError().code, Errc::VerificationFailed);
            QVERIFY(!world.host.disk.exists("/dst/big"));
            for (const std::string& part : world.host.disk.parts("/dst"))
                QCOMPARE(world.host.disk.content("/dst/" + part)->size(), size_t(0));
            QCOMPARE(world.victim.carrier.uncredited(), size_t(0));
        }
    }

    void what_is_sent_never_carries_bytes_of_something_else() {
        TransferWorld world(1); // F10
        world.receiver.reset();
        Liar liar(world.network, 2);
        const Bytes secret(48, 0xa5);
        {
            std::vector<BlockPtr> blocks; // an earlier transfer has filled them
            for (int i = 0; i < 64; ++i) {
                blocks.push_back(world.sender->pool->take());
                std::fill_n(blocks.back()->data(), blocks.back()->capacity(), secret[0]);
            }
        }
        MemoryStorage& disk = world.senderHost.disk;
        for (uint64_t i = 0; i < 30; ++i) disk.addFile("/src/in/s" + std::to_string(i), pattern(i, 1 + 97 * i));
        disk.addFile("/src/in/text", Bytes(400'000, 'x')); // compressed
        disk.addFile("/src/in/big", pattern(51, 2 * kChunkSize + 5));
        world.sender->transfers.send(TransferPeer::idOf(2), {{"/src/in"}, std::chrono::seconds(5), {}}, world.now);
        const auto settle = [&] {
            for (int i = 0; i < 2000; ++i) {
                world.sender->settle(world.now);
                liar.settle();
                world.network.deliverOne();
                if (!world.sender->jobs.empty()) world.sender->runJob(0, world.now);
            }
        };
        settle();
        liar.say(liar.opened[0], wire::Accept());
        settle();
        size_t received = 0;
        for (const auto& [key, bytes] : liar.received) {
            received += bytes.size();
            QVERIFY(std::search(bytes.begin(), bytes.end(), secret.begin(), secret.end()) == bytes.end());
        }
        QVERIFY(received > 2 * kChunkSize);
        const Bytes end = encodeControl(wire::SendEnd());
        const Bytes& said = liar.received[liar.opened[0]];
        QVERIFY(said.size() > end.size() && std::equal(end.rbegin(), end.rend(), said.rbegin()));
        world.startReceiver();
    }

    void what_is_received_never_carries_bytes_of_something_else() {
        TransferWorld world(2); // F10
        for (TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
            std::vector<BlockPtr> blocks;
            for (int i = 0; i < 64; ++i) {
                blocks.push_back(peer->pool->take());
                std::fill_n(blocks.back()->data(), blocks.back()->capacity(), uint8_t(0xa5));
            }
        }
        addMixedTree(world.senderHost.disk, "/src/in");
        world.send({"/src/in"});
        QVERIFY(world.run());
        QVERIFY(world.senderHost.disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"));
    }

    void chunks_that_fit_each_other_but_not_the_digest_are_not_a_file() {
        const HonestFile file(300'000);
        LiarWorld world; // F7
        const auto control = world.offer({LiarWorld::file("big", 300'000)}, 300'000);
        const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.write(key, file.frame(0, 0));
        world.liar.write(key, file.frame(0, 1));
        wire::FileEnd end = file.end(0);
        (*end.mutable_digest())[3] ^= 1;
        world.liar.say(control, end);
        world.run();
        QCOMPARE(world.lastError().code, Errc::VerificationFailed);
        QVERIFY(!world.host.disk.exists("/dst/big"));
    }

    void some_chunks_are_never_a_complete_file() {
        const HonestFile file(3 * kChunkSize);
        LiarWorld world; // F7: chunks are left out, the end is claimed
        const auto control = world.offer({LiarWorld::file("big", 3 * kChunkSize)}, 3 * kChunkSize);
        const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.write(key, file.frame(0, 0));
        world.liar.write(key, file.frame(0, 2));
        world.liar.say(control, file.end(0));
        world.liar.say(control, wire::SendEnd());
        world.run();
        QVERIFY(!world.host.disk.exists("/dst/big"));
        QVERIFY(world.victim.eventsOf<TransferDelivered>().empty());
        world.liar.write(key, file.frame(0, 1));
        world.run();
        QCOMPARE(world.victim.eventsOf<TransferDelivered>().size(), size_t(1));
        QVERIFY(world.host.disk.content("/dst/big") == file.content);
    }

    void every_message_may_be_cut_anywhere() {
        PairOptions options = wideOpen(); // F9
        options.maxPiece = 1;
        LiarWorld world(options);
        const HonestFile file(70'000);
        const auto control = world.offer({LiarWorld::folder("d"), LiarWorld::file("big", 70'000, 1)}, 70'000);
        const auto key = world.liar.open(wire::StreamHello::DATA, world.attempt);
        world.liar.write(key, file.frame(1, 0));
        world.liar.say(control, file.end(1));
        world.liar.say(control, wire::SendEnd());
        world.run();
        QVERIFY(world.host.disk.content("/dst/d/big") == file.content);
    }

    void offers_are_bounded_per_peer_and_freed_again() {
        LiarWorld world;
        world.policy.accept = Accept::Ask;
        world.victim.transfers.setReceivePolicy(world.policy, world.now);
        std::vector<link::StreamKey> keys;
        for (size_t i = 0; i <= kMaxOffersPerPeer; ++i) {
            world.attempt = Bytes(16, static_cast<uint8_t>(20 + i));
            keys.push_back(world.liar.open(wire::StreamHello::CONTROL, world.attempt));
            world.run();
            QCOMPARE(world.liar.resets.contains(keys.back()), i == kMaxOffersPerPeer);
        }
        world.liar.carrier.reset(keys[0], 0);
        world.run();
        world.attempt = Bytes(16, 99);
        const auto key = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
        world.run();
        QVERIFY(!world.liar.resets.contains(key));
    }

    void streams_without_a_hello_are_bounded() {
        LiarWorld world;
        size_t refused = 0;
        for (size_t i = 0; i < kMaxNewStreamsPerPeer + 3; ++i) {
            const auto key = world.liar.carrier.openStream(world.liar.linkId).value();
            world.liar.write(key, Bytes{20});
            world.run();
            refused += world.liar.resets.contains(key);
        }
        QCOMPARE(refused, size_t(3));
    }

    void a_receiver_that_answers_nonsense_ends_the_transfer() {
        wire::Accept outOfRange;
        outOfRange.add_wanted()->set_first(1'000);
        outOfRange.mutable_wanted(0)->set_count(1);
        wire::Accept twice;
        for (int i = 0; i < 2; ++i) twice.add_wanted()->set_count(1);
        wire::Accept overflow;
        overflow.add_complete()->set_first(UINT32_MAX);
        overflow.mutable_complete(0)->set_count(UINT32_MAX);
        wire::Accept claim;
        claim.add_have()->set_entry(0);
        claim.mutable_have(0)->set_bitmap(std::string(16, '\xff'));
        const auto part = [](uint32_t entry, uint32_t chunk, uint32_t bytes, size_t digest, int count) {
            wire::Accept accept;
            for (int i = 0; i < count; ++i) {
                wire::HavePart* one = accept.add_part();
                one->set_entry(entry);
                one->set_chunk(chunk);
                one->set_bytes(bytes);
                one->set_digest(std::string(digest, 'd'));
            }
            return ControlMessage(accept);
        };
        wire::Need need;
        need.set_bitmap("\x01");
        for (const ControlMessage& message :
             {ControlMessage(outOfRange), ControlMessage(twice), ControlMessage(overflow), ControlMessage(claim),
              part(1, 0, 5, 32, 1), part(0, 1, 5, 32, 1), part(0, 0, 0, 32, 1), part(0, 0, 100'000, 32, 1),
              part(0, 0, 5, 31, 1), part(0, 0, 5, 32, 2), part(UINT32_MAX, UINT32_MAX, 5, 32, 1), ControlMessage(need),
              ControlMessage(wire::Receipt()), ControlMessage(wire::Offer()), ControlMessage(wire::Progress())}) {
            TransferWorld world(1);
            world.receiver.reset();
            Liar liar(world.network, 2);
            world.senderHost.disk.addFile("/src/big", pattern(1, 100'000));
            world.sender->transfers.send(TransferPeer::idOf(2), {{"/src/big"}, std::chrono::seconds(5), {}}, world.now);
            const auto settle = [&] {
                for (int i = 0; i < 200; ++i) {
                    world.sender->settle(world.now);
                    liar.settle();
                    world.network.deliverOne();
                    if (!world.sender->jobs.empty()) world.sender->runJob(0, world.now);
                }
            };
            settle();
            QVERIFY(!liar.opened.empty());
            liar.say(liar.opened[0], message);
            settle();
            const auto failed = world.sender->eventsOf<TransferFailed>();
            QVERIFY(failed.size() == 1);
            QCOMPARE(failed[0].error.code, Errc::ProtocolViolation);
            world.startReceiver();
        }
    }

    void a_receiver_that_needs_the_same_chunk_for_ever_ends_the_transfer() {
        TransferWorld world(1);
        world.receiver.reset();
        Liar liar(world.network, 2);
        world.senderHost.disk.addFile("/src/big", pattern(1, 100'000));
        world.sender->transfers.send(TransferPeer::idOf(2), {{"/src/big"}, std::chrono::seconds(5), {}}, world.now);
        const auto settle = [&] {
            for (int i = 0; i < 200; ++i) {
                world.sender->settle(world.now);
                liar.settle();
                world.network.deliverOne();
                if (!world.sender->jobs.empty()) world.sender->runJob(0, world.now);
            }
        };
        settle();
        liar.say(liar.opened[0], wire::Accept());
        settle();
        wire::Need need;
        need.set_bitmap("\x01");
        for (int i = 0; i < kMaxChunkFailures; ++i) {
            liar.say(liar.opened[0], need);
            settle();
            QVERIFY(world.sender->eventsOf<TransferFailed>().empty());
        }
        liar.say(liar.opened[0], need);
        settle();
        QCOMPARE(world.sender->eventsOf<TransferFailed>().at(0).error.code, Errc::VerificationFailed);
        world.startReceiver();
    }
};

QTEST_APPLESS_MAIN(HostilePeerTest)
#include "hostile_peer_test.moc"
