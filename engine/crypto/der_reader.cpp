#include "crypto/der_reader.h"

namespace wherry::crypto {

std::optional<DerElement> DerReader::next() {
    // A tag number of 31 would continue in further bytes; nothing in a certificate has one.
    if (m_rest.size() < 2 || (m_rest[0] & 0x1f) == 0x1f) return std::nullopt;
    size_t header = 2;
    size_t length = m_rest[1];
    if (length >= 0x80) {
        const size_t bytes = length & 0x7f;
        // 0 means indefinite, which DER forbids; four bytes already reach beyond any certificate.
        if (bytes == 0 || bytes > 4 || m_rest.size() < 2 + bytes) return std::nullopt;
        length = 0;
        for (size_t i = 0; i < bytes; ++i) length = length << 8 | m_rest[2 + i];
        if (length < 0x80 || length >> (8 * (bytes - 1)) == 0) return std::nullopt;
        header += bytes;
    }
    if (length > m_rest.size() - header) return std::nullopt;
    DerElement element{m_rest[0], m_rest.first(header + length), m_rest.subspan(header, length)};
    m_rest = m_rest.subspan(header + length);
    return element;
}

std::optional<DerElement> DerReader::next(uint8_t tag) {
    if (m_rest.empty() || m_rest[0] != tag) return std::nullopt;
    return next();
}

} // namespace wherry::crypto
