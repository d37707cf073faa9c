#include "cli/people_json.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

#include <QDateTime>
#include <algorithm>
#include <tuple>

namespace wherry::cli {

namespace {

/// Characters of one line of a text that are shown: a screenful; the JSON form has it whole.
constexpr size_t kMaxShownLine = 2000;
/// Lines of one message of a topic: whoever speaks there cannot push all others off the screen at once.
constexpr size_t kMaxMessageLines = 50;
constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;

uint64_t milliseconds(api::UnixTime time) {
    return static_cast<uint64_t>(std::max<int64_t>(time.nanoseconds / kNanosecondsPerMillisecond, 0));
}

/// The next line of `rest`, safe to show.
std::string takeLine(std::string_view& rest) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return api::displayText(line, kMaxShownLine);
}

std::string quoted(std::string_view text) {
    return "'" + api::displayText(text) + "'";
}

JsonLine toJson(const api::PeerView& peer) {
    const api::KnownPeer& known = peer.known;
    std::vector<std::string> addresses;
    for (const auto& address : known.addresses) addresses.push_back(address.text());
    JsonLine line;
    line.text("peerId", known.peer.text())
        .text("alias", known.alias)
        .text("trust", api::trustName(known.trust))
        .text("claimedAlias", known.claims.alias)
        .flag("claimsAnothersName", peer.claimsAnothersName)
        .text("deviceKind", api::deviceKindName(known.claims.kind))
        .text("policy", known.claims.policy)
        .count("lastSeen", milliseconds(known.lastSeen))
        .flag("nearby", peer.nearby)
        .flag("connected", peer.connection.has_value())
        .flag("here", peer.presence && peer.presence->here)
        .count("heard", peer.presence ? milliseconds(peer.presence->at) : 0)
        .texts("addresses", addresses);
    if (!peer.connection) return line;
    return line.text("path", pathKindName(peer.connection->kind))
        .text("address", peer.connection->address.text())
        .decimal("rttMs", std::chrono::duration<double, std::milli>(peer.connection->roundTrip).count());
}

/// "3 min ago"
std::string agoText(api::UnixTime when) {
    const qint64 seconds = QDateTime::currentSecsSinceEpoch() - when.seconds();
    return seconds < 60 ? "just now" : durationText(static_cast<double>(seconds)) + " ago";
}

std::string presence(const api::PeerView& peer) {
    if (peer.connection) return "connected (" + std::string(pathKindName(peer.connection->kind)) + ")";
    if (peer.nearby) return "nearby";
    const api::UnixTime heard = peer.presence ? peer.presence->at : api::UnixTime();
    if (peer.presence && peer.presence->here) return "here, as it said " + agoText(heard);
    if (heard > peer.known.lastSeen) return "gone, heard " + agoText(heard);
    if (peer.known.lastSeen == api::UnixTime()) return "never met";
    const auto seen = QDateTime::fromSecsSinceEpoch(peer.known.lastSeen.seconds());
    return "seen " + seen.toString(QStringLiteral("yyyy-MM-dd HH:mm")).toStdString();
}

} // namespace

JsonLine toJson(const api::PeersListed& event) {
    std::vector<JsonLine> peers;
    for (const api::PeerView& peer : event.peers) peers.push_back(toJson(peer));
    return JsonLine("peers").objects("peers", peers);
}

JsonLine toJson(const api::TextReceived& event) {
    return JsonLine("text")
        .text("peer", event.text.peer.text())
        .text("id", api::toHex(event.text.message))
        .text("text", event.text.text)
        .count("sentAt", milliseconds(event.text.sentAt))
        .count("receivedAt", milliseconds(event.text.receivedAt))
        .flag("stranger", event.text.stranger);
}

JsonLine toJson(const api::TextSent& event) {
    return JsonLine("sent").text("peer", event.peer.text()).text("id", api::toHex(event.message));
}

std::string peerLine(const api::PeerView& peer) {
    const api::KnownPeer& known = peer.known;
    std::string line = known.peer.text() + "  ";
    if (!known.alias.empty()) line += api::displayText(known.alias) + ", ";
    if (!known.claims.alias.empty() && known.claims.alias != known.alias)
        line += "calls itself " + quoted(known.claims.alias) + ", ";
    if (peer.claimsAnothersName) line += "WHICH IS THE NAME OF ANOTHER DEVICE, ";
    if (known.trust != api::Trust::Unknown) line += std::string(api::trustName(known.trust)) + ", ";
    if (known.claims.kind != api::DeviceKind::Unknown)
        line += "says it is a " + std::string(api::deviceKindName(known.claims.kind)) + ", ";
    if (!known.claims.policy.empty()) line += "says " + quoted(known.claims.policy) + ", ";
    return line + presence(peer);
}

std::string textLines(const api::TextReceived& event, const PeerNames& names) {
    std::string lines =
        "Text from " + names.of(event.text.peer) + (event.text.stranger ? ", a device that you do not know:" : ":");
    std::string_view rest = event.text.text;
    while (!rest.empty()) lines += "\n  " + takeLine(rest);
    return lines;
}

std::string messageLines(const std::string& text, const std::string& author) {
    std::string_view rest = text;
    std::string lines = author + ": " + takeLine(rest);
    for (size_t shown = 1; !rest.empty() && shown < kMaxMessageLines; ++shown) lines += "\n  " + takeLine(rest);
    if (const auto left = std::ranges::count(rest, '\n') + (rest.ends_with('\n') || rest.empty() ? 0 : 1); left > 0)
        lines += "\n  ... and " + countText(static_cast<uint64_t>(left), "more line");
    return lines;
}

std::string foundRemark(const api::TargetFound& event) {
    if (event.by != api::FoundBy::Claim) return {};
    return "By this name, its own, goes " + event.peer.text() +
           ". Anybody can take a name; give the device one of yours with `wherry peers alias`.";
}

} // namespace wherry::cli
