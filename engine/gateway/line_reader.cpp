#include "gateway/line_reader.h"

namespace wherry::gateway {

Result<void> LineReader::add(std::string_view bytes) {
    m_buffer.erase(0, m_read);
    m_searched -= m_read;
    m_read = 0;
    m_buffer += bytes;
    // Every line that is whole or begun: the end of the bound is looked at once per line, not per byte.
    size_t from = 0;
    for (size_t end = m_buffer.find('\n', m_searched); end != std::string::npos; end = m_buffer.find('\n', from)) {
        if (end - from > m_maxLine)
            return makeError(Errc::TooLarge, "a line of more than " + std::to_string(m_maxLine) + " bytes");
        from = end + 1;
    }
    if (m_buffer.size() - from > m_maxLine)
        return makeError(Errc::TooLarge, "a line of more than " + std::to_string(m_maxLine) + " bytes");
    if (from == 0) m_searched = m_buffer.size();
    return {};
}

std::optional<std::string> LineReader::take() {
    const size_t end = m_buffer.find('\n', m_searched);
    if (end == std::string::npos) {
        m_searched = m_buffer.size();
        return std::nullopt;
    }
    std::string line = m_buffer.substr(m_read, end - m_read);
    m_read = m_searched = end + 1;
    return line;
}

} // namespace wherry::gateway
