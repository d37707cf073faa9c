#include "desktop/network_status.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/peers_model.h"
#include "desktop/settings_model.h"

#include <QCoreApplication>
#include <algorithm>

namespace wherry::desktop {

namespace {

constexpr int kWatchMs = 2000;
/// Characters of the id of a hash table.
constexpr size_t kMaxShownProtocol = 60;

QString tr(const char* text) {
    return QCoreApplication::translate("Network", text);
}

Figure reachable(const api::StatusReport& report) {
    const QString title = tr("From the internet");
    switch (report.reachable) {
    case api::Verdict::Reachable:
        return {title, tr("Can be reached"), tr("Others connect directly.")};
    case api::Verdict::Unreachable:
        return {title, tr("Cannot be reached"), tr("It reaches others; they come to it through a relay first.")};
    case api::Verdict::Unknown:
        break;
    }
    return {title, tr("Not known"),
            report.quiet ? tr("Nobody is asked while quiet mode is on.") : tr("Nobody that could tell has been met yet.")};
}

QString subjectText(api::Subject subject) {
    switch (subject) {
    case api::Subject::Mapping4:
        return tr("Router, IPv4");
    case api::Subject::Mapping6:
        return tr("Router, IPv6");
    case api::Subject::Incoming4:
        return tr("Coming in, IPv4");
    case api::Subject::Incoming6:
        return tr("Coming in, IPv6");
    case api::Subject::Udp:
        return tr("UDP");
    case api::Subject::Multicast:
        break;
    }
    return tr("This network");
}

/// What is found, and what that means.
std::pair<QString, QString> findingText(api::Finding finding) {
    switch (finding) {
    case api::Finding::Untranslated:
        return {tr("None in between"), tr("Others see this device's own addresses.")};
    case api::Finding::PrefixTranslated:
        return {tr("Changes the prefix"), tr("It puts another prefix before the addresses (NPTv6).")};
    case api::Finding::EndpointIndependent:
        return {tr("Keeps its ports"), tr("One outer port for everybody: others can be let in.")};
    case api::Finding::EndpointDependent:
        return {tr("Changes its ports"), tr("Another port for every destination: many are reached through a relay only.")};
    case api::Finding::Open:
        return {tr("Open"), tr("Others get in.")};
    case api::Finding::Filtered:
        return {tr("Filtered"), tr("What was not begun here is dropped.")};
    case api::Finding::Passes:
        return {tr("Passes"), {}};
    case api::Finding::Blocked:
        return {tr("Blocked"), tr("QUIC has reached nobody where TCP did.")};
    case api::Finding::Heard:
        return {tr("Devices hear one another"), {}};
    case api::Finding::Isolated:
        return {tr("Keeps devices apart"), tr("Devices here are connected but not heard, or they are silent.")};
    case api::Finding::Unknown:
        break;
    }
    return {};
}

/// "5 direct, 1 through a relay"
QString waysText(const std::vector<api::ConnectionInfo>& connections) {
    const auto isRelayed = [](const api::ConnectionInfo& one) { return one.relay.has_value(); };
    const auto relayed = static_cast<uint64_t>(std::ranges::count_if(connections, isRelayed));
    if (connections.empty()) return {};
    return tr("%1 direct, %2 through a relay").arg(numberText(connections.size() - relayed), numberText(relayed));
}

std::vector<Figure> reachOf(const api::StatusReport& report) {
    std::vector<Figure> figures{reachable(report)};
    for (const api::NetworkFact& fact : report.network) {
        if (fact.finding == api::Finding::Unknown) continue;
        auto [value, detail] = findingText(fact.finding);
        figures.push_back({subjectText(fact.subject), std::move(value), std::move(detail)});
    }
    figures.push_back({tr("Connections"),
                       tr("%1 of at most %2").arg(numberText(report.connectionsTotal), numberText(report.connectionsMax)),
                       waysText(report.connections)});
    return figures;
}

std::vector<Figure> relayingOf(const api::StatusReport& report) {
    const api::RelayService& service = report.relayService;
    if (report.quiet && !service.serving)
        return {{tr("This device is no relay now"), {}, tr("Nobody is served while quiet mode is on.")}};
    if (!service.serving)
        return {{tr("This device is no relay"), {},
                 tr("A device that is always on and can be reached may be one: the settings have it under Relays.")}};
    return {{tr("Devices reached through this one"), numberText(service.reservations), {}},
            {tr("Connections now"), numberText(service.circuits), {}},
            {tr("Connections since the start"), numberText(service.circuitsServed), {}},
            {tr("Passed on since the start"), bytesText(service.bytes), tr("Encrypted: a relay cannot read it.")}};
}

QString tableName(const std::string& protocol) {
    if (protocol == "/wherry/kad/1.0.0") return tr("Wherry's hash table");
    if (protocol == "/ipfs/kad/1.0.0") return tr("The public hash table of libp2p");
    return shown(protocol, kMaxShownProtocol);
}

Figure tableOf(const api::DhtFigures& table) {
    const QString known = table.servers == 1 ? tr("Knows 1 server") : tr("Knows %1 servers").arg(numberText(table.servers));
    const QString asks = table.lookups == 0   ? QString()
                         : table.lookups == 1 ? tr("1 look-up under way")
                                              : tr("%1 look-ups under way").arg(numberText(table.lookups));
    if (!table.server) return {tableName(table.protocol), tr("Client"), joined({known, asks})};
    const QString kept = tr("keeps for others: values %1, who has something %2")
                             .arg(numberText(table.values), numberText(table.providers));
    return {tableName(table.protocol), tr("Server"), joined({known, asks, kept})};
}

std::vector<Figure> tablesOf(const api::StatusReport& report) {
    std::vector<Figure> figures;
    for (const api::DhtFigures& table : report.dht) figures.push_back(tableOf(table));
    return figures;
}

std::vector<Figure> topicsOf(const api::GossipFigures& gossip) {
    return {{tr("Joined now"), numberText(gossip.topics), {}},
            {tr("Devices that speak in topics"), numberText(gossip.peers), {}},
            {tr("Heard since the start"), numberText(gossip.delivered), {}},
            {tr("Passed on since the start"), numberText(gossip.forwarded), {}}};
}

} // namespace

NetworkStatus::NetworkStatus(EngineSession& engine, PeersModel& peers, SettingsModel& settings, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_peers(peers),
      m_settings(settings) {
    m_watch.setInterval(kWatchMs);
    connect(&m_watch, &QTimer::timeout, this, &NetworkStatus::refresh);
    connect(&settings, &SettingsModel::changed, this, [this] {
        m_quiet.reset();
        emit changed();
    });
    connect(&engine, &EngineSession::ready, this, [this] {
        m_asked = false;
        if (watched()) refresh();
    });
}

void NetworkStatus::setWatched(bool watched) {
    if (watched == m_watch.isActive()) return;
    watched ? m_watch.start() : m_watch.stop();
    if (watched) refresh();
    emit watchedChanged();
}

void NetworkStatus::refresh() {
    if (m_asked || !m_engine.isReady()) return;
    m_asked = true;
    m_engine.submit(api::GetStatus{}, this, [this](const api::Event& event) {
        m_asked = false;
        if (const auto* report = std::get_if<api::StatusReport>(&event)) show(*report);
    });
}

void NetworkStatus::show(const api::StatusReport& report) {
    m_reach.show(reachOf(report));
    m_relays.show(relaysOf(report));
    m_relaying.show(relayingOf(report));
    m_tables.show(tablesOf(report));
    m_topics.show(topicsOf(report.gossip));
    if (std::exchange(m_quiet, report.quiet) != report.quiet) emit changed();
}

std::vector<Figure> NetworkStatus::relaysOf(const api::StatusReport& report) const {
    std::vector<Figure> figures;
    for (const api::HeldReservation& held : report.relays) {
        const QString left = durationText(std::chrono::duration<double>(held.left).count());
        figures.push_back({m_peers.face(held.relay).name, tr("asked again within %1").arg(left),
                           held.maxBytes == 0 ? QString()
                                              : tr("At most %1 each way over one connection").arg(bytesText(held.maxBytes))});
    }
    if (!figures.empty()) return figures;
    const bool needsNone = report.reachable == api::Verdict::Reachable;
    if (!needsNone && report.quiet)
        return {{tr("None"), {}, tr("While quiet mode is on those alone are asked that the settings name.")}};
    return {{tr("None"), {},
             needsNone ? tr("Others reach this device without one.")
                       : tr("Relays are asked when they are met, or when the settings name them.")}};
}

// --- switches ------------------------------------------------------------------------------------------------------

/// What another program's engine was told counts, and not what this one would do.
bool NetworkStatus::quiet() const {
    return m_quiet.value_or(m_settings.now().quiet);
}

bool NetworkStatus::tellsPresence() const {
    return m_settings.now().presence;
}

void NetworkStatus::setQuiet(bool quiet) {
    m_settings.change(QStringLiteral("network.quiet"), quiet ? QStringLiteral("true") : QStringLiteral("false"));
    m_engine.submit(api::SetQuiet{quiet}, this, [this](const api::Event&) { refresh(); });
}

void NetworkStatus::setTellsPresence(bool tells) {
    m_settings.change(QStringLiteral("profile.presence"), tells ? QStringLiteral("true") : QStringLiteral("false"));
    m_engine.submit(api::SetPresence{tells});
}

} // namespace wherry::desktop
