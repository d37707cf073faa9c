#include "crypto/certificate_parts.h"

#include "crypto/crypto_limits.h"
#include "crypto/der_reader.h"

namespace wherry::crypto {

namespace {

constexpr uint8_t kDerVersion = 0xa0;    // [0] EXPLICIT
constexpr uint8_t kDerExtensions = 0xa3; // [3] EXPLICIT

Error malformed(const char* what) {
    return makeError(Errc::Malformed, what);
}

struct Extension {
    ByteView oid;
    bool critical = false;
    ByteView value;
};

/// Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
Result<Extension> readExtension(DerReader& list) {
    const auto sequence = list.next(kDerSequence);
    if (!sequence) return malformed("certificate extension is no sequence");
    DerReader fields(sequence->content);
    Extension extension;
    const auto oid = fields.next(kDerOid);
    if (!oid) return malformed("certificate extension without a name");
    extension.oid = oid->content;
    if (const auto critical = fields.next(kDerBoolean)) {
        if (critical->content.size() != 1) return malformed("certificate extension with a bad boolean");
        extension.critical = critical->content[0] != 0;
    }
    const auto value = fields.next(kDerOctetString);
    if (!value || !fields.atEnd()) return malformed("certificate extension without a value");
    extension.value = value->content;
    return extension;
}

/// SignedKey ::= SEQUENCE { publicKey OCTET STRING, signature OCTET STRING }
Result<void> readSignedKey(ByteView value, CertificateParts& parts) {
    DerReader outer(value);
    const auto sequence = outer.next(kDerSequence);
    if (!sequence || !outer.atEnd()) return malformed("libp2p extension is no sequence");
    DerReader fields(sequence->content);
    const auto key = fields.next(kDerOctetString);
    const auto signature = key ? fields.next(kDerOctetString) : std::nullopt;
    if (!signature || !fields.atEnd()) return malformed("libp2p extension is not a key and a signature");
    parts.hostKey = key->content;
    parts.hostSignature = signature->content;
    return {};
}

Result<void> readExtensions(ByteView content, CertificateParts& parts) {
    DerReader outer(content);
    const auto sequence = outer.next(kDerSequence);
    if (!sequence || !outer.atEnd()) return malformed("certificate extensions are no sequence");
    DerReader list(sequence->content);
    bool found = false;
    for (size_t count = 0; !list.atEnd(); ++count) {
        if (count == kMaxCertificateExtensions) return malformed("certificate with more than 32 extensions");
        TRY(const Extension extension, readExtension(list));
        if (!equal(extension.oid, kLibp2pExtensionOid)) {
            if (extension.critical) return malformed("certificate with an unknown critical extension");
            continue;
        }
        if (found) return malformed("certificate with two libp2p extensions");
        found = true;
        TRY_OK(readSignedKey(extension.value, parts));
    }
    if (!found) return malformed("certificate without the libp2p extension");
    return {};
}

/// TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo,
/// [1] issuerUniqueID, [2] subjectUniqueID, [3] extensions }
Result<void> readToBeSigned(ByteView content, ByteView outerAlgorithm, CertificateParts& parts) {
    DerReader fields(content);
    if (!fields.next(kDerVersion)) return malformed("certificate is not of version 3");
    if (!fields.next(kDerInteger)) return malformed("certificate without a serial number");
    const auto algorithm = fields.next(kDerSequence);
    if (!algorithm || !equal(algorithm->whole, outerAlgorithm))
        return malformed("certificate names two signature algorithms");
    for (const char* missing :
         {"certificate without an issuer", "certificate without validity", "certificate without a subject"})
        if (!fields.next(kDerSequence)) return malformed(missing);
    const auto key = fields.next(kDerSequence);
    if (!key) return malformed("certificate without a key");
    parts.subjectPublicKeyInfo = key->whole;
    const auto extensions = fields.next(kDerExtensions);
    if (!extensions || !fields.atEnd()) return malformed("certificate without extensions or with unique ids");
    return readExtensions(extensions->content, parts);
}

} // namespace

Result<CertificateParts> sliceCertificate(ByteView der) {
    DerReader outer(der);
    const auto certificate = outer.next(kDerSequence);
    if (!certificate || !outer.atEnd()) return malformed("certificate is not one DER sequence");
    DerReader fields(certificate->content);
    const auto toBeSigned = fields.next(kDerSequence);
    const auto algorithm = toBeSigned ? fields.next(kDerSequence) : std::nullopt;
    const auto signature = algorithm ? fields.next(kDerBitString) : std::nullopt;
    if (!signature || !fields.atEnd()) return malformed("certificate is not content, algorithm and signature");
    if (signature->content.empty() || signature->content[0] != 0)
        return malformed("certificate signature is not whole bytes");
    CertificateParts parts;
    parts.toBeSigned = toBeSigned->whole;
    parts.signature = signature->content.subspan(1);
    TRY_OK(readToBeSigned(toBeSigned->content, algorithm->whole, parts));
    return parts;
}

} // namespace wherry::crypto
