#include "runtime/disk_storage.h"

#include "runtime/part_ledger.h"
#include "runtime/runtime_limits.h"
#include "runtime/source_scan.h"
#include "transfer/name_folding.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <mutex>

namespace wherry::runtime {

using transfer::Destination;
using transfer::ExistingEntry;
using transfer::PartFile;
using transfer::SourceFile;
using transfer::SourceStamp;

namespace {

class DiskSourceFile final : public SourceFile {
  public:
    explicit DiskSourceFile(File file) : m_file(std::move(file)) {}

    Result<SourceStamp> stamp() override {
        TRY(FileInfo info, m_file.info());
        return SourceStamp{info.size, info.modifiedNs, info.changedNs, info.inode, info.device};
    }
    Result<size_t> read(uint64_t offset, MutableBytes out) override { return m_file.readAt(offset, out); }

  private:
    File m_file;
};

class DiskPartFile final : public PartFile {
  public:
    DiskPartFile(File file, KnownPartPtr known) : m_file(std::move(file)), m_known(std::move(known)) {}

    Result<uint64_t> size() override {
        TRY(FileInfo info, m_file.info());
        return info.size;
    }
    Result<void> write(uint64_t offset, ByteView bytes) override {
        return m_known->change(m_file, offset + bytes.size(), [&] { return m_file.writeAt(offset, bytes); });
    }
    Result<void> extend(uint64_t size) override {
        // A volume whose word is not to be relied on may know no holes either.
        if (m_known->trust() != StampTrust::Full) return {};
        return m_known->resize(m_file, size + 1, [&] { return m_file.resize(size + 1); });
    }
    Result<void> writeZeros(uint64_t offset, uint64_t length) override {
        return m_known->change(m_file, offset + length, [&]() -> Result<void> {
            TRY(const FileInfo info, m_file.info());
            if (info.size < offset + length) TRY_OK(m_file.resize(offset + length));
            const auto made = m_file.makeHole(offset, length);
            if (made || made.error().code != Errc::Unsupported) return made;
            return fillWithZeros(offset, length);
        });
    }
    Result<void> writeWhole(ByteView content, int64_t modifiedNs, bool executable) override {
        const auto fill = [&]() -> Result<void> {
            if (!content.empty()) TRY_OK(m_file.writeAt(0, content));
            return complete(modifiedNs, executable);
        };
        return m_known->fill(m_file, content.size(), fill);
    }
    Result<void> read(uint64_t offset, MutableBytes out) override {
        TRY(size_t count, m_file.readAt(offset, out));
        if (count < out.size()) return makeError(Errc::Io, "reading '" + m_file.name() + "': it ends too early");
        return {};
    }
    void startWriteback(uint64_t offset, uint64_t length) override { m_file.startWriteback(offset, length); }
    Result<void> sync() override { return m_file.sync(); }
    Result<void> finish(uint64_t size, int64_t modifiedNs, bool executable) override {
        return m_known->resize(m_file, size, [&]() -> Result<void> {
            TRY(FileInfo info, m_file.info());
            if (info.size != size) TRY_OK(m_file.resize(size));
            return complete(modifiedNs, executable);
        });
    }
    Result<void> takeAsIs() override { return m_known->takeAsIs(m_file); }

  private:
    Result<void> fillWithZeros(uint64_t offset, uint64_t length) {
        static constexpr std::array<uint8_t, 4096> kZeros{};
        for (uint64_t done = 0; done < length; done += kZeros.size())
            TRY_OK(m_file.writeAt(offset + done,
                                  ByteView(kZeros).first(std::min<uint64_t>(kZeros.size(), length - done))));
        return {};
    }
    Result<void> complete(int64_t modifiedNs, bool executable) {
        TRY_OK(m_file.publishMode(executable ? ExecutableBit::Set : ExecutableBit::Clear));
        return m_file.setModified(modifiedNs); // last: what is above changes the time
    }

    File m_file;
    KnownPartPtr m_known;
};

class DiskDestination final : public Destination {
  public:
    /// `guarded`: a folder below the root that nothing may be put into; empty: none.
    DiskDestination(RootedDir root, uint64_t device, std::string guarded)
        : m_root(std::move(root)),
          m_device(device),
          m_inodesStay(!m_root.isWindowsVolume()),
          m_trust(m_root.stampTrust()),
          m_guarded(comparable(guarded)) {}

    std::string displayPath() const override { return m_root.path(); }
    Result<uint64_t> freeBytes() override { return m_root.freeBytes(); }
    bool foldsNames() const override { return m_root.foldsNames(); }

    Result<std::optional<ExistingEntry>> look(const std::string& path) override {
        TRY(std::optional<FileInfo> info, m_root.look(path));
        if (!info) return std::optional<ExistingEntry>();
        if (info->kind == EntryKind::Link || info->kind == EntryKind::Special)
            return makeError(Errc::Exists, "'" + m_root.path() + "/" + path + "' is " +
                                               (info->kind == EntryKind::Link ? "a symbolic link" : "a special file"));
        return std::optional<ExistingEntry>(existing(*info));
    }

    Result<void> makeFolder(const std::string& path) override {
        TRY_OK(checkGuard(path));
        const auto made = m_root.makeFolder(path);
        if (made || made.error().code != Errc::PermissionDenied) return made;
        const auto there = look(path);
        return !there && there.error().code == Errc::Exists ? Result<void>(there.error()) : made; // a link
    }

    Result<void> clearName(const std::string& path) override {
        TRY_OK(checkGuard(path));
        TRY(const std::optional<FileInfo> info, m_root.look(path));
        if (!info) return {};
        if (info->kind == EntryKind::Folder)
            return makeError(Errc::Exists, "'" + m_root.path() + "/" + path + "' is a folder");
        return m_root.removeFile(path);
    }

    Result<void> setFolderTime(const std::string& path, int64_t modifiedNs) override {
        TRY(File folder, m_root.openFolder(path));
        return folder.setModified(modifiedNs);
    }

    Result<std::unique_ptr<PartFile>> createPart(const std::string& path, uint64_t expectedSize) override {
        TRY_OK(checkGuard(path));
        TRY(File file, m_root.createFile(path));
        auto known = begin(file, path);
        if (known && expectedSize >= kReserveFrom) {
            const auto reserved = (*known)->change(file, 0, [&] { return file.reserve(expectedSize); });
            if (!reserved) known = reserved.error();
        }
        if (!known) {
            file.close();
            (void)removePart(path); // nothing is in it
            return known.error();
        }
        return std::unique_ptr<PartFile>(std::make_unique<DiskPartFile>(std::move(file), std::move(*known)));
    }

    Result<std::unique_ptr<PartFile>> adoptPart(const std::string& path) override {
        TRY_OK(checkGuard(path));
        TRY(File file, m_root.openToWrite(path));
        TRY(KnownPartPtr known, begin(file, path));
        return std::unique_ptr<PartFile>(std::make_unique<DiskPartFile>(std::move(file), std::move(known)));
    }

    Result<std::unique_ptr<PartFile>> openPart(const std::string& path) override {
        KnownPartPtr known = m_parts.find(path);
        if (!known) {
            auto adopted = adoptPart(path);
            if (const KnownPartPtr begun = m_parts.find(path)) begun->doubt();
            return adopted;
        }
        TRY_OK(checkGuard(path));
        auto file = m_root.openToWrite(path);
        if (!file) return inPlaceOf(path, file.error());
        TRY(const FileInfo info, file->info());
        if (!known->isSame(info)) return replaced(path, "another file is in its place");
        return std::unique_ptr<PartFile>(std::make_unique<DiskPartFile>(std::move(*file), std::move(known)));
    }

    Result<std::optional<ExistingEntry>> publish(const std::string& part, const std::string& path,
                                                 transfer::OnExisting onExisting) override {
        TRY_OK(checkGuard(path));
        const bool replace = onExisting == transfer::OnExisting::Replace;
        const KnownPartPtr known = m_parts.find(part);
        const auto asLeft = [&](const FileInfo& info) { return known && known->asLeft(info); };
        const auto isIt = [&](const FileInfo& info) { return known->asLeftButRenamed(info); };
        auto there = m_root.renameKnown(part, path, replace ? WhenTaken::Replace : WhenTaken::Fail, asLeft, isIt);
        if (!there) return known ? inPlaceOf(part, there.error()) : there.error();
        m_parts.forget(part);
        if (!*there) return std::optional<ExistingEntry>();
        return std::optional<ExistingEntry>(existing(**there));
    }

    Result<void> removePart(const std::string& path) override {
        m_parts.forget(path);
        return m_root.removeFile(path);
    }

    Result<std::unique_ptr<SourceFile>> openPublished(const std::string& path) override {
        TRY(File file, m_root.openToRead(path));
        return std::unique_ptr<SourceFile>(std::make_unique<DiskSourceFile>(std::move(file)));
    }

    Result<void> syncVolume() override {
        TRY_OK(m_root.syncVolume());
        std::lock_guard lock(m_mutex); // held while syncing: only the disk thread syncs, and volumes are noted once
        for (const auto& [device, folder] : m_otherVolumes) TRY_OK(folder.syncVolume());
        return {};
    }

    Result<void> syncFolderOf(const std::string& path) override { return m_root.syncFolderOf(path); }

  private:
    std::string comparable(const std::string& path) const {
        return m_root.foldsNames() ? transfer::collisionKey(path) : path;
    }
    Result<void> checkGuard(const std::string& path) const {
        if (m_guarded.empty()) return {};
        const std::string what = comparable(path);
        if (what != m_guarded && !what.starts_with(m_guarded + "/")) return {};
        return makeError(Errc::PermissionDenied,
                         "'" + m_root.path() + "/" + path + "' is where this program keeps its own key and records");
    }

    ExistingEntry existing(const FileInfo& info) const {
        const bool isFolder = info.kind == EntryKind::Folder;
        ExistingEntry entry;
        entry.isFolder = isFolder;
        entry.size = isFolder ? 0 : info.size;
        entry.modifiedNs = info.modifiedNs;
        entry.executable = !isFolder && info.executable;
        entry.changedNs = info.changedNs;
        entry.inode = m_inodesStay ? info.inode : 0;
        return entry;
    }

    Error replaced(const std::string& path, const std::string& how) const {
        return makeError(Errc::Busy, "another program has meddled with '" + m_root.path() + "/" + path +
                                         "' while it was being received: " + how);
    }
    /// Why a part that we have made is not to be had any more.
    Error inPlaceOf(const std::string& path, const Error& error) const {
        switch (error.code) {
        case Errc::NotFound:
            return replaced(path, "it is gone");
        case Errc::PermissionDenied:
            return replaced(path, error.context);
        default:
            return error;
        }
    }

    /// Makes the open file the part of that name.
    Result<KnownPartPtr> begin(const File& file, const std::string& path) {
        TRY(const FileInfo info, file.info());
        TRY_OK(noteVolume(info, path));
        return m_parts.begin(path, info, info.device == m_device ? m_trust : file.stampTrust());
    }

    /// A volume mounted below the root must be synced with it, or a receipt would promise too much.
    Result<void> noteVolume(const FileInfo& info, const std::string& path) {
        if (info.device == m_device) return {};
        std::lock_guard lock(m_mutex);
        if (m_otherVolumes.contains(info.device)) return {};
        if (m_otherVolumes.size() >= kMaxVolumes)
            return makeError(Errc::LimitReached, "'" + m_root.path() + "': too many volumes below one download folder");
        size_t slash = path.rfind('/');
        TRY(File folder, m_root.openFolder(slash == std::string::npos ? std::string() : path.substr(0, slash)));
        m_otherVolumes.emplace(info.device, std::move(folder));
        return {};
    }

    RootedDir m_root;
    uint64_t m_device;
    bool m_inodesStay;
    StampTrust m_trust;
    PartLedger m_parts;
    std::string m_guarded;
    std::mutex m_mutex;
    std::map<uint64_t, File> m_otherVolumes;
};

} // namespace

Result<transfer::ScanOutcome> DiskStorage::scan(const std::vector<std::string>& paths, transfer::ScanSink& sink) {
    return scanSources(paths, m_walk, m_stopScans, sink);
}

Result<std::unique_ptr<SourceFile>> DiskStorage::openSource(const std::string& rootPath, const std::string& inside) {
    if (inside.empty()) {
        TRY(File file, openRootFile(rootPath));
        return std::unique_ptr<SourceFile>(std::make_unique<DiskSourceFile>(std::move(file)));
    }
    TRY(RootedDir root, RootedDir::open(rootPath, m_walk));
    TRY(File file, root.openToRead(inside));
    return std::unique_ptr<SourceFile>(std::make_unique<DiskSourceFile>(std::move(file)));
}

/// The inode does not count where it may change by itself.
Result<DiskStorage::FolderId> DiskStorage::folderId(const RootedDir& root) {
    TRY(const FileInfo info, root.rootInfo());
    return FolderId{info.device, root.isWindowsVolume() ? 0 : info.inode};
}

void DiskStorage::remember(const std::string& path, FolderId id) {
    std::lock_guard lock(m_mutex);
    if (m_folders.size() >= kMaxKnownFolders && !m_folders.contains(path)) m_folders.erase(m_folders.begin());
    m_folders[path] = id;
}

/// nullopt: not remembered.
std::optional<DiskStorage::FolderId> DiskStorage::rememberedId(const std::string& path) const {
    std::lock_guard lock(m_mutex);
    const auto found = m_folders.find(path);
    return found == m_folders.end() ? std::nullopt : std::optional(found->second);
}

/// The folder that is remembered, and no other.
Result<RootedDir> DiskStorage::openKnown(const std::string& path, FolderId known) const {
    auto root = RootedDir::open(path, m_walk);
    if (!root && root.error().code == Errc::NotFound)
        return makeError(Errc::VolumeGone,
                         "the folder '" + path + "' is not there any more; was it removed, or its volume unmounted?");
    if (!root) return root;
    TRY(const FolderId id, folderId(*root));
    if (id == known) return root;
    return makeError(
        Errc::VolumeGone,
        "'" + path + "' is another folder than at the start; was its volume unmounted? Start again to use this one");
}

Result<transfer::NameTraits> DiskStorage::traitsOf(const RootedDir& root) {
    transfer::NameTraits traits;
    traits.foldsNames = root.foldsNames();
    traits.refusesWindowsNames = root.isWindowsVolume();
    TRY(const size_t length, root.maxNameLength());
    traits.maxNameLength = std::min(length, transfer::kMaxNameLength);
    traits.writable = root.isWritable();
    TRY(traits.freeBytes, root.freeBytes());
    return traits;
}

/// The guarded folder as seen from `path`; empty: it is elsewhere. PermissionDenied: `path` itself is in it.
Result<std::string> DiskStorage::guardedBelow(const std::string& path) const {
    namespace fs = std::filesystem;
    std::error_code code;
    if (m_guarded.empty()) return std::string();
    const fs::path guarded = fs::weakly_canonical(m_guarded, code);
    const fs::path folder = code ? fs::path() : fs::weakly_canonical(path, code);
    if (code) return makeError(Errc::Io, "'" + path + "': " + code.message());
    const std::string below = guarded.lexically_relative(folder).generic_string();
    const std::string above = folder.lexically_relative(guarded).generic_string();
    if (below == "." || !(above.empty() || above == ".." || above.starts_with("../")))
        return makeError(Errc::PermissionDenied, "'" + path + "' is where this program keeps its own key and records");
    if (below.empty() || below == ".." || below.starts_with("../")) return std::string();
    return below;
}

Result<transfer::NameTraits> DiskStorage::nameTraits(const std::string& path) {
    TRY_OK(guardedBelow(path));
    if (const auto known = rememberedId(path)) {
        TRY(const RootedDir root, openKnown(path, *known));
        return traitsOf(root);
    }
    for (std::string at = path;;) {
        const auto root = RootedDir::open(at, m_walk);
        if (root) {
            if (at == path) {
                TRY(const FolderId id, folderId(*root));
                remember(path, id);
            }
            TRY(transfer::NameTraits traits, traitsOf(*root));
            traits.folderThere = at == path;
            return traits;
        }
        const size_t slash = at.find_last_not_of('/') == std::string::npos ? std::string::npos : at.rfind('/');
        if (root.error().code != Errc::NotFound || slash == std::string::npos) return root.error();
        at.resize(std::max<size_t>(slash, 1)); // the folder that it would be made in
    }
}

Result<std::shared_ptr<Destination>> DiskStorage::openDestination(const std::string& path) {
    const auto known = rememberedId(path);
    TRY(RootedDir root, known ? openKnown(path, *known) : RootedDir::create(path, FolderAccess::Default, m_walk));
    TRY(const FolderId id, folderId(root));
    if (!known) remember(path, id);
    TRY(FileInfo info, root.rootInfo());
    TRY(std::string guarded, guardedBelow(path));
    return std::shared_ptr<Destination>(
        std::make_shared<DiskDestination>(std::move(root), info.device, std::move(guarded)));
}

} // namespace wherry::runtime
