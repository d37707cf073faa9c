#pragma once

#include <QList>
#include <QString>
#include <QUrl>
#include <cstdint>
#include <string>
#include <vector>

namespace wherry::desktop {

/// What somebody wants to send, as the engine takes it: absolute, without links in the folders above.
struct SourcePaths {
    struct Item {
        std::string path;
        bool isFolder = false;
        /// Of a folder they are not known before readContents().
        uint64_t files = 0;
        uint64_t bytes = 0;
        bool counted = false;
    };
    std::vector<Item> items;
    QString problem; ///< about what is not in it, the first of them; empty: everything is
};

/// Looks at the disk: never in the thread of the window.
SourcePaths readSourcePaths(const QList<QUrl>& urls);

/// What is in a folder; of one with very many files it gives up, and `counted` stays false. Looks at the disk.
SourcePaths::Item readContents(SourcePaths::Item folder);

/// The local files and folders of what was dropped or pasted, and how many others there were.
struct DroppedUrls {
    QList<QUrl> local;
    qsizetype others = 0;
};
DroppedUrls sortUrls(const QList<QUrl>& urls);

} // namespace wherry::desktop
