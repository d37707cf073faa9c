#include "gateway/json.h"

#include "gateway/gateway_limits.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace wherry::gateway {

namespace {

/// Builds the value while it is read, so that a bound stops the reader and not the memory.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    bool null() override { return put({}); }
    bool boolean(bool value) override { return put({value}); }
    bool number_integer(int64_t value) override { return put({value}); }
    bool number_unsigned(uint64_t value) override { return put({value}); }
    bool number_float(double value, const std::string&) override { return put({value}); }
    bool string(std::string& value) override { return put({std::move(value)}); }
    bool binary(nlohmann::json::binary_t&) override { return false; }
    bool start_object(size_t) override { return open({JsonValue::Object()}); }
    bool end_object() override { return close(); }
    bool start_array(size_t) override { return open({JsonValue::Array()}); }
    bool end_array() override { return close(); }
    bool key(std::string& name) override {
        auto& object = std::get<JsonValue::Object>(m_open.back().value);
        // Linear: the objects of our messages have some twenty members.
        if (object.size() == kMaxMembers) return fail(Errc::TooLarge, "an object with too many members");
        if (std::ranges::find(object, name, &JsonMember::name) != object.end())
            return fail(Errc::Malformed, "the name '" + name + "' twice in one object");
        object.push_back({std::move(name), {}});
        return true;
    }
    bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
        return fail(Errc::Malformed, "not JSON at byte " + std::to_string(position));
    }

    Error error = makeError(Errc::Malformed, "not JSON");
    JsonValue root;

  private:
    static constexpr size_t kMaxMembers = 256;

    bool fail(Errc code, std::string what) {
        error = makeError(code, std::move(what));
        return false;
    }
    bool put(JsonValue value) {
        if (++m_values > kMaxJsonValues) return fail(Errc::TooLarge, "JSON with too many values");
        if (m_open.empty())
            root = std::move(value);
        else if (auto* array = std::get_if<JsonValue::Array>(&m_open.back().value))
            array->push_back(std::move(value));
        else
            std::get<JsonValue::Object>(m_open.back().value).back().value = std::move(value);
        return true;
    }
    bool open(JsonValue value) {
        if (m_open.size() == kMaxJsonDepth) return fail(Errc::TooLarge, "JSON nested too deep");
        m_open.push_back(std::move(value));
        return true;
    }
    bool close() {
        JsonValue value = std::move(m_open.back());
        m_open.pop_back();
        return put(std::move(value));
    }

    std::vector<JsonValue> m_open;
    size_t m_values = 0;
};

} // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
    const auto* object = as<Object>();
    if (!object) return nullptr;
    const auto found = std::ranges::find(*object, name, &JsonMember::name);
    return found == object->end() ? nullptr : &found->value;
}

Result<JsonValue> parseJson(std::string_view text) {
    if (text.size() > kMaxLine) return makeError(Errc::TooLarge, "JSON longer than " + std::to_string(kMaxLine));
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return builder.error;
    return std::move(builder.root);
}

void appendJsonString(std::string& to, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    to += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            to += "\\u00";
            to += kHex[byte >> 4];
            to += kHex[byte & 15];
        } else {
            to += c;
        }
    }
    to += '"';
}

} // namespace wherry::gateway
