#include "transfer/offer_choice.h"

#include "transfer/machine_limits.h"
#include "transfer/record_bytes.h"
#include "transfer/resume_state.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

constexpr uint8_t kChoiceVersion = 1;

} // namespace

OfferChoice OfferChoice::of(const OfferPlace& place, const Manifest& manifest) {
    OfferChoice choice;
    choice.manifest = manifestDigest(manifest);
    choice.folder = place.folder;
    choice.conflict = place.conflict;
    for (const OfferName& one : place.names) choice.names.push_back({one.entry, manifest.path(one.entry), one.name});
    return choice;
}

bool OfferChoice::isExpired(UnixTime now) const {
    return now.seconds() - touchedSeconds >= kRecordLifetimeSeconds;
}

std::vector<OfferName> OfferChoice::namesIn(const Manifest& other) const {
    std::vector<OfferName> found;
    for (const Name& one : names)
        if (one.entry < other.count() && other.path(one.entry) == one.path) found.push_back({one.entry, one.name});
    return found;
}

Bytes encodeChoice(const OfferChoice& choice) {
    Bytes out{kChoiceVersion};
    append(out, choice.manifest);
    appendNumber<uint64_t>(out, static_cast<uint64_t>(choice.touchedSeconds));
    appendText(out, choice.folder);
    out.push_back(static_cast<uint8_t>(choice.conflict));
    appendNumber<uint32_t>(out, static_cast<uint32_t>(choice.names.size()));
    for (const OfferChoice::Name& one : choice.names) {
        appendNumber<uint32_t>(out, one.entry);
        appendText(out, one.path);
        appendText(out, one.name);
    }
    return out;
}

Result<OfferChoice> decodeChoice(ByteView value) {
    RecordReader in(value);
    TRY(const uint8_t version, in.number<uint8_t>());
    if (version != kChoiceVersion) return makeError(Errc::Unsupported, "a choice about an offer");
    OfferChoice choice;
    TRY(const ByteView manifest, in.bytes(choice.manifest.size()));
    std::copy(manifest.begin(), manifest.end(), choice.manifest.begin());
    TRY(const uint64_t touched, in.number<uint64_t>());
    choice.touchedSeconds = static_cast<int64_t>(touched);
    TRY(choice.folder, in.text());
    TRY(const uint8_t conflict, in.number<uint8_t>());
    if (conflict > static_cast<uint8_t>(Conflict::Fail)) return makeError(Errc::Malformed, "a choice about an offer");
    choice.conflict = static_cast<Conflict>(conflict);
    TRY(const uint32_t count, in.number<uint32_t>());
    for (uint32_t i = 0; i < count; ++i) {
        OfferChoice::Name one;
        TRY(one.entry, in.number<uint32_t>());
        TRY(one.path, in.text());
        TRY(one.name, in.text());
        choice.names.push_back(std::move(one));
    }
    if (!in.atEnd()) return makeError(Errc::Malformed, "a choice about an offer");
    return choice;
}

} // namespace wherry::transfer
