#include "transfer/offer_summary.h"

#include "base/display_text.h"
#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

/// Roots named in the Offer for a first impression; the manifest names them all.
constexpr int kMaxOfferRoots = 16;

} // namespace

crypto::Digest offerKeyOf(std::vector<std::string> canonicalPaths) {
    std::sort(canonicalPaths.begin(), canonicalPaths.end());
    Bytes text = toBytes(asBytes("wherry-offer"));
    for (const std::string& path : canonicalPaths) {
        uint8_t length[4];
        putBigEndian<uint32_t>(length, static_cast<uint32_t>(path.size()));
        append(text, length);
        append(text, asBytes(path));
    }
    return crypto::sha256(text);
}

std::string labelOf(const Manifest& manifest) {
    std::string label;
    for (const uint32_t root : manifest.roots()) {
        if (label.size() > kMaxReason) return label + ", ...";
        label.append(label.empty() ? "" : ", ").append(manifest.entry(root).name);
    }
    return label;
}

wire::Offer offerMessage(const Manifest& manifest, const crypto::Digest& key, const std::optional<FetchToken>& fetch) {
    wire::Offer offer;
    offer.set_offer_key(key.data(), key.size());
    offer.set_entry_count(manifest.count());
    offer.set_total_bytes(manifest.totalBytes());
    offer.set_hears_hold(true);
    if (fetch) offer.set_fetch(fetch->data(), fetch->size());
    for (const uint32_t root : manifest.roots()) {
        if (offer.roots_size() == kMaxOfferRoots) break;
        offer.add_roots(displayText(manifest.entry(root).name));
    }
    return offer;
}

OfferMade offerMade(TransferId transfer, const crypto::PeerId& peer, const Manifest& manifest) {
    OfferMade offer;
    offer.transfer = transfer;
    offer.peer = peer;
    offer.label = labelOf(manifest);
    offer.bytesTotal = manifest.totalBytes();
    offer.filesTotal = manifest.fileCount();
    offer.foldersTotal = manifest.folderCount();
    return offer;
}

} // namespace wherry::transfer
