#pragma once

#include "base/result.h"

#include <string_view>

namespace wherry::runtime {

/// The one place where an error number of the operating system becomes one of ours. `doing` is a verb phrase
/// ("writing"), `what` names the thing; the context reads "writing 'a/b': No space left on device".
Error osError(int number, std::string_view doing, std::string_view what);
/// The code alone. ENOSPC and EDQUOT are DiskFull, EROFS ReadOnly, ELOOP and EXDEV (a symbolic link stands in the way)
/// PermissionDenied, ENODEV and its like VolumeGone.
Errc osErrorCode(int number);

} // namespace wherry::runtime
