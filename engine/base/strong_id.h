#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace wherry {

/// A number that only means something for one kind of thing. Zero is "none"; ids are never reused within a process.
template <typename Tag, typename Number = uint64_t> struct StrongId {
    Number value = 0;

    auto operator<=>(const StrongId&) const = default;
    explicit operator bool() const { return value != 0; }
    /// The next id after this one.
    StrongId next() const { return {value + 1}; }
};

/// Hands out 1, 2, 3 ...
template <typename Id> class IdSource {
  public:
    Id take() { return m_last = m_last.next(); }

  private:
    Id m_last{};
};

} // namespace wherry

template <typename Tag, typename Number> struct std::hash<wherry::StrongId<Tag, Number>> {
    size_t operator()(const wherry::StrongId<Tag, Number>& id) const { return std::hash<Number>()(id.value); }
};
