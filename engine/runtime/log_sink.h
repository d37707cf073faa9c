#pragma once

#include "base/log.h"
#include "base/result.h"

#include <string_view>

namespace wherry::runtime {

/// A Log that writes to standard error: "2026-11-20 10:15:02.123 warning store: ...". Thread-safe. Control characters
/// are shown as \xNN, whatever they came from, so that a line is one line and commands no terminal.
Log standardErrorLog(LogLevel threshold);
/// "trace", "debug", "info", "warning", "error", "off". InvalidArgument names them.
Result<LogLevel> parseLogLevel(std::string_view name);

} // namespace wherry::runtime
