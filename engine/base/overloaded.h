#pragma once

namespace wherry {

/// For std::visit over a variant with one lambda per alternative.
template <typename... Handlers> struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers> Overloaded(Handlers...) -> Overloaded<Handlers...>;

} // namespace wherry
