#pragma once

#include <QList>
#include <QString>
#include <QUrl>
#include <string>
#include <vector>

namespace wherry::desktop {

/// What somebody wants to send, as the engine takes it: absolute, without links in the folders above.
struct SourcePaths {
    struct Item {
        std::string path;
        bool isFolder = false;
    };
    std::vector<Item> items;
    QString problem; ///< about what is not in it, the first of them; empty: everything is
};

/// Looks at the disk: never in the thread of the window.
SourcePaths readSourcePaths(const QList<QUrl>& urls);

/// The local files and folders of what was dropped or pasted, and how many others there were.
struct DroppedUrls {
    QList<QUrl> local;
    qsizetype others = 0;
};
DroppedUrls sortUrls(const QList<QUrl>& urls);

} // namespace wherry::desktop
