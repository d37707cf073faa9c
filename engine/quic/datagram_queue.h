#pragma once

#include "base/bytes.h"
#include "quic/quic_limits.h"

#include <deque>
#include <optional>
#include <utility>

namespace wherry::quic {

/// A bounded queue of unreliable messages: what does not fit is dropped, as the network would do.
template <typename Item> class DatagramQueue {
  public:
    /// False when the message was dropped.
    bool push(Item item) {
        if (m_items.size() >= kMaxQueuedDatagrams || m_bytes + item.bytes.size() > kMaxQueuedDatagramBytes)
            return false;
        m_bytes += item.bytes.size();
        m_items.push_back(std::move(item));
        return true;
    }
    bool empty() const { return m_items.empty(); }
    const Item& front() const { return m_items.front(); }
    Item pop() {
        Item item = std::move(m_items.front());
        m_items.pop_front();
        m_bytes -= item.bytes.size();
        return item;
    }

  private:
    std::deque<Item> m_items;
    size_t m_bytes = 0;
};

} // namespace wherry::quic
