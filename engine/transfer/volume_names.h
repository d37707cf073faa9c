#pragma once

#include "transfer/landed_names.h"
#include "transfer/manifest.h"
#include "transfer/storage.h"

#include <cstdint>
#include <vector>

namespace wherry::transfer {

/// What of an offer a volume cannot hold as it is (SECURITY.md rule 2), and under which names it lands there instead.
struct VolumeNames {
    LandedNames names;             ///< an empty name: it cannot be kept there at all
    std::vector<uint32_t> renamed; ///< the entries of `names`, in order
};

/// The names are escaped so that percent-decoding gives the original back (entry_name.h escapedName): bytes that the
/// volume refuses, and of a name that an earlier sibling has too on a volume that folds names as many characters from
/// the front as it takes to tell them apart. `aux.c` -> `%61ux.c`, `a?` -> `a%3F`, `readme` beside `README` ->
/// `%72eadme`. The same offer gets the same names every time. A name that would become too long is empty.
VolumeNames volumeNames(const Manifest& manifest, const NameTraits& traits);

} // namespace wherry::transfer
