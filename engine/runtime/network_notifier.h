#pragma once

#include "runtime/file.h"

namespace wherry::runtime {

/// A handle that becomes readable when an address or interface of this machine may have changed. Not open where the
/// system has nothing of the kind: then the addresses are looked at from time to time. Implemented once per system in
/// platform/.
File openNetworkNotifier();
/// Takes what has been reported; what exactly does not matter.
void drainNetworkNotifier(const File& notifier);

} // namespace wherry::runtime
