#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/multiaddr.h"
#include "codec/reach.h"
#include "crypto/identity.h"
#include "crypto/peer_id.h"

#include <optional>
#include <string>
#include <vector>

namespace wherry::identify {

/// What one exchange says: the fields of its messages put together. A field that was not sent is empty, which means
/// "unchanged" in a push.
struct Statement {
    std::optional<std::vector<codec::Multiaddr>> listenAddresses;
    std::optional<std::vector<std::string>> protocols;
    std::optional<std::string> agent;
    std::optional<std::string> protocolVersion;
    std::optional<codec::Multiaddr> observed;
    std::optional<uint64_t> recordSeq; ///< of a valid signed record
    std::optional<std::vector<codec::Multiaddr>> recordAddresses;
    Bytes record; ///< the whole of it, as it came
    std::optional<codec::Reach> recordFarthest; ///< see Identified
};

/// Puts the messages of one exchange together: the last scalar wins, lists append (up to kMaxAddresses and
/// kMaxProtocols).
class StatementReader {
  public:
    explicit StatementReader(crypto::PeerId peer) : m_peer(std::move(peer)) {}

    /// One whole message. Malformed, TooLarge; VerificationFailed: a public key or a signed record of somebody else
    /// than the peer. An exchange costs one key and one signature: a second record is Malformed.
    Result<void> add(ByteView message);
    Statement finish() { return std::move(m_statement); }

  private:
    Result<void> checkKey(ByteView publicKey);
    Result<void> addRecord(ByteView envelope);

    crypto::PeerId m_peer;
    Bytes m_key; ///< the peer's, once it has said it
    Statement m_statement;
    bool m_hasRecord = false; ///< it has sent one, good or not
    size_t m_messages = 0;
};

/// What we say about ourselves.
struct OwnStatement {
    std::string agent;
    std::string protocolVersion;
    std::vector<std::string> protocols;
    std::vector<codec::Multiaddr> listenAddresses;
    Bytes signedRecord; ///< empty: none
};
/// The frames of one exchange, each of at most kSplitBytes unless our lists alone are longer. `observed`: how we see
/// the peer.
Bytes encodeStatement(const crypto::Identity& identity, const OwnStatement& own, const codec::Multiaddr& observed);

} // namespace wherry::identify
