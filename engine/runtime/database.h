#pragma once

#include "base/log.h"
#include "base/store.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wherry::runtime {

/// The SQLite file behind Store: everything that knows SQL. Belongs to the thread that opened it, from begin to end.
class Database {
  public:
    /// Opens or creates the file and brings its schema up to date. A damaged file is set aside first.
    static Result<std::unique_ptr<Database>> open(const std::string& path, const Log& log);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Durable::Yes: on the disk when commit() returns, with everything before it.
    Result<void> begin(Durable durable = Durable::No);
    Result<void> commit();
    void rollback();
    Result<void> put(const StorePut& put);
    Result<void> erase(const StoreErase& erase);
    Result<std::vector<std::pair<Bytes, Bytes>>> scan(const StoreScan& scan, UnixTime now);
    Result<void> removeExpired(UnixTime now);
    /// Whether the last failure means that the file itself is damaged.
    bool damaged() const;
    /// Where startOver() has put the last damaged file; empty: there was none.
    const std::string& aside() const { return m_aside; }
    /// Closes the file, renames it out of the way, and begins a new one. Failed (Io): the old file is open again.
    Result<void> startOver();

  private:
    struct Connection;
    Database(std::string path, const Log& log);
    Result<void> connect();
    Result<void> migrate();
    void close();

    std::string m_path;
    std::string m_aside;
    Log m_log;
    Durable m_durable = Durable::No; ///< of the transactions of this connection
    std::unique_ptr<Connection> m;
};

} // namespace wherry::runtime
