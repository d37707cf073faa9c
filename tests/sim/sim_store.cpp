#include "sim/sim_store.h"

#include <algorithm>

namespace wherry::sim {

namespace {

bool beginsWith(const Bytes& key, const Bytes& prefix) {
    return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

} // namespace

void SimStore::record(std::vector<Before> changes) {
    m_undo.push_back(std::move(changes));
    if (m_undo.size() > kUndoLimit) m_undo.pop_front();
}

void SimStore::put(const StorePut& op) {
    if (m_full) return;
    const Key key{op.space, op.key};
    const auto found = m_rows.find(key);
    record({{key, found == m_rows.end() ? std::nullopt : std::optional(found->second)}});
    m_rows[key] = op.value;
}

void SimStore::erase(const StoreErase& op) {
    if (m_full) return;
    std::vector<Before> changes;
    auto row = m_rows.lower_bound({op.space, op.prefix});
    while (row != m_rows.end() && row->first.first == op.space && beginsWith(row->first.second, op.prefix)) {
        changes.push_back({row->first, row->second});
        row = m_rows.erase(row);
    }
    record(std::move(changes));
}

StoreScanned SimStore::scan(const StoreScan& op) const {
    if (m_full && storeUserOf(op.id) == StoreUser::Decisions) return {op.id, makeError(Errc::DiskFull, "writing")};
    std::vector<std::pair<Bytes, Bytes>> rows;
    for (auto row = m_rows.lower_bound({op.space, op.prefix});
         row != m_rows.end() && row->first.first == op.space && beginsWith(row->first.second, op.prefix); ++row) {
        if (op.limit > 0 && rows.size() == op.limit) break;
        if (op.after.empty() || row->first.second > op.after) rows.emplace_back(row->first.second, row->second);
    }
    return {op.id, std::move(rows)};
}

void SimStore::loseTail(size_t operations) {
    for (; operations > 0 && !m_undo.empty(); --operations) {
        for (auto& before : m_undo.back()) {
            if (before.value)
                m_rows[before.key] = *before.value;
            else
                m_rows.erase(before.key);
        }
        m_undo.pop_back();
    }
}

size_t SimStore::rowsIn(Space space) const {
    return static_cast<size_t>(
        std::count_if(m_rows.begin(), m_rows.end(), [&](const auto& row) { return row.first.first == space; }));
}

} // namespace wherry::sim
