#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <string_view>

namespace wherry {

enum class LogLevel { Trace, Debug, Info, Warning, Error, Off };

std::string_view logLevelName(LogLevel level);

/// Where log lines go. One per node, set up by runtime (or captured by the simulator) and passed down by reference;
/// a default one drops everything. Lines carry no secrets and peer ids only in their short form.
class Log {
  public:
    using Sink = std::function<void(LogLevel, std::string_view category, std::string_view line)>;

    Log() = default;
    Log(LogLevel threshold, Sink sink) : m_threshold(threshold), m_sink(std::move(sink)) {}

    bool enabled(LogLevel level) const { return m_sink && level >= m_threshold; }
    void write(LogLevel level, std::string_view category, std::string_view line) const {
        if (enabled(level)) m_sink(level, category, line);
    }

  private:
    LogLevel m_threshold = LogLevel::Off;
    Sink m_sink;
};

} // namespace wherry

/// `LOG(log, Info, "quic", "dialling " << address)`: the stream expression is only evaluated when the line is wanted.
#define LOG(log, level, category, expression)                                                                          \
    do {                                                                                                               \
        if ((log).enabled(::wherry::LogLevel::level)) {                                                                \
            std::ostringstream logStream;                                                                              \
            logStream << expression;                                                                                   \
            (log).write(::wherry::LogLevel::level, category, logStream.str());                                         \
        }                                                                                                              \
    } while (false)
