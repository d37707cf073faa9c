#include "runtime/part_ledger.h"

#include "runtime/runtime_limits.h"

namespace wherry::runtime {

bool KnownPart::isSame(const FileInfo& info) const {
    if (info.kind != EntryKind::File || info.links > 1) return false;
    const std::lock_guard lock(m_mutex); // the inode never changes, but is read with what does
    return m_trust == StampTrust::None || (info.inode == m_state.inode && info.device == m_state.device);
}

bool KnownPart::hasSameContent(const FileInfo& info) const {
    if (info.kind != EntryKind::File || info.links > 1 || info.size != m_state.size) return false;
    if (m_trust == StampTrust::None) return true;
    if (info.inode != m_state.inode || info.device != m_state.device) return false;
    return m_trust == StampTrust::Inode || info.modifiedNs == m_state.modifiedNs;
}

bool KnownPart::isAsLeft(const FileInfo& info) const {
    return hasSameContent(info) && (m_trust != StampTrust::Full || info.changedNs == m_state.changedNs);
}

Result<FileInfo> KnownPart::look(const File& file) {
    TRY(const FileInfo now, file.info());
    m_touched = m_touched || !isAsLeft(now);
    return now;
}

Result<void> KnownPart::note(const File& file, uint64_t size, Result<void> changed) {
    TRY(m_state, file.info());
    m_touched = m_touched || (changed && m_state.size != size);
    return changed;
}

Result<void> KnownPart::takeAsIs(const File& file) {
    const std::lock_guard lock(m_mutex);
    TRY(m_state, file.info());
    m_touched = false;
    return {};
}

void KnownPart::doubt() {
    const std::lock_guard lock(m_mutex);
    m_touched = true;
}

bool KnownPart::asLeft(const FileInfo& info) const {
    const std::lock_guard lock(m_mutex);
    return !m_touched && isAsLeft(info);
}

bool KnownPart::asLeftButRenamed(const FileInfo& info) const {
    const std::lock_guard lock(m_mutex);
    return !m_touched && hasSameContent(info);
}

KnownPartPtr PartLedger::begin(const std::string& path, const FileInfo& info, StampTrust trust) {
    const std::lock_guard lock(m_mutex);
    if (m_parts.size() >= kMaxKnownParts && !m_parts.contains(path)) m_parts.erase(m_parts.begin());
    return m_parts[path] = std::make_shared<KnownPart>(info, trust);
}

KnownPartPtr PartLedger::find(const std::string& path) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_parts.find(path);
    return found == m_parts.end() ? nullptr : found->second;
}

void PartLedger::forget(const std::string& path) {
    const std::lock_guard lock(m_mutex);
    m_parts.erase(path);
}

} // namespace wherry::runtime
