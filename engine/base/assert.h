#pragma once

namespace wherry {
/// Reports a bug (never an expected failure) on standard error and aborts.
[[noreturn]] void assertionFailed(const char* expression, const char* file, int line);
} // namespace wherry

/// For what only a bug of ours can make false; it stays on in release builds.
#define ASSERT(expression)                                                                                             \
    do {                                                                                                               \
        if (!(expression)) [[unlikely]]                                                                                \
            ::wherry::assertionFailed(#expression, __FILE__, __LINE__);                                                \
    } while (false)
