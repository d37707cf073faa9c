#pragma once

#include "runtime/rooted_dir.h"
#include "transfer/storage.h"

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

  private:
    PathWalk m_walk;
};

} // namespace wherry::runtime
