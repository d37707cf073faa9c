#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::cli {

/// `text` as a JSON string with its quotes (RFC 8259). Every character stays what it is; controls, DEL, bidirectional
/// and zero-width marks and line separators are written as \u escapes, so that a line shown on a terminal does no harm;
/// bytes that are not UTF-8 become U+FFFD.
std::string jsonString(std::string_view text);
bool isValidUtf8(std::string_view text);
/// RFC 4648 with padding.
std::string base64(std::string_view bytes);

/// One JSON object on one line, fields in the order in which they were added.
class JsonLine {
  public:
    JsonLine() = default;
    explicit JsonLine(std::string_view event) { text("event", event); }

    JsonLine& text(std::string_view name, std::string_view value);
    /// For names that another system made up: `name` as text, and with it `name`Base64 when the bytes are not UTF-8.
    JsonLine& bytes(std::string_view name, std::string_view value);
    JsonLine& count(std::string_view name, uint64_t value);
    /// Up to `decimals` digits after the point; not-a-number and infinite become null.
    JsonLine& decimal(std::string_view name, double value, int decimals = 3);
    JsonLine& flag(std::string_view name, bool value);
    JsonLine& texts(std::string_view name, const std::vector<std::string>& values);
    JsonLine& objects(std::string_view name, const std::vector<JsonLine>& values);

    /// The object, without a line feed.
    std::string str() const { return "{" + m_fields + "}"; }

  private:
    std::string& field(std::string_view name);

    std::string m_fields;
};

} // namespace wherry::cli
