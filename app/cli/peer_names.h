#pragma once

#include "api/display_text.h"
#include "api/types.h"
#include "cli/json_line.h"

#include <map>
#include <string>

namespace wherry::cli {

/// What the person calls devices, for every line that names one. What they call themselves is not among it: anybody can
/// take a name.
class PeerNames {
  public:
    /// As the book has it now.
    void learn(const api::KnownPeer& known);
    /// "laptop", neutralised, or "peer …Xy12Ab" for one without a name of the person's.
    /// At most `maxLength` characters of the name.
    std::string of(const api::PeerId& peer, size_t maxLength = kMaxDisplayText) const;
    /// `line` with the person's own name beside the key, if there is one.
    JsonLine& addTo(JsonLine& line, const api::PeerId& peer) const;

  private:
    std::map<api::PeerId, std::string> m_aliases;
};

/// "peer …Xy12Ab": the short form of a peer id, for people.
std::string shortPeer(const api::PeerId& peer);

} // namespace wherry::cli
