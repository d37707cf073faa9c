#pragma once

namespace wherry::runtime {

/// Names the calling thread for tools such as top and debuggers: at most 15 characters, longer names are cut. Where the
/// system has no names for threads nothing happens.
void nameThisThread(const char* name);

} // namespace wherry::runtime
