#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>

/// How a struct is written as a JSON object: one table per struct, read by both directions (fields_io.h).
///
///     template <> inline constexpr auto kFields<node::Ping> = described(
///         "ping", field("target", &node::Ping::target), usual("count", &node::Ping::count));
///
/// The name is that of the command or event; structs inside others have none. The `request` of an event is not in its
/// table: it is written as `id` by whoever knows the client.
namespace wherry::gateway {

enum class Form {
    Plain,        ///< as its type has it; durations in seconds
    Milliseconds, ///< a duration in milliseconds
    Direction,    ///< a bool, true: "incoming", false: "outgoing"
    Inlined,      ///< the members of a struct, as if they were members of this one
};

template <typename Owner, typename Member, Form kForm> struct Field {
    static constexpr Form form = kForm;
    std::string_view name;
    Member Owner::*member;
    bool required;
};

/// A member that must be there when it is read.
template <typename Owner, typename Member>
constexpr Field<Owner, Member, Form::Plain> field(std::string_view name, Member Owner::*member) {
    return {name, member, true};
}
/// A member that keeps its default when it is not there.
template <typename Owner, typename Member>
constexpr Field<Owner, Member, Form::Plain> usual(std::string_view name, Member Owner::*member) {
    return {name, member, false};
}
template <typename Owner, typename Member>
constexpr Field<Owner, Member, Form::Milliseconds> milliseconds(std::string_view name, Member Owner::*member) {
    return {name, member, true};
}
template <typename Owner> constexpr Field<Owner, bool, Form::Direction> direction(bool Owner::*member) {
    return {"direction", member, true};
}
template <typename Owner, typename Member>
constexpr Field<Owner, Member, Form::Inlined> inlined(Member Owner::*member) {
    return {"", member, true};
}

template <typename... Fields> struct Description {
    std::string_view name;
    std::tuple<Fields...> fields;
};
template <typename... Fields> constexpr Description<Fields...> described(std::string_view name, Fields... fields) {
    return {name, std::tuple(fields...)};
}

struct NotDescribed {};
template <typename T> inline constexpr NotDescribed kFields{};
template <typename T>
concept Described = !std::is_same_v<std::remove_cvref_t<decltype(kFields<T>)>, NotDescribed>;

/// The names of an enum's values, in the order of their numbers from 0 on; specialised for every enum that is written.
template <typename Enum> struct EnumNames;

/// An event that answers a command.
template <typename T>
concept Answer = requires(T& event) {
    event.request;
};

} // namespace wherry::gateway
