#include "desktop/source_paths.h"

#include "desktop/display.h"

#include <QCoreApplication>
#include <filesystem>

namespace wherry::desktop {

namespace fs = std::filesystem;

namespace {

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
    paths.items.push_back({whole.string(), kind == fs::file_type::directory});
    return {};
}

} // namespace

SourcePaths readSourcePaths(const QList<QUrl>& urls) {
    SourcePaths paths;
    for (const QUrl& url : urls)
        if (const QString problem = readOne(url.toLocalFile(), paths); paths.problem.isEmpty()) paths.problem = problem;
    return paths;
}

DroppedUrls sortUrls(const QList<QUrl>& urls) {
    DroppedUrls sorted;
    for (const QUrl& url : urls) url.isLocalFile() ? sorted.local.append(url) : static_cast<void>(++sorted.others);
    return sorted;
}

} // namespace wherry::desktop
