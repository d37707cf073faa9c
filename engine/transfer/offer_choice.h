#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/sha256.h"
#include "transfer/manifest.h"
#include "transfer/transfer_types.h"

#include <string>
#include <vector>

namespace wherry::transfer {

/// What a person has chosen for one offer alone, in the store (Space::Choices) so that every further attempt of the
/// same offer lands there too, also after a crash:
///
///   Choices  record key of the offer for the download folder (resume_state.h) -> OfferChoice
///
/// The record and the parts are those of the chosen folder.
struct OfferChoice {
    struct Name {
        uint32_t entry = 0;
        std::string path; ///< of the entry in the offer: of another manifest it may be something else
        std::string name;
        bool operator==(const Name&) const = default;
    };

    crypto::Digest manifest{};  ///< that it was chosen for
    int64_t touchedSeconds = 0; ///< wall time of the last attempt
    std::string folder;         ///< absolute
    Conflict conflict = Conflict::Rename;
    std::vector<Name> names;
    bool operator==(const OfferChoice&) const = default;

    static OfferChoice of(const OfferPlace& place, const Manifest& manifest);
    /// Nobody has come back for it within the lifetime of a record.
    bool isExpired(UnixTime now) const;
    /// The names of those entries that the manifest has too.
    std::vector<OfferName> namesIn(const Manifest& manifest) const;
};

Bytes encodeChoice(const OfferChoice& choice);
/// Malformed: the store is damaged.
Result<OfferChoice> decodeChoice(ByteView value);

} // namespace wherry::transfer
