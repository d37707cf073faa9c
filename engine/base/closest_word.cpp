#include "base/closest_word.h"

#include <algorithm>
#include <cstddef>

namespace wherry {

namespace {

/// Longer words are not compared: nobody mistypes a short option into 40 letters.
constexpr size_t kMaxWord = 40;

/// Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap neighbours.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<size_t>> table(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
    for (size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
        }
    }
    return table[a.size()][b.size()];
}

} // namespace

std::string_view closestWord(std::string_view word, const std::vector<std::string_view>& candidates) {
    if (word.size() > kMaxWord) return {};
    const size_t letters = word.size() - std::min(word.find_first_not_of('-'), word.size());
    size_t best = letters < 5 ? 1 : 2;
    std::string_view found;
    for (const std::string_view candidate : candidates) {
        const size_t errors = distance(word, candidate);
        if (errors > best || (errors == best && !found.empty())) continue;
        best = errors;
        found = candidate;
    }
    return found;
}

} // namespace wherry
