#include "cli/session.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/option_table.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <algorithm>
#include <cstdio>

namespace wherry::cli {

Session::Session(const Arguments& arguments, Output& output) : m_arguments(arguments), m_output(output) {
    connect(&m_interrupt, &Interrupt::requested, this, [this] { finish(onInterrupt()); });
    connect(&m_engine, &api::Engine::event, this, &Session::onEngineEvent);
    // Whoever prints is in the middle of something: the end comes afterwards.
    m_output.onBroken([this] { QMetaObject::invokeMethod(this, &Session::onOutputBroken, Qt::QueuedConnection); });
    if (!outputIsPipe()) return;
    m_reader = std::make_unique<QSocketNotifier>(fileno(stdout), QSocketNotifier::Exception);
    connect(m_reader.get(), &QSocketNotifier::activated, this, [this] {
        m_reader->setEnabled(false);
        m_output.readerGone();
    });
}

Session::~Session() {
    m_output.onBroken({});
}

api::Settings Session::settings() const {
    api::Settings settings;
    static_cast<api::LastingSettings&>(settings) = m_arguments.settings;
    settings.home = m_arguments.home;
    settings.who = "wherry";
    if (const CommandSpec* command = findCommand(m_arguments.command)) settings.who += " " + std::string(command->name);
    if (!m_arguments.listen.empty()) settings.listen = m_arguments.listen;
    settings.logLevel = m_arguments.logLevel;
    settings.version = WHERRY_VERSION;
    settings.attach = api::Attach::IfRunning;
    return settings;
}

ExitCode Session::run() {
    if (const ExitCode code = prepare(); code != ExitCode::Done) return code;
    if (auto started = m_engine.start(settings()); !started) {
        fail(started.error(), Origin::Setup);
    } else if (!m_exitCode) {
        if (m_engine.isAttached()) remarkHost();
        if (m_engine.isCompanion())
            m_output.remark("TARGET is the wherry that runs with the same data; this one has a key of its own, " +
                            m_engine.names().peerId + ".");
        QCoreApplication::exec();
    }
    m_engine.stop();
    return m_exitCode.value_or(ExitCode::Internal);
}

void Session::remarkHost() {
    m_output.remark("Uses the " + api::displayText(m_engine.host()) + " that runs already.");
    if (!m_arguments.listen.empty())
        m_output.error("--listen has no effect: it is for the " + api::displayText(m_engine.host()) + " to say");
    const auto isMdns = [](const std::string& assignment) { return assignment.starts_with("network.mdns="); };
    if (!m_arguments.configFile.empty() || !std::ranges::all_of(m_arguments.assignments, isMdns))
        m_output.error("--set and --config have no effect: that is for the " + api::displayText(m_engine.host()) +
                       " to say");
}

void Session::onEngineEvent(const api::Event& event) {
    if (m_exitCode) return;
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    if (failed && !failed->request)
        fail(failed->error); // of no request: the engine of another program has ended
    else if (const auto* ready = std::get_if<api::Ready>(&event))
        onReady(*ready);
    else
        onEvent(event);
}

void Session::finish(ExitCode code) {
    if (m_exitCode) return;
    m_exitCode = code == ExitCode::Done && m_output.broken() ? ExitCode::LocalIo : code;
    QCoreApplication::exit(0);
}

void Session::fail(const api::Error& error, Origin origin) {
    fail(exitCodeOf(error.code, origin), api::errcName(error.code), error.context);
}

void Session::fail(ExitCode code, std::string_view codeName, const std::string& message) {
    m_output.json(failedJson(codeName, message));
    m_output.error(api::displayText(message));
    finish(code);
}

std::string shortPeer(const api::PeerId& peer) {
    return "peer …" + peer.shortText();
}

} // namespace wherry::cli
