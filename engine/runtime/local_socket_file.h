#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace wherry::runtime {

/// Which file stands for a local socket at the moment.
struct LocalSocketFile {
    uint64_t volume = 0;
    uint64_t file = 0;
    bool operator==(const LocalSocketFile&) const = default;
};

/// Nullopt: there is none at `path`. On Windows a pipe has no file that somebody could take away: always the same.
std::optional<LocalSocketFile> localSocketFile(const std::string& path);

} // namespace wherry::runtime
