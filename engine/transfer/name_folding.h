#pragma once

#include <string>
#include <string_view>

namespace wherry::transfer {

/// Names with equal keys cannot stand in one folder of a volume that folds case or normal form. Canonical caseless
/// matching of the Unicode standard (3.13, D145: NFD, full case folding, NFD), and characters without a glyph are
/// dropped, as HFS+ and ext4 do. Finds a few twins that some volumes would keep apart, never the other way round. Bytes
/// that are not UTF-8 stand for themselves.
std::string collisionKey(std::string_view name);

/// Whether the name is in Normalization Form C, what most systems write. Names that are not UTF-8 count as being in it.
bool isComposed(std::string_view name);

} // namespace wherry::transfer
