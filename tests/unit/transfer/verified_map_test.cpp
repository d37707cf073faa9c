#include "transfer/verified_map.h"

#include "liar.h"

#include <QtTest>
#include <numeric>

using namespace wherry;
using namespace wherry::test;

namespace {

Manifest manifestOf(const std::vector<uint64_t>& sizes) {
    ManifestBuilder builder;
    for (size_t i = 0; i < sizes.size(); ++i) {
        const QString name = QString("f%1").arg(i, 8, 10, QChar('0'));
        const auto added = builder.add({kNoEntry, name.toStdString(), false, false, sizes[i], 0});
        [&] { QVERIFY(added); }();
    }
    return builder.finish();
}

FileBook allOf(const Manifest& manifest) {
    FileBook book(manifest);
    [&] { QVERIFY(book.select({})); }();
    return book;
}

/// Byte by byte.
Bytes cellsOf(const std::vector<bool>& verified) {
    const size_t count = std::min(verified.size(), kMapCells);
    Bytes cells;
    size_t at = 0;
    for (size_t cell = 0; cell < count; ++cell) {
        const size_t size = verified.size() / count + (cell < verified.size() % count ? 1 : 0);
        const auto there = static_cast<size_t>(std::count(verified.begin() + ptrdiff_t(at),
                                                          verified.begin() + ptrdiff_t(at + size), true));
        const int level = static_cast<int>(255.0 * double(there) / double(size));
        cells.push_back(uint8_t(there == size ? 255 : there == 0 ? 0 : std::clamp(level, 1, 254)));
        at += size;
    }
    return cells;
}

/// The map that was told last before the end, of either side.
Bytes lastMap(const TransferPeer& peer) {
    Bytes last;
    for (const TransferProgress& progress : peer.eventsOf<TransferProgress>())
        if (!progress.verified.empty()) last = progress.verified;
    return last;
}

double shareOf(const Bytes& cells) {
    return std::accumulate(cells.begin(), cells.end(), 0.0) / (255.0 * double(cells.size()));
}

void stepUntil(TransferWorld& world, auto&& done) {
    for (int i = 0; i < 200'000 && !done(); ++i) {
        world.passTime(std::chrono::milliseconds(20));
        world.step();
    }
    [&] { QVERIFY(done()); }();
}

} // namespace

class VerifiedMapTest : public QObject {
    Q_OBJECT

  private slots:
    void it_is_what_counting_every_byte_says() {
        for (uint64_t seed = 1; seed <= 60; ++seed) {
            SeededRandom random(seed);
            std::vector<uint64_t> sizes;
            const uint64_t most = seed % 3 == 0 ? 3 : seed % 3 == 1 ? 300 : 5000;
            for (uint64_t i = 0; i < 1 + seed % 12; ++i) sizes.push_back(random.below(most));
            const Manifest manifest = manifestOf(sizes);
            const FileBook book = allOf(manifest);
            VerifiedMap map(manifest, book);
            std::vector<bool> bytes(manifest.totalBytes());
            QCOMPARE(map.cells(), cellsOf(bytes));
            for (int round = 0; round < 40; ++round) {
                const auto entry = static_cast<uint32_t>(random.below(sizes.size()));
                if (sizes[entry] == 0) continue;
                const uint64_t from = random.below(sizes[entry]);
                const uint64_t length = 1 + random.below(sizes[entry] - from);
                const uint64_t begin = std::accumulate(sizes.begin(), sizes.begin() + entry, from);
                const bool isThere = bytes[begin];
                if (std::count(bytes.begin() + ptrdiff_t(begin), bytes.begin() + ptrdiff_t(begin + length), isThere) !=
                    ptrdiff_t(length))
                    continue; // nothing is verified twice
                isThere ? map.take(entry, from, length) : map.add(entry, from, length);
                std::fill_n(bytes.begin() + ptrdiff_t(begin), length, !isThere);
                QCOMPARE(map.cells(), cellsOf(bytes));
            }
        }
    }

    void what_is_not_wanted_has_no_place_in_it_and_what_was_delivered_before_counts() {
        const Manifest manifest = manifestOf({1024, 5000, 3072}); // 16 bytes a cell
        FileBook book(manifest);
        QVERIFY(book.select({0, 2}));
        book.set(2, EntryState::Complete);
        const Bytes cells = VerifiedMap(manifest, book).cells();
        QCOMPARE(cells.size(), kMapCells);
        QCOMPARE(cells[63], uint8_t(0));
        QCOMPARE(cells[64], uint8_t(255));
        QCOMPARE(cells[255], uint8_t(255));
    }

    void nothing_and_the_largest_of_sizes_have_a_map() {
        const Manifest nothing = manifestOf({0, 0});
        QVERIFY(VerifiedMap(nothing, allOf(nothing)).cells().empty());
        const Manifest huge = manifestOf({kMaxFileSize, 1});
        VerifiedMap map(huge, allOf(huge));
        map.add(0, 0, kMaxFileSize - 1);
        map.add(1, 0, 1);
        Bytes cells = map.cells();
        QCOMPARE(cells.size(), kMapCells);
        QCOMPARE(cells.front(), uint8_t(255));
        QCOMPARE(cells.back(), uint8_t(254)); // one byte is missing
        map.add(0, kMaxFileSize - 1, 1);
        QCOMPARE(map.cells().back(), uint8_t(255));
    }

    void both_sides_tell_the_same_and_it_is_as_full_as_the_bytes_say() {
        TransferWorld world(3);
        world.senderHost.disk.addFile("/src/in/big", pattern(1, 40 * kChunkSize + 7));
        for (int i = 0; i < 40; ++i)
            world.senderHost.disk.addFile("/src/in/s" + std::to_string(i), pattern(uint64_t(i), 1000));
        world.send({"/src/in"});
        stepUntil(world, [&] { return !world.sender->eventsOf<TransferDelivered>().empty(); });
        const auto told = world.receiver->eventsOf<TransferProgress>();
        std::vector<Bytes> maps;
        for (const TransferProgress& progress : told) {
            if (progress.verified.empty()) continue;
            QVERIFY(progress.verified.size() <= kMapCells);
            const double bytes = double(progress.figures.bytesVerified) / double(progress.figures.bytesTotal);
            QVERIFY(std::abs(shareOf(progress.verified) - bytes) < 0.01);
            maps.push_back(progress.verified);
        }
        QVERIFY(maps.size() >= 2 && maps.size() <= told.size());
        for (const TransferProgress& progress : world.sender->eventsOf<TransferProgress>())
            if (!progress.verified.empty()) QVERIFY(std::ranges::find(maps, progress.verified) != maps.end());
        QVERIFY(!lastMap(*world.sender).empty());
    }

    void after_a_resume_it_begins_with_what_was_there() {
        TransferWorld world(5);
        world.senderHost.disk.addFile("/src/big", pattern(1, 60 * kChunkSize));
        world.send({"/src/big"});
        stepUntil(world, [&] { return shareOf(lastMap(*world.receiver)) > 0.5; });
        world.killReceiver();
        stepUntil(world, [&] { return !lastMap(*world.receiver).empty(); });
        for (const TransferProgress& progress : world.receiver->eventsOf<TransferProgress>()) {
            if (progress.verified.empty()) continue;
            QVERIFY(shareOf(progress.verified) > 0.4);
            break;
        }
        QVERIFY(world.run());
        QVERIFY(!world.sender->eventsOf<TransferDelivered>().empty());
    }

    void a_receiver_that_tells_too_many_cells_breaks_the_protocol() {
        for (const size_t cells : {kMapCells, kMapCells + 1}) {
            TransferWorld world(1);
            world.receiver.reset();
            Liar liar(world.network, 2);
            world.senderHost.disk.addFile("/src/a", pattern(1, 10'000));
            world.sender->transfers.send(TransferPeer::idOf(2), {{"/src/a"}, std::chrono::seconds(5), {}}, world.now);
            const auto settle = [&] {
                for (int i = 0; i < 500; ++i) {
                    world.sender->settle(world.now);
                    liar.settle();
                    world.network.deliverOne();
                    if (!world.sender->jobs.empty()) world.sender->runJob(0, world.now);
                }
            };
            settle();
            liar.say(liar.opened[0], wire::Accept());
            settle();
            world.passTime(std::chrono::seconds(1));
            wire::Progress progress;
            progress.set_verified_map(std::string(cells, '\x01'));
            liar.say(liar.opened[0], progress);
            settle();
            QCOMPARE(world.sender->eventsOf<TransferFailed>().size(), size_t(cells > kMapCells ? 1 : 0));
            QCOMPARE(lastMap(*world.sender).size(), cells > kMapCells ? size_t(0) : kMapCells);
            world.startReceiver();
        }
    }
};

QTEST_APPLESS_MAIN(VerifiedMapTest)
#include "verified_map_test.moc"
