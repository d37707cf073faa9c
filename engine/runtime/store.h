#pragma once

#include "base/log.h"
#include "base/store.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wherry::runtime {

/// The durable key-value store of base/store.h in one SQLite file, on a thread of its own.
///
/// Operations are carried out in the order of submit(); whatever waits goes into one transaction. A committed operation
/// survives the death of the process (write-ahead log); a power cut may take the last ones that were not durable, which
/// is safe because everything that is read back is a hint that gets verified. Rows whose time has come are neither
/// scanned nor kept.
///
/// A damaged file is set aside under a dated name and a new one begun: what is lost is resume, never data. An error
/// while writing (a full disk) is logged; scans of the same transaction answer with it, and so does the next scan of
/// StoreUser::Decisions when a decision (a durable change of peers or shares) was lost with it.
class Store {
  public:
    /// Runs on the store's thread when the first answer since the last takeScanned() is there, or a file was set aside.
    using Wake = std::function<void()>;

    /// Unsupported: the file was made by a newer version. PermissionDenied, DiskFull, Io name the file.
    static Result<std::unique_ptr<Store>> open(const std::string& path, const Log& log, Wake wake);
    /// Carries out what was submitted, then closes the database.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// The name under which open() has set a damaged file aside; empty: it has found none.
    const std::string& aside() const;
    /// Any thread. Returns at once; at most kMaxWaitingStoreOps may wait, beyond which it waits itself.
    void submit(StoreOp op);
    std::vector<StoreScanned> takeScanned();
    /// The name under which a file has been set aside since open(); nullopt: none since it was asked last. To be asked
    /// before takeScanned(), whose answers may be of the new file.
    std::optional<std::string> takeSetAside();
    /// Returns when everything submitted before is committed.
    void flush();

  private:
    struct Shared;
    explicit Store(std::unique_ptr<Shared> shared);
    std::unique_ptr<Shared> m;
};

} // namespace wherry::runtime
