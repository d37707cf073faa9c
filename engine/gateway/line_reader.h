#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace wherry::gateway {

/// Cuts a stream of bytes into lines, with a bound. Lines end with LF; a CR before it is left in place (JSON passes
/// over it).
class LineReader {
  public:
    explicit LineReader(size_t maxLine) : m_maxLine(maxLine) {}

    /// TooLarge: a line longer than the bound; nothing more is to be read from that side.
    Result<void> add(std::string_view bytes);
    /// The next whole line, without its end.
    std::optional<std::string> take();
    /// Bytes that are held.
    size_t size() const { return m_buffer.size() - m_read; }
    /// A line has begun and is not whole.
    bool hasPart() const { return m_buffer.size() > m_read && m_buffer.find('\n', m_searched) == std::string::npos; }

  private:
    size_t m_maxLine;
    std::string m_buffer;
    size_t m_read = 0;     ///< bytes at the front that have been taken
    size_t m_searched = 0; ///< no line ends between m_read and here
};

} // namespace wherry::gateway
