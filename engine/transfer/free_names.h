#pragma once

#include "transfer/job.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wherry::transfer {

/// Seeks free names for entries whose own name is taken: "x (1)", "x (2)", ... Works by questions: ask() names paths to
/// look at, answer() takes what is there, until idle().
class FreeNames {
  public:
    struct Found {
        uint32_t entry = 0;
        std::string name; ///< empty: none is free within kMaxRenameTries
    };
    /// Whether this program leaves the name to the entry: no other transfer and no other entry has it.
    using Claim = std::function<bool(uint32_t entry, const std::string& path, const std::string& name)>;
    enum class From { ItsName, FirstNumber };

    /// `path`: where it would land under its own name.
    void seek(uint32_t entry, std::string path, bool isFolder, From from);
    bool idle() const { return m_open.empty(); }
    std::vector<uint32_t> entries() const;
    /// At most `room` paths.
    std::vector<std::string> ask(size_t room);
    /// What the paths of the last ask() have, in its order.
    std::vector<Found> answer(std::span<const std::optional<ExistingEntry>> existing, const Claim& claim);

  private:
    struct Open {
        uint32_t entry = 0;
        std::string folder; ///< with its separator; empty: the download folder
        std::string name;
        bool isFolder = false;
        uint32_t nextTry = 0; ///< 0: the name itself
        uint32_t asked = 0;   ///< names of the question under way
    };
    static std::string tryName(const Open& open, uint32_t number);

    std::vector<Open> m_open;
    size_t m_asked = 0; ///< of m_open
};

} // namespace wherry::transfer
