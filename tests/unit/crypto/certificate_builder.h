#pragma once

#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "unit/crypto/der_builder.h"
#include "unit/crypto/signing_key.h"

#include <functional>
#include <string>
#include <vector>

namespace wherry::test {

/// Builds libp2p certificates with anything wrong that a test asks for. As it stands it makes a good one.
struct CertificateBuilder {
    const SigningKey& key;
    Bytes hostKey; ///< PublicKey message
    std::function<Bytes(ByteView)> signAsHost;

    gnutls_sign_algorithm_t signatureKind = GNUTLS_SIGN_ECDSA_SHA256;
    Bytes algorithm = fromHex("300a06082a8648ce3d040302"); ///< ecdsa-with-SHA256
    Bytes innerAlgorithm = algorithm;
    Bytes version = fromHex("a003020102");
    std::string notBefore = "20260101000000Z"; ///< GeneralizedTime
    std::string notAfter = "40960101000000Z";
    Bytes spki = key.subjectPublicKeyInfo();
    std::vector<Bytes> extraExtensions; ///< behind the libp2p extension
    Bytes extraFields;                  ///< between key and extensions: unique ids
    bool withLibp2pExtension = true;
    bool criticalLibp2pExtension = false;
    std::string signedPrefix = "libp2p-tls-handshake:";
    Bytes trailing;

    CertificateBuilder(const SigningKey& certificateKey, const crypto::Identity& host)
        : key(certificateKey),
          hostKey(crypto::PublicKey::ofEd25519(host.publicKey()).encode()),
          signAsHost([&host](ByteView text) {
              const auto signature = host.sign(text);
              return Bytes(signature.begin(), signature.end());
          }) {}

    static Bytes extension(const std::string& oidHex, bool critical, ByteView value) {
        const Bytes oid = der(0x06, {fromHex(oidHex)});
        const Bytes flag = critical ? fromHex("0101ff") : Bytes();
        const Bytes content = der(0x04, {value});
        return der(0x30, {oid, flag, content});
    }
    Bytes libp2pExtension() const {
        Bytes text = toBytes(asBytes(signedPrefix));
        append(text, spki);
        const Bytes publicKey = der(0x04, {hostKey});
        const Bytes signature = der(0x04, {signAsHost(text)});
        return extension("2b0601040183a25a0101", criticalLibp2pExtension, der(0x30, {publicKey, signature}));
    }
    Bytes toBeSigned() const {
        Bytes extensions = withLibp2pExtension ? libp2pExtension() : Bytes();
        for (const Bytes& extra : extraExtensions) append(extensions, extra);
        const Bytes serial = derInteger({0x01, 0x02});
        const Bytes name = der(0x30, {});
        const Bytes from = der(0x18, {asBytes(notBefore)});
        const Bytes until = der(0x18, {asBytes(notAfter)});
        const Bytes validity = der(0x30, {from, until});
        const Bytes list = extensions.empty() ? Bytes() : der(0xa3, {der(0x30, {extensions})});
        return der(0x30, {version, serial, innerAlgorithm, name, validity, name, spki, extraFields, list});
    }
    Bytes build() const {
        const Bytes content = toBeSigned();
        const Bytes unusedBits{0x00};
        const Bytes signature = der(0x03, {unusedBits, key.sign(signatureKind, content)});
        Bytes out = der(0x30, {content, algorithm, signature});
        append(out, trailing);
        return out;
    }
};

} // namespace wherry::test
