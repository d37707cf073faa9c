#include "cli/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace wherry::cli {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The factor of "", "b", "k", "kb", "ki", "kib" and so on; nullopt for another word.
std::optional<uint64_t> unitFactor(std::string_view unit) {
    constexpr std::string_view kPrefixes = "kmgt";
    if (!unit.empty() && lower(unit.back()) == 'b') unit.remove_suffix(1);
    if (unit.empty()) return 1;
    const size_t power = kPrefixes.find(lower(unit[0]));
    const bool binary = unit.size() == 2 && lower(unit[1]) == 'i';
    if (power == std::string_view::npos || (unit.size() != 1 && !binary)) return std::nullopt;
    uint64_t factor = 1;
    for (size_t i = 0; i <= power; ++i) factor *= binary ? 1024 : 1000;
    return factor;
}

std::string twoDigits(uint64_t value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
}

} // namespace

std::optional<uint64_t> parseCount(std::string_view text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<uint64_t> parseByteCount(std::string_view text) {
    const size_t digits = text.find_first_not_of("0123456789");
    const auto count = parseCount(text.substr(0, digits));
    const auto factor = digits == std::string_view::npos ? std::optional<uint64_t>(1) : unitFactor(text.substr(digits));
    if (!count || !factor || *count > UINT64_MAX / *factor) return std::nullopt;
    return *count * *factor;
}

std::string decimalText(double value, int decimals) {
    std::array<char, 64> buffer{};
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
    return error == std::errc() ? std::string(buffer.data(), end) : std::string("0");
}

std::string bytesText(uint64_t bytes) {
    constexpr std::array<std::string_view, 6> kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) return std::to_string(bytes) + " B";
    double value = static_cast<double>(bytes) / 1000;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return decimalText(value, decimals) + " " + std::string(kUnits[unit]);
}

std::string rateText(double bytesPerSecond) {
    const double shown = std::isfinite(bytesPerSecond) && bytesPerSecond > 0 ? bytesPerSecond : 0;
    return bytesText(static_cast<uint64_t>(std::min(shown, 1e18))) + "/s";
}

std::string clockText(double seconds) {
    constexpr double kLongest = 99 * 3600;
    if (!(seconds >= 0) || seconds > kLongest) return "-";
    const auto whole = static_cast<uint64_t>(std::ceil(seconds));
    const uint64_t hours = whole / 3600, minutes = whole / 60 % 60;
    if (hours > 0) return std::to_string(hours) + ":" + twoDigits(minutes) + ":" + twoDigits(whole % 60);
    return std::to_string(minutes) + ":" + twoDigits(whole % 60);
}

std::string durationText(double seconds) {
    if (!(seconds >= 0)) return "-";
    if (seconds < 1) return decimalText(seconds, 2) + " s";
    if (seconds < 59.95) return decimalText(seconds, 1) + " s";
    const auto whole = static_cast<uint64_t>(std::round(std::min(seconds, 1e15)));
    if (whole < 3600) return std::to_string(whole / 60) + " min " + twoDigits(whole % 60) + " s";
    return std::to_string(whole / 3600) + " h " + twoDigits(whole / 60 % 60) + " min";
}

std::string countText(uint64_t count, std::string_view noun) {
    std::string digits = std::to_string(count);
    for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
    return digits + " " + std::string(noun) + (count == 1 ? "" : "s");
}

} // namespace wherry::cli
