#pragma once

#include "base/result.h"
#include "base/time.h"
#include "crypto/peer_id.h"
#include "kad/message.h"

#include <memory>

namespace wherry::kad {

/// A record that may be kept: on the wire it stays as it came.
struct ValidRecord {
    Record record;
    crypto::PeerId publisher; ///< empty where the network has none
    uint64_t version = 0;
    UnixTime expires;
    UnixTime validity{}; ///< where a publisher may say one version twice, until when it is good; else the epoch
    Bytes content{};     ///< on ours what was signed; elsewhere empty, the record's value is what counts
    bool own = false;    ///< its key is one of this publisher alone (ownKey)
};

/// Of two records of one key, whether `a` counts: that of whose key it is, then the higher version, then the greater
/// publisher, then the longer validity, so that all peers choose alike.
bool isBetter(const ValidRecord& a, const ValidRecord& b);

/// What a network demands of its records (libp2p/specs kad-dht, "Entry validation").
class Validator {
  public:
    virtual ~Validator() = default;
    /// `workBits`: what the receiver asks for; 0 for what somebody else keeps. Errors are the record's.
    virtual Result<ValidRecord> validate(const Record& record, unsigned workBits, Now now) const = 0;
};

/// /ipfs/kad/1.0.0: "/pk/" and a peer id's multihash, whose value is the public key with that id (libp2p/specs kad-dht,
/// "Entry validation"; go-libp2p-record); "/ipns/" and such a multihash, whose value that key has signed
/// (ipns_record.h). Unsupported: every other namespace, as js and go refuse what they cannot check.
class IpfsValidator final : public Validator {
  public:
    Result<ValidRecord> validate(const Record& record, unsigned workBits, Now now) const override;
};

/// /wherry/kad/1.0.0: a key of 32 bytes, a signed record with its work (openRecord). What is not signed is refused.
class OwnValidator final : public Validator {
  public:
    Result<ValidRecord> validate(const Record& record, unsigned workBits, Now now) const override;
};

} // namespace wherry::kad
