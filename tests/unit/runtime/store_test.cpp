#include "runtime/clock.h"
#include "runtime/runtime_limits.h"
#include "runtime/store.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QScopeGuard>
#include <QSemaphore>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <future>
#include <set>

using namespace wherry;
using namespace wherry::runtime;

namespace {

using Rows = std::vector<std::pair<Bytes, Bytes>>;

Bytes key(std::string_view text) {
    return toBytes(asBytes(text));
}

struct Opened {
    explicit Opened(const std::string& path)
        : store(Store::open(path,
                            Log(LogLevel::Warning, [this](LogLevel, std::string_view,
                                                          std::string_view line) { lines.emplace_back(line); }),
                            [this] { wakes.release(); })) {}

    Store* operator->() { return store->get(); }
    void decide(std::string_view k) { (*store)->submit(StorePut{Space::Peers, key(k), key("v"), {}, Durable::Yes}); }
    /// The scan that follows a decision.
    void confirm(uint64_t number) {
        (*store)->submit(StoreScan{storeRequest(StoreUser::Decisions, number), Space::Settings, key("confirm"), {}, 1});
    }
    /// Whether confirmation 1, 2, ... was good, in their order: "+-".
    std::string confirmations() {
        (*store)->flush();
        std::string text;
        for (const StoreScanned& answer : (*store)->takeScanned())
            if (storeUserOf(answer.id) == StoreUser::Decisions) text += answer.rows ? '+' : '-';
        return text;
    }
    void put(std::string_view k, std::string_view v, UnixTime expires = {}) {
        (*store)->submit(StorePut{Space::Transfers, key(k), key(v), expires});
    }
    Result<Rows> scan(std::string_view prefix, Space space = Space::Transfers) {
        (*store)->submit(StoreScan{StoreRequestId{++id}, space, key(prefix)});
        std::vector<StoreScanned> answers;
        while (answers.empty() && wakes.tryAcquire(1, 10'000)) answers = (*store)->takeScanned();
        if (answers.size() != 1 || answers[0].id.value != id) return makeError(Errc::Internal, "no answer");
        return answers[0].rows;
    }
    std::vector<std::string> lines;
    QSemaphore wakes;
    uint64_t id = 0;
    Result<std::unique_ptr<Store>> store;
};

std::string keysOf(const Result<Rows>& rows) {
    if (!rows) return rows.error().text();
    std::string text;
    for (const auto& [k, v] : *rows) text += std::string(asText(k)) + "=" + std::string(asText(v)) + " ";
    return text;
}

/// While it is there no file of this process grows or is written beyond its first byte.
class NoRoom {
  public:
    NoRoom() : m_signal(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &m_before);
        rlimit none = m_before;
        none.rlim_cur = 1;
        setrlimit(RLIMIT_FSIZE, &none);
    }
    ~NoRoom() {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_signal);
    }

  private:
    rlimit m_before{};
    void (*m_signal)(int);
};

/// The store's thread does nothing while it is there, so that what is submitted meanwhile is one batch.
struct Held {
    explicit Held(const std::string& path)
        : store(Store::open(path, Log(), [this] {
              if (!holding) return;
              held.release();
              release.acquire();
          })) {}
    ~Held() { letGo(); }
    void hold() {
        holding = true;
        (*store)->submit(StoreScan{StoreRequestId{1}, Space::Transfers, {}});
        held.acquire();
        (void)(*store)->takeScanned();
    }
    void letGo() {
        if (holding.exchange(false)) release.release();
    }

    std::atomic<bool> holding = false;
    QSemaphore held, release;
    Result<std::unique_ptr<Store>> store;
};

/// What the child process does: puts one row after another and says so once a scan has seen it, until it is killed.
int putUntilKilled(const std::string& path) {
    Opened store(path);
    for (uint64_t i = 0;; ++i) {
        store.put(std::to_string(i), "x");
        if (i % 50 == 0) store->flush();
        if (i % 50 == 0) std::printf("%llu\n", static_cast<unsigned long long>(i));
        std::fflush(stdout);
    }
}

/// What another child does: opens the database with ever less memory for SQLite, until it cannot be opened any more.
/// The bound is the process's and cannot be taken back.
int openWithLessMemory(const std::string& path) {
    QSqlDatabase bound = QSqlDatabase::addDatabase("QSQLITE", "bound");
    bound.setDatabaseName(":memory:");
    if (!bound.open()) return 1;
    int opened = 0, refused = 0;
    for (int bytes = 1'000'000; bytes > 40'000 && refused < 40; bytes -= 4'000) {
        if (!QSqlQuery(bound).exec(QString("PRAGMA hard_heap_limit=%1").arg(bytes))) break;
        const Log said(LogLevel::Warning, [](LogLevel, std::string_view, std::string_view line) {
            std::fprintf(stderr, "%.*s\n", int(line.size()), line.data());
        });
        (Store::open(path, said, [] {}) ? opened : refused) += 1;
    }
    return opened > 0 ? 0 : 2;
}

} // namespace

class StoreTest : public QObject {
    Q_OBJECT

  private slots:
    void theDatabaseIsForThisUserAlone() {
        QTemporaryDir dir;
        const QString path = dir.filePath("w.db");
        QFile loose(path);
        QVERIFY(loose.open(QIODevice::WriteOnly));
        loose.close();
        QVERIFY(loose.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther | QFile::ReadGroup));
        Opened opened(path.toStdString());
        opened.put("a", "1");
        QVERIFY(opened.scan("a").has_value());
        for (const char* suffix : {"", "-wal", "-shm"}) {
            const QFile::Permissions mode = QFile::permissions(path + QLatin1String(suffix));
            QVERIFY2(!(mode & (QFile::ReadOther | QFile::ReadGroup)), suffix);
        }
    }

    void keepsRowsInByteOrderAcrossRestarts() {
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        {
            Opened store(path);
            store.put("b", "2");
            store.put("a", "1");
            store.put("ab", "3");
            store.put("a", "4");
            store.put("", "");
            store.put("a\xFF", "5");
            QCOMPARE(keysOf(store.scan("a")), std::string("a=4 ab=3 a\xFF=5 "));
            QCOMPARE(keysOf(store.scan("a\xFF")), std::string("a\xFF=5 "));
            QCOMPARE(keysOf(store.scan("a", Space::Done)), std::string());
        }
        Opened store(path);
        QCOMPARE(keysOf(store.scan("")), std::string("= a=4 ab=3 a\xFF=5 b=2 "));
        QVERIFY(store.lines.empty());
    }

    void durableRowsAndOthersFollowEachOtherInOneFile() {
        QTemporaryDir dir;
        const std::string path = dir.filePath("store").toStdString();
        {
            Opened store(path);
            for (int i = 0; i < 3; ++i) {
                store.put("a" + std::to_string(i), "1");
                store->submit(StorePut{Space::Transfers, key("b" + std::to_string(i)), key("2"), {}, Durable::Yes});
                QCOMPARE(store.scan("").value().size(), size_t(2 * i + 2));
                store.put("a" + std::to_string(i), "3");
            }
        }
        Opened store(path);
        QCOMPARE(keysOf(store.scan("")), std::string("a0=3 a1=3 a2=3 b0=2 b1=2 b2=2 "));
        QVERIFY(store.lines.empty());
    }

    void erasesByPrefixInTheOrderOfSubmission() {
        QTemporaryDir dir;
        Opened store(dir.filePath("store").toStdString());
        for (const char* k : {"a", "aa", "ab", "b", "\xFF", "\xFF\xFF"}) store.put(k, "1");
        store->submit(StoreErase{Space::Transfers, key("a")});
        store.put("aa", "2");
        QCOMPARE(keysOf(store.scan("")), std::string("aa=2 b=1 \xFF=1 \xFF\xFF=1 "));
        store->submit(StoreErase{Space::Transfers, key("\xFF")});
        QCOMPARE(keysOf(store.scan("")), std::string("aa=2 b=1 "));
        store->submit(StoreErase{Space::Transfers, {}});
        QCOMPARE(keysOf(store.scan("")), std::string());
    }

    void rowsPastTheirTimeAreNeitherScannedNorKept() {
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        UnixTime now = readClocks().wall;
        {
            Opened store(path);
            store.put("past", "1", UnixTime{now.nanoseconds - 1});
            store.put("future", "2", UnixTime{now.nanoseconds + 3'600'000'000'000});
            store.put("never", "3");
            QCOMPARE(keysOf(store.scan("")), std::string("future=2 never=3 "));
        }
        {
            Opened store(path);
            (void)store.scan("");
        }
        {
            QSqlDatabase raw = QSqlDatabase::addDatabase("QSQLITE", "raw");
            raw.setDatabaseName(QString::fromStdString(path));
            QVERIFY(raw.open());
            QSqlQuery query(raw);
            QVERIFY(query.exec("SELECT count(*) FROM space_1") && query.next());
            QCOMPARE(query.value(0).toInt(), 2);
        }
        QSqlDatabase::removeDatabase("raw");
    }

    void aDamagedDatabaseIsSetAsideAndReported_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("no database at all") << 0;
        QTest::newRow("damaged in the middle") << 1;
        QTest::newRow("cut short") << 2;
    }
    void aDamagedDatabaseIsSetAsideAndReported() {
        QFETCH(int, kind);
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        {
            Opened store(path);
            for (int i = 0; i < 2000; ++i) store.put("key" + std::to_string(i), std::string(100, 'v'));
        }
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.size() > 100'000);
        if (kind == 0) QVERIFY(file.resize(0) && file.write(QByteArray(5000, 'x')) > 0);
        if (kind == 1) QVERIFY(file.seek(20'000) && file.write(QByteArray(60'000, '\xA5')) > 0);
        if (kind == 2) QVERIFY(file.resize(50'000));
        file.close();
        Opened store(path);
        QVERIFY(store.store.has_value());
        QCOMPARE(store.lines.size(), 1u);
        QVERIFY(store.lines[0].find("damaged") != std::string::npos);
        QCOMPARE(
            QDir(dir.path()).entryList({"store.damaged-*"}, QDir::Files).filter(QRegularExpression("[0-9]$")).size(),
            1);
        store.put("new", "1");
        QCOMPARE(keysOf(store.scan("")), std::string("new=1 "));
    }

    void damageThatIsFoundWhileItRunsIsToldOnce() {
        QTemporaryDir dir;
        const std::string path = dir.filePath("store").toStdString();
        Opened store(path);
        QVERIFY(!store->takeSetAside());
        for (int i = 0; i < 60'000; ++i)
            store.put("key" + std::to_string(i), std::string(100, 'v')); // beyond the cache
        store->flush();
        for (const char* suffix : {"", "-wal"}) {
            QFile file(QString::fromStdString(path + suffix));
            QVERIFY(file.open(QIODevice::ReadWrite) && file.size() > 20'000 && file.seek(4096));
            file.write(QByteArray(int(file.size()) - 4096, '\xA5'));
        }
        QCOMPARE(keysOf(store.scan("")), std::string());
        const auto aside = store->takeSetAside();
        QVERIFY(aside && aside->starts_with(path + ".damaged-") && QFile::exists(QString::fromStdString(*aside)));
        QVERIFY(!store->takeSetAside());
        store.put("later", "1");
        QCOMPARE(keysOf(store.scan("later")), std::string("later=1 "));
    }

    void aCheckThatFailsForWantOfMemorySetsNothingAside() {
        QTemporaryDir dir;
        const std::string path = dir.filePath("store").toStdString();
        {
            Opened store(path);
            for (int i = 0; i < 2000; ++i) store.put("key" + std::to_string(i), std::string(100, 'v'));
        }
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedChannels);
        child.start(QCoreApplication::applicationFilePath(), {"--open-with-less-memory", QString::fromStdString(path)});
        QVERIFY(child.waitForFinished(240'000));
        QCOMPARE(child.exitCode(), 0);
        QCOMPARE(QDir(dir.path()).entryList({"*damaged*"}, QDir::Files).size(), 0);
        Opened store(path);
        QCOMPARE(store.scan("")->size(), 2000u);
    }

    void aDamagedDatabaseThatCannotBeSetAsideFailsOperationsAndNothingElse() {
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        Opened store(path);
        for (int i = 0; i < 60'000; ++i)
            store.put("key" + std::to_string(i), std::string(100, 'v')); // beyond the cache
        store->flush();
        for (const char* suffix : {"", "-wal"}) {
            QFile file(QString::fromStdString(path + suffix));
            QVERIFY(file.open(QIODevice::ReadWrite) && file.size() > 20'000 && file.seek(4096));
            file.write(QByteArray(int(file.size()) - 4096, '\xA5'));
        }
        QVERIFY(QFile::remove(QString::fromStdString(path))); // what is not there cannot be renamed
        auto failed = store.scan("");
        QVERIFY(!failed.has_value());
        QVERIFY2(failed.error().context.find("aside") != std::string::npos, failed.error().context.c_str());
        store.put("later", "1");
        QCOMPARE(keysOf(store.scan("later")), std::string("later=1 "));
    }

    void aDatabaseOfAnOlderVersionKeepsItsRowsAndGetsWhatIsNew_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<int>("spaces");
        QTest::newRow("1: transfers") << 1 << 4;
        QTest::newRow("2: peers and texts") << 2 << 6;
        QTest::newRow("3: shares") << 3 << 7;
        QTest::newRow("4: the history") << 4 << 8;
        QTest::newRow("5: owners of places") << 5 << 9;
        QTest::newRow("6: paused transfers") << 6 << 10;
        QTest::newRow("7: choices for one offer") << 7 << 11;
        QTest::newRow("8: conversations") << 8 << 12;
        QTest::newRow("9: what hash tables keep") << 9 << 13;
    }
    /// As the versions of before have written it, word for word.
    void aDatabaseOfAnOlderVersionKeepsItsRowsAndGetsWhatIsNew() {
        QFETCH(int, version);
        QFETCH(int, spaces);
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        {
            QSqlDatabase raw = QSqlDatabase::addDatabase("QSQLITE", "raw");
            raw.setDatabaseName(QString::fromStdString(path));
            QVERIFY(raw.open());
            QVERIFY(QSqlQuery(raw).exec("PRAGMA journal_mode=WAL"));
            for (int space = 1; space <= spaces; ++space) {
                QVERIFY(QSqlQuery(raw).exec(QString("CREATE TABLE space_%1 (key BLOB PRIMARY KEY, value BLOB NOT NULL, "
                                                    "expires INTEGER NOT NULL) WITHOUT ROWID")
                                                .arg(space)));
                QVERIFY(QSqlQuery(raw).exec(QString("INSERT INTO space_%1 VALUES (x'6B', x'76', 0)").arg(space)));
            }
            QVERIFY(QSqlQuery(raw).exec(QString("PRAGMA user_version=%1").arg(version)));
        }
        QSqlDatabase::removeDatabase("raw");
        for (int round = 0; round < 2; ++round) { // what has been brought up to date is opened like any other
            Opened store(path);
            QVERIFY(store.store.has_value());
            QVERIFY(store.lines.empty());
            for (int space = 1; space <= int(Space::Dht); ++space) {
                const auto rows = store.scan("", Space(space));
                const bool isThere = space <= spaces || round > 0;
                QCOMPARE(keysOf(rows), std::string(isThere ? "k=v " : ""));
                if (!isThere) store->submit(StorePut{Space(space), key("k"), key("v")});
            }
        }
    }

    void aScanCanBeginAfterAKeyAndEndAfterAFewRows() {
        QTemporaryDir dir;
        Opened store(dir.filePath("store").toStdString());
        for (const char* name : {"a1", "a2", "a3", "a4", "b1"}) store.put(name, "");
        store->submit(StoreScan{{1}, Space::Transfers, key("a"), key("a1"), 2});
        store->submit(StoreScan{{2}, Space::Transfers, key("a"), key("a3"), 0});
        store->submit(StoreScan{{3}, Space::Transfers, key("a"), {}, 1});
        store->submit(StoreScan{{4}, Space::Transfers, {}, key("a4"), 5});
        store->flush();
        const auto answers = store->takeScanned();
        QCOMPARE(answers.size(), size_t(4));
        QCOMPARE(keysOf(answers[0].rows), std::string("a2= a3= "));
        QCOMPARE(keysOf(answers[1].rows), std::string("a4= "));
        QCOMPARE(keysOf(answers[2].rows), std::string("a1= "));
        QCOMPARE(keysOf(answers[3].rows), std::string("b1= "));
    }

    void aDatabaseOfANewerVersionIsLeftAlone() {
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        { Opened store(path); }
        {
            QSqlDatabase raw = QSqlDatabase::addDatabase("QSQLITE", "raw");
            raw.setDatabaseName(QString::fromStdString(path));
            QVERIFY(raw.open());
            QVERIFY(QSqlQuery(raw).exec("PRAGMA user_version=99"));
        }
        QSqlDatabase::removeDatabase("raw");
        Opened store(path);
        QCOMPARE(store.store.error().code, Errc::Unsupported);
        QCOMPARE(QDir(dir.path()).entryList({"*damaged*"}, QDir::Files).size(), 0);
    }

    void aFolderThatIsNotThereIsAClearError() {
        Opened store("/nonexistent/folder/store");
        QVERIFY(!store.store.has_value());
        QVERIFY(store.store.error().context.find("/nonexistent/folder/store") != std::string::npos);
    }

    void aFullDiskIsReportedOnceAndWhatWasStoredStays() {
        if (geteuid() != 0) QSKIP("needs root to mount a small volume");
        QTemporaryDir dir;
        if (mount("tmpfs", dir.path().toUtf8().constData(), "tmpfs", 0, "size=1m") != 0)
            QSKIP("cannot mount tmpfs here");
        {
            Opened store(dir.filePath("store").toStdString());
            store.put("before", "1");
            store->flush();
            for (int i = 0; i < 40; ++i) {
                store.put("big" + std::to_string(i), std::string(100'000, 'v'));
                store->flush();
            }
            QCOMPARE(store.lines.size(), 1u);
            QVERIFY(store.lines[0].find("not stored") != std::string::npos);
            QCOMPARE(keysOf(store.scan("before")), std::string("before=1 "));
        }
        umount2(dir.path().toUtf8().constData(), MNT_DETACH);
    }

    void aDecisionThatCouldNotBeStoredIsToldToItsOwnConfirmationAlone() {
        QTemporaryDir dir;
        Opened store(dir.filePath("store").toStdString());
        store.decide("before");
        store.confirm(1);
        QCOMPARE(store.confirmations(), std::string("+"));
        {
            const NoRoom full;
            store.decide("a"); // a batch of its own
            store->flush();
        }
        store.decide("b"); // there is room again: told by the first that asks
        store.confirm(2);
        store.confirm(3);
        QCOMPARE(store.confirmations(), std::string("-+"));
        {
            const NoRoom full;
            store.put("note", "1"); // nobody's decision
            store->submit(StorePut{Space::Transfers, key("landing"), key("1"), {}, Durable::Yes});
            store->flush();
        }
        store.decide("c");
        store.confirm(4);
        QCOMPARE(store.confirmations(), std::string("+"));
        const std::vector<StoreOp> pauses{StorePut{Space::Paused, key("x"), key("1"), {}, Durable::Yes},
                                          StoreErase{Space::Paused, key("x"), Durable::Yes}};
        for (const StoreOp& op : pauses) {
            {
                const NoRoom full;
                store->submit(op);
                store->flush();
            }
            store.confirm(5);
            store->submit(op);
            store.confirm(6);
            QCOMPARE(store.confirmations(), std::string("-+"));
        }
    }

    void aFailureThatWasToldInItsOwnBatchIsNotToldAgain() {
        QTemporaryDir dir;
        Held held(dir.filePath("store").toStdString());
        QVERIFY(held.store.has_value());
        Store& store = **held.store;
        const auto submit = [&](const char* what) {
            store.submit(StorePut{Space::Peers, key(what), key("v"), {}, Durable::Yes});
            store.submit(StoreScan{storeRequest(StoreUser::Decisions, 1), Space::Settings, {}, {}, 1});
        };
        held.hold();
        submit("a");
        {
            const NoRoom full;
            held.letGo();
            store.flush();
        }
        auto answers = store.takeScanned();
        QCOMPARE(answers.size(), size_t(1));
        QVERIFY(!answers[0].rows.has_value());
        submit("b");
        store.flush();
        answers = store.takeScanned();
        QCOMPARE(answers.size(), size_t(1));
        QVERIFY2(answers[0].rows.has_value(), answers[0].rows ? "" : answers[0].rows.error().text().c_str());
    }

    void everythingSubmittedIsThereAfterACleanClose() {
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        {
            Opened store(path);
            for (int i = 0; i < 25'000; ++i) store.put(std::to_string(i), "x");
        }
        Opened store(path);
        QCOMPARE(store.scan("")->size(), 25'000u);
    }

    void asManyOperationsWaitAsMayAndTheNextWaitsForItsPlace() {
        QTemporaryDir dir;
        QSemaphore held, release;
        auto opened = Store::open(dir.filePath("store").toStdString(), Log(), [&] {
            held.release();
            release.acquire(); // the store's thread does nothing meanwhile
        });
        QVERIFY(opened.has_value());
        const auto letGo = qScopeGuard([&] { release.release(2); });
        Store& store = **opened;
        store.submit(StoreScan{StoreRequestId{1}, Space::Transfers, {}});
        held.acquire();
        QCOMPARE(store.takeScanned().size(), 1u);
        const auto put = [&store](size_t number) {
            store.submit(StorePut{Space::Transfers, key(std::to_string(number)), {}});
        };
        for (size_t number = 0; number < kMaxWaitingStoreOps; ++number) put(number); // and each returns
        auto oneMore = std::async(std::launch::async, put, kMaxWaitingStoreOps);
        QVERIFY(oneMore.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
        release.release();
        QVERIFY(oneMore.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
        store.submit(StoreScan{StoreRequestId{2}, Space::Transfers, {}});
        held.acquire();
        const auto answers = store.takeScanned();
        QCOMPARE(answers.size(), 1u);
        QVERIFY(answers[0].rows.has_value());
        QCOMPARE(answers[0].rows->size(), kMaxWaitingStoreOps + 1);
    }

    void whatWasTakenSurvivesAKill() {
        QTemporaryDir dir;
        std::string path = dir.filePath("store").toStdString();
        uint64_t acknowledged = 0;
        for (int round = 0; round < 3; ++round) {
            QProcess child;
            child.start(QCoreApplication::applicationFilePath(), {"--put-until-killed", QString::fromStdString(path)});
            QVERIFY(child.waitForStarted());
            acknowledged = 0;
            while (acknowledged < 1000 * uint64_t(round + 1)) {
                QVERIFY(child.waitForReadyRead());
                while (child.canReadLine()) acknowledged = child.readLine().trimmed().toULongLong();
            }
            kill(pid_t(child.processId()), SIGKILL);
            QVERIFY(child.waitForFinished());
            while (child.canReadLine()) acknowledged = child.readLine().trimmed().toULongLong();
        }
        Opened store(path);
        QVERIFY(store.lines.empty());
        auto rows = store.scan("");
        QVERIFY(rows.has_value());
        std::set<std::string> present;
        for (const auto& [k, v] : *rows) present.insert(std::string(asText(k)));
        for (uint64_t i = 0; i <= acknowledged; ++i)
            QVERIFY2(present.contains(std::to_string(i)), std::to_string(i).c_str());
        qInfo() << "acknowledged" << acknowledged << "present" << present.size();
    }
};

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    if (argc == 3 && std::string_view(argv[1]) == "--put-until-killed") return putUntilKilled(argv[2]);
    if (argc == 3 && std::string_view(argv[1]) == "--open-with-less-memory") return openWithLessMemory(argv[2]);
    StoreTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "store_test.moc"
