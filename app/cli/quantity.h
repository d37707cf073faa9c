#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Numbers as people write and read them.
namespace wherry::cli {

/// Decimal digits only; nullopt for anything else and beyond 64 bits.
std::optional<uint64_t> parseCount(std::string_view text);
/// A count with an optional unit: k, M, G, T, optionally followed by B, are powers of 1000; Ki, Mi, Gi, Ti powers of
/// 1024. Case does not matter.
std::optional<uint64_t> parseByteCount(std::string_view text);

/// "0 B", "999 B", "1.20 kB", "34.0 MB", "321 GB": three significant digits, powers of 1000.
std::string bytesText(uint64_t bytes);
/// "312 MB/s".
std::string rateText(double bytesPerSecond);
/// "0:07", "12:34", "1:02:03"; "-" when it is not known (negative, infinite or above 99 hours).
std::string clockText(double seconds);
/// "0.4 s", "12.3 s", "2 min 05 s", "1 h 02 min".
std::string durationText(double seconds);
/// "1 file", "12 345 files".
std::string countText(uint64_t count, std::string_view noun);
/// With a fixed number of decimals and a point, whatever the locale.
std::string decimalText(double value, int decimals);

} // namespace wherry::cli
