#include "cli/query_commands.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

#include <utility>

namespace wherry::cli {

namespace {

/// A warning names a path of this system and says what to do.
constexpr size_t kMaxWarningText = 2048;

double inSeconds(api::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// The relay of the path; empty: it is direct.
std::string relayOf(const api::ConnectionInfo& connection) {
    return connection.relay ? connection.relay->text() : std::string();
}

JsonLine toJson(const api::ConnectionInfo& connection) {
    JsonLine line;
    line.text("peer", connection.peer.text())
        .text("kind", pathKindName(connection.kind))
        .text("relay", relayOf(connection))
        .text("address", connection.address.text())
        .decimal("rttMs", inSeconds(connection.roundTrip) * 1000)
        .count("bytesSent", connection.bytesSent)
        .count("bytesReceived", connection.bytesReceived)
        .text("reason", pathReasonName(connection.reason))
        .text("whyRelayed", connection.whyRelayed);
    return line;
}

constexpr std::string_view kVerdicts[] = {"unknown", "reachable", "unreachable"};

std::string verdictText(api::Verdict verdict) {
    return std::string(kVerdicts[static_cast<size_t>(verdict)]);
}

JsonLine toJson(const api::Evidence& evidence) {
    return JsonLine()
        .text("peer", evidence.peer.text())
        .count("version", evidence.version == api::Version::V2 ? 2 : 1)
        .flag("reachable", evidence.reachable)
        .count("at", static_cast<uint64_t>(std::max<int64_t>(evidence.at.nanoseconds / 1'000'000'000, 0)));
}

JsonLine toJson(const api::AddressFact& fact) {
    std::vector<JsonLine> evidence;
    for (const auto& one : fact.evidence) evidence.push_back(toJson(one));
    return JsonLine()
        .text("address", fact.address.text())
        .text("verdict", verdictText(fact.verdict))
        .objects("evidence", evidence);
}

JsonLine toJson(const api::NetworkFact& fact) {
    std::vector<JsonLine> clues;
    for (const auto& one : fact.clues)
        clues.push_back(JsonLine().text("peer", one.peer.text()).text("address", one.address.text()));
    return JsonLine()
        .text("subject", api::subjectName(fact.subject))
        .text("finding", api::findingName(fact.finding))
        .objects("clues", clues);
}

JsonLine toJson(const api::HeldReservation& held) {
    std::vector<std::string> addresses;
    for (const auto& address : held.addresses) addresses.push_back(address.text());
    return JsonLine()
        .text("relay", held.relay.text())
        .texts("addresses", addresses)
        .decimal("secondsLeft", inSeconds(held.left))
        .count("maxBytes", held.maxBytes);
}

JsonLine toJson(const api::DhtFigures& dht) {
    return JsonLine()
        .text("protocol", dht.protocol)
        .flag("server", dht.server)
        .count("servers", dht.servers)
        .count("lookups", dht.lookups)
        .count("values", dht.values)
        .count("providers", dht.providers);
}

JsonLine toJson(const api::StatusReport& report, const std::string& host) {
    std::vector<JsonLine> dht;
    for (const auto& network : report.dht) dht.push_back(toJson(network));
    std::vector<JsonLine> relays;
    for (const auto& held : report.relays) relays.push_back(toJson(held));
    const api::RelayService& service = report.relayService;
    std::vector<std::string> listen;
    for (const auto& address : report.listen) listen.push_back(address.text());
    std::vector<JsonLine> connections;
    for (const auto& connection : report.connections) connections.push_back(toJson(connection));
    std::vector<JsonLine> outside;
    for (const auto& fact : report.outside) outside.push_back(toJson(fact));
    std::vector<JsonLine> network;
    for (const auto& fact : report.network) network.push_back(toJson(fact));
    return JsonLine("status")
        .text("peerId", report.self.text())
        .text("program", host)
        .decimal("uptime", inSeconds(report.uptime))
        .texts("listen", listen)
        .flag("receives", report.receive.enabled)
        .bytes("folder", report.receive.folder)
        .flag("metered", report.metered)
        .count("transfers", report.transfers)
        .count("connectionsTotal", report.connectionsTotal)
        .count("connectionsMax", report.connectionsMax)
        .count("topics", report.gossip.topics)
        .count("gossipPeers", report.gossip.peers)
        .count("gossipReceived", report.gossip.received)
        .count("gossipDelivered", report.gossip.delivered)
        .count("gossipForwarded", report.gossip.forwarded)
        .count("gossipDropped", report.gossip.dropped)
        .count("gossipRejected", report.gossip.rejected)
        .count("gaveWay", report.crowding.gaveWay)
        .text("crowdedFrom", report.crowding.address)
        .objects("connections", connections)
        .text("reachable", verdictText(report.reachable))
        .objects("outside", outside)
        .objects("network", network)
        .objects("relays", relays)
        .flag("relayServes", service.serving)
        .count("relayReservations", service.reservations)
        .count("relayCircuits", service.circuits)
        .count("relayCircuitsServed", service.circuitsServed)
        .count("relayBytes", service.bytes)
        .objects("dht", dht)
        .flag("quiet", report.quiet)
        .texts("warnings", report.warnings);
}

std::string reachableText(api::Verdict verdict) {
    switch (verdict) {
    case api::Verdict::Reachable:
        return "this device can be reached";
    case api::Verdict::Unreachable:
        return "this device cannot be reached; it can reach others";
    case api::Verdict::Unknown:
        break;
    }
    return "not known whether this device can be reached";
}

/// What those are told whose connection is gone, or does not come about; empty: there was room for everybody.
std::string crowdText(const api::Crowding& crowding) {
    if (crowding.gaveWay == 0 && crowding.address.empty()) return {};
    return countText(crowding.gaveWay, "stranger") + " made room for others" +
           (crowding.address.empty() ? std::string()
                                     : ": at most " + std::to_string(crowding.perAddress) +
                                           " come from one address, last met by " + crowding.address);
}

/// "2, 5 peers, 12 messages heard, 40 passed on".
std::string topicsText(const api::GossipFigures& gossip) {
    return std::to_string(gossip.topics) + ", " + countText(gossip.peers, "peer") + ", " +
           countText(gossip.delivered, "message") + " heard, " + std::to_string(gossip.forwarded) + " sent on";
}

/// "client of /wherry/kad/1.0.0, 12 servers known"
std::string dhtText(const api::DhtFigures& dht) {
    std::string text = (dht.server ? "server of " : "client of ") + dht.protocol + ", " +
                       countText(dht.servers, dht.server ? "other server" : "server") + " known";
    if (dht.server)
        text += ", " + countText(dht.values, "value") + " and " + countText(dht.providers, "provider") +
                " kept for others";
    return text;
}

/// "/ip4/.../quic-v1  reachable, says 12D3Koo..abc": on whose word.
std::string factText(const api::AddressFact& fact) {
    std::string text = fact.address.text() + "  " + verdictText(fact.verdict);
    for (const auto& one : fact.evidence)
        text +=
            std::string(&one == &fact.evidence.front() ? ": " : ", ") + one.peer.shortText() +
            (one.reachable ? (one.version == api::Version::V2 ? " has connected" : " says yes") : " could not connect");
    return text;
}

constexpr std::string_view kSubjects[] = {"NAT v4", "NAT v6", "Incoming v4", "Incoming v6", "UDP", "Multicast"};

std::string_view findingText(const api::NetworkFact& fact) {
    switch (fact.finding) {
    case api::Finding::Untranslated:
        return "none: others see our own addresses";
    case api::Finding::PrefixTranslated:
        return "the router puts another prefix before our addresses (NPTv6)";
    case api::Finding::EndpointIndependent:
        return "the router keeps one outer port for everybody: others can be let in";
    case api::Finding::EndpointDependent:
        return "the router gives every destination another port: many are reached through a relay only";
    case api::Finding::Open:
        return "others get in";
    case api::Finding::Filtered:
        return "what was not begun here is dropped";
    case api::Finding::Passes:
        return "passes";
    case api::Finding::Blocked:
        return "blocked: QUIC has reached nobody, where TCP did";
    case api::Finding::Heard:
        return "devices here hear one another";
    case api::Finding::Isolated:
        return "devices here are connected, but not heard: the network keeps them apart, or they are silent";
    case api::Finding::Unknown:
        break;
    }
    return {};
}

void showNetwork(Output& output, const api::StatusReport& report) {
    for (const auto& fact : report.network) {
        if (fact.finding == api::Finding::Unknown) continue;
        std::string label(kSubjects[static_cast<size_t>(fact.subject)]);
        label.resize(13, ' ');
        output.result(label + std::string(findingText(fact)));
        for (const auto& clue : fact.clues)
            output.result("  " + clue.address.text() + "  " + clue.peer.shortText());
    }
}

} // namespace

// --- one question, one answer -------------------------------------------------------------------------------------

api::Settings QueryCommand::settings() const {
    api::Settings settings = Session::settings();
    settings.attach = api::Attach::Always;
    return settings;
}

void QueryCommand::onReady(const api::Ready&) {
    if (std::exchange(m_asked, true)) return;
    wantsNames() ? learnNames() : onNamesLearnt();
}

void QueryCommand::onNamesLearnt() {
    engine().submit(command());
}

void QueryCommand::onEvent(const api::Event& event) {
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    if (!failed)
        onAnswer(event);
    else if (failed->error.code == api::Errc::NotFound || failed->error.code == api::Errc::InvalidArgument)
        fail(ExitCode::Usage, api::errcName(failed->error.code), failed->error.context);
    else
        fail(failed->error);
}

// --- status -------------------------------------------------------------------------------------------------------

void StatusCommand::onAnswer(const api::Event& event) {
    const auto* report = std::get_if<api::StatusReport>(&event);
    if (!report) return;
    output().json(toJson(*report, engine().host()));
    show(*report);
    finish(ExitCode::Done);
}

void StatusCommand::show(const api::StatusReport& report) {
    output().result("Running      " + api::displayText(engine().host()) + ", for " +
                    durationText(inSeconds(report.uptime)));
    output().result("Peer id      " + report.self.text());
    for (const std::string& warning : report.warnings)
        output().result("Warning      " + api::displayText(warning, kMaxWarningText));
    for (size_t i = 0; i < report.listen.size(); ++i)
        output().result((i == 0 ? "Addresses    " : "             ") + report.listen[i].text());
    output().result("Receiving    " +
                    (report.receive.enabled ? "into " + api::displayText(report.receive.folder) : std::string("no")));
    if (report.metered) output().result("Network      metered: limits.metered holds");
    output().result("Internet     " + reachableText(report.reachable));
    for (const auto& fact : report.outside) output().result("  " + factText(fact));
    showNetwork(output(), report);
    for (const auto& held : report.relays)
        output().result("Relay        reached through " + held.relay.text() + ", to be asked again within " +
                        durationText(inSeconds(held.left)));
    if (const api::RelayService& service = report.relayService; service.serving)
        output().result("Relaying     " + countText(service.reservations, "device") +
                        " can be reached through this one, " + countText(service.circuits, "connection") + " now, " +
                        std::to_string(service.circuitsServed) + " in all, " + bytesText(service.bytes) + " passed on");
    for (const auto& network : report.dht)
        if (network.server || network.servers > 0) output().result("Hash table   " + dhtText(network));
    if (report.quiet) output().result("Quiet        nothing in the background that nobody here has asked for");
    output().result("Transfers    " + std::to_string(report.transfers) + " under way");
    if (report.gossip.topics > 0 || report.gossip.received > 0)
        output().result("Topics       " + topicsText(report.gossip));
    output().result("Connections  " + std::to_string(report.connectionsTotal) + " of at most " +
                    std::to_string(report.connectionsMax));
    if (const std::string crowd = crowdText(report.crowding); !crowd.empty()) output().result("             " + crowd);
    for (const auto& connection : report.connections) {
        const std::string relay = relayOf(connection);
        output().result("  " + connection.peer.text() + "  " + std::string(pathKindName(connection.kind)) +
                        (relay.empty() ? "  " + connection.address.withoutPeer().text() : " via " + relay) + "  " +
                        decimalText(inSeconds(connection.roundTrip) * 1000, 3) + " ms  (" +
                        std::string(pathReasonText(connection.reason)) +
                        (connection.whyRelayed.empty() ? std::string() : ": " + connection.whyRelayed) + ")");
    }
}

} // namespace wherry::cli
