#pragma once

#include <cstddef>

/// What the program's three standard streams are connected to.
namespace wherry::cli {

struct Terminal {
    bool inputIsTerminal = false;
    bool outputIsTerminal = false;
    bool errorIsTerminal = false;
    /// Cursor movements may be written to standard output: a terminal, TERM is set and not "dumb", NO_COLOR
    /// (no-color.org) is not set.
    bool escapesAllowed = false;
    bool escapesAllowedOnError = false; ///< the same for standard error
};
Terminal describeTerminal();

/// A terminal that one of the streams was connected to has been closed.
bool isHungUp(const Terminal& terminal);

/// Standard output is a pipe, whose reader may go away.
bool outputIsPipe();

/// Puts something in the place of standard streams that were closed before the program started, so that no database or
/// socket gets their numbers; writing to them fails as if they were closed. Call it first.
void occupyClosedStreams();

/// Columns of the terminal at standard output, now (people resize windows); 80 when it does not say.
size_t terminalColumns();

} // namespace wherry::cli
