#include "transfer/machine_limits.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

const int64_t kNoon = 1'650'000'000'000'000'000;

void addTree(MemoryStorage& disk) {
    disk.addFile("/src/in/doc.txt", pattern(1, 500), kNoon);
    disk.addFile("/src/in/large", pattern(2, 300'000), kNoon);
    disk.addFile("/src/in/sub/other", pattern(3, 70), kNoon);
}

ReceivePolicy with(Conflict conflict) {
    return {true, Accept::All, conflict, "/dst", false, {}};
}

/// The send again, to its end.
bool sendAgain(TransferWorld& world, const std::string& what = "/src/in") {
    world.send({what});
    return world.run();
}

/// A tree that is sent into a folder where things of the person's are in its way.
class ObstacleCourse {
  public:
    ObstacleCourse(uint64_t seed, Conflict conflict) : m_world(seed), m_random(seed * 31), m_conflict(conflict) {
        m_world.setPolicy(with(conflict));
        uint64_t number = 1000;
        for (const char* path : {"in/x", "in/d/x", "in/d/x (1)", "in/d/e/x", "in/d/e/f/x", "in/g/x", "lone"})
            m_files[path] = pattern(++number, 100);
        m_files["in/d/large"] = pattern(++number, 300'000);
        for (const auto& [path, content] : m_files) source().addFile("/src/" + path, content, kNoon);
        source().addFolder("/src/in/empty");
        target().addFile("/elsewhere/other", pattern(1, 1));
    }

    /// Puts something of the person's in the way, which may have been ours before.
    void obstruct() {
        static const std::vector<std::string> kPlaces = {"in",         "lone",     "in/x",     "in/d",      "in/d/x",
                                                         "in/d/e",     "in/d/e/f", "in/d/e/x", "in/g",      "in/empty",
                                                         "in/d/large", "in/d (1)", "in (1)",   "in/d/e/f/x"};
        for (size_t i = 0; i < 1 + m_random.below(4); ++i) {
            const std::string& place = kPlaces[m_random.below(kPlaces.size())];
            const auto above = target().tree("/dst");
            const auto parent = above.find(place.substr(0, place.rfind('/')));
            const bool isRoot = place.find('/') == std::string::npos;
            if (!isRoot && parent != above.end() && parent->second.kind != MemoryStorage::Kind::Folder) continue;
            if (!isRoot && parent == above.end() && place.find('/') != place.rfind('/')) continue;
            if (above.contains(place)) target().remove("/dst/" + place);
            std::erase_if(m_persons,
                          [&](const auto& one) { return one.first == place || one.first.starts_with(place + "/"); });
            put(place);
        }
    }

    /// Sends once more; what is wrong, or nothing.
    std::string send() {
        const auto before = target().tree("/dst");
        const size_t endsBefore = ends(*m_world.sender) + ends(*m_world.receiver);
        m_world.send({"/src/in", "/src/lone"});
        if (!m_world.run()) return "it does not end";
        const auto after = target().tree("/dst");
        if (ends(*m_world.sender) + ends(*m_world.receiver) != endsBefore + 2) return "not one end on each side";
        if (!target().parts("/dst").empty()) return "a part is left";
        if (target().tree("/elsewhere").size() != 1) return "a link was followed";
        for (const auto& [path, entry] : m_persons) {
            const auto found = after.find(path);
            const bool isOffered = m_files.contains(path) || source().exists("/src/" + path);
            const bool mayGo =
                m_conflict == Conflict::Replace && isOffered && entry.kind != MemoryStorage::Kind::Folder;
            if (!mayGo && (found == after.end() || !(found->second == entry))) return "lost: " + path;
        }
        if (const size_t declined = m_world.receiver->eventsOf<OfferDeclined>().size(); declined > m_declined) {
            m_declined = declined;
            if (m_conflict != Conflict::Fail) return "declined";
            return after == before ? "" : "declined, and something has changed";
        }
        const auto delivered = m_world.receiver->eventsOf<TransferDelivered>();
        if (delivered.size() <= m_delivered) return "failed";
        m_delivered = delivered.size();
        uint64_t missing = 0;
        for (const auto& [path, content] : m_files) missing += arrived(after, content) ? 0 : 1;
        // What is skipped may be there all the same from the time before, under a name that it has no more.
        const uint64_t skipped = delivered.back().figures.filesSkipped;
        if (missing > skipped) return std::to_string(missing) + " files are not there";
        if (delivered.back().figures.filesDone + skipped != m_files.size()) return "the figures do not add up";
        return m_conflict == Conflict::Skip || skipped == 0 ? "" : "something was skipped";
    }

  private:
    MemoryStorage& source() { return m_world.senderHost.disk; }
    MemoryStorage& target() { return m_world.receiverHost.disk; }
    static size_t ends(const TransferPeer& peer) {
        return peer.eventsOf<TransferDelivered>().size() + peer.eventsOf<TransferFailed>().size() +
               peer.eventsOf<OfferDeclined>().size();
    }
    static bool arrived(const MemoryStorage::Tree& tree, const Bytes& content) {
        return std::ranges::any_of(tree, [&](const auto& one) { return one.second.content == content; });
    }
    void put(const std::string& place) {
        const std::string path = "/dst/" + place;
        switch (m_random.below(4)) {
        case 0:
            target().addFile(path, pattern(++m_lastContent, 20));
            break;
        case 1:
            target().addLink(path, "/elsewhere");
            break;
        case 2:
            target().addSpecial(path, MemoryStorage::Kind::Fifo);
            break;
        default:
            target().addFile(path + "/mine", pattern(++m_lastContent, 20));
            break;
        }
        const auto now = target().tree("/dst");
        for (const auto& [at, entry] : now)
            if (at == place || at == place + "/mine") m_persons[at] = entry;
    }

    TransferWorld m_world;
    SeededRandom m_random;
    Conflict m_conflict;
    std::map<std::string, Bytes> m_files;
    MemoryStorage::Tree m_persons;
    uint64_t m_lastContent = 5000;
    size_t m_declined = 0;
    size_t m_delivered = 0;
};

} // namespace

class ConflictTest : public QObject {
    Q_OBJECT

  private slots:
    void skip_delivers_what_is_missing_and_leaves_and_counts_what_is_there() {
        TransferWorld world(1);
        world.setPolicy(with(Conflict::Skip));
        addTree(world.senderHost.disk);
        MemoryStorage& disk = world.receiverHost.disk;
        disk.addFile("/dst/in/doc.txt", pattern(9, 10));
        disk.addFolder("/dst/in/large");
        disk.addFile("/dst/in/mine", pattern(8, 10));
        for (uint64_t time = 0; time < 2; ++time) {
            QVERIFY(sendAgain(world));
            QVERIFY(disk.content("/dst/in/doc.txt") == pattern(9, 10));
            QVERIFY(disk.content("/dst/in/sub/other") == pattern(3, 70));
            QCOMPARE(disk.tree("/dst/in").size(), size_t(5));
            for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                const auto delivered = peer->eventsOf<TransferDelivered>();
                QCOMPARE(delivered.size(), size_t(time + 1));
                QCOMPARE(delivered[time].figures.filesSkipped, uint64_t(2));
                QCOMPARE(delivered[time].figures.filesDone, uint64_t(1));
            }
        }
        QVERIFY(disk.parts("/dst").empty());
    }

    void skip_with_everything_there_sends_nothing() {
        TransferWorld world(2);
        world.setPolicy(with(Conflict::Skip));
        addTree(world.senderHost.disk);
        for (const char* path : {"doc.txt", "large", "sub/other"})
            world.receiverHost.disk.addFile(std::string("/dst/in/") + path, pattern(9, 10));
        QVERIFY(sendAgain(world));
        const auto delivered = world.sender->eventsOf<TransferDelivered>();
        QVERIFY(delivered.size() == 1);
        QCOMPARE(delivered[0].figures.filesSkipped, uint64_t(3));
        QCOMPARE(delivered[0].figures.filesDone, uint64_t(0));
        QCOMPARE(delivered[0].figures.bytesSent, uint64_t(0));
    }

    void a_root_of_another_kind_is_skipped_whole() {
        TransferWorld world(3);
        world.setPolicy(with(Conflict::Skip));
        addTree(world.senderHost.disk);
        world.receiverHost.disk.addFile("/dst/in", pattern(9, 10));
        QVERIFY(sendAgain(world));
        QVERIFY(world.receiverHost.disk.content("/dst/in") == pattern(9, 10));
        QCOMPARE(world.receiver->eventsOf<TransferDelivered>().at(0).figures.filesSkipped, uint64_t(3));
    }

    void what_the_receiver_has_edited_is_the_conflict_policys() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Replace, Conflict::Skip}) {
            TransferWorld world(4);
            world.setPolicy(with(Conflict::Rename));
            addTree(world.senderHost.disk);
            QVERIFY(sendAgain(world));
            world.setPolicy(with(conflict));
            MemoryStorage& disk = world.receiverHost.disk;
            disk.rewrite("/dst/in/doc.txt", pattern(9, 50));
            world.senderHost.disk.rewrite("/src/in/large", pattern(7, 200'000)); // ours: gives way
            for (size_t time = 0; time < 3; ++time) {                            // never "(2)"
                QVERIFY(sendAgain(world));
                QVERIFY(disk.content("/dst/in/large") == pattern(7, 200'000));
                const bool replaced = conflict == Conflict::Replace;
                QVERIFY(disk.content("/dst/in/doc.txt") == (replaced ? pattern(1, 500) : pattern(9, 50)));
                const bool beside = conflict == Conflict::Rename;
                QCOMPARE(disk.tree("/dst/in").size(), size_t(beside ? 5 : 4));
                if (beside) QVERIFY(disk.content("/dst/in/doc (1).txt") == pattern(1, 500));
                const auto delivered = world.receiver->eventsOf<TransferDelivered>();
                QCOMPARE(delivered.size(), time + 2);
                QCOMPARE(delivered.back().figures.filesSkipped, uint64_t(conflict == Conflict::Skip));
            }
            QVERIFY(disk.parts("/dst").empty());
        }
    }

    void fail_declines_the_offer_before_anything_is_written_and_names_what_is_taken() {
        TransferWorld world(9);
        addTree(world.senderHost.disk);
        world.setPolicy(with(Conflict::Fail));
        QVERIFY(sendAgain(world));
        QCOMPARE(world.receiver->eventsOf<OfferAccepted>().size(), size_t(1));
        MemoryStorage& disk = world.receiverHost.disk;
        disk.rewrite("/dst/in/doc.txt", pattern(9, 50));
        disk.remove("/dst/in/sub");
        disk.addLink("/dst/in/sub", "/elsewhere");
        world.senderHost.disk.rewrite("/src/in/large", pattern(7, 200'000));
        const auto before = disk.tree("/");
        for (size_t time = 0; time < 2; ++time) {
            QVERIFY(sendAgain(world));
            for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                const auto declined = peer->eventsOf<OfferDeclined>();
                QCOMPARE(declined.size(), time + 1);
                QCOMPARE(declined[time].reason, std::string("exists already: in/sub, in/doc.txt"));
                QVERIFY(peer->eventsOf<TransferFailed>().empty());
                QCOMPARE(peer->eventsOf<OfferAccepted>().size(), size_t(1));
            }
            QVERIFY(disk.tree("/") == before);
        }
    }

    void fail_names_the_first_roots_that_are_taken_and_counts_the_others() {
        TransferWorld world(10);
        world.setPolicy(with(Conflict::Fail));
        std::vector<std::string> paths;
        for (int i = 0; i < 6; ++i) {
            world.receiverHost.disk.addFile("/dst/g" + std::to_string(i), pattern(9, 10));
            paths.push_back("/src/g" + std::to_string(i));
            world.senderHost.disk.addFile(paths.back(), pattern(1, 500), kNoon);
        }
        world.send(paths);
        QVERIFY(world.run());
        QCOMPARE(world.sender->eventsOf<OfferDeclined>().at(0).reason,
                 std::string("exists already: g0, g1, g2 and 3 more"));
        QCOMPARE(world.receiverHost.disk.tree("/dst").size(), size_t(6));
    }

    void a_name_that_is_taken_after_the_yes_fails_alone_whatever_the_policy() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Skip, Conflict::Fail}) {
            TransferWorld world(11);
            addTree(world.senderHost.disk);
            world.setPolicy(with(conflict));
            MemoryStorage& disk = world.receiverHost.disk;
            world.send({"/src/in"});
            while (world.sender->eventsOf<OfferAccepted>().empty()) QVERIFY(world.step());
            disk.addFile("/dst/in/doc.txt", pattern(9, 50));
            QVERIFY(world.run());
            QVERIFY(disk.content("/dst/in/doc.txt") == pattern(9, 50));
            QVERIFY(disk.content("/dst/in/large") == pattern(2, 300'000));
            QVERIFY(disk.content("/dst/in/sub/other") == pattern(3, 70));
            for (const TransferPeer* peer : {world.sender.get(), world.receiver.get()}) {
                const auto failed = peer->eventsOf<TransferFailed>();
                QCOMPARE(failed.size(), size_t(1));
                QCOMPARE(failed[0].error.code, Errc::Exists);
                QCOMPARE(failed[0].file, std::string("in/doc.txt"));
                QCOMPARE(failed[0].figures.filesDone, uint64_t(2));
                QVERIFY(failed[0].restDelivered);
                QVERIFY(peer->eventsOf<OfferDeclined>().empty());
            }
        }
    }

    void what_has_the_place_of_a_delivered_folder_is_the_conflict_policys() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Replace, Conflict::Skip, Conflict::Fail}) {
            for (const std::string& at : {std::string("in"), std::string("in/sub")}) {
                for (const bool isLink : {false, true}) {
                    TransferWorld world(12);
                    addTree(world.senderHost.disk);
                    QVERIFY(sendAgain(world));
                    world.setPolicy(with(conflict));
                    MemoryStorage& disk = world.receiverHost.disk;
                    disk.addFile("/elsewhere/other", pattern(5, 5));
                    disk.remove("/dst/" + at);
                    if (isLink)
                        disk.addLink("/dst/" + at, "/elsewhere");
                    else
                        disk.addFile("/dst/" + at, pattern(9, 50));
                    const bool isRoot = at == "in";
                    const auto before = disk.tree("/dst");
                    for (size_t time = 0; time < 2; ++time) {
                        QVERIFY(sendAgain(world));
                        QVERIFY(disk.content("/elsewhere/other") == pattern(5, 5));
                        QCOMPARE(disk.tree("/elsewhere").size(), size_t(1));
                        const std::string place = conflict == Conflict::Rename ? at + " (1)" : at;
                        const std::string file = isRoot ? "/sub/other" : "/other";
                        const bool arrives = conflict == Conflict::Rename || conflict == Conflict::Replace;
                        QCOMPARE(disk.content("/dst/" + place + file) == pattern(3, 70), arrives);
                        if (conflict != Conflict::Replace) QVERIFY(disk.tree("/dst").at(at) == before.at(at));
                        QCOMPARE(world.sender->eventsOf<OfferDeclined>().size(),
                                 conflict == Conflict::Fail ? time + 1 : size_t(0));
                        const auto delivered = world.receiver->eventsOf<TransferDelivered>();
                        QCOMPARE(delivered.size(), conflict == Conflict::Fail ? size_t(1) : time + 2);
                        QCOMPARE(delivered.back().figures.filesSkipped, uint64_t(conflict != Conflict::Skip ? 0
                                                                                 : isRoot                   ? 3
                                                                                                            : 1));
                    }
                    QVERIFY(world.sender->eventsOf<TransferFailed>().empty());
                    QVERIFY(disk.parts("/").empty());
                }
            }
        }
    }

    void nothing_of_the_persons_is_lost_and_every_file_arrives_or_is_counted_data() {
        QTest::addColumn<Conflict>("conflict");
        QTest::newRow("rename") << Conflict::Rename;
        QTest::newRow("replace") << Conflict::Replace;
        QTest::newRow("skip") << Conflict::Skip;
        QTest::newRow("fail") << Conflict::Fail;
    }
    void nothing_of_the_persons_is_lost_and_every_file_arrives_or_is_counted() {
        QFETCH(const Conflict, conflict);
        for (uint64_t seed = 1; seed <= 40; ++seed) {
            ObstacleCourse course(seed, conflict);
            for (int time = 0; time < 2; ++time) {
                course.obstruct();
                const std::string problem = course.send();
                QVERIFY2(problem.empty(),
                         qPrintable(
                             QString("seed %1, send %2: %3").arg(seed).arg(time).arg(QString::fromStdString(problem))));
            }
        }
    }

    void a_file_that_is_a_root_gets_a_number_once_too() {
        TransferWorld world(5);
        world.senderHost.disk.addFile("/src/doc.txt", pattern(1, 500), kNoon);
        QVERIFY(sendAgain(world, "/src/doc.txt"));
        MemoryStorage& disk = world.receiverHost.disk;
        disk.rewrite("/dst/doc.txt", pattern(9, 50));
        for (int time = 0; time < 3; ++time) {
            QVERIFY(sendAgain(world, "/src/doc.txt"));
            QVERIFY(disk.content("/dst/doc.txt") == pattern(9, 50));
            QVERIFY(disk.content("/dst/doc (1).txt") == pattern(1, 500));
            QCOMPARE(disk.tree("/dst").size(), size_t(2));
            QCOMPARE(world.receiver->eventsOf<TransferDelivered>().back().names,
                     std::vector<std::string>{"doc (1).txt"});
        }
        world.senderHost.disk.rewrite("/src/doc.txt", pattern(2, 600)); // its own place beside, a newer version
        QVERIFY(sendAgain(world, "/src/doc.txt"));
        QVERIFY(disk.content("/dst/doc (1).txt") == pattern(2, 600));
        QCOMPARE(disk.tree("/dst").size(), size_t(2));
    }

    void a_name_of_the_offer_itself_is_never_taken_for_another_file() {
        TransferWorld world(6);
        world.setPolicy(with(Conflict::Rename));
        world.senderHost.disk.addFile("/src/in/a", pattern(1, 500), kNoon);
        QVERIFY(sendAgain(world));
        world.receiverHost.disk.rewrite("/dst/in/a", pattern(9, 50));
        world.senderHost.disk.addFile("/src/in/a (1)", pattern(2, 300'000), kNoon);
        QVERIFY(sendAgain(world));
        const MemoryStorage& disk = world.receiverHost.disk;
        QVERIFY(disk.content("/dst/in/a") == pattern(9, 50));
        QVERIFY(disk.content("/dst/in/a (1)") == pattern(2, 300'000));
        QVERIFY(disk.content("/dst/in/a (2)") == pattern(1, 500));
        QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(2));
    }

    void when_nothing_of_ours_is_there_any_more_a_file_has_its_own_name_again() {
        TransferWorld world(7);
        addTree(world.senderHost.disk);
        QVERIFY(sendAgain(world));
        MemoryStorage& disk = world.receiverHost.disk;
        disk.rewrite("/dst/in/doc.txt", pattern(9, 50));
        QVERIFY(sendAgain(world));
        QVERIFY(disk.exists("/dst/in/doc (1).txt"));
        disk.remove("/dst/in/doc (1).txt");
        QVERIFY(sendAgain(world)); // the person's own is still there
        QVERIFY(disk.exists("/dst/in/doc (1).txt"));
        disk.remove("/dst/in/doc.txt");
        disk.remove("/dst/in/doc (1).txt");
        QVERIFY(sendAgain(world));
        QVERIFY(disk.content("/dst/in/doc.txt") == pattern(1, 500));
        QVERIFY(!disk.exists("/dst/in/doc (1).txt"));
    }

    void a_root_that_had_a_number_has_its_own_name_again_when_nothing_is_there() {
        TransferWorld world(8);
        MemoryStorage& disk = world.receiverHost.disk;
        addTree(world.senderHost.disk);
        disk.addFile("/dst/in/mine", pattern(9, 10));
        QVERIFY(sendAgain(world));
        QVERIFY(disk.exists("/dst/in (1)/doc.txt"));
        disk.remove("/dst/in");
        QVERIFY(sendAgain(world)); // what we delivered is still there
        QVERIFY(!disk.exists("/dst/in"));
        disk.remove("/dst/in (1)");
        QVERIFY(sendAgain(world));
        QVERIFY(world.senderHost.disk.tree("/src/in") == disk.tree("/dst/in"));
        QVERIFY(!disk.exists("/dst/in (1)"));
    }

    void a_crash_at_any_moment_finds_the_name_that_was_chosen() {
        bool wasCut = true;
        for (size_t cut = 0; wasCut; cut += 2) {
            TransferWorld world(100 + cut);
            addTree(world.senderHost.disk);
            QVERIFY(sendAgain(world));
            MemoryStorage& disk = world.receiverHost.disk;
            disk.rewrite("/dst/in/doc.txt", pattern(9, 50));
            disk.rewrite("/dst/in/large", pattern(8, 60));
            world.send({"/src/in"});
            wasCut = false;
            for (size_t i = 0; i < cut; ++i)
                if (!(wasCut = world.step())) break;
            wasCut = wasCut || cut == 0;
            world.killReceiver();
            QVERIFY(world.run());
            const QString where = QString("cut %1").arg(cut);
            QVERIFY2(disk.content("/dst/in/doc.txt") == pattern(9, 50), qPrintable(where));
            QVERIFY2(disk.content("/dst/in/doc (1).txt") == pattern(1, 500), qPrintable(where));
            QVERIFY2(disk.content("/dst/in/large (1)") == pattern(2, 300'000), qPrintable(where));
            QVERIFY2(disk.tree("/dst/in").size() == 6 && disk.parts("/dst").empty(), qPrintable(where));
        }
    }
};

QTEST_APPLESS_MAIN(ConflictTest)
#include "conflict_test.moc"
