#include "runtime/database.h"

#include "runtime/runtime_limits.h"

#include <QByteArray>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>
#include <QVariant>
#include <algorithm>
#include <filesystem>
#include <map>

namespace wherry::runtime {

namespace {

/// Versions of the schema, oldest first; PRAGMA user_version counts the ones that have been applied. Only ever append.
constexpr const char* kMigrations[] = {
    ("CREATE TABLE space_1 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"
     "CREATE TABLE space_2 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"
     "CREATE TABLE space_3 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"
     "CREATE TABLE space_4 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"),
    // 2: peers and texts
    ("CREATE TABLE space_5 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"
     "CREATE TABLE space_6 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"),
    // 3: shares
    "CREATE TABLE space_7 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;",
    // 4: the history
    "CREATE TABLE space_8 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;",
    // 5: whose a folder is that has landed
    "CREATE TABLE space_9 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;",
    // 6: incoming transfers that are paused
    "CREATE TABLE space_10 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;",
    // 7: what was chosen for one offer alone
    "CREATE TABLE space_11 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;",
    // 8: conversations
    "CREATE TABLE space_12 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;",
    // 9: what servers of a hash table keep
    "CREATE TABLE space_13 (key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;",
};
constexpr int kSchemaVersion = int(std::size(kMigrations));
constexpr int kFirstSpace = int(Space::Transfers);
constexpr int kLastSpace = int(Space::Dht);

/// SQLite's primary result codes that mean something to us.
enum class SqliteCode { Busy = 5, ReadOnly = 8, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26 };

SqliteCode codeOf(const QSqlError& error) {
    return SqliteCode(error.nativeErrorCode().toInt() & 0xFF); // the upper bits refine it
}

/// What the check says of a page that it could not read is no word about the page: memory or the disk had failed it.
int codeOfFinding(const QString& finding) {
    constexpr int kIoError = 10;
    static const QRegularExpression code(QStringLiteral("error code=(\\d+)"));
    if (const auto match = code.match(finding); match.hasMatch()) return match.captured(1).toInt();
    return finding.contains(QLatin1String("failed to get page")) ? kIoError : int(SqliteCode::Corrupt);
}

Errc errcOf(const QSqlError& error) {
    switch (codeOf(error)) {
    case SqliteCode::Busy:
        return Errc::Busy;
    case SqliteCode::ReadOnly:
        return Errc::ReadOnly;
    case SqliteCode::Full:
        return Errc::DiskFull;
    case SqliteCode::CannotOpen:
        return Errc::PermissionDenied;
    default:
        return Errc::Io;
    }
}

/// A null QByteArray would be stored as NULL.
QByteArray blob(ByteView bytes) {
    return bytes.empty() ? QByteArray("", 0)
                         : QByteArray(reinterpret_cast<const char*>(bytes.data()), qsizetype(bytes.size()));
}

Bytes bytesOf(const QByteArray& blob) {
    return Bytes(blob.begin(), blob.end());
}

/// The first key after all that begin with `prefix`; empty: there is none.
Bytes endOfPrefix(Bytes prefix) {
    while (!prefix.empty() && prefix.back() == 0xFF) prefix.pop_back();
    if (!prefix.empty()) ++prefix.back();
    return prefix;
}

QString tableOf(Space space) {
    return QStringLiteral("space_%1").arg(int(space));
}

} // namespace

struct Database::Connection {
    ~Connection() {
        queries.clear();
        database.close();
        database = QSqlDatabase();
        QSqlDatabase::removeDatabase(name);
    }

    QString name = QUuid::createUuid().toString();
    QSqlDatabase database;
    std::map<QString, QSqlQuery> queries; ///< prepared, by their text
    QSqlError lastError;
};

Database::Database(std::string path, const Log& log) : m_path(std::move(path)), m_log(log) {}

Database::~Database() {
    close();
}

void Database::close() {
    m.reset();
}

bool Database::damaged() const {
    SqliteCode code = codeOf(m->lastError);
    return code == SqliteCode::Corrupt || code == SqliteCode::NotADatabase;
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const Log& log) {
    std::unique_ptr<Database> database(new Database(path, log));
    auto connected = database->connect();
    if (!connected && database->damaged()) connected = database->startOver();
    if (!connected) return connected.error();
    return database;
}

static Error failure(const QSqlError& error, const std::string& path, const char* doing) {
    return makeError(errcOf(error), std::string(doing) + " '" + path + "': " + error.text().toStdString());
}

/// Runs a statement that has no parameters.
static Result<void> run(QSqlDatabase& database, const QString& statement, QSqlError& lastError, const std::string& path,
                        const char* doing) {
    QSqlQuery query(database);
    if (query.exec(statement)) return {};
    lastError = query.lastError();
    return failure(lastError, path, doing);
}

/// For this user alone: texts, peers and the secrets of share tickets are in it. SQLite gives its other files the mode
/// of the first one.
static void keepPrivate(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
        QFile file(QString::fromStdString(path + suffix));
        if (*suffix == '\0' && !file.exists()) (void)file.open(QIODevice::WriteOnly | QIODevice::NewOnly);
        if (file.exists()) (void)file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    }
}

Result<void> Database::connect() {
    keepPrivate(m_path);
    m = std::make_unique<Connection>();
    m_durable = Durable::No;
    m->database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m->name);
    m->database.setDatabaseName(QString::fromStdString(m_path));
    m->database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=2000"));
    if (!m->database.open()) {
        m->lastError = m->database.lastError();
        return failure(m->lastError, m_path, "opening");
    }
    // EXCLUSIVE: a home has one process, and without a second one there is no index in shared memory, which whoever
    // cuts it short would end this process with (SIGBUS). NORMAL: a commit is safe against the death of the process
    // without a sync; a power cut may take the last commits.
    for (const char* pragma : {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
                               "PRAGMA cache_size=-2048"})
        TRY_OK(run(m->database, QString::fromLatin1(pragma), m->lastError, m_path, "opening"));
    if (QFileInfo(QString::fromStdString(m_path)).size() <= kMaxCheckedDatabase) {
        QSqlQuery check(m->database);
        if (!check.exec(QStringLiteral("PRAGMA quick_check(1)")) || !check.next()) {
            m->lastError = check.lastError(); // a passing failure to read says nothing about the file
            return failure(m->lastError, m_path, "checking");
        }
        const QString found = check.value(0).toString();
        if (found != QLatin1String("ok")) {
            m->lastError = QSqlError(QString(), found, QSqlError::UnknownError, QString::number(codeOfFinding(found)));
            return failure(m->lastError, m_path, "checking");
        }
    }
    return migrate();
}

Result<void> Database::migrate() {
    QSqlQuery query(m->database);
    if (!query.exec(QStringLiteral("PRAGMA user_version")) || !query.next()) {
        m->lastError = query.lastError();
        return failure(m->lastError, m_path, "reading the version of");
    }
    int version = query.value(0).toInt();
    query.finish();
    if (version > kSchemaVersion)
        return makeError(Errc::Unsupported, "'" + m_path + "' was made by a newer version of Wherry");
    for (; version < kSchemaVersion; ++version) {
        TRY_OK(begin());
        const QStringList statements =
            QString::fromLatin1(kMigrations[version]).split(QLatin1Char(';'), Qt::SkipEmptyParts);
        for (const QString& statement : statements)
            TRY_OK(run(m->database, statement, m->lastError, m_path, "preparing"));
        TRY_OK(run(m->database, QStringLiteral("PRAGMA user_version=%1").arg(version + 1), m->lastError, m_path,
                   "preparing"));
        TRY_OK(commit());
    }
    return {};
}

Result<void> Database::startOver() {
    namespace fs = std::filesystem;
    std::string why = m->lastError.text().toStdString();
    close();
    std::string aside = m_path + ".damaged-" +
                        QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss")).toStdString();
    std::error_code problem;
    fs::rename(m_path, aside, problem);
    if (problem) {
        (void)connect(); // there is a connection at all times, and the next operation tries again
        return makeError(Errc::Io, "setting the damaged '" + m_path + "' aside: " + problem.message());
    }
    for (const char* suffix : {"-wal", "-shm"}) {
        std::error_code none; // they need not exist
        fs::rename(m_path + suffix, aside + suffix, none);
    }
    m_aside = aside;
    LOG(m_log, Warning, "store",
        "the database was damaged (" << why << ") and was set aside as '" << aside
                                     << "'; interrupted transfers will begin anew, and whom you have trusted or "
                                        "blocked is not known any more");
    return connect();
}

Result<void> Database::begin(Durable durable) {
    // In WAL mode FULL syncs the log at each commit. Cannot be changed within a transaction.
    if (durable != m_durable) {
        TRY_OK(run(m->database,
                   durable == Durable::Yes ? QStringLiteral("PRAGMA synchronous=FULL")
                                           : QStringLiteral("PRAGMA synchronous=NORMAL"),
                   m->lastError, m_path, "writing"));
        m_durable = durable;
    }
    return run(m->database, QStringLiteral("BEGIN IMMEDIATE"), m->lastError, m_path, "writing");
}

Result<void> Database::commit() {
    return run(m->database, QStringLiteral("COMMIT"), m->lastError, m_path, "writing");
}

void Database::rollback() {
    QSqlQuery(m->database).exec(QStringLiteral("ROLLBACK"));
}

/// The prepared query of that text, or nullptr.
static QSqlQuery* prepared(std::map<QString, QSqlQuery>& queries, const QSqlDatabase& database, const QString& text,
                           QSqlError& lastError) {
    auto found = queries.find(text);
    if (found != queries.end()) return &found->second;
    QSqlQuery query(database);
    query.setForwardOnly(true);
    if (!query.prepare(text)) {
        lastError = query.lastError();
        return nullptr;
    }
    return &queries.emplace(text, std::move(query)).first->second;
}

Result<void> Database::put(const StorePut& put) {
    QSqlQuery* query =
        prepared(m->queries, m->database,
                 QStringLiteral("INSERT OR REPLACE INTO %1 VALUES (?,?,?)").arg(tableOf(put.space)), m->lastError);
    if (!query) return failure(m->lastError, m_path, "writing");
    query->bindValue(0, blob(put.key));
    query->bindValue(1, blob(put.value));
    query->bindValue(2, qlonglong(put.expires.nanoseconds));
    if (query->exec()) return {};
    m->lastError = query->lastError();
    return failure(m->lastError, m_path, "writing");
}

Result<void> Database::erase(const StoreErase& erase) {
    Bytes end = endOfPrefix(erase.prefix);
    QString text = QStringLiteral("DELETE FROM %1 WHERE key >= ?").arg(tableOf(erase.space));
    if (!end.empty()) text += QStringLiteral(" AND key < ?");
    QSqlQuery* query = prepared(m->queries, m->database, text, m->lastError);
    if (!query) return failure(m->lastError, m_path, "writing");
    query->bindValue(0, blob(erase.prefix));
    if (!end.empty()) query->bindValue(1, blob(end));
    if (query->exec()) return {};
    m->lastError = query->lastError();
    return failure(m->lastError, m_path, "writing");
}

Result<std::vector<std::pair<Bytes, Bytes>>> Database::scan(const StoreScan& scan, UnixTime now) {
    Bytes end = endOfPrefix(scan.prefix);
    QString text = QStringLiteral("SELECT key, value FROM %1 WHERE (expires = 0 OR expires > ?) AND key >= ?")
                       .arg(tableOf(scan.space));
    if (!end.empty()) text += QStringLiteral(" AND key < ?");
    if (!scan.after.empty()) text += QStringLiteral(" AND key > ?");
    text += QStringLiteral(" ORDER BY key LIMIT ?");
    QSqlQuery* query = prepared(m->queries, m->database, text, m->lastError);
    if (!query) return failure(m->lastError, m_path, "reading");
    query->bindValue(0, qlonglong(now.nanoseconds));
    query->bindValue(1, blob(scan.prefix));
    int next = 2;
    if (!end.empty()) query->bindValue(next++, blob(end));
    if (!scan.after.empty()) query->bindValue(next++, blob(scan.after));
    query->bindValue(next, qulonglong(scan.limit == 0 ? kMaxScanRows : std::min(scan.limit, kMaxScanRows)));
    bool good = query->exec();
    std::vector<std::pair<Bytes, Bytes>> rows;
    while (good && query->next())
        rows.emplace_back(bytesOf(query->value(0).toByteArray()), bytesOf(query->value(1).toByteArray()));
    m->lastError = query->lastError();
    query->finish(); // an open read would keep the write-ahead log from being folded in
    if (!good || m->lastError.isValid()) return failure(m->lastError, m_path, "reading");
    return rows;
}

Result<void> Database::removeExpired(UnixTime now) {
    for (int space = kFirstSpace; space <= kLastSpace; ++space)
        TRY_OK(run(
            m->database,
            QStringLiteral("DELETE FROM space_%1 WHERE expires > 0 AND expires <= %2").arg(space).arg(now.nanoseconds),
            m->lastError, m_path, "cleaning"));
    return {};
}

} // namespace wherry::runtime
