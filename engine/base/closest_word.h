#pragma once

#include <string_view>
#include <vector>

namespace wherry {

/// The candidate that `word` most likely means: at most two typing errors away (one for words shorter than five
/// letters), or empty.
std::string_view closestWord(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace wherry
