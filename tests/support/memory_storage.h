#pragma once

#include "base/bytes.h"
#include "transfer/storage.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wherry::testing {

/// A whole file system in memory behind the Storage port: folders, files, links and special files, times, a capacity,
/// failures on demand, and what a power cut leaves. Deterministic: inode numbers and times count up. Paths are
/// absolute, '/'-separated.
class MemoryStorage final : public transfer::Storage {
  public:
    enum class Kind : uint8_t { Folder, File, Link, Fifo, Socket, Device };

    /// One thing of a tree, for comparing what was sent with what arrived.
    struct TreeEntry {
        Kind kind = Kind::File;
        Bytes content;
        int64_t modifiedNs = 0;
        bool executable = false;
        bool operator==(const TreeEntry&) const = default;
    };
    using Tree = std::map<std::string, TreeEntry>;

    MemoryStorage();

    // --- setting up and looking; folders above are made as needed ---
    void addFolder(const std::string& path, int64_t modifiedNs = 0);
    void addFile(const std::string& path, Bytes content, int64_t modifiedNs = 1'700'000'000'000'000'000,
                 bool executable = false);
    /// Changes the content under those who have the file open; times move on as on a real disk.
    void rewrite(const std::string& path, Bytes content);
    void addLink(const std::string& path, const std::string& target);
    void addSpecial(const std::string& path, Kind kind);
    void remove(const std::string& path);
    std::optional<Bytes> content(const std::string& path) const;
    bool exists(const std::string& path) const;
    /// Everything below `path`, by relative path. Folder times are 0: writing into a folder changes them.
    Tree tree(const std::string& path) const;
    /// Relative paths below `path` that end in ".part".
    std::vector<std::string> parts(const std::string& path) const;

    // --- the volume ---
    void setCapacity(uint64_t bytes);
    void setReadOnly(bool readOnly);
    /// Everything fails with VolumeGone while it is set.
    void setGone(bool gone);
    /// syncVolume is Unsupported when false.
    void setCanSyncVolume(bool can);
    /// Two spellings name one file. To be set before anything is added.
    void setFoldsNames(bool folds);
    /// Names that Windows cannot open (entry_name.h isWindowsName) cannot be created: UnportableName.
    void setOnlyPortableNames(bool only);

    // --- failures ---
    enum class Repeat : uint8_t { Once, Forever };
    /// The nth change (1: the next) of anything through a Destination fails and changes nothing. 0: no failure.
    void failChange(uint64_t nth, Errc code, Repeat repeat = Repeat::Once);
    /// Changes made or refused so far: create, write, finish, sync, rename, remove, make folder, set time, sync volume
    /// or folder.
    uint64_t changes() const;
    /// The nth read of a source file (1: the next) fails.
    void failRead(uint64_t nth, Errc code);
    /// Called before each read of a source file with its path and how many reads it has had.
    void onSourceRead(std::function<void(const std::string& path, uint64_t reads)> hook);

    /// Loses what was not synced: of each file any 4 KiB page since its last sync may be old, zero or new; of changes
    /// to folders since the last sync of a folder or the volume any number of the latest are undone (as a journal
    /// does). Open handles are dead.
    void powerCut(uint64_t seed);

    // --- transfer::Storage ---
    Result<transfer::ScanOutcome> scan(const std::vector<std::string>& paths, transfer::ScanSink& sink) override;
    Result<std::unique_ptr<transfer::SourceFile>> openSource(const std::string& rootPath,
                                                             const std::string& inside) override;
    Result<std::shared_ptr<transfer::Destination>> openDestination(const std::string& path) override;
    Result<transfer::NameTraits> nameTraits(const std::string& path) override;

  private:
    struct State;
    class OpenSource;
    class OpenPart;
    class OpenDestination;

    std::shared_ptr<State> m; ///< shared with open files and destinations
};

} // namespace wherry::testing
