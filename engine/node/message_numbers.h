#pragma once

#include "base/store.h"

#include <cstdint>
#include <optional>

namespace wherry::node {

/// The numbers of this node's messages in topics grow over restarts, too, whatever becomes of the clock that they are
/// made of: peers remember the highest and take no lower one. The store holds one that none has reached, written when
/// it is reached and, with the true one, at the end.
class MessageNumbers {
  public:
    /// Asks the store for it.
    static StoreOp load();
    /// Above which the numbers of this run are; zero: any will do. From then on isReady().
    uint64_t onScanned(const StoreScanned& scanned);
    /// Nothing may be numbered before.
    bool isReady() const { return m_ready; }
    /// `highest`: so far; zero: nothing has been said.
    std::optional<StoreOp> reserve(uint64_t highest);
    /// There will be no more.
    std::optional<StoreOp> close(uint64_t highest);
    /// The store holds nothing any more.
    void onStoreBegunAnew() { m_stored = 0; }

  private:
    StoreOp put(uint64_t number);

    bool m_ready = false;
    uint64_t m_stored = 0;
};

} // namespace wherry::node
