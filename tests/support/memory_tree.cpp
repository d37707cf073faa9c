#include "support/memory_tree.h"

#include "base/assert.h"
#include "transfer/name_folding.h"

#include <algorithm>
#include <random>

namespace wherry::testing {

using Kind = MemoryStorage::Kind;

namespace {

constexpr size_t kPage = 4096;

/// Each page that differs from what the disk had is new, old or zero; the length is the old or the new one.
Bytes garbled(const Bytes& old, const Bytes& now, std::mt19937_64& random) {
    Bytes out(random() % 2 ? old.size() : now.size());
    for (size_t at = 0; at < out.size(); at += kPage) {
        const size_t length = std::min(kPage, out.size() - at);
        const uint64_t fate = random() % 3;
        const Bytes& source = fate == 0 ? old : now;
        if (fate == 2 || at >= source.size()) continue; // zeros
        std::copy_n(source.begin() + static_cast<ptrdiff_t>(at), std::min(length, source.size() - at),
                    out.begin() + static_cast<ptrdiff_t>(at));
    }
    return out;
}

} // namespace

std::pair<std::string_view, std::string_view> splitLast(std::string_view path) {
    const size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {{}, path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

MemoryTree::MemoryTree() : m_root(make(Kind::Folder)) {}

std::string MemoryTree::keyOf(std::string_view name) const {
    return m_folds ? transfer::collisionKey(name) : std::string(name);
}

MemoryNodePtr MemoryTree::child(const MemoryNode& folder, std::string_view name) const {
    const auto found = folder.children.find(keyOf(name));
    return found == folder.children.end() ? nullptr : found->second.node;
}

Result<MemoryNodePtr> MemoryTree::find(std::string_view path) const {
    MemoryNodePtr at = m_root;
    std::string_view rest = path;
    while (!rest.empty()) {
        const size_t end = std::min(rest.size(), rest.find('/'));
        const std::string_view name = rest.substr(0, end);
        rest.remove_prefix(std::min(rest.size(), end + 1));
        if (name.empty()) continue;
        if (at->kind == Kind::Link)
            return makeError(Errc::PermissionDenied, "'" + std::string(path) + "': a symbolic link on the way");
        if (!at->isFolder()) return makeError(Errc::NotFound, "'" + std::string(path) + "'");
        at = child(*at, name);
        if (!at) return makeError(Errc::NotFound, "'" + std::string(path) + "'");
    }
    return at;
}

MemoryNodePtr MemoryTree::findOrNull(std::string_view path) const {
    return find(path).value_or(nullptr);
}

Result<MemoryNodePtr> MemoryTree::folderOf(std::string_view path) const {
    TRY(MemoryNodePtr folder, find(splitLast(path).first));
    if (folder->kind == Kind::Link)
        return makeError(Errc::PermissionDenied, "'" + std::string(path) + "': a symbolic link on the way");
    if (!folder->isFolder()) return makeError(Errc::NotFound, "'" + std::string(path) + "'");
    return folder;
}

Result<MemoryNodePtr> MemoryTree::makeFolders(std::string_view path) {
    MemoryNodePtr at = m_root;
    while (!path.empty()) {
        const size_t end = std::min(path.size(), path.find('/'));
        const std::string_view name = path.substr(0, end);
        path.remove_prefix(std::min(path.size(), end + 1));
        if (name.empty()) continue;
        MemoryNodePtr next = child(*at, name);
        if (next && next->kind == Kind::Link)
            return makeError(Errc::PermissionDenied, "'" + std::string(name) + "' is a symbolic link");
        if (next && !next->isFolder()) return makeError(Errc::Exists, "'" + std::string(name) + "' is not a folder");
        if (!next) {
            next = make(Kind::Folder);
            link(at, name, next);
        }
        at = next;
    }
    return at;
}

MemoryNodePtr MemoryTree::make(Kind kind) {
    auto node = std::make_shared<MemoryNode>();
    node->kind = kind;
    node->inode = ++m_inodes;
    node->modifiedNs = node->changedNs = ++m_clock;
    return node;
}

void MemoryTree::apply(const NameStep& step) {
    for (const NameChange& change : step) {
        const std::string key = keyOf(change.name);
        const auto before = change.folder->children.find(key);
        if (before != change.folder->children.end()) {
            m_used -= before->second.node->content.size();
            change.folder->children.erase(before);
        }
        if (!change.node) continue;
        m_used += change.node->content.size();
        change.folder->children[key] = {change.name, change.node};
        change.folder->modifiedNs = ++m_clock;
    }
}

void MemoryTree::applyDurably(const NameStep& step) {
    for (const NameChange& change : step) {
        const std::string key = keyOf(change.name);
        change.folder->durableChildren.erase(key);
        if (change.node) change.folder->durableChildren[key] = {change.name, change.node};
    }
}

void MemoryTree::doStep(NameStep step) {
    apply(step);
    m_unsynced.push_back(std::move(step));
}

void MemoryTree::link(const MemoryNodePtr& folder, std::string_view name, const MemoryNodePtr& node) {
    doStep({{folder, std::string(name), node}});
}

void MemoryTree::unlink(const MemoryNodePtr& folder, std::string_view name) {
    doStep({{folder, std::string(name), nullptr}});
}

void MemoryTree::rename(const MemoryNodePtr& from, std::string_view oldName, const MemoryNodePtr& to,
                        std::string_view newName) {
    const MemoryNodePtr node = child(*from, oldName);
    ASSERT(node);
    node->changedNs = ++m_clock;
    doStep({{from, std::string(oldName), nullptr}, {to, std::string(newName), node}});
}

void MemoryTree::touch(MemoryNode& node) {
    if (!node.dirty) {
        node.dirty = true;
        node.durableContent = node.content;
        node.durableModifiedNs = node.modifiedNs;
    }
    node.modifiedNs = node.changedNs = ++m_clock;
}

void MemoryTree::resize(MemoryNode& node, uint64_t size) {
    m_used = m_used - node.content.size() + size;
    node.content.resize(size);
}

void MemoryTree::syncFile(MemoryNode& node) {
    node.dirty = false;
    node.durableContent = {};
}

void MemoryTree::syncNames() {
    for (const NameStep& step : m_unsynced) applyDurably(step);
    m_unsynced.clear();
}

namespace {

template <typename Visit> void visitAll(const MemoryNodePtr& node, const Visit& visit) {
    visit(*node);
    for (const auto& [key, child] : node->children) visitAll(child.node, visit);
}

} // namespace

void MemoryTree::syncAll() {
    syncNames();
    visitAll(m_root, [](MemoryNode& node) { syncFile(node); });
}

void MemoryTree::powerCut(uint64_t seed) {
    std::mt19937_64 random(seed);
    m_unsynced.resize(m_unsynced.empty() ? 0 : random() % (m_unsynced.size() + 1));
    syncNames();
    ++m_generation;
    m_used = 0;
    // Top down: a folder's names first, then what they name.
    std::vector<MemoryNodePtr> waiting{m_root};
    while (!waiting.empty()) {
        const MemoryNodePtr node = waiting.back();
        waiting.pop_back();
        node->children = node->durableChildren;
        if (node->isFile() && node->dirty) {
            node->content = garbled(node->durableContent, node->content, random);
            if (random() % 2) node->modifiedNs = node->durableModifiedNs;
            syncFile(*node);
        }
        m_used += node->content.size();
        for (const auto& [key, child] : node->children) waiting.push_back(child.node);
    }
}

} // namespace wherry::testing
