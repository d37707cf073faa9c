#pragma once

#include "base/store.h"

#include <deque>
#include <map>
#include <optional>

namespace wherry::sim {

/// The database of one simulated machine: a map that outlives the process. The last operations can be taken back, as a
/// power cut does with those that were not yet on the disk.
class SimStore {
  public:
    /// Operations that loseTail can take back at most.
    static constexpr size_t kUndoLimit = 1024;

    void put(const StorePut& op);
    void erase(const StoreErase& op);
    StoreScanned scan(const StoreScan& op) const;
    void loseTail(size_t operations);
    /// A full disk stores nothing, and confirmations of decisions say so.
    void setFull(bool full) { m_full = full; }
    size_t rows() const { return m_rows.size(); }
    size_t rowsIn(Space space) const;

  private:
    using Key = std::pair<Space, Bytes>;
    struct Before {
        Key key;
        std::optional<Bytes> value;
    };
    void record(std::vector<Before> changes);

    std::map<Key, Bytes> m_rows;
    std::deque<std::vector<Before>> m_undo;
    bool m_full = false;
};

} // namespace wherry::sim
