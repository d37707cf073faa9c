#pragma once

#include "base/result.h"
#include "transfer/manifest.h"
#include "transfer/transfer_types.h"
#include "transfer/volume_names.h"

#include <string_view>
#include <vector>

namespace wherry::transfer {

/// Whether a person may give an entry this name. As strict as with a name from outside (validateName), and stricter:
/// every system can hold it, and all of it can be seen. UnsafePath, TooLarge or UnportableName, with the reason.
Result<void> checkChosenName(std::string_view name);

/// The names under which an offer lands on a volume when the person has given some entries others. Of an entry that is
/// named twice the last name counts. LimitReached: more than kMaxChosenByPerson; InvalidArgument: no such entry, or as
/// checkChosenName; UnportableName: this volume cannot hold a name; Exists: two entries of a folder would have the
/// same.
Result<VolumeNames> namesWith(const std::vector<OfferName>& chosen, const Manifest& manifest, const NameTraits& traits);

} // namespace wherry::transfer
