#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>

namespace wherry::crypto {

/// ASN.1 tags that certificates use (X.690); single-byte tags only.
inline constexpr uint8_t kDerBoolean = 0x01;
inline constexpr uint8_t kDerInteger = 0x02;
inline constexpr uint8_t kDerBitString = 0x03;
inline constexpr uint8_t kDerOctetString = 0x04;
inline constexpr uint8_t kDerOid = 0x06;
inline constexpr uint8_t kDerSequence = 0x30;

/// One element: `whole` with tag and length, `content` without.
struct DerElement {
    uint8_t tag = 0;
    ByteView whole;
    ByteView content;
};

/// Walks over DER elements that lie side by side. Views into the caller's bytes; allocates nothing.
class DerReader {
  public:
    explicit DerReader(ByteView in) : m_rest(in) {}
    bool atEnd() const { return m_rest.empty(); }
    /// The next element, whatever it is. nullopt at the end, when it is cut, or when its length is indefinite or not
    /// minimal.
    std::optional<DerElement> next();
    /// The next element when it has this tag; nullopt otherwise, and the reader stays where it is.
    std::optional<DerElement> next(uint8_t tag);

  private:
    ByteView m_rest;
};

} // namespace wherry::crypto
