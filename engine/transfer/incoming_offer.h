#pragma once

#include "crypto/peer_id.h"
#include "transfer/manifest.h"
#include "transfer/transfer_types.h"
#include "transfer/volume_names.h"
#include "wire/transfer.pb.h"

#include <map>
#include <optional>

namespace wherry::transfer {

/// Bytes that offers hold that nobody has accepted yet, of all peers and of each.
class PendingBytes {
  public:
    /// False: over a bound; it counts all the same until it is released.
    bool grow(const crypto::PeerId& peer, size_t bytes, size_t perPeer, size_t inAll);
    void release(const crypto::PeerId& peer, size_t bytes);

  private:
    size_t m_inAll = 0;
    std::map<crypto::PeerId, size_t> m_ofPeer;
};

/// What all offers of a node hold that wait for an answer.
struct PendingOffers {
    PendingBytes manifests;
    PendingBytes shown; ///< the entries as somebody is asked about them
};

/// One offer on its way in: Offer, manifest pages, end; checked page by page. Invariant: what it holds is counted in
/// PendingOffers until release().
class IncomingOffer {
  public:
    IncomingOffer(PendingOffers& pending, const crypto::PeerId& peer, const SpillMaker& spills)
        : m_pending(pending),
          m_peer(peer),
          m_spills(spills) {}
    ~IncomingOffer() { release(); }
    IncomingOffer(const IncomingOffer&) = delete;
    IncomingOffer& operator=(const IncomingOffer&) = delete;

    /// Errors of all three are those of ManifestReader and ProtocolViolation; LimitReached: offers hold too much.
    Result<void> onOffer(const wire::Offer& offer);
    Result<void> onPage(const wire::ManifestPage& page);
    Result<void> onEnd();
    bool complete() const { return m_manifest.has_value(); }
    /// Whom the sender says it answers; known from the first message on.
    const std::optional<FetchToken>& fetch() const { return m_fetch; }
    /// The sender understands Hold; known from the first message on.
    bool hearsHold() const { return m_hearsHold; }

    // Only when complete.
    const Manifest& manifest() const { return *m_manifest; }
    const Bytes& key() const { return m_key; }
    /// The root names; empty before the end.
    const std::string& label() const { return m_label; }

    /// What the volume that it would land on does to names; before shown().
    void setVolume(const NameTraits& traits) { setNames(volumeNames(*m_manifest, traits)); }
    /// The same, with names that the person has chosen.
    void setNames(VolumeNames names) { m_names = std::move(names); }
    const LandedNames& names() const { return m_names.names; }
    /// The offer as somebody is asked about it, with all entries and renames or the first kEntriesTold. LimitReached:
    /// the entries are more than what waits for answers may hold.
    Result<OfferMade> shown(TransferId transfer, bool needsAnswer);
    /// It does not wait any more.
    void release();

  private:
    PendingOffers& m_pending;
    crypto::PeerId m_peer;
    const SpillMaker& m_spills;
    Bytes m_key;
    std::optional<FetchToken> m_fetch;
    bool m_hearsHold = false;
    std::string m_label;
    std::optional<ManifestReader> m_reader;
    std::optional<Manifest> m_manifest;
    VolumeNames m_names;
    size_t m_manifestBytes = 0; ///< counted in m_pending
    size_t m_shownBytes = 0;
};

} // namespace wherry::transfer
