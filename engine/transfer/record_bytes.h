#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <string>

/// How what the store keeps of transfers is written: numbers in big endian, texts behind their length (u16).
namespace wherry::transfer {

template <typename Unsigned> void appendNumber(Bytes& out, Unsigned value) {
    uint8_t raw[sizeof(Unsigned)];
    putBigEndian<Unsigned>(raw, value);
    append(out, raw);
}

inline void appendText(Bytes& out, const std::string& text) {
    appendNumber<uint16_t>(out, static_cast<uint16_t>(text.size()));
    append(out, asBytes(text));
}

/// Reads a record; the store may be damaged, so nothing is believed.
class RecordReader {
  public:
    explicit RecordReader(ByteView in) : m_in(in) {}
    template <typename Unsigned> Result<Unsigned> number() {
        if (m_in.size() < sizeof(Unsigned)) return makeError(Errc::Malformed, "a record of transfers");
        const Unsigned value = getBigEndian<Unsigned>(m_in);
        m_in = m_in.subspan(sizeof(Unsigned));
        return value;
    }
    Result<ByteView> bytes(size_t count) {
        if (m_in.size() < count) return makeError(Errc::Malformed, "a record of transfers");
        const ByteView out = m_in.first(count);
        m_in = m_in.subspan(count);
        return out;
    }
    Result<std::string> text() {
        TRY(const uint16_t length, number<uint16_t>());
        TRY(const ByteView raw, bytes(length));
        return std::string(asText(raw));
    }
    bool atEnd() const { return m_in.empty(); }

  private:
    ByteView m_in;
};

} // namespace wherry::transfer
