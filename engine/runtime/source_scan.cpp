#include "runtime/source_scan.h"

#include "runtime/runtime_limits.h"
#include "transfer/entry_name.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace wherry::runtime {

using transfer::ScanOutcome;

namespace {

/// A path split so that its last component is a real name, and its parent can be opened.
struct RootPath {
    std::string absolute;
    std::string folder;
    std::string name;
};

Result<RootPath> splitRoot(const std::string& given) {
    namespace fs = std::filesystem;
    std::error_code problem;
    fs::path path = fs::absolute(fs::path(given), problem);
    if (problem) return makeError(Errc::InvalidArgument, "'" + given + "': " + problem.message());
    while (!path.has_filename() && path.has_relative_path()) path = path.parent_path(); // trailing slashes
    std::string last = path.filename().string();
    if (last == "." || last == "..") {
        path = fs::canonical(path, problem);
        if (problem) return makeError(Errc::NotFound, "'" + given + "': " + problem.message());
        last = path.filename().string();
    }
    RootPath root;
    root.absolute = path.string();
    root.folder = path.parent_path().string();
    root.name = path.has_relative_path() ? last : "root"; // the whole file system, if somebody really wants to
    return root;
}

std::string uniqueName(const std::string& name, bool isFolder, std::set<std::string>& taken) {
    std::string unique = name;
    for (uint32_t count = 1; !taken.insert(unique).second; ++count)
        unique = transfer::numberedName(name, count, isFolder);
    return unique;
}

transfer::SourceStamp stampOf(const FileInfo& info) {
    transfer::SourceStamp stamp;
    stamp.size = info.kind == EntryKind::Folder ? 0 : info.size;
    stamp.modifiedNs = info.modifiedNs;
    stamp.changedNs = info.changedNs;
    stamp.inode = info.inode;
    stamp.device = info.device;
    return stamp;
}

class Scan {
  public:
    Scan(PathWalk walk, const std::atomic<bool>& stop, transfer::ScanSink& sink)
        : m_walk(walk),
          m_stop(stop),
          m_sink(sink) {}

    Result<void> addRoot(const std::string& given) {
        TRY(RootPath root, splitRoot(given));
        auto followed = followRoot(root);
        if (!followed && followed.error().code != Errc::PermissionDenied) return followed.error();
        if (!followed) {
            m_outcome.rootPaths.push_back(root.absolute); // the same offer when it can be read next time
            m_outcome.rootNames.push_back(uniqueName(root.name, false, m_taken));
            leaveOut(m_outcome.rootNames.back(), "unreadable: " + followed.error().context);
            if (m_unreadable.context.empty()) m_unreadable = followed.error();
            return {};
        }
        const FileInfo& info = *followed;
        if (info.kind == EntryKind::Special)
            return makeError(Errc::InvalidArgument, "'" + given + "' is neither a file nor a folder");
        bool isFolder = info.kind == EntryKind::Folder;
        std::string name = uniqueName(root.name, isFolder, m_taken);
        m_outcome.rootPaths.push_back(root.absolute);
        m_outcome.rootNames.push_back(name);
        auto folder = RootedDir::open(isFolder ? root.absolute : root.folder, m_walk);
        m_inodesStay = !folder || !folder->isWindowsVolume();
        if (!isFolder) return add(name, info);
        auto names = folder ? folder->list({}) : folder.error();
        if (!names) {
            leaveOut(name, "unreadable folder: " + names.error().context);
            if (m_unreadable.context.empty()) m_unreadable = names.error();
            return {};
        }
        TRY_OK(add(name, info));
        m_inside.clear();
        m_levels.push_back({std::move(*names), 0, 0, {}, 0});
        return walk(*folder, name);
    }

    /// PermissionDenied when nothing that was named can be read.
    Result<ScanOutcome> take() {
        if (m_entries == 0 && !m_unreadable.context.empty()) return m_unreadable;
        return std::move(m_outcome);
    }

  private:
    /// One folder whose entries are being gone through.
    struct Level {
        FolderNames names;
        size_t pathLength = 0;          ///< of this folder within m_inside
        size_t next = 0;                ///< name to look at
        std::vector<NamedInfo> entries; ///< some that were looked at, and have not been gone through
        size_t nextEntry = 0;
    };

    /// What the root is; a link as the root itself is followed.
    static Result<FileInfo> followRoot(const RootPath& root) {
        std::error_code problem;
        std::filesystem::path path(root.absolute);
        auto status = std::filesystem::status(path, problem);
        if (status.type() == std::filesystem::file_type::not_found)
            return makeError(Errc::NotFound, "'" + root.absolute + "' does not exist");
        if (status.type() == std::filesystem::file_type::none) {
            Errc code = problem == std::errc::permission_denied ? Errc::PermissionDenied : Errc::Io;
            return makeError(code, "'" + root.absolute + "': " + problem.message());
        }
        if (status.type() == std::filesystem::file_type::directory) {
            TRY(RootedDir folder, RootedDir::open(root.absolute));
            return folder.rootInfo();
        }
        if (status.type() != std::filesystem::file_type::regular) return FileInfo{};
        TRY(File file, openRootFile(root.absolute));
        return file.info();
    }

    Result<void> add(std::string path, const FileInfo& info) {
        if (m_stop) return makeError(Errc::Cancelled, "stopped while looking at '" + path + "'");
        if (m_entries >= transfer::kMaxEntries)
            return makeError(Errc::TooLarge, "more than " + std::to_string(transfer::kMaxEntries) +
                                                 " files and folders at once; reached at '" + path + "'");
        bool isFolder = info.kind == EntryKind::Folder;
        ++m_entries;
        return m_sink.take({std::move(path), isFolder, !isFolder && info.executable, stampOf(info), m_inodesStay});
    }

    void leaveOut(std::string path, std::string reason) {
        m_outcome.leaveOut({std::move(path), std::move(reason), true});
    }

    /// What is never sent, whoever may read it; empty: neither of these.
    static std::string_view kindToSkip(EntryKind kind) {
        if (kind == EntryKind::Link) return "symbolic link";
        return kind == EntryKind::Special ? "socket, fifo or device" : "";
    }

    /// Why a file or folder cannot be sent; empty: it can.
    static std::string reasonToLeaveOut(const NamedInfo& entry, size_t pathLength, size_t depth) {
        if (entry.info.kind == EntryKind::File && entry.info.size > transfer::kMaxFileSize) return "file too large";
        if (entry.name.size() > transfer::kMaxNameLength) return "name too long";
        if (pathLength > transfer::kMaxPathLength) return "path too long";
        if (depth > transfer::kMaxDepth) return "nested too deeply";
        return {};
    }

    /// Adds the folder at m_inside and makes it the level to go through next. One that cannot be read is left out: at
    /// the receiver it would look like an empty one.
    Result<void> enter(const RootedDir& root, std::string shown, const FileInfo& info) {
        auto names = root.list(m_inside);
        if (!names) return leaveOut(std::move(shown), "unreadable folder: " + names.error().context), Result<void>();
        TRY_OK(add(std::move(shown), info));
        m_levels.push_back({std::move(*names), m_inside.size(), 0, {}, 0});
        return {};
    }

    /// Whether there was more in the folder at m_inside.
    bool lookAtMore(const RootedDir& root, const std::string& rootName) {
        Level& level = m_levels.back();
        const size_t count = std::min(kLookAtOnce, level.names.size() - level.next);
        if (count == 0) return false;
        auto entries = root.look(m_inside, level.names, level.next, count);
        if (!entries) {
            leaveOut(m_inside.empty() ? rootName : rootName + "/" + m_inside,
                     "unreadable folder: " + entries.error().context);
            return false;
        }
        level.next += count;
        level.nextEntry = 0;
        level.entries = std::move(*entries);
        return true;
    }

    Result<void> walk(const RootedDir& root, const std::string& rootName) {
        while (!m_levels.empty()) {
            Level& level = m_levels.back();
            m_inside.resize(level.pathLength);
            if (level.nextEntry == level.entries.size()) {
                if (!lookAtMore(root, rootName)) m_levels.pop_back();
                continue;
            }
            const NamedInfo entry = std::move(level.entries[level.nextEntry++]);
            if (!m_inside.empty()) m_inside += '/';
            m_inside += entry.name;
            std::string shown = rootName + "/" + m_inside;
            if (const std::string_view kind = kindToSkip(entry.info.kind); !kind.empty()) {
                m_outcome.leaveOut({std::move(shown), std::string(kind), false});
                continue;
            }
            std::string reason = reasonToLeaveOut(entry, shown.size(), m_levels.size() + 1);
            if (!reason.empty()) {
                leaveOut(std::move(shown), std::move(reason));
                continue;
            }
            const bool isFolder = entry.info.kind == EntryKind::Folder;
            TRY_OK(isFolder ? enter(root, std::move(shown), entry.info) : add(std::move(shown), entry.info));
        }
        return {};
    }

    PathWalk m_walk;
    const std::atomic<bool>& m_stop;
    transfer::ScanSink& m_sink;
    ScanOutcome m_outcome;
    size_t m_entries = 0;
    Error m_unreadable;       ///< the first root that may not be read
    bool m_inodesStay = true; ///< on the volume of the root that is being gone through
    std::set<std::string> m_taken;
    std::vector<Level> m_levels;
    std::string m_inside; ///< the current entry's path below its root
};

} // namespace

Result<ScanOutcome> scanSources(const std::vector<std::string>& paths, PathWalk walk, const std::atomic<bool>& stop,
                                transfer::ScanSink& sink) {
    if (paths.empty()) return makeError(Errc::InvalidArgument, "nothing to send");
    Scan scan(walk, stop, sink);
    for (const std::string& path : paths) TRY_OK(scan.addRoot(path));
    return scan.take();
}

} // namespace wherry::runtime
