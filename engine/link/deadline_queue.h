#pragma once

#include "base/time.h"
#include "link/link.h"

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace wherry::link {

/// The next deadline of every link, ordered; looking up the earliest costs nothing, changing one costs a logarithm.
class DeadlineQueue {
  public:
    void set(LinkId link, Instant at) {
        const auto found = m_known.find(link);
        if (found == m_known.end()) {
            if (at == kNever) return;
            m_known.emplace(link, m_order.emplace(at, link).first);
        } else if (at == kNever) {
            erase(link);
        } else if (found->second->first != at) {
            auto node = m_order.extract(found->second);
            node.value().first = at;
            found->second = m_order.insert(std::move(node)).position;
        }
    }
    void erase(LinkId link) {
        const auto found = m_known.find(link);
        if (found == m_known.end()) return;
        m_order.erase(found->second);
        m_known.erase(found);
    }
    Instant earliest() const { return m_order.empty() ? kNever : m_order.begin()->first; }
    /// Takes out one link whose deadline has come.
    std::optional<LinkId> popDue(Instant now) {
        if (m_order.empty() || m_order.begin()->first > now) return std::nullopt;
        const LinkId link = m_order.begin()->second;
        erase(link);
        return link;
    }

  private:
    using Order = std::set<std::pair<Instant, LinkId>>;
    Order m_order;
    std::unordered_map<LinkId, Order::iterator> m_known;
};

} // namespace wherry::link
