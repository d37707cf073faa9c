#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::runtime {

/// The names in a folder, in little more memory than their letters: there may be a million.
class FolderNames {
  public:
    /// `name`: without NUL. At most 4 GiB of letters in all.
    void add(std::string_view name);
    /// By their bytes.
    void sort();
    size_t size() const { return m_begins.size(); }
    /// Valid until the next add().
    const char* at(size_t number) const { return m_letters.data() + m_begins[number]; }

  private:
    std::string m_letters; ///< each name with a NUL behind it
    std::vector<uint32_t> m_begins;
};

} // namespace wherry::runtime
