#include "transfer/incoming_offer.h"

#include "transfer/entry_name.h"
#include "transfer/machine_limits.h"
#include "transfer/offer_summary.h"
#include "transfer/violation.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Entries that the event of an offer names when nobody is asked.
constexpr uint32_t kEntriesTold = 1000;

} // namespace

bool PendingBytes::grow(const crypto::PeerId& peer, size_t bytes, size_t perPeer, size_t inAll) {
    m_inAll += bytes;
    size_t& ofPeer = m_ofPeer[peer];
    ofPeer += bytes;
    return ofPeer <= perPeer && m_inAll <= inAll;
}

void PendingBytes::release(const crypto::PeerId& peer, size_t bytes) {
    if (bytes == 0) return;
    m_inAll -= bytes;
    const auto found = m_ofPeer.find(peer);
    if ((found->second -= bytes) == 0) m_ofPeer.erase(found);
}

Result<void> IncomingOffer::onOffer(const wire::Offer& offer) {
    if (m_reader) return violation("a second Offer");
    if (offer.offer_key().size() != kOfferKeySize) return violation("an offer key of the wrong length");
    m_key = toBytes(asBytes(offer.offer_key()));
    m_hearsHold = offer.hears_hold();
    if (!offer.fetch().empty()) {
        FetchToken& token = m_fetch.emplace();
        if (offer.fetch().size() != token.size()) return violation("a fetch token of the wrong length");
        std::copy(offer.fetch().begin(), offer.fetch().end(), token.begin());
    }
    TRY(ManifestReader reader, ManifestReader::begin(offer.entry_count(), offer.total_bytes(), m_spills));
    m_reader.emplace(std::move(reader));
    return {};
}

Result<void> IncomingOffer::onPage(const wire::ManifestPage& page) {
    if (!m_reader) return violation("a manifest page before the Offer");
    TRY_OK(m_reader->addPage(page));
    m_pending.manifests.release(m_peer, m_manifestBytes);
    m_manifestBytes = m_reader->heldBytes();
    if (!m_pending.manifests.grow(m_peer, m_manifestBytes, kMaxPendingManifestBytesPerPeer, kMaxPendingManifestBytes))
        return makeError(Errc::LimitReached, "too many unanswered offers");
    return {};
}

Result<void> IncomingOffer::onEnd() {
    if (!m_reader) return violation("the end of no manifest");
    TRY(Manifest manifest, m_reader->finish());
    m_manifest.emplace(std::move(manifest));
    m_reader.reset();
    m_label = labelOf(*m_manifest);
    return {};
}

Result<OfferMade> IncomingOffer::shown(TransferId transfer, bool needsAnswer) {
    OfferMade offer = offerMade(transfer, m_peer, *m_manifest);
    offer.incoming = true;
    offer.needsAnswer = needsAnswer;
    const uint32_t told = needsAnswer ? m_manifest->count() : std::min(m_manifest->count(), kEntriesTold);
    offer.entries.reserve(told);
    for (uint32_t i = 0; i < told; ++i) {
        std::string path = m_manifest->path(i);
        std::string warning(destinationWarning(path));
        const size_t bytes = sizeof(OfferEntry) + path.size() + warning.size();
        m_shownBytes += bytes;
        if (!m_pending.shown.grow(m_peer, bytes, kMaxShownBytesPerPeer, kMaxShownBytes))
            return makeError(Errc::LimitReached, "too much to be shown to a person");
        offer.entries.push_back(
            {std::move(path), m_manifest->isFolder(i), m_manifest->fileSize(i), std::move(warning)});
    }
    for (const uint32_t entry : m_names.renamed) {
        if (!needsAnswer && offer.renames.size() >= kEntriesTold) break;
        OfferRename rename{m_manifest->path(entry), *m_names.names.find(entry)};
        const size_t bytes = sizeof(OfferRename) + rename.path.size() + rename.landsAs.size();
        m_shownBytes += bytes;
        if (!m_pending.shown.grow(m_peer, bytes, kMaxShownBytesPerPeer, kMaxShownBytes))
            return makeError(Errc::LimitReached, "too much to be shown to a person");
        offer.renames.push_back(std::move(rename));
    }
    return offer;
}

void IncomingOffer::release() {
    m_pending.manifests.release(m_peer, std::exchange(m_manifestBytes, 0));
    m_pending.shown.release(m_peer, std::exchange(m_shownBytes, 0));
}

} // namespace wherry::transfer
