#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace wherry::transfer {

/// What of an offer has a name that is taken, while the policy is to refuse the offer then (Conflict::Fail): how much,
/// and the first of it by the paths of the offer.
class NameClashes {
  public:
    void add(std::string path) {
        if (++m_count <= kNamed) m_first.push_back(std::move(path));
    }
    void add(const NameClashes& more) {
        for (const std::string& path : more.m_first) add(path);
        m_count += more.m_count - more.m_first.size();
    }
    bool empty() const { return m_count == 0; }
    /// "a, b, c and 4 more", as the peer has sent the names.
    std::string text() const {
        std::string text;
        for (const std::string& path : m_first) text += (text.empty() ? "" : ", ") + path;
        if (m_count > m_first.size()) text += " and " + std::to_string(m_count - m_first.size()) + " more";
        return text;
    }

  private:
    static constexpr size_t kNamed = 3; ///< with ordinary paths the text fits kMaxReason

    std::vector<std::string> m_first;
    size_t m_count = 0;
};

} // namespace wherry::transfer
