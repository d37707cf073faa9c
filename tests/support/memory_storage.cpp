#include "support/memory_storage.h"

#include "base/assert.h"
#include "support/memory_tree.h"
#include "transfer/entry_name.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <mutex>

namespace wherry::testing {

using transfer::Destination;
using transfer::ExistingEntry;
using transfer::OnExisting;
using transfer::PartFile;
using transfer::ScannedEntry;
using transfer::ScanOutcome;
using transfer::SourceFile;
using transfer::SourceStamp;

struct MemoryStorage::State {
    mutable std::mutex mutex;
    MemoryTree tree;
    uint64_t capacity = uint64_t(1) << 50;
    bool readOnly = false;
    bool gone = false;
    bool canSyncVolume = true;
    bool onlyPortableNames = false;
    uint64_t changes = 0;
    uint64_t failChangeAt = 0; ///< number of the change; 0: none
    Errc failChangeCode = Errc::Io;
    Repeat failChangeRepeat = Repeat::Once;
    uint64_t reads = 0;
    uint64_t failReadAt = 0;
    Errc failReadCode = Errc::Io;
    std::function<void(const std::string&, uint64_t)> readHook;

    Result<void> present(const std::string& what) const {
        if (gone) return makeError(Errc::VolumeGone, what);
        return {};
    }
    /// Counts a change and says whether it may happen.
    Result<void> mayChange(const std::string& what) {
        TRY_OK(present(what));
        ++changes;
        const bool fails =
            failChangeAt != 0 && (failChangeRepeat == Repeat::Once ? changes == failChangeAt : changes >= failChangeAt);
        if (fails) return makeError(failChangeCode, what);
        if (readOnly) return makeError(Errc::ReadOnly, what);
        return {};
    }
    Result<void> mayHold(uint64_t more, const std::string& what) const {
        if (more > capacity || tree.usedBytes() > capacity - more) return makeError(Errc::DiskFull, what);
        return {};
    }
    Result<void> mayName(const std::string& path) const {
        if (onlyPortableNames && !transfer::isWindowsName(splitLast(path).second))
            return makeError(Errc::UnportableName, path);
        return {};
    }
};

namespace {

SourceStamp stampOf(const MemoryNode& node) {
    return {node.content.size(), node.modifiedNs, node.changedNs, node.inode, 1};
}

size_t copyFrom(const Bytes& content, uint64_t offset, MutableBytes out) {
    if (offset >= content.size()) return 0;
    const size_t count = std::min<uint64_t>(out.size(), content.size() - offset);
    std::copy_n(content.begin() + static_cast<ptrdiff_t>(offset), count, out.begin());
    return count;
}

std::string kindName(MemoryStorage::Kind kind) {
    switch (kind) {
    case MemoryStorage::Kind::Link:
        return "symbolic link";
    case MemoryStorage::Kind::Fifo:
        return "fifo";
    case MemoryStorage::Kind::Socket:
        return "socket";
    case MemoryStorage::Kind::Device:
        return "device";
    case MemoryStorage::Kind::Folder:
        return "folder";
    case MemoryStorage::Kind::File:
        break;
    }
    return "file";
}

} // namespace

class MemoryStorage::OpenSource final : public SourceFile {
  public:
    OpenSource(std::shared_ptr<State> state, MemoryNodePtr node, std::string path)
        : m_state(std::move(state)),
          m_node(std::move(node)),
          m_path(std::move(path)) {}

    Result<SourceStamp> stamp() override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(m_state->present(m_path));
        return stampOf(*m_node);
    }
    Result<size_t> read(uint64_t offset, MutableBytes out) override {
        std::function<void(const std::string&, uint64_t)> hook;
        uint64_t reads = 0;
        {
            const std::lock_guard lock(m_state->mutex);
            TRY_OK(m_state->present(m_path));
            if (++m_state->reads == m_state->failReadAt) return makeError(m_state->failReadCode, m_path);
            hook = m_state->readHook;
            reads = m_node->reads++;
        }
        if (hook) hook(m_path, reads); // may change files, so the lock is not held
        const std::lock_guard lock(m_state->mutex);
        return copyFrom(m_node->content, offset, out);
    }

  private:
    std::shared_ptr<State> m_state;
    MemoryNodePtr m_node;
    std::string m_path;
};

/// A part, and how the last write through a Destination has left it.
struct KnownNode {
    MemoryNodePtr node;
    int64_t changedNs = 0;
    bool touched = false;

    bool asLeft() const { return !touched && node->changedNs == changedNs; }
};
using KnownNodePtr = std::shared_ptr<KnownNode>;

class MemoryStorage::OpenPart final : public PartFile {
  public:
    OpenPart(std::shared_ptr<State> state, KnownNodePtr known, std::string path)
        : m_state(std::move(state)),
          m_known(std::move(known)),
          m_node(m_known->node),
          m_path(std::move(path)),
          m_generation(m_state->tree.generation()) {}

    Result<uint64_t> size() override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(usable());
        return m_node->content.size();
    }
    Result<void> write(uint64_t offset, ByteView bytes) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(usable());
        TRY_OK(m_state->mayChange(m_path));
        const uint64_t end = offset + bytes.size();
        if (end > m_node->content.size()) TRY_OK(m_state->mayHold(end - m_node->content.size(), m_path));
        change();
        if (end > m_node->content.size()) m_state->tree.resize(*m_node, end);
        std::copy(bytes.begin(), bytes.end(), m_node->content.begin() + static_cast<ptrdiff_t>(offset));
        return {};
    }
    Result<void> writeZeros(uint64_t offset, uint64_t length) override { return write(offset, Bytes(length, 0)); }
    Result<void> extend(uint64_t) override { return {}; } // its files have no holes
    Result<void> writeWhole(ByteView content, int64_t modifiedNs, bool executable) override {
        if (!content.empty()) TRY_OK(write(0, content));
        return finish(content.size(), modifiedNs, executable);
    }
    Result<void> read(uint64_t offset, MutableBytes out) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(usable());
        if (copyFrom(m_node->content, offset, out) < out.size())
            return makeError(Errc::Io, m_path + ": it ends too early");
        return {};
    }
    void startWriteback(uint64_t, uint64_t) override {}
    Result<void> sync() override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(usable());
        TRY_OK(m_state->mayChange(m_path));
        MemoryTree::syncFile(*m_node);
        return {};
    }
    Result<void> finish(uint64_t size, int64_t modifiedNs, bool executable) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(usable());
        TRY_OK(m_state->mayChange(m_path));
        if (size > m_node->content.size()) TRY_OK(m_state->mayHold(size - m_node->content.size(), m_path));
        change();
        m_state->tree.resize(*m_node, size);
        m_node->modifiedNs = modifiedNs;
        m_node->executable = executable;
        return {};
    }
    Result<void> takeAsIs() override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(usable());
        m_known->touched = false;
        m_known->changedNs = m_node->changedNs;
        return {};
    }

  private:
    void change() {
        m_known->touched = !m_known->asLeft();
        m_state->tree.touch(*m_node);
        m_known->changedNs = m_node->changedNs;
    }
    Result<void> usable() const {
        TRY_OK(m_state->present(m_path));
        if (m_generation != m_state->tree.generation()) return makeError(Errc::Io, m_path + ": the power was cut");
        return {};
    }

    std::shared_ptr<State> m_state;
    KnownNodePtr m_known;
    MemoryNodePtr m_node;
    std::string m_path;
    uint64_t m_generation;
};

class MemoryStorage::OpenDestination final : public Destination {
  public:
    OpenDestination(std::shared_ptr<State> state, std::string root)
        : m_state(std::move(state)),
          m_root(std::move(root)) {}

    std::string displayPath() const override { return m_root; }
    Result<uint64_t> freeBytes() override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(m_state->present(m_root));
        return m_state->capacity - std::min(m_state->capacity, m_state->tree.usedBytes());
    }
    bool foldsNames() const override { return m_state->tree.foldsNames(); }

    Result<std::optional<ExistingEntry>> look(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(m_state->present(path));
        const auto found = m_state->tree.find(whole(path));
        if (!found && found.error().code == Errc::NotFound) return std::optional<ExistingEntry>();
        if (!found) return found.error();
        const MemoryNode& node = **found;
        if (!node.isFolder() && !node.isFile())
            return makeError(Errc::Exists, "'" + path + "' is a " + kindName(node.kind));
        return std::optional<ExistingEntry>(existing(node));
    }
    Result<void> makeFolder(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(checkPath(path));
        TRY_OK(m_state->mayChange(path));
        TRY_OK(m_state->mayName(path));
        const auto taken = m_state->tree.find(whole(path)); // PermissionDenied: a link on the way
        if (taken && !(*taken)->isFolder()) return makeError(Errc::Exists, path);
        TRY_OK(m_state->tree.makeFolders(whole(path)));
        return {};
    }
    Result<void> clearName(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(checkPath(path));
        TRY_OK(m_state->mayChange(path));
        TRY(const MemoryNodePtr folder, m_state->tree.folderOf(whole(path)));
        const MemoryNodePtr taken = m_state->tree.child(*folder, splitLast(path).second);
        if (taken && taken->isFolder()) return makeError(Errc::Exists, path);
        if (taken) m_state->tree.unlink(folder, splitLast(path).second);
        return {};
    }
    Result<void> setFolderTime(const std::string& path, int64_t modifiedNs) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(m_state->mayChange(path));
        TRY(const MemoryNodePtr node, m_state->tree.find(whole(path)));
        if (!node->isFolder()) return makeError(Errc::NotFound, path);
        node->modifiedNs = modifiedNs;
        return {};
    }
    Result<std::unique_ptr<PartFile>> createPart(const std::string& path, uint64_t expectedSize) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(checkPath(path));
        TRY_OK(m_state->mayChange(path));
        TRY_OK(m_state->mayName(path));
        TRY(const MemoryNodePtr folder, m_state->tree.folderOf(whole(path)));
        if (m_state->tree.child(*folder, splitLast(path).second)) return makeError(Errc::Exists, path);
        TRY_OK(m_state->mayHold(expectedSize, path));
        const MemoryNodePtr node = m_state->tree.make(Kind::File);
        node->content.reserve(expectedSize);
        m_state->tree.link(folder, splitLast(path).second, node);
        return begin(path, node, false);
    }
    Result<std::unique_ptr<PartFile>> adoptPart(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        return adopt(path, false);
    }
    Result<std::unique_ptr<PartFile>> openPart(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        const auto known = m_parts.find(path);
        if (known == m_parts.end()) return adopt(path, true);
        TRY_OK(m_state->present(path));
        const auto node = m_state->tree.find(whole(path));
        if (!node || *node != known->second->node) return makeError(Errc::Busy, "'" + path + "' was replaced");
        return std::unique_ptr<PartFile>(std::make_unique<OpenPart>(m_state, known->second, path));
    }
    Result<std::optional<ExistingEntry>> publish(const std::string& part, const std::string& path,
                                                 OnExisting onExisting) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(checkPath(path));
        TRY_OK(m_state->mayChange(path));
        TRY_OK(m_state->mayName(path));
        const auto known = m_parts.find(part);
        const auto found = m_state->tree.find(whole(part));
        if (!found && known == m_parts.end()) return found.error();
        if (!found || known == m_parts.end() || known->second->node != *found || !known->second->asLeft())
            return makeError(Errc::Busy, "'" + part + "' was changed");
        const MemoryNodePtr node = *found;
        TRY(const MemoryNodePtr from, m_state->tree.folderOf(whole(part)));
        TRY(const MemoryNodePtr to, m_state->tree.folderOf(whole(path)));
        const MemoryNodePtr taken = m_state->tree.child(*to, splitLast(path).second);
        if (taken && (onExisting == OnExisting::Fail || taken->isFolder())) return makeError(Errc::Exists, path);
        m_state->tree.rename(from, splitLast(part).second, to, splitLast(path).second);
        m_parts.erase(known);
        return std::optional(existing(*node));
    }
    Result<void> removePart(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(m_state->mayChange(path));
        m_parts.erase(path);
        TRY(const MemoryNodePtr node, m_state->tree.find(whole(path)));
        if (node->isFolder()) return makeError(Errc::Exists, path);
        TRY(const MemoryNodePtr folder, m_state->tree.folderOf(whole(path)));
        m_state->tree.unlink(folder, splitLast(path).second);
        return {};
    }
    Result<std::unique_ptr<SourceFile>> openPublished(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(m_state->present(path));
        TRY(const MemoryNodePtr node, m_state->tree.find(whole(path)));
        if (!node->isFile()) return makeError(Errc::PermissionDenied, "'" + path + "' is a " + kindName(node->kind));
        return std::unique_ptr<SourceFile>(std::make_unique<OpenSource>(m_state, node, path));
    }
    Result<void> syncVolume() override {
        const std::lock_guard lock(m_state->mutex);
        if (!m_state->canSyncVolume) return makeError(Errc::Unsupported, "syncing a volume");
        TRY_OK(m_state->mayChange(m_root));
        m_state->tree.syncAll();
        return {};
    }
    Result<void> syncFolderOf(const std::string& path) override {
        const std::lock_guard lock(m_state->mutex);
        TRY_OK(m_state->mayChange(path));
        TRY_OK(m_state->tree.folderOf(whole(path)));
        m_state->tree.syncNames();
        return {};
    }

  private:
    static ExistingEntry existing(const MemoryNode& node) {
        ExistingEntry entry;
        entry.isFolder = node.isFolder();
        entry.size = node.content.size();
        entry.modifiedNs = node.modifiedNs;
        entry.executable = node.executable;
        entry.changedNs = node.changedNs;
        entry.inode = node.inode;
        return entry;
    }
    Result<std::unique_ptr<PartFile>> begin(const std::string& path, const MemoryNodePtr& node, bool touched) {
        const auto known = std::make_shared<KnownNode>(KnownNode{node, node->changedNs, touched});
        m_parts[path] = known;
        return std::unique_ptr<PartFile>(std::make_unique<OpenPart>(m_state, known, path));
    }
    Result<std::unique_ptr<PartFile>> adopt(const std::string& path, bool touched) {
        TRY_OK(m_state->present(path));
        TRY(const MemoryNodePtr node, m_state->tree.find(whole(path)));
        if (!node->isFile()) return makeError(Errc::PermissionDenied, "'" + path + "' is a " + kindName(node->kind));
        return begin(path, node, touched);
    }
    std::string whole(const std::string& path) const { return m_root + "/" + path; }
    /// The validator stands before every Destination; here it is a check of those who use it.
    static Result<void> checkPath(const std::string& path) { return transfer::validatePath(path); }

    std::shared_ptr<State> m_state;
    std::string m_root;
    std::map<std::string, KnownNodePtr> m_parts; ///< guarded by the state's mutex
};

MemoryStorage::MemoryStorage() : m(std::make_shared<State>()) {}

// --- setting up and looking ---

void MemoryStorage::addFolder(const std::string& path, int64_t modifiedNs) {
    const std::lock_guard lock(m->mutex);
    const auto folder = m->tree.makeFolders(path);
    ASSERT(folder);
    (*folder)->modifiedNs = modifiedNs;
    m->tree.syncAll();
}

void MemoryStorage::addFile(const std::string& path, Bytes content, int64_t modifiedNs, bool executable) {
    const std::lock_guard lock(m->mutex);
    const auto folder = m->tree.makeFolders(splitLast(path).first);
    ASSERT(folder);
    const MemoryNodePtr node = m->tree.make(Kind::File);
    node->content = std::move(content);
    node->modifiedNs = modifiedNs;
    node->executable = executable;
    m->tree.link(*folder, splitLast(path).second, node);
    m->tree.syncNames();
}

void MemoryStorage::rewrite(const std::string& path, Bytes content) {
    const std::lock_guard lock(m->mutex);
    const MemoryNodePtr node = m->tree.findOrNull(path);
    ASSERT(node && node->isFile());
    m->tree.touch(*node);
    m->tree.resize(*node, content.size());
    node->content = std::move(content);
}

void MemoryStorage::addLink(const std::string& path, const std::string& target) {
    const std::lock_guard lock(m->mutex);
    const auto folder = m->tree.makeFolders(splitLast(path).first);
    ASSERT(folder);
    const MemoryNodePtr node = m->tree.make(Kind::Link);
    node->target = target;
    m->tree.link(*folder, splitLast(path).second, node);
    m->tree.syncNames();
}

void MemoryStorage::addSpecial(const std::string& path, Kind kind) {
    const std::lock_guard lock(m->mutex);
    const auto folder = m->tree.makeFolders(splitLast(path).first);
    ASSERT(folder);
    m->tree.link(*folder, splitLast(path).second, m->tree.make(kind));
    m->tree.syncNames();
}

void MemoryStorage::remove(const std::string& path) {
    const std::lock_guard lock(m->mutex);
    const auto folder = m->tree.folderOf(path);
    if (folder) m->tree.unlink(*folder, splitLast(path).second);
    m->tree.syncNames();
}

std::optional<Bytes> MemoryStorage::content(const std::string& path) const {
    const std::lock_guard lock(m->mutex);
    const MemoryNodePtr node = m->tree.findOrNull(path);
    if (!node || !node->isFile()) return std::nullopt;
    return node->content;
}

bool MemoryStorage::exists(const std::string& path) const {
    const std::lock_guard lock(m->mutex);
    return m->tree.findOrNull(path) != nullptr;
}

namespace {

void collect(const MemoryNode& folder, const std::string& prefix, MemoryStorage::Tree& out) {
    for (const auto& [key, child] : folder.children) {
        const MemoryNode& node = *child.node;
        const std::string path = prefix + child.name;
        out[path] = {node.kind, node.content, node.isFile() ? node.modifiedNs : 0, node.executable};
        if (node.isFolder()) collect(node, path + "/", out);
    }
}

} // namespace

MemoryStorage::Tree MemoryStorage::tree(const std::string& path) const {
    const std::lock_guard lock(m->mutex);
    Tree out;
    const MemoryNodePtr node = m->tree.findOrNull(path);
    if (node) collect(*node, "", out);
    return out;
}

std::vector<std::string> MemoryStorage::parts(const std::string& path) const {
    std::vector<std::string> out;
    for (const auto& [name, entry] : tree(path))
        if (name.ends_with(".part")) out.push_back(name);
    return out;
}

// --- the volume and its failures ---

void MemoryStorage::setCapacity(uint64_t bytes) {
    const std::lock_guard lock(m->mutex);
    m->capacity = bytes;
}

void MemoryStorage::setReadOnly(bool readOnly) {
    const std::lock_guard lock(m->mutex);
    m->readOnly = readOnly;
}

void MemoryStorage::setGone(bool gone) {
    const std::lock_guard lock(m->mutex);
    m->gone = gone;
}

void MemoryStorage::setCanSyncVolume(bool can) {
    const std::lock_guard lock(m->mutex);
    m->canSyncVolume = can;
}

void MemoryStorage::setFoldsNames(bool folds) {
    const std::lock_guard lock(m->mutex);
    m->tree.setFoldsNames(folds);
}

void MemoryStorage::setOnlyPortableNames(bool only) {
    const std::lock_guard lock(m->mutex);
    m->onlyPortableNames = only;
}

void MemoryStorage::failChange(uint64_t nth, Errc code, Repeat repeat) {
    const std::lock_guard lock(m->mutex);
    m->failChangeAt = nth == 0 ? 0 : m->changes + nth;
    m->failChangeCode = code;
    m->failChangeRepeat = repeat;
}

uint64_t MemoryStorage::changes() const {
    const std::lock_guard lock(m->mutex);
    return m->changes;
}

void MemoryStorage::failRead(uint64_t nth, Errc code) {
    const std::lock_guard lock(m->mutex);
    m->failReadAt = nth == 0 ? 0 : m->reads + nth;
    m->failReadCode = code;
}

void MemoryStorage::onSourceRead(std::function<void(const std::string&, uint64_t)> hook) {
    const std::lock_guard lock(m->mutex);
    m->readHook = std::move(hook);
}

void MemoryStorage::powerCut(uint64_t seed) {
    const std::lock_guard lock(m->mutex);
    m->tree.powerCut(seed);
}

// --- transfer::Storage ---

namespace {

void skip(ScanOutcome& out, const std::string& path, const std::string& reason) {
    out.leaveOut({path, reason});
}

Result<void> walk(const MemoryNode& node, const std::string& path, ScanOutcome& out, transfer::ScanSink& sink) {
    if (!node.isFolder() && !node.isFile()) return skip(out, path, kindName(node.kind)), Result<void>();
    ScannedEntry entry;
    entry.path = path;
    entry.isFolder = node.isFolder();
    entry.executable = node.executable;
    entry.stamp = stampOf(node);
    TRY_OK(sink.take(std::move(entry)));
    std::map<std::string_view, const MemoryNode*> byName; // folded keys may sort otherwise
    for (const auto& [key, child] : node.children) byName.emplace(child.name, child.node.get());
    for (const auto& [name, child] : byName) TRY_OK(walk(*child, path + "/" + std::string(name), out, sink));
    return {};
}

std::string freeRootName(const ScanOutcome& out, const std::string& name) {
    std::string candidate = name;
    for (int i = 1; std::count(out.rootNames.begin(), out.rootNames.end(), candidate); ++i)
        candidate = name + " (" + std::to_string(i) + ")";
    return candidate;
}

} // namespace

Result<ScanOutcome> MemoryStorage::scan(const std::vector<std::string>& paths, transfer::ScanSink& sink) {
    const std::lock_guard lock(m->mutex);
    ScanOutcome out;
    for (const std::string& path : paths) {
        TRY_OK(m->present(path));
        TRY(MemoryNodePtr node, m->tree.find(path));
        if (node->kind == Kind::Link) {
            TRY(node, m->tree.find(node->target));
        }
        out.rootPaths.push_back(path);
        out.rootNames.push_back(freeRootName(out, std::string(splitLast(path).second)));
        TRY_OK(walk(*node, out.rootNames.back(), out, sink));
    }
    return out;
}

Result<std::unique_ptr<SourceFile>> MemoryStorage::openSource(const std::string& rootPath, const std::string& inside) {
    const std::lock_guard lock(m->mutex);
    TRY_OK(m->present(rootPath));
    TRY(MemoryNodePtr root, m->tree.find(rootPath));
    std::string path = rootPath;
    if (root->kind == Kind::Link) path = root->target;
    if (!inside.empty()) path += "/" + inside;
    TRY(const MemoryNodePtr node, m->tree.find(path));
    if (!node->isFile()) return makeError(Errc::PermissionDenied, "'" + path + "' is a " + kindName(node->kind));
    return std::unique_ptr<SourceFile>(std::make_unique<OpenSource>(m, node, path));
}

Result<std::shared_ptr<Destination>> MemoryStorage::openDestination(const std::string& path) {
    const std::lock_guard lock(m->mutex);
    TRY_OK(m->present(path));
    if (!m->tree.findOrNull(path)) TRY_OK(m->mayChange(path));
    TRY_OK(m->tree.makeFolders(path));
    return std::shared_ptr<Destination>(std::make_shared<OpenDestination>(m, path));
}

Result<transfer::NameTraits> MemoryStorage::nameTraits(const std::string& path) {
    const std::lock_guard lock(m->mutex);
    TRY_OK(m->present(path));
    transfer::NameTraits traits;
    traits.foldsNames = m->tree.foldsNames();
    traits.refusesWindowsNames = m->onlyPortableNames;
    traits.folderThere = m->tree.findOrNull(path) != nullptr;
    traits.writable = !m->readOnly;
    traits.freeBytes = m->capacity - std::min(m->capacity, m->tree.usedBytes());
    return traits;
}

} // namespace wherry::testing
