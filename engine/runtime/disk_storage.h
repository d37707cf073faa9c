#pragma once

#include "runtime/rooted_dir.h"
#include "transfer/storage.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace wherry::runtime {

/// transfer::Storage on the real disk, over RootedDir. Thread-safe.
class DiskStorage final : public transfer::Storage {
  public:
    explicit DiskStorage(PathWalk walk = PathWalk::Kernel) : m_walk(walk) {}

    /// Two roots of one name: the later file gets "name (1).ext", the later folder "name (1)".
    Result<transfer::ScanOutcome> scan(const std::vector<std::string>& paths, transfer::ScanSink& sink) override;
    Result<std::unique_ptr<transfer::SourceFile>> openSource(const std::string& rootPath,
                                                             const std::string& inside) override;
    Result<std::shared_ptr<transfer::Destination>> openDestination(const std::string& path) override;
    Result<transfer::NameTraits> nameTraits(const std::string& path) override;

    /// Nothing is ever received into this folder or below it, whatever is accepted: the program's own key, settings and
    /// records are there. Before the first use.
    void guard(std::string folder) { m_guarded = std::move(folder); }
    /// Scans that run, and those to come, end soon with Cancelled: a large tree must not hold up the end of the
    /// program.
    void stopScans() { m_stopScans = true; }

  private:
    /// Tells a folder from another that has got its path.
    struct FolderId {
        uint64_t device = 0;
        uint64_t inode = 0;
        bool operator==(const FolderId&) const = default;
    };
    static Result<FolderId> folderId(const RootedDir& root);
    static Result<transfer::NameTraits> traitsOf(const RootedDir& root);
    void remember(const std::string& path, FolderId id);
    std::optional<FolderId> rememberedId(const std::string& path) const;
    Result<RootedDir> openKnown(const std::string& path, FolderId known) const;

    Result<std::string> guardedBelow(const std::string& path) const;

    PathWalk m_walk;
    std::string m_guarded; ///< empty: nothing
    mutable std::mutex m_mutex;
    std::map<std::string, FolderId> m_folders; ///< download folders as they were found or made
    std::atomic<bool> m_stopScans = false;
};

} // namespace wherry::runtime
