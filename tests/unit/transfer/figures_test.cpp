#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// Payload that the sender's jobs have made ready.
struct Counted {
    uint64_t payload = 0;
    void watch(TransferPeer& sender) {
        sender.tamper = [this](const Job&, JobDone& done) {
            if (!done.outcome) return;
            if (const auto* frame = std::get_if<FrameReady>(&*done.outcome)) payload += frame->payloadOnWire;
            if (const auto* batch = std::get_if<BatchReady>(&*done.outcome)) payload += batch->frame.payloadOnWire;
        };
    }
};

/// Nothing of it can be compressed.
uint64_t addRandomTree(MemoryStorage& disk) {
    uint64_t bytes = 0;
    const auto add = [&](const std::string& name, size_t size) {
        disk.addFile("/src/in/" + name, pattern(size, size));
        bytes += size;
    };
    for (size_t i = 1; i <= 12; ++i) add("s" + std::to_string(i), 3000 + i);
    add("big", 20 * kChunkSize + 11);
    add("mid", 200'001);
    return bytes;
}

} // namespace

class FiguresTest : public QObject {
    Q_OBJECT

  private slots:
    void bytesSent_of_an_undisturbed_run_is_the_payload_and_nothing_else() {
        TransferWorld world(1);
        const uint64_t total = addRandomTree(world.senderHost.disk);
        world.send({"/src/in"});
        QVERIFY(world.run());
        const auto delivered = world.sender->eventsOf<TransferDelivered>();
        QVERIFY(delivered.size() == 1);
        QCOMPARE(delivered[0].figures.bytesTotal, total);
        QCOMPARE(delivered[0].figures.bytesSent, total);
        QCOMPARE(world.receiver->eventsOf<TransferDelivered>().at(0).figures.bytesSent, total);
    }

    void bytesSent_adds_up_over_lost_connections_and_counts_only_what_was_sent() {
        for (uint64_t seed = 1; seed <= 10; ++seed) {
            TransferWorld world(seed);
            const uint64_t total = addRandomTree(world.senderHost.disk);
            Counted counted;
            counted.watch(*world.sender);
            world.send({"/src/in"});
            for (size_t cut = 0; cut < 3; ++cut) {
                for (size_t i = 0; i < 80 + 17 * seed && world.sender->eventsOf<TransferDelivered>().empty(); ++i)
                    world.step();
                if (world.sender->eventsOf<TransferDelivered>().empty()) world.breakLink();
            }
            QVERIFY(world.run());
            const auto delivered = world.sender->eventsOf<TransferDelivered>();
            QVERIFY(delivered.size() == 1);
            QVERIFY(!world.sender->eventsOf<TransferInterrupted>().empty());
            const uint64_t sent = delivered[0].figures.bytesSent;
            const uint64_t cuts = world.sender->eventsOf<TransferInterrupted>().size();
            const QString where =
                QString("%1: %2 of %3, made %4, cuts %5").arg(seed).arg(sent).arg(total).arg(counted.payload).arg(cuts);
            // What arrived before a cut and was acknowledged too late is the receiver's, but not in the sum.
            QVERIFY2(sent + cuts * PairOptions{}.linkWindow >= total, qPrintable(where));
            // Whole frames that had arrived were kept; at most a window of pieces came twice.
            QVERIFY2(sent <= total + cuts * PairOptions{}.linkWindow && sent <= counted.payload, qPrintable(where));
            uint64_t before = 0;
            for (const TransferProgress& progress : world.sender->eventsOf<TransferProgress>()) {
                QVERIFY(progress.figures.bytesSent >= before);
                before = progress.figures.bytesSent;
            }
        }
    }

    void bytesSent_does_not_count_what_a_lost_connection_took_with_it() {
        TransferWorld world(3);
        addRandomTree(world.senderHost.disk);
        world.send({"/src/in"});
        // Everything that the streams take is written, nothing of the content arrives.
        for (int i = 0; i < 20'000 && world.sender->eventsOf<OfferAccepted>().empty(); ++i) world.step();
        QVERIFY(!world.sender->eventsOf<OfferAccepted>().empty());
        for (int i = 0; i < 200 && !world.sender->jobs.empty(); ++i) world.sender->runJob(0, world.now);
        world.breakLink();
        world.sender->transfers.shutdown(world.sender->carrier, world.now);
        world.settled();
        QCOMPARE(world.sender->eventsOf<TransferFailed>().at(0).figures.bytesSent, uint64_t(0));
    }

    void what_cannot_shrink_is_not_counted_as_compressed_nor_large_files_as_batched() {
        TransferWorld world(4);
        addRandomTree(world.senderHost.disk);
        world.send({"/src/in"});
        QVERIFY(world.run());
        const TransferFigures sent = world.sender->eventsOf<TransferDelivered>().at(0).figures;
        const TransferFigures got = world.receiver->eventsOf<TransferDelivered>().at(0).figures;
        QCOMPARE(sent.chunksCompressed, uint64_t(0));
        QCOMPARE(sent.filesBatched, uint64_t(12));
        QCOMPARE(got.filesBatched, uint64_t(12));
        QCOMPARE(got.chunksCompressed, uint64_t(0));
        QVERIFY(sent.streamsUsed > 2 && sent.streamsUsed <= kDataStreams);
    }

    void small_files_share_frames() {
        TransferWorld world(6);
        addRandomTree(world.senderHost.disk);
        std::vector<size_t> frames;
        world.sender->tamper = [&](const Job& job, JobDone&) {
            if (const auto* batch = std::get_if<ReadBatchJob>(&job.work)) frames.push_back(batch->files.size());
        };
        world.send({"/src/in"});
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(1));
        QVERIFY(frames == std::vector<size_t>{12});
    }

    void text_is_compressed_on_chunks_and_on_batches() {
        for (const bool small : {false, true}) {
            TransferWorld world(5);
            const size_t size = small ? 30'000 : 3 * kChunkSize;
            world.senderHost.disk.addFile("/src/text", Bytes(size, 'x'));
            world.send({"/src/text"});
            QVERIFY(world.run());
            const TransferFigures sent = world.sender->eventsOf<TransferDelivered>().at(0).figures;
            QCOMPARE(sent.chunksCompressed, uint64_t(small ? 1 : 3));
            QCOMPARE(world.receiver->eventsOf<TransferDelivered>().at(0).figures.chunksCompressed,
                     sent.chunksCompressed);
            QVERIFY(sent.bytesSent < size / 10);
            QCOMPARE(world.receiver->eventsOf<TransferDelivered>().at(0).figures.bytesSent, sent.bytesSent);
        }
    }
};

QTEST_APPLESS_MAIN(FiguresTest)
#include "figures_test.moc"
