#pragma once

#include "base/bytes.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "base/utf8.h"
#include "codec/multiaddr.h"
#include "crypto/peer_id.h"
#include "gateway/fields.h"
#include "gateway/json.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

/// Writes and reads what kFields describes. Reading is total: whatever the JSON says, the outcome is a value or an
/// Error that names the member.
namespace wherry::gateway {

// --- single values ------------------------------------------------------------------------------------------------

/// Decimal, exact, with at most nine digits after the point; `unit` in nanoseconds.
void appendDuration(std::string& to, Duration value, int64_t unit);
Result<Duration> readDuration(const JsonValue& in, int64_t unit);
void appendDouble(std::string& to, double value);
Result<double> readDouble(const JsonValue& in);
/// UTF-8 as a JSON string, other bytes as {"hex": "..."}.
void appendText(std::string& to, std::string_view value);
Result<std::string> readText(const JsonValue& in);
Result<uint64_t> readUnsigned(const JsonValue& in, uint64_t most);
Result<int64_t> readSigned(const JsonValue& in);
Result<bool> readBool(const JsonValue& in);
Result<crypto::PeerId> readPeer(const JsonValue& in);
Result<codec::Multiaddr> readAddress(const JsonValue& in);
/// The place of a JSON string in `names`.
Result<size_t> readName(const JsonValue& in, std::span<const std::string_view> names);
Result<Bytes> readHex(const JsonValue& in);
Error wrongKind(std::string_view wanted);

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kMillisecond = 1'000'000;

template <typename T> struct IsVector : std::false_type {};
template <typename T> struct IsVector<std::vector<T>> : std::true_type {};
template <typename T> struct IsOptional : std::false_type {};
template <typename T> struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T> struct IsStrongId : std::false_type {};
template <typename Tag, typename N> struct IsStrongId<StrongId<Tag, N>> : std::true_type {};
template <typename T> struct IsByteArray : std::false_type {};
template <size_t n> struct IsByteArray<std::array<uint8_t, n>> : std::true_type {};

template <typename T> void writeFields(std::string& to, const T& value, bool& first);

template <typename T> void writeValue(std::string& to, const T& value) {
    if constexpr (std::is_same_v<T, bool>)
        to += value ? "true" : "false";
    else if constexpr (std::integral<T>)
        to += std::to_string(value);
    else if constexpr (std::floating_point<T>)
        appendDouble(to, value);
    else if constexpr (std::is_enum_v<T>)
        appendJsonString(to, EnumNames<T>::list[static_cast<size_t>(value)]);
    else if constexpr (std::is_same_v<T, std::string>)
        appendText(to, value);
    else if constexpr (std::is_same_v<T, Duration>)
        appendDuration(to, value, kSecond);
    else if constexpr (std::is_same_v<T, UnixTime>)
        to += std::to_string(value.nanoseconds);
    else if constexpr (IsStrongId<T>::value)
        to += std::to_string(value.value);
    else if constexpr (std::is_same_v<T, crypto::PeerId> || std::is_same_v<T, codec::Multiaddr>)
        appendJsonString(to, value.empty() ? std::string() : value.text());
    else if constexpr (std::is_same_v<T, Bytes> || IsByteArray<T>::value)
        appendJsonString(to, toHex(value));
    else if constexpr (IsOptional<T>::value) {
        if (value)
            writeValue(to, *value);
        else
            to += "null";
    } else if constexpr (IsVector<T>::value) {
        to += '[';
        for (size_t i = 0; i < value.size(); ++i) {
            if (i > 0) to += ',';
            writeValue(to, value[i]);
        }
        to += ']';
    } else {
        static_assert(Described<T>, "a struct without a table: add a kFields line");
        to += '{';
        bool first = true;
        writeFields(to, value, first);
        to += '}';
    }
}

template <typename T> Result<void> readFields(const JsonValue& in, T& out);

template <typename T> Result<void> readValue(const JsonValue& in, T& out) {
    if constexpr (std::is_same_v<T, bool>) {
        TRY(out, readBool(in));
    } else if constexpr (std::unsigned_integral<T>) {
        TRY(const uint64_t number, readUnsigned(in, std::numeric_limits<T>::max()));
        out = static_cast<T>(number);
    } else if constexpr (std::signed_integral<T>) {
        TRY(const int64_t number, readSigned(in));
        if (!std::in_range<T>(number)) return wrongKind("a smaller number");
        out = static_cast<T>(number);
    } else if constexpr (std::floating_point<T>) {
        TRY(out, readDouble(in));
    } else if constexpr (std::is_enum_v<T>) {
        TRY(const size_t place, readName(in, EnumNames<T>::list));
        out = static_cast<T>(place);
    } else if constexpr (std::is_same_v<T, std::string>) {
        TRY(out, readText(in));
    } else if constexpr (std::is_same_v<T, Duration>) {
        TRY(out, readDuration(in, kSecond));
    } else if constexpr (std::is_same_v<T, UnixTime>) {
        TRY(out.nanoseconds, readSigned(in));
    } else if constexpr (IsStrongId<T>::value) {
        return readValue(in, out.value);
    } else if constexpr (std::is_same_v<T, crypto::PeerId>) {
        TRY(out, readPeer(in));
    } else if constexpr (std::is_same_v<T, codec::Multiaddr>) {
        TRY(out, readAddress(in));
    } else if constexpr (std::is_same_v<T, Bytes>) {
        TRY(out, readHex(in));
    } else if constexpr (IsByteArray<T>::value) {
        TRY(const Bytes bytes, readHex(in));
        if (bytes.size() != out.size()) return wrongKind("hexadecimal of " + std::to_string(out.size()) + " bytes");
        std::copy(bytes.begin(), bytes.end(), out.begin());
    } else if constexpr (IsOptional<T>::value) {
        if (in.as<std::monostate>()) {
            out.reset();
            return {};
        }
        return readValue(in, out.emplace());
    } else if constexpr (IsVector<T>::value) {
        const auto* array = in.as<JsonValue::Array>();
        if (!array) return wrongKind("an array");
        out.clear();
        for (const JsonValue& one : *array) TRY_OK(readValue(one, out.emplace_back()));
    } else {
        static_assert(Described<T>, "a struct without a table: add a kFields line");
        if (!in.as<JsonValue::Object>()) return wrongKind("an object");
        return readFields(in, out);
    }
    return {};
}

// --- structs ------------------------------------------------------------------------------------------------------

template <typename T, typename Visit> constexpr void forEachField(Visit&& visit) {
    std::apply([&](const auto&... one) { (visit(one), ...); }, kFields<T>.fields);
}

/// `"name":value,...` without braces.
template <typename T> void writeFields(std::string& to, const T& value, bool& first) {
    forEachField<T>([&](const auto& field) {
        using F = std::remove_cvref_t<decltype(field)>;
        const auto& member = value.*(field.member);
        if constexpr (F::form == Form::Inlined) {
            writeFields(to, member, first);
        } else {
            if (!first) to += ',';
            first = false;
            appendJsonString(to, field.name);
            to += ':';
            if constexpr (F::form == Form::Milliseconds)
                appendDuration(to, member, kMillisecond);
            else if constexpr (F::form == Form::Direction)
                to += member ? "\"incoming\"" : "\"outgoing\"";
            else
                writeValue(to, member);
        }
    });
}

template <Form form, typename Member> Result<void> readMember(const JsonValue& in, Member& out) {
    if constexpr (form == Form::Milliseconds) {
        TRY(out, readDuration(in, kMillisecond));
    } else if constexpr (form == Form::Direction) {
        static constexpr std::string_view kDirections[] = {"outgoing", "incoming"};
        TRY(const size_t place, readName(in, kDirections));
        out = place == 1;
    } else {
        return readValue(in, out);
    }
    return {};
}

/// Members that the table does not know are left alone; hasOnly() refuses them.
template <typename T> Result<void> readFields(const JsonValue& in, T& out) {
    Result<void> outcome;
    forEachField<T>([&](const auto& field) {
        using F = std::remove_cvref_t<decltype(field)>;
        if (!outcome) return;
        auto& member = out.*(field.member);
        if constexpr (F::form == Form::Inlined) {
            outcome = readFields(in, member);
        } else {
            const JsonValue* found = in.find(field.name);
            if (!found && field.required)
                outcome = makeError(Errc::InvalidArgument, "'" + std::string(field.name) + "' is missing");
            if (!found) return;
            const Result<void> read = readMember<F::form>(*found, member);
            if (!read) outcome = read.error().within("'" + std::string(field.name) + "'");
        }
    });
    return outcome;
}

template <typename T> constexpr bool knows(std::string_view name) {
    bool known = false;
    forEachField<T>([&](const auto& field) {
        using F = std::remove_cvref_t<decltype(field)>;
        if constexpr (F::form == Form::Inlined) {
            using Member = std::remove_cvref_t<decltype(std::declval<T&>().*(field.member))>;
            known = known || knows<Member>(name);
        } else {
            known = known || field.name == name;
        }
    });
    return known;
}

} // namespace wherry::gateway
