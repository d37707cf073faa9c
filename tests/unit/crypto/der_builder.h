#pragma once

#include "base/bytes.h"

#include <initializer_list>

/// Writes DER by hand, so that tests can make what no library would.
namespace wherry::test {

inline Bytes der(uint8_t tag, std::initializer_list<ByteView> content) {
    Bytes inner;
    for (const ByteView part : content) append(inner, part);
    Bytes out{tag};
    if (inner.size() < 0x80) {
        out.push_back(static_cast<uint8_t>(inner.size()));
    } else if (inner.size() < 0x100) {
        out.insert(out.end(), {0x81, static_cast<uint8_t>(inner.size())});
    } else {
        out.insert(out.end(), {0x82, static_cast<uint8_t>(inner.size() >> 8), static_cast<uint8_t>(inner.size())});
    }
    append(out, inner);
    return out;
}

inline Bytes derInteger(Bytes bigEndian) {
    if (bigEndian.empty() || (bigEndian[0] & 0x80)) bigEndian.insert(bigEndian.begin(), 0);
    return der(0x02, {bigEndian});
}

/// SubjectPublicKeyInfo of an RSA key that nobody can sign with: an odd number of `bits` bits and this exponent.
inline Bytes rsaSubjectPublicKeyInfo(size_t bits, const Bytes& exponent = {0x01, 0x00, 0x01}) {
    Bytes modulus((bits + 7) / 8, 0xa5);
    modulus[0] = static_cast<uint8_t>(1u << ((bits - 1) % 8));
    const Bytes key = der(0x30, {derInteger(modulus), derInteger(exponent)});
    const Bytes algorithm = fromHex("300d06092a864886f70d0101010500");
    const Bytes zero{0x00};
    const Bytes bitString = der(0x03, {zero, key});
    return der(0x30, {algorithm, bitString});
}

/// A PublicKey message around `data`.
inline Bytes publicKeyMessage(uint8_t type, ByteView data) {
    Bytes out{0x08, type, 0x12};
    if (data.size() >= 0x80) out.push_back(static_cast<uint8_t>(data.size() | 0x80));
    out.push_back(static_cast<uint8_t>(data.size() < 0x80 ? data.size() : data.size() >> 7));
    append(out, data);
    return out;
}

} // namespace wherry::test
