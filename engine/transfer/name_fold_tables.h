#pragma once

#include <cstddef>
#include <cstdint>

/// Unicode data for name_folding.cpp, sorted by code point. The tables are made by tools/make_fold_tables.py.
namespace wherry::transfer::fold {

/// One step of canonical decomposition; second is 0 for a single character. Hangul is computed, not listed.
struct Decomposition {
    uint32_t from;
    uint32_t first;
    uint32_t second;
    uint8_t composes; ///< the pair composes to `from` again (no composition exclusion)
};
struct CombiningRange {
    uint32_t first;
    uint32_t last;
    uint8_t combiningClass;
};
/// Every `step`th character from first to last folds to itself + delta.
struct FoldRange {
    uint32_t first;
    uint32_t last;
    uint8_t step;
    int32_t delta;
};
/// Folds to two or three characters, 0 at the end of two.
struct LongFold {
    uint32_t from;
    uint32_t to[3];
};

extern const Decomposition kDecompositions[];
extern const size_t kDecompositionsCount;
/// Indices of the decompositions that compose, sorted by first and second.
extern const uint16_t kCompositionOrder[];
extern const size_t kCompositionOrderCount;
extern const CombiningRange kCombining[];
extern const size_t kCombiningCount;
extern const FoldRange kFolds[];
extern const size_t kFoldsCount;
extern const LongFold kLongFolds[];
extern const size_t kLongFoldsCount;

} // namespace wherry::transfer::fold
