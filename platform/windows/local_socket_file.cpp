#include "runtime/local_socket_file.h"

namespace wherry::runtime {

std::optional<LocalSocketFile> localSocketFile(const std::string&) {
    return LocalSocketFile{};
}

} // namespace wherry::runtime
