#include "api/engine.h"

#include "gateway/control_client.h"
#include "gateway/control_server.h"
#include "gateway/open_requests.h"
#include "runtime/home_holder.h"
#include "runtime/log_sink.h"
#include "runtime/node_runner.h"
#include "runtime/paths.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QThread>

namespace wherry::api {

using gateway::ControlClient;
using gateway::ControlServer;
using gateway::Farewell;

namespace {

/// An engine that starts has its control socket within this time, and one that ends has left its home: its threads wait
/// three seconds for the peers.
constexpr auto kPatience = std::chrono::seconds(8);
constexpr auto kPause = std::chrono::milliseconds(50);
/// Short-lived programs at once that want to reach the holder of their own home; more than a person has shells.
constexpr int kMaxCompanions = 16;

} // namespace

Engine::Engine(QObject* parent)
    : QObject(parent),
      m_runner(std::make_unique<runtime::NodeRunner>()),
      m_open(std::make_unique<gateway::OpenRequests>()) {
    m_takeOver.setInterval(kPause);
    connect(&m_takeOver, &QTimer::timeout, this, &Engine::takeOver);
}

Engine::~Engine() {
    ASSERT(!m_runner->running() && !m_client);
}

// --- an engine of one's own, or another's -------------------------------------------------------------------------

Result<void> Engine::start(const Settings& settings) {
    m_settings = settings;
    if (settings.attach == Attach::Never) return startOwn();
    Result<void> started = startOrAttach();
    const auto isPassing = [&] { // another program is just starting, or just ending
        return !started && (started.error().code == Errc::Busy || started.error().code == Errc::Unreachable) &&
               runtime::homeIsHeld(settings.home);
    };
    const QDeadlineTimer patience(kPatience);
    while (!patience.hasExpired() && isPassing()) {
        QThread::msleep(static_cast<unsigned long>(kPause.count()));
        started = startOrAttach();
    }
    return started;
}

Result<void> Engine::startOrAttach() {
    if (m_settings.attach == Attach::Always) {
        auto attached = attach();
        if (!attached && attached.error().code == Errc::NotFound && runtime::homeIsHeld(m_settings.home))
            return makeError(Errc::Unreachable,
                             "a wherry runs with this home, but does not answer: " + attached.error().context +
                                 ". It makes its control socket again when that has been taken away; if it does not, "
                                 "end it and start it again");
        if (!attached && attached.error().code == Errc::NotFound)
            return makeError(Errc::Unreachable, "no wherry runs with this home; `wherry node` starts one");
        return attached;
    }
    auto started = startOwn();
    if (started || started.error().code != Errc::Busy) return started;
    // Busy may also be the port: then nobody holds the home, and that error stands.
    auto attached = attach();
    if (attached && m_names.peerId == m_settings.target.text()) return startBeside();
    if (attached || attached.error().code != Errc::NotFound) return attached;
    return started;
}

Result<void> Engine::startBeside() {
    m_client.reset();
    const std::string home = m_settings.home.empty() ? runtime::defaultHome() : m_settings.home;
    Result<void> started = makeError(Errc::Busy);
    for (int i = 1; !started && started.error().code == Errc::Busy && i <= kMaxCompanions; ++i) {
        m_settings.home = home + "/companion-" + std::to_string(i);
        started = startOwn();
    }
    if (!started) m_settings.home = home;
    m_companion = started.has_value();
    return started;
}

Result<void> Engine::startOwn() {
    const Log log = runtime::standardErrorLog(m_settings.logLevel);
    auto server = std::make_unique<ControlServer>(
        [this](RequestId id, Command command) { m_runner->submit(id, std::move(command)); },
        [this](const gateway::Report& report) { onNodeEvent(report.event); }, log);
    runtime::RuntimeConfig config;
    config.home = m_settings.home;
    config.who = m_settings.who;
    static_cast<runtime::Settings&>(config) = m_settings;
    config.discovery.mdns = m_settings.mdns;
    config.servePerf = m_settings.servePerf;
    config.dialBack = m_settings.dialBack;
    config.kadProtocols = m_settings.kadProtocols;
    TRY_OK(m_runner->start(config, this, [this](const Event& what) { m_server->onEvent(what); }));
    m_names = m_runner->names();
    m_server = std::move(server);
    if (m_settings.watchAll) m_server->subscribeLocally();
    const auto process = static_cast<uint64_t>(QCoreApplication::applicationPid());
    const auto opened = m_server->listen(m_settings.home, {m_settings.version, process, m_settings.who, m_names});
    if (!opened) LOG(log, Warning, "gateway", "other programs cannot use this engine: " << opened.error().context);
    return {};
}

Result<void> Engine::attach() {
    TRY(auto client, ControlClient::connectTo(m_settings.home));
    m_names = client->greeting().names;
    m_client = std::move(client);
    m_client->start([this](const gateway::Report& report) { onNodeEvent(report.event); },
                    [this](Farewell how, const Error& error) { onLost(how, error); });
    if (!m_settings.watchAll) return {};
    m_lastRequest = m_lastRequest.next();
    return m_client->ask(m_lastRequest, gateway::Subscribe{});
}

std::string Engine::host() const {
    ASSERT(m_client);
    return m_client->greeting().who + " (process " + std::to_string(m_client->greeting().process) + ")";
}

// --- requests and events ------------------------------------------------------------------------------------------

RequestId Engine::submit(Command command) {
    m_lastRequest = m_lastRequest.next();
    m_open->onAsked(m_lastRequest, command);
    ask(m_lastRequest, std::move(command));
    return m_lastRequest;
}

void Engine::applyLive(const LastingSettings& fresh) {
    submit(node::SetLimits{runtime::bandwidthLimits(fresh)});
    submit(node::SetParallelSends{fresh.parallelSends});
    submit(node::SetParallelReceives{fresh.parallelReceives});
    m_runner->readCertificates(fresh);
    submit(node::SetQuiet{fresh.quiet});
    submit(node::SetPresence{fresh.presence});
    const auto isOther = [&](auto member) { return fresh.*member != m_settings.*member; };
    if (isOther(&LastingSettings::alias) || isOther(&LastingSettings::device) || isOther(&LastingSettings::policy))
        submit(node::SetProfile{runtime::ownProfile(fresh)});
}

std::vector<SettingChange> Engine::reconfigure(const LastingSettings& fresh) {
    if (m_server) applyLive(fresh);
    auto changes = changesBetween(m_settings, fresh);
    static_cast<LastingSettings&>(m_settings) = fresh;
    return changes;
}

void Engine::ask(RequestId id, Command command) {
    if (m_server) return m_server->ask(id, std::move(command));
    if (!m_client && m_takeOver.isActive()) return; // between two engines: asked again from m_open
    const auto asked = m_client ? m_client->ask(id, std::move(command))
                                : Result<void>(makeError(Errc::ConnectionLost, "the wherry behind has ended"));
    if (asked) return;
    QMetaObject::invokeMethod(
        this,
        [this, id, error = asked.error()] {
            onNodeEvent(RequestFailed{id, error});
        },
        Qt::QueuedConnection);
}

void Engine::onNodeEvent(const Event& what) {
    m_open->onEvent(what);
    emit happened(what);
}

const KeyNames& Engine::names() const {
    return m_names;
}

void Engine::stop() {
    m_takeOver.stop();
    m_client.reset();
    if (!m_runner->running()) return;
    m_server->stopListening();
    m_runner->stop();
    m_server->farewell(m_settings.attach == Attach::Never ? Farewell::Gone : Farewell::HandOver);
    m_server.reset();
}

// --- when the engine behind is gone -------------------------------------------------------------------------------

void Engine::onLost(Farewell how, const Error& error) {
    m_client.release()->deleteLater(); // this is a call of its own
    if (how == Farewell::Gone) return failEverything(error);
    m_takeOverPatience.setRemainingTime(kPatience);
    m_takeOver.start();
}

void Engine::takeOver() {
    const Result<void> started = startOrAttach();
    if (!started) {
        if (m_settings.attach == Attach::Always || m_takeOverPatience.hasExpired()) {
            m_takeOver.stop();
            failEverything(started.error());
        }
        return;
    }
    m_takeOver.stop();
    for (auto& [id, command] : m_open->list()) ask(id, std::move(command));
}

void Engine::failEverything(const Error& error) {
    for (const auto& [id, command] : m_open->list()) onNodeEvent(RequestFailed{id, error});
    emit happened(RequestFailed{{}, error});
}

Result<KeyNames> identityNames(const std::string& home) {
    return runtime::identityNames(home);
}

} // namespace wherry::api
