#pragma once

#include "bytepipe/noise_cipher.h"
#include "crypto/sha256.h"
#include "crypto/x25519.h"
#include "link/link.h"

namespace wherry::bytepipe {

/// Noise_XX_25519_ChaChaPoly_SHA256 (the Noise Protocol Framework, revision 34): three messages after which both ends
/// know each other's static key and share two cipher keys.
///
///   -> e                 (no secret protects the payload)
///   <- e, ee, s, es
///   -> s, se
///
/// It knows nothing of libp2p: payloads are the caller's, and so is trust in the static key. After a failed read the
/// object is of no more use.
class NoiseHandshake {
  public:
    NoiseHandshake(link::Side side, crypto::X25519KeyPair staticKey, crypto::X25519KeyPair ephemeral,
                   ByteView prologue = {});
    ~NoiseHandshake();

    /// Messages written or read so far.
    int messages() const { return m_messages; }
    bool done() const { return m_messages == 3; }
    /// The next message is ours to write.
    bool ourTurn() const { return !done() && (m_messages % 2 == 0) == (m_side == link::Side::Dialer); }

    /// When ourTurn(). VerificationFailed: the peer's key is of small order.
    Result<Bytes> write(ByteView payload);
    /// When neither ourTurn() nor done(). The payload; Malformed: too short; VerificationFailed.
    Result<Bytes> read(ByteView message);

    /// After the message that carries it has been read.
    const crypto::X25519Public& remoteStatic() const { return m_remoteStatic; }
    /// When done(): binds what follows to this handshake.
    const crypto::Digest& hash() const { return m_hash; }

    struct Ciphers {
        NoiseCipher send;
        NoiseCipher receive;
    };
    /// When done(), once.
    Ciphers split();

  private:
    void mixHash(ByteView data);
    Result<void> mixAgreement(const crypto::X25519KeyPair& ours, const crypto::X25519Public& theirs);
    void sealAndHash(ByteView plain, Bytes& out);
    Result<void> openAndHash(ByteView sealed, Bytes& out);
    Result<void> readEphemeral(ByteView& message);
    Result<void> readStatic(ByteView& message);
    bool dialer() const { return m_side == link::Side::Dialer; }

    const link::Side m_side;
    crypto::X25519KeyPair m_static;
    crypto::X25519KeyPair m_ephemeral;
    crypto::X25519Public m_remoteStatic{};
    crypto::X25519Public m_remoteEphemeral{};
    crypto::Digest m_hash{};
    crypto::Digest m_chainingKey{};
    NoiseCipher m_cipher;
    int m_messages = 0;
};

} // namespace wherry::bytepipe
