#pragma once

#include <QString>

namespace wherry::desktop {

/// Where this build of the program keeps its compiled views, below `cache`; the folders of other builds are removed. Qt itself knows a view in
/// its cache by the time of the source alone, which packages of two versions may have in common, and two programs that run side by side write
/// it in turn. Empty: there is no such folder and none can be made.
/// program: path of the executable, which another build changes.
QString viewCache(const QString& cache, const QString& program);

} // namespace wherry::desktop
