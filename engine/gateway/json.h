#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wherry::gateway {

struct JsonMember;

/// JSON as it was read (RFC 8259). Whole numbers that fit are kept exactly.
struct JsonValue {
    using Array = std::vector<JsonValue>;
    using Object = std::vector<JsonMember>; ///< no name twice

    std::variant<std::monostate, bool, uint64_t, int64_t, double, std::string, Array, Object> value;

    /// Of an object; nullptr: it has no such member, or is no object.
    const JsonValue* find(std::string_view name) const;
    template <typename T> const T* as() const { return std::get_if<T>(&value); }
};

struct JsonMember {
    std::string name;
    JsonValue value;
};

/// Malformed: not one JSON text in UTF-8, or an object with the same name twice; the context says where. TooLarge:
/// above kMaxLine bytes, kMaxJsonDepth or kMaxJsonValues.
Result<JsonValue> parseJson(std::string_view text);

/// Appends `text`, which is UTF-8, as a JSON string with its quotes; control characters are escaped, so it stays on one
/// line.
void appendJsonString(std::string& to, std::string_view text);

} // namespace wherry::gateway
