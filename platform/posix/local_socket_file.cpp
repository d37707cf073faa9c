#include "runtime/local_socket_file.h"

#include <sys/stat.h>

namespace wherry::runtime {

std::optional<LocalSocketFile> localSocketFile(const std::string& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return std::nullopt;
    return LocalSocketFile{static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino)};
}

} // namespace wherry::runtime
