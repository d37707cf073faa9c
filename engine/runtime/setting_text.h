#pragma once

#include "base/result.h"
#include "base/time.h"
#include "link/bandwidth.h"

#include <string>
#include <string_view>

/// Quantities with units as people write them in settings. Whole or decimal numbers, a unit, a space between them if
/// wanted.
namespace wherry::runtime {

/// "30 s", "1.5 min", "2 h", "90 days"; also "1 day" and "d". InvalidArgument.
Result<Duration> parseDuration(std::string_view text);
/// The largest unit that gives a whole number.
std::string durationText(Duration duration);

/// "100 Mbit/s", "2.5 Mbit/s", "800 kbit/s", "1 Gbit/s", "12 MB/s"; "off" for no limit. Units count by thousands.
/// InvalidArgument.
Result<link::BitRate> parseBitRate(std::string_view text);
std::string bitRateText(link::BitRate rate);

} // namespace wherry::runtime
