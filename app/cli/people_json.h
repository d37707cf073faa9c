#pragma once

#include "api/types.h"
#include "cli/json_line.h"
#include "cli/peer_names.h"

#include <string>

/// Peers and texts as JSON objects (CLI.md: names and fields are an interface) and as lines for people. What peers have
/// written is neutralised in the latter.
namespace wherry::cli {

JsonLine toJson(const api::PeersListed& event);
JsonLine toJson(const api::TextReceived& event);
JsonLine toJson(const api::TextSent& event);

/// "12D3Koo...  Anna (calls itself 'laptop'), trusted, laptop, connected (lan)".
std::string peerLine(const api::PeerView& peer);
/// Each line of the text on a line of its own, indented, below who has sent it.
std::string textLines(const api::TextReceived& event, const PeerNames& names);
/// A message of a topic: one line, those behind its first indented below, so that none is taken for somebody else's.
std::string messageLines(const std::string& text, const std::string& author);
/// What a person should know about the peer that a name was found to mean; empty when there is nothing.
std::string foundRemark(const api::TargetFound& event);

} // namespace wherry::cli
