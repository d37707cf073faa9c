#include "transfer/name_folding.h"

#include "base/utf8.h"
#include "transfer/name_fold_tables.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace wherry::transfer {

namespace {

/// A byte that is not UTF-8 becomes the "character" kRawByte + byte, beyond all real ones.
constexpr uint32_t kRawByte = 0x110000;

// Hangul syllables are composed by arithmetic (Unicode standard 3.12).
constexpr uint32_t kHangulBase = 0xac00;
constexpr uint32_t kHangulCount = 11172;
constexpr uint32_t kLeadBase = 0x1100;
constexpr uint32_t kLeadCount = 19;
constexpr uint32_t kVowelBase = 0x1161;
constexpr uint32_t kVowelCount = 21;
constexpr uint32_t kTailBase = 0x11a7;
constexpr uint32_t kTailCount = 28;

struct Range {
    uint32_t first;
    uint32_t last;
};
/// Default_Ignorable_Code_Point of the Unicode data.
constexpr std::array kIgnorable = {
    Range{0xad, 0xad},       Range{0x034f, 0x034f}, Range{0x061c, 0x061c},   Range{0x115f, 0x1160},
    Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f}, Range{0x200b, 0x200f},   Range{0x202a, 0x202e},
    Range{0x2060, 0x206f},   Range{0x3164, 0x3164}, Range{0xfe00, 0xfe0f},   Range{0xfeff, 0xfeff},
    Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfff8}, Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},
    Range{0xe0000, 0xe0fff},
};

/// The row of a sorted table whose range holds `character`, or nullptr.
template <typename Row> const Row* findRange(std::span<const Row> table, uint32_t character) {
    const auto after = std::upper_bound(table.begin(), table.end(), character,
                                        [](uint32_t value, const Row& row) { return value < row.first; });
    if (after == table.begin()) return nullptr;
    const Row& row = *std::prev(after);
    return character <= row.last ? &row : nullptr;
}

template <typename Row> const Row* findFrom(std::span<const Row> table, uint32_t character) {
    const auto at = std::lower_bound(table.begin(), table.end(), character,
                                     [](const Row& row, uint32_t value) { return row.from < value; });
    return at != table.end() && at->from == character ? &*at : nullptr;
}

const fold::Decomposition* findDecomposition(uint32_t character) {
    return findFrom(std::span(fold::kDecompositions, fold::kDecompositionsCount), character);
}

uint8_t combiningClass(uint32_t character) {
    if (character < 0x300) return 0;
    const auto* range = findRange(std::span(fold::kCombining, fold::kCombiningCount), character);
    return range ? range->combiningClass : 0;
}

bool isIgnorable(uint32_t character) {
    return character >= 0xad && findRange(std::span<const Range>(kIgnorable), character);
}

void decompose(uint32_t character, std::vector<uint32_t>& out) {
    if (character >= kHangulBase && character < kHangulBase + kHangulCount) {
        const uint32_t index = character - kHangulBase;
        out.push_back(kLeadBase + index / (kVowelCount * kTailCount));
        out.push_back(kVowelBase + index % (kVowelCount * kTailCount) / kTailCount);
        if (index % kTailCount) out.push_back(kTailBase + index % kTailCount);
        return;
    }
    const fold::Decomposition* row = character < 0xc0 ? nullptr : findDecomposition(character);
    if (!row) {
        out.push_back(character);
        return;
    }
    decompose(row->first, out); // at most four levels deep in the Unicode data
    if (row->second) out.push_back(row->second);
}

void foldInto(uint32_t character, std::vector<uint32_t>& out) {
    if (const auto* longer = findFrom(std::span(fold::kLongFolds, fold::kLongFoldsCount), character)) {
        for (uint32_t part : longer->to)
            if (part) decompose(part, out);
        return;
    }
    const auto* range = findRange(std::span(fold::kFolds, fold::kFoldsCount), character);
    const bool folds = range && (character - range->first) % range->step == 0;
    decompose(folds ? uint32_t(int64_t(character) + range->delta) : character, out);
}

/// Sorts each run of combining marks by class, stably (canonical ordering).
void orderMarks(std::vector<uint32_t>& text) {
    auto begin = text.begin();
    while (begin != text.end()) {
        if (combiningClass(*begin) == 0) {
            ++begin;
            continue;
        }
        const auto end =
            std::find_if(begin, text.end(), [](uint32_t character) { return combiningClass(character) == 0; });
        std::stable_sort(begin, end, [](uint32_t a, uint32_t b) { return combiningClass(a) < combiningClass(b); });
        begin = end;
    }
}

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

bool composes(uint32_t first, uint32_t second) {
    if (first >= kLeadBase && first < kLeadBase + kLeadCount)
        return second >= kVowelBase && second < kVowelBase + kVowelCount;
    if (first >= kHangulBase && first < kHangulBase + kHangulCount && (first - kHangulBase) % kTailCount == 0)
        return second > kTailBase && second < kTailBase + kTailCount;
    const std::span order(fold::kCompositionOrder, fold::kCompositionOrderCount);
    const auto pairOf = [](uint16_t index) {
        return std::pair(fold::kDecompositions[index].first, fold::kDecompositions[index].second);
    };
    const auto at = std::lower_bound(order.begin(), order.end(), std::pair(first, second),
                                     [&](uint16_t index, const auto& wanted) { return pairOf(index) < wanted; });
    return at != order.end() && pairOf(*at) == std::pair(first, second);
}

} // namespace

std::string collisionKey(std::string_view name) {
    std::string key;
    key.reserve(name.size());
    if (isAscii(name)) {
        for (char c : name) key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
        return key;
    }
    std::vector<uint32_t> decomposed;
    while (!name.empty()) {
        const Utf8Step step = readUtf8(name);
        const uint32_t character = step.character ? *step.character : kRawByte + static_cast<uint8_t>(name[0]);
        if (!isIgnorable(character)) decompose(character, decomposed);
        name.remove_prefix(step.length);
    }
    orderMarks(decomposed);
    std::vector<uint32_t> folded;
    for (uint32_t character : decomposed) foldInto(character, folded);
    orderMarks(folded);
    for (uint32_t character : folded) {
        if (character >= kRawByte)
            key.push_back(static_cast<char>(character - kRawByte));
        else
            appendUtf8(key, character);
    }
    return key;
}

bool isComposed(std::string_view name) {
    if (isAscii(name) || !isUtf8(name)) return true;
    uint32_t starter = 0; // 0: none yet
    int lastClass = -1;   // of the character before, -1 directly behind a starter
    while (!name.empty()) {
        const Utf8Step step = readUtf8(name);
        const uint32_t character = *step.character;
        name.remove_prefix(step.length);
        if (const auto* row = findDecomposition(character); row && !row->composes) return false;
        const int combining = combiningClass(character);
        if (combining != 0 && combining < lastClass) return false;
        const bool blocked = lastClass != -1 && lastClass >= combining;
        if (starter && !blocked && composes(starter, character)) return false;
        if (combining == 0) starter = character;
        lastClass = combining == 0 ? -1 : combining;
    }
    return true;
}

} // namespace wherry::transfer
