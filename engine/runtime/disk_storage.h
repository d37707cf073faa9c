#pragma once

#include "runtime/rooted_dir.h"
#include "transfer/storage.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace wherry::runtime {

/// transfer::Storage on the real disk, over RootedDir. Thread-safe.
class DiskStorage final : public transfer::Storage {
  public:
    explicit DiskStorage(PathWalk walk = PathWalk::Kernel) : m_walk(walk) {}

    /// Two roots of one name: the later file gets "name (1).ext", the later folder "name (1)".
    Result<transfer::ScanOutcome> scan(const std::vector<std::string>& paths) override;
    Result<std::unique_ptr<transfer::SourceFile>> openSource(const std::string& rootPath,
                                                             const std::string& inside) override;
    Result<std::shared_ptr<transfer::Destination>> openDestination(const std::string& path) override;

    /// Scans that run, and those to come, end soon with Cancelled: a large tree must not hold up the end of the program.
    void stopScans() { m_stopScans = true; }

  private:
    PathWalk m_walk;
    std::atomic<bool> m_stopScans = false;
};

} // namespace wherry::runtime
