#pragma once

#include <deque>
#include <optional>
#include <utility>

namespace wherry {

/// The oldest of a queue, taken off it; nullopt: it is empty. What the poll functions of the machines do.
template <typename T> std::optional<T> takeFront(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> first(std::move(queue.front()));
    queue.pop_front();
    return first;
}

} // namespace wherry
