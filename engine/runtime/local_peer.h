#pragma once

#include <cstdint>

namespace wherry::runtime {

/// Whether the program at the other end of a connected local socket runs as the user of this one. Asked of the system,
/// which has noted it when the connection was made. On Windows the pipe's own access list says so and the answer is
/// always yes.
bool isSameUser(intptr_t localSocket);

} // namespace wherry::runtime
