#pragma once

#include "runtime/file.h"

#include <sys/stat.h>

namespace wherry::platform {

runtime::FileInfo fileInfo(const struct stat& status);

} // namespace wherry::platform
