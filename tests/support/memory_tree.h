#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "support/memory_storage.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::testing {

struct MemoryNode;
using MemoryNodePtr = std::shared_ptr<MemoryNode>;

/// An entry of a folder; the map's key is its name, folded where the volume folds names.
struct MemoryChild {
    std::string name;
    MemoryNodePtr node;
};
using MemoryChildren = std::map<std::string, MemoryChild>;

struct MemoryNode {
    MemoryStorage::Kind kind = MemoryStorage::Kind::File;
    uint64_t inode = 0;
    int64_t modifiedNs = 0;
    int64_t changedNs = 0;
    bool executable = false;
    std::string target; ///< of a link
    Bytes content;
    uint64_t reads = 0;
    MemoryChildren children;

    // What a power cut goes back to.
    bool dirty = false;   ///< content or metadata changed since the last sync
    Bytes durableContent; ///< while dirty: as of the last sync
    int64_t durableModifiedNs = 0;
    MemoryChildren durableChildren;

    bool isFolder() const { return kind == MemoryStorage::Kind::Folder; }
    bool isFile() const { return kind == MemoryStorage::Kind::File; }
};

/// The names and contents of MemoryStorage, without its failures. Not thread-safe.
class MemoryTree {
  public:
    MemoryTree();

    /// Nothing when there is none; PermissionDenied when a link or NotFound when a file is on the way. Never follows
    /// links.
    Result<MemoryNodePtr> find(std::string_view path) const;
    MemoryNodePtr findOrNull(std::string_view path) const;
    /// The folder that holds `path`.
    Result<MemoryNodePtr> folderOf(std::string_view path) const;
    Result<MemoryNodePtr> makeFolders(std::string_view path);
    /// Makes a node with the next inode and now as its times.
    MemoryNodePtr make(MemoryStorage::Kind kind);
    MemoryNodePtr child(const MemoryNode& folder, std::string_view name) const;

    /// Gives `node` the name; what had it before is gone.
    void link(const MemoryNodePtr& folder, std::string_view name, const MemoryNodePtr& node);
    void unlink(const MemoryNodePtr& folder, std::string_view name);
    /// One step that a power cut undoes as a whole.
    void rename(const MemoryNodePtr& from, std::string_view oldName, const MemoryNodePtr& to, std::string_view newName);

    /// Before content or metadata of a file change.
    void touch(MemoryNode& node);
    void resize(MemoryNode& node, uint64_t size);
    static void syncFile(MemoryNode& node);
    /// Names given so far are durable.
    void syncNames();
    /// All names and contents are durable.
    void syncAll();
    void powerCut(uint64_t seed);

    uint64_t usedBytes() const { return m_used; }
    uint64_t generation() const { return m_generation; } ///< counts power cuts: older handles are dead
    void setFoldsNames(bool folds) { m_folds = folds; }
    bool foldsNames() const { return m_folds; }
    const MemoryNodePtr& root() const { return m_root; }

  private:
    /// One change of names, to be made durable.
    struct NameChange {
        MemoryNodePtr folder;
        std::string name;
        MemoryNodePtr node; ///< null: the name is gone
    };
    using NameStep = std::vector<NameChange>;

    std::string keyOf(std::string_view name) const;
    void apply(const NameStep& step);
    void applyDurably(const NameStep& step);
    void doStep(NameStep step);

    MemoryNodePtr m_root;
    std::vector<NameStep> m_unsynced;
    uint64_t m_used = 0;
    uint64_t m_inodes = 0;
    int64_t m_clock = 1'750'000'000'000'000'000;
    uint64_t m_generation = 0;
    bool m_folds = false;
};

/// "a/b/c" -> "a/b" and "c".
std::pair<std::string_view, std::string_view> splitLast(std::string_view path);

} // namespace wherry::testing
