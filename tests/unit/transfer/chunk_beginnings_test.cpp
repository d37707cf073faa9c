#include "liar.h"
#include "transfer/chunk_beginnings.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {

/// Behind a Liar: a receiver that has a file of three chunks coming through a relay, which cuts.
struct CutWorld : LiarWorld {
    CutWorld() { victim.relayed = true; }
    void begin(uint8_t number) {
        attempt = Bytes(16, number);
        control = offer({LiarWorld::file("big", file.content.size())}, file.content.size());
        data = liar.open(wire::StreamHello::DATA, attempt);
        run();
    }
    void cut() {
        victim.loseLink(TransferPeer::idOf(9), victim.links.at(TransferPeer::idOf(9)), now);
        run();
        (void)liar.carrier.dial(TransferPeer::addressOf(2), victim.id, now).value();
        run();
    }
    void send(const Bytes& bytes) {
        liar.write(data, bytes);
        run();
    }
    /// The first bytes of the payload of a chunk's frame.
    void sendBeginning(uint32_t chunk, size_t bytes, bool right = true) {
        Bytes frame = file.frame(0, chunk);
        frame.resize(frame.size() - file.chunk(chunk).size() + bytes);
        if (!right) frame.back() ^= 1;
        send(frame);
    }
    /// The rest of it.
    void sendRest(uint32_t chunk, uint32_t from, bool right = true) {
        ChunkHeader header = file.header(0, chunk);
        header.from = from;
        Bytes frame = HonestFile::frame(header, file.chunk(chunk).subspan(from));
        if (!right) frame.back() ^= 1;
        send(frame);
    }
    void finish(const std::vector<uint32_t>& chunks) {
        for (const uint32_t chunk : chunks) send(file.frame(0, chunk));
        liar.say(control, file.end(0));
        liar.say(control, wire::SendEnd());
        run();
    }
    template <typename Message> std::vector<Message> said() {
        std::vector<Message> found;
        for (const ControlMessage& message : liar.heard(control))
            if (const auto* one = std::get_if<Message>(&message)) found.push_back(*one);
        return found;
    }
    /// What the last Accept claims, as "chunk:bytes".
    QString claims() {
        QString text;
        for (const wire::Accept& accept : said<wire::Accept>())
            for (const wire::HavePart& part : accept.part()) {
                const auto beginning = file.chunk(part.chunk()).first(part.bytes());
                const bool right = equal(asBytes(part.digest()), crypto::sha256(beginning));
                text += QString("%1:%2%3 ").arg(part.chunk()).arg(part.bytes()).arg(right ? "" : "!");
            }
        return text.trimmed();
    }
    bool delivered() {
        return said<wire::Receipt>().size() == 1 && host.disk.content("/dst/big") == file.content &&
               victim.carrier.uncredited() == 0;
    }

    const HonestFile file{2 * kChunkSize + 70'000};
    link::StreamKey control, data;
};

} // namespace

/// Chunks that a relay cuts off in the middle go on with the next byte over the next circuit.
class ChunkBeginningsTest : public QObject {
    Q_OBJECT

  private slots:
    void what_is_kept_between_attempts_is_bounded() {
        KeptBeginnings kept;
        Now now{};
        const auto name = [](size_t i) { return Bytes{uint8_t(i), uint8_t(i >> 8)}; };
        const size_t places = kMaxBeginningsHeld / kChunkSize;
        for (size_t i = 0; i <= places; ++i) kept.keep(name(i), {{{0, 0}, Bytes(kChunkSize)}}, now);
        QCOMPARE(kept.bytes(), kMaxBeginningsHeld);
        QVERIFY(kept.take(name(0), now).empty()); // the oldest
        QCOMPARE(kept.take(name(1), now).size(), size_t(1));
        QVERIFY(kept.take(name(1), now).empty());
        kept.keep(name(2), {{{7, 8}, Bytes(10)}}, now); // in place of what is there
        QCOMPARE(kept.bytes(), kMaxBeginningsHeld - 2 * kChunkSize + 10);
        kept.keep(name(2), {}, now);
        QVERIFY(kept.take(name(2), now).empty());
        now.mono += kBeginningsLifetime;
        QVERIFY(kept.take(name(3), now).empty());
        QCOMPARE(kept.bytes(), size_t(0));
    }

    void a_chunk_goes_on_over_the_next_circuit_and_the_one_after() {
        CutWorld world;
        world.begin(1);
        world.sendBeginning(0, 100'000);
        world.cut();
        world.begin(2);
        QCOMPARE(world.claims(), QString("0:100000"));
        ChunkHeader header = world.file.header(0, 0);
        header.from = 100'000;
        world.send(HonestFile::frame(header, world.file.chunk(0).subspan(100'000, 50'000)));
        world.cut();
        world.begin(3);
        QCOMPARE(world.claims(), QString("0:150000"));
        world.cut(); // nothing has come: it is still there
        world.begin(4);
        QCOMPARE(world.claims(), QString("0:150000"));
        world.sendRest(0, 150'000);
        world.finish({1, 2});
        QVERIFY(world.delivered());
        QVERIFY(world.said<wire::Need>().empty());
    }

    void of_many_streams_that_are_cut_only_a_few_beginnings_are_kept() {
        CutWorld world;
        world.begin(1);
        for (const uint32_t chunk : {0U, 1U, 2U}) {
            world.data = world.liar.open(wire::StreamHello::DATA, world.attempt);
            world.sendBeginning(chunk, 10'000 + chunk);
        }
        world.cut();
        world.begin(2);
        QCOMPARE(world.claims(), QString("0:10000 1:10001"));
        world.sendRest(1, 10'001);
        world.sendRest(0, 10'000);
        world.finish({2});
        QVERIFY(world.delivered());
    }

    void over_a_direct_connection_nothing_is_kept() {
        CutWorld world;
        world.victim.relayed = false;
        world.begin(1);
        world.sendBeginning(0, 100'000);
        world.cut();
        world.begin(2);
        QCOMPARE(world.claims(), QString());
    }

    /// As older ones do, and those whose source is another by now.
    void a_sender_may_begin_anew() {
        CutWorld world;
        world.begin(1);
        world.sendBeginning(1, 200'000);
        world.cut();
        world.begin(2);
        QCOMPARE(world.claims(), QString("1:200000"));
        world.finish({0, 1, 2});
        QVERIFY(world.delivered());
    }

    void what_does_not_verify_with_its_beginning_comes_again_as_a_whole() {
        for (const bool rightFirst : {true, false}) {
            CutWorld world;
            world.begin(1);
            world.sendBeginning(0, 100'000, rightFirst);
            world.cut();
            world.begin(2);
            QCOMPARE(world.claims(), QString(rightFirst ? "0:100000" : "0:100000!"));
            world.sendRest(0, 100'000, !rightFirst);
            QCOMPARE(world.said<wire::Need>().size(), size_t(1));
            QVERIFY(world.victim.eventsOf<TransferFailed>().empty());
            world.finish({0, 1, 2});
            QVERIFY(world.delivered());
        }
    }

    void what_goes_on_elsewhere_than_its_beginning_ends_is_a_violation() {
        const auto refused = [](uint32_t chunk, uint32_t from) {
            CutWorld world;
            world.begin(1);
            world.sendBeginning(0, 100'000);
            world.cut();
            world.begin(2);
            world.sendRest(chunk, from);
            return world.lastError().code == Errc::ProtocolViolation && !world.host.disk.exists("/dst/big") &&
                   world.victim.carrier.uncredited() == 0;
        };
        QVERIFY(refused(0, 99'999));
        QVERIFY(refused(0, 100'001));
        QVERIFY(refused(0, uint32_t(kChunkSize - 1)));
        QVERIFY(refused(1, 100'000)); // the beginning of another chunk
        QVERIFY(refused(2, 10));
        CutWorld world; // after it was no good
        world.begin(1);
        world.sendBeginning(0, 100'000);
        world.cut();
        world.begin(2);
        world.sendRest(0, 100'000, false);
        world.sendRest(0, 100'000);
        QCOMPARE(world.lastError().code, Errc::ProtocolViolation);
    }

    void a_beginning_of_what_the_next_offer_does_not_have_is_forgotten() {
        CutWorld world;
        world.begin(1);
        world.sendBeginning(1, 200'000);
        world.cut();
        world.attempt = Bytes(16, 2);
        world.control = world.offer({LiarWorld::file("big", kChunkSize + 100'000)}, kChunkSize + 100'000);
        QCOMPARE(world.said<wire::Accept>().size(), size_t(1));
        QCOMPARE(world.said<wire::Accept>().at(0).part_size(), 0);
    }

    /// Whatever is cut where: no circuit carries as much as a chunk.
    void a_transfer_gets_through_circuits_of_less_than_a_chunk() {
        for (uint64_t seed = 1; seed <= 10; ++seed) {
            PairOptions options;
            options.maxPiece = 16 * 1024;
            TransferWorld world(seed, options);
            world.sender->relayed = world.receiver->relayed = true;
            MemoryStorage& disk = world.senderHost.disk;
            disk.addFile("/src/in/big", pattern(51, 3 * kChunkSize + 5));
            for (uint64_t i = 0; i < 9; ++i) disk.addFile("/src/in/s" + std::to_string(i), pattern(i, 20'000 + i));
            disk.addFile("/src/in/text", Bytes(700'000, 'x')); // compressed
            world.send({"/src/in"});
            uint64_t circuits = 0, carried = 0;
            while (world.sender->eventsOf<TransferDelivered>().empty() && circuits < 40) {
                if (!world.step()) break;
                const auto& links = world.receiver->links;
                const auto stats = links.empty() ? std::nullopt : world.receiver->carrier.stats(links.begin()->second);
                if (!stats || stats->bytesReceived < 120'000) continue;
                carried += stats->bytesReceived;
                ++circuits;
                world.breakLink();
            }
            const QString where = QString("seed %1: %2 circuits, %3 bytes").arg(seed).arg(circuits).arg(carried);
            QVERIFY2(world.sender->eventsOf<TransferDelivered>().size() == 1, qPrintable(where));
            QVERIFY2(disk.tree("/src/in") == world.receiverHost.disk.tree("/dst/in"), qPrintable(where));
            QVERIFY2(circuits >= 7 && circuits <= 12, qPrintable(where));
            QVERIFY(world.run());
        }
    }

    void a_relay_that_lets_nothing_useful_through_ends_the_transfer_and_is_named() {
        TransferWorld world;
        world.sender->relayed = world.receiver->relayed = true;
        world.senderHost.disk.addFile("/src/big", pattern(51, 3 * kChunkSize + 5));
        world.send({"/src/big"}, 10min);
        const Error spent = makeError(Errc::ConnectionLost, "relay 'office' lets 16 KiB through");
        size_t circuits = 0;
        for (; circuits < 40 && world.sender->eventsOf<TransferFailed>().empty(); ++circuits) {
            while (world.sender->eventsOf<TransferInterrupted>().size() == circuits && world.step()) {
                const auto& links = world.receiver->links;
                const auto stats = links.empty() ? std::nullopt : world.receiver->carrier.stats(links.begin()->second);
                if (!stats || stats->bytesReceived == 0) continue;
                for (TransferPeer* peer : {world.sender.get(), world.receiver.get()})
                    peer->carrier.breakLink(peer->links.begin()->second, spent);
                world.settled();
                world.sender->transfers.onCircuitSpent(world.receiver->id, spent, world.now);
                world.settled();
            }
        }
        const auto failed = world.sender->eventsOf<TransferFailed>();
        QCOMPARE(failed.size(), size_t(1));
        QVERIFY(failed[0].error.text().find("relay 'office' lets 16 KiB through") != std::string::npos);
        QVERIFY(circuits <= kMaxFruitlessCircuits + 2);
        for (const auto& lost : world.sender->eventsOf<TransferInterrupted>())
            QCOMPARE(lost.error.text(), spent.text());
        QVERIFY(world.now.mono < Instant{} + 1min);
    }
};

QTEST_APPLESS_MAIN(ChunkBeginningsTest)
#include "chunk_beginnings_test.moc"
