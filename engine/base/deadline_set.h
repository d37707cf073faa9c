#pragma once

#include "base/time.h"

#include <cstddef>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace wherry {

/// When each of many things is over, in order, and how many of them each owner has: what would otherwise be a walk over
/// all of them at every wake. A thing holds its Entry, and is forgotten with it. Outlives its entries and does not
/// move.
template <typename Key, typename Owner> class DeadlineSet {
    using Order = std::multiset<std::pair<Instant, Key>>;
    using Owners = std::map<Owner, size_t>;

  public:
    class [[nodiscard]] Entry {
      public:
        Entry() = default;
        Entry(Entry&& other) noexcept { swap(other); }
        Entry& operator=(Entry&& other) noexcept {
            Entry(std::move(other)).swap(*this);
            return *this;
        }
        ~Entry() {
            if (!m_set) return;
            m_set->m_order.erase(m_at);
            if (--m_owner->second == 0) m_set->m_owners.erase(m_owner);
        }

        bool isIn(const DeadlineSet& set) const { return m_set == &set; }

      private:
        friend class DeadlineSet;
        Entry(DeadlineSet& set, typename Order::iterator at, typename Owners::iterator owner)
            : m_set(&set),
              m_at(at),
              m_owner(owner) {}
        void swap(Entry& other) noexcept {
            std::swap(m_set, other.m_set);
            std::swap(m_at, other.m_at);
            std::swap(m_owner, other.m_owner);
        }

        DeadlineSet* m_set = nullptr;
        typename Order::iterator m_at{};
        typename Owners::iterator m_owner{};
    };

    DeadlineSet() = default;
    DeadlineSet(const DeadlineSet&) = delete;
    DeadlineSet& operator=(const DeadlineSet&) = delete;

    Entry add(const Key& key, const Owner& owner, Instant when) {
        const auto at = m_order.emplace(when, key);
        const auto counted = m_owners.try_emplace(owner, 0).first;
        ++counted->second;
        return Entry(*this, at, counted);
    }
    size_t size() const { return m_order.size(); }
    size_t of(const Owner& owner) const {
        const auto found = m_owners.find(owner);
        return found == m_owners.end() ? 0 : found->second;
    }
    /// The first deadline; kNever: there is none.
    Instant next() const { return m_order.empty() ? kNever : m_order.begin()->first; }
    /// The key of the first deadline. The set is not empty.
    const Key& first() const { return m_order.begin()->second; }
    /// What is over at `now`, the first first.
    std::vector<Key> due(Instant now) const {
        std::vector<Key> out;
        for (auto each = m_order.begin(); each != m_order.end() && each->first <= now; ++each)
            out.push_back(each->second);
        return out;
    }

  private:
    Order m_order;
    Owners m_owners;
};

} // namespace wherry
