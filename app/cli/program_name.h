#pragma once

#include <string>
#include <string_view>

namespace wherry::cli {

/// How the person has called the program, for every line that is to be typed again: what the environment variable
/// WHERRY_CALLED_AS says (scripts that build and run the program set it), else `argv0`. Quoted for a POSIX shell where
/// it must be; "wherry" when neither is of use.
std::string programName(std::string_view calledAs, std::string_view argv0);

/// `text` with "wherry " at the beginning of its commands (two spaces in front, or a backquote) replaced by `program`.
std::string withProgramName(std::string_view text, const std::string& program);

} // namespace wherry::cli
