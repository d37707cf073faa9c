#include "desktop/source_paths.h"

#include "desktop/display.h"

#include <QCoreApplication>
#include <filesystem>

namespace wherry::desktop {

namespace fs = std::filesystem;

namespace {

/// Entries of a folder: a second or two of looking at a disk.
constexpr uint64_t kMaxCounted = 200'000;

QString tr(const char* text) {
    return QCoreApplication::translate("SourcePaths", text);
}

/// Empty: no problem.
QString readOne(const QString& given, SourcePaths& paths) {
    const QString name = shown(given.toStdString());
    std::error_code code;
    fs::path whole = fs::absolute(fs::path(given.toStdString()), code);
    if (!whole.has_filename()) whole = whole.parent_path(); // a slash at the end
    const fs::path parent = code ? fs::path() : fs::canonical(whole.parent_path(), code);
    if (!code) whole = whole.has_relative_path() ? parent / whole.filename() : whole;
    const fs::file_type kind = code ? fs::file_type::none : fs::status(whole, code).type();
    if (code || kind == fs::file_type::not_found) return tr("%1 is not there").arg(name);
    if (whole == whole.root_path()) return tr("%1 is a whole disk: choose what is in it").arg(name);
    if (kind != fs::file_type::regular && kind != fs::file_type::directory)
        return tr("%1 is neither a file nor a folder").arg(name);
    const bool isFolder = kind == fs::file_type::directory;
    const auto bytes = isFolder ? 0 : fs::file_size(whole, code);
    paths.items.push_back({whole.string(), isFolder, isFolder ? 0U : 1U, code ? 0 : bytes, !isFolder && !code});
    return {};
}

} // namespace

SourcePaths readSourcePaths(const QList<QUrl>& urls) {
    SourcePaths paths;
    for (const QUrl& url : urls)
        if (const QString problem = readOne(url.toLocalFile(), paths); paths.problem.isEmpty()) paths.problem = problem;
    return paths;
}

SourcePaths::Item readContents(SourcePaths::Item folder) {
    std::error_code code;
    fs::recursive_directory_iterator at(folder.path, fs::directory_options::skip_permission_denied, code);
    uint64_t entries = 0;
    for (; !code && at != fs::recursive_directory_iterator(); at.increment(code)) {
        if (++entries > kMaxCounted) return folder;
        std::error_code gone; // meanwhile
        if (at->symlink_status(gone).type() != fs::file_type::regular) continue;
        const auto bytes = at->file_size(gone);
        ++folder.files;
        folder.bytes += gone ? 0 : bytes;
    }
    folder.counted = !code;
    return folder;
}

DroppedUrls sortUrls(const QList<QUrl>& urls) {
    DroppedUrls sorted;
    for (const QUrl& url : urls) url.isLocalFile() ? sorted.local.append(url) : static_cast<void>(++sorted.others);
    return sorted;
}

} // namespace wherry::desktop
