#include "runtime/log_sink.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace wherry::runtime {

static spdlog::level::level_enum levelOf(LogLevel level) {
    switch (level) {
    case LogLevel::Trace:
        return spdlog::level::trace;
    case LogLevel::Debug:
        return spdlog::level::debug;
    case LogLevel::Info:
        return spdlog::level::info;
    case LogLevel::Warning:
        return spdlog::level::warn;
    case LogLevel::Error:
        return spdlog::level::err;
    case LogLevel::Off:
        break;
    }
    return spdlog::level::off;
}

static std::string withoutControls(std::string_view line) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(line.size());
    for (unsigned char c : line) {
        if (c >= 0x20 && c != 0x7F) {
            out += char(c);
        } else {
            out += "\\x";
            out += kDigits[c >> 4];
            out += kDigits[c & 15];
        }
    }
    return out;
}

Log standardErrorLog(LogLevel threshold) {
    if (threshold == LogLevel::Off) return Log();
    auto logger = std::make_shared<spdlog::logger>("wherry", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(spdlog::level::trace); // the Log itself holds the threshold
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    return Log(threshold, [logger](LogLevel level, std::string_view category, std::string_view line) {
        logger->log(levelOf(level), "{}: {}", withoutControls(category), withoutControls(line));
    });
}

Result<LogLevel> parseLogLevel(std::string_view name) {
    for (LogLevel level :
         {LogLevel::Trace, LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error, LogLevel::Off})
        if (name == logLevelName(level)) return level;
    return makeError(Errc::InvalidArgument,
                     "log level '" + std::string(name) + "'; known are trace, debug, info, warning, error, off");
}

} // namespace wherry::runtime
