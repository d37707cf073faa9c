#include "runtime/setting_text.h"

#include <cmath>
#include <span>

namespace wherry::runtime {

namespace {

struct Unit {
    std::string_view name;
    double size;
};

constexpr Unit kTimes[] = {{"s", 1e9},      {"min", 60e9},     {"h", 3600e9},
                           {"d", 86'400e9}, {"day", 86'400e9}, {"days", 86'400e9}};
constexpr Unit kRates[] = {{"bit/s", 1},  {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9},
                           {"kB/s", 8e3}, {"MB/s", 8e6},   {"GB/s", 8e9}};
constexpr std::string_view kNoLimit = "off";
/// Letters of a number: fifteen digits are exact in a double.
constexpr size_t kMaxDigits = 15;
/// What fits an int64_t with room to spare; ranges of settings are far narrower.
constexpr double kLargest = 9e18;

/// "12", "12.5"; nothing else. Below zero: none.
double readNumber(std::string_view text) {
    double value = 0;
    double place = 1;
    size_t digits = 0;
    bool point = false;
    for (const char c : text) {
        if (c == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || ++digits > kMaxDigits) return -1;
        value = value * 10 + (c - '0');
        if (point) place *= 10;
    }
    return digits == 0 || text.back() == '.' ? -1 : value / place;
}

/// The quantity in the smallest unit; below zero: it is none.
double readQuantity(std::string_view text, std::span<const Unit> units) {
    const size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    const double number = readNumber(text.substr(0, end));
    const size_t begin = std::min(text.find_first_not_of(' ', end), text.size());
    if (number < 0 || begin > end + 1) return -1;
    for (const Unit& unit : units)
        if (text.substr(begin) == unit.name) return number * unit.size > kLargest ? -1 : number * unit.size;
    return -1;
}

} // namespace

Result<Duration> parseDuration(std::string_view text) {
    const double value = readQuantity(text, kTimes);
    if (value < 0)
        return makeError(Errc::InvalidArgument, "wanted is a time such as \"30 s\", \"5 min\", \"2 h\" or \"90 days\"");
    return Duration(std::llround(value));
}

std::string durationText(Duration duration) {
    const auto whole = [&](Duration unit) { return duration >= unit && duration % unit == Duration::zero(); };
    const auto text = [&](Duration unit, const char* name) { return std::to_string(duration / unit) + " " + name; };
    if (duration == std::chrono::hours(24)) return "1 day";
    if (whole(std::chrono::hours(24))) return text(std::chrono::hours(24), "days");
    if (whole(std::chrono::hours(1))) return text(std::chrono::hours(1), "h");
    if (whole(std::chrono::minutes(1))) return text(std::chrono::minutes(1), "min");
    return text(std::chrono::seconds(1), "s");
}

Result<link::BitRate> parseBitRate(std::string_view text) {
    if (text == kNoLimit) return link::BitRate{};
    const double value = readQuantity(text, kRates);
    if (value < 0)
        return makeError(Errc::InvalidArgument,
                         "wanted is a rate such as \"100 Mbit/s\", \"2.5 MB/s\" or \"800 kbit/s\", or \"off\"");
    if (value < 1) return makeError(Errc::InvalidArgument, "no limit at all is written \"off\"");
    return link::BitRate{static_cast<uint64_t>(std::llround(value))};
}

std::string bitRateText(link::BitRate rate) {
    if (!rate.limited()) return std::string(kNoLimit);
    const uint64_t value = rate.perSecond;
    if (value % 1'000'000'000 == 0) return std::to_string(value / 1'000'000'000) + " Gbit/s";
    if (value % 1'000'000 == 0) return std::to_string(value / 1'000'000) + " Mbit/s";
    if (value % 1'000 == 0) return std::to_string(value / 1'000) + " kbit/s";
    return std::to_string(value) + " bit/s";
}

} // namespace wherry::runtime
