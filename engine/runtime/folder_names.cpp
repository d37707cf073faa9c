#include "runtime/folder_names.h"

#include "base/assert.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace wherry::runtime {

void FolderNames::add(std::string_view name) {
    ASSERT(m_letters.size() <= std::numeric_limits<uint32_t>::max());
    m_begins.push_back(static_cast<uint32_t>(m_letters.size()));
    m_letters.append(name).push_back('\0');
}

void FolderNames::sort() {
    std::ranges::sort(m_begins, [this](uint32_t one, uint32_t other) {
        return std::strcmp(m_letters.data() + one, m_letters.data() + other) < 0;
    });
}

} // namespace wherry::runtime
