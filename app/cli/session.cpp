#include "cli/session.h"

#include "api/display_text.h"
#include "api/download_folder.h"
#include "cli/event_json.h"
#include "cli/option_table.h"
#include "cli/usage_report.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <algorithm>
#include <cstdio>
#include <utility>

namespace wherry::cli {

namespace {

/// A warning names a path of this system and says what to do; an error of a settings file names both.
constexpr size_t kMaxWarningText = 2048;

} // namespace

Session::Session(const Arguments& arguments, Output& output) : m_arguments(arguments), m_output(output) {
    connect(&m_interrupt, &process::Interrupt::requested, this, [this] { finish(onInterrupt()); });
    connect(&m_interrupt, &process::Interrupt::hangup, this, &Session::onHangup);
    connect(&m_engine, &api::Engine::happened, this, &Session::onEngineEvent);
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
    settings.relays.insert(settings.relays.end(), m_arguments.relays.begin(), m_arguments.relays.end());
    if (!m_arguments.bootstrap.empty()) settings.bootstrap = m_arguments.bootstrap;
    settings.logLevel = m_arguments.logLevel;
    settings.accept = m_arguments.accept;
    settings.conflict = m_arguments.conflict;
    settings.version = WHERRY_VERSION;
    settings.attach = api::Attach::IfRunning;
    return settings;
}

ExitCode Session::run() {
    if (const ExitCode code = prepare(); code != ExitCode::Done) return code;
    if (auto started = m_engine.start(settings()); !started) {
        const api::Error& error = started.error();
        if (api::isSettingMistake(error))
            fail(ExitCode::Usage, api::errcName(error.code), error.context);
        else
            fail(error, Origin::Setup);
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
    if (m_exitCode || takeNames(event)) return;
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    if (failed && !failed->request)
        fail(failed->error); // of no request: the engine of another program has ended
    else if (const auto* ready = std::get_if<api::Ready>(&event))
        onReady(*ready);
    else if (const auto* warning = std::get_if<api::Warning>(&event))
        onWarning(*warning);
    else
        onEvent(event);
}

void Session::learnNames() {
    m_namesRequest = m_engine.submit(api::ListPeers{});
}

/// A book that cannot be read has no names; that is no reason to fail.
bool Session::takeNames(const api::Event& event) {
    if (const auto* changed = std::get_if<api::PeerChanged>(&event)) m_names.learn(changed->peer.known);
    const auto* failed = std::get_if<api::RequestFailed>(&event);
    if (failed && failed->request && failed->request == m_namesRequest) {
        onNamesLearnt();
        return true;
    }
    const auto* listed = std::get_if<api::PeersListed>(&event);
    if (!listed || !m_namesRequest || listed->request != m_namesRequest) return false;
    take(*listed);
    return true;
}

/// One answer has a bound; the rest is asked for until there is no more.
void Session::take(const api::PeersListed& listed) {
    for (const api::PeerView& view : listed.peers) m_names.learn(view.known);
    if (listed.more && !listed.peers.empty())
        m_namesRequest = m_engine.submit(api::ListPeers{listed.peers.back().known.peer});
    else
        onNamesLearnt();
}

void Session::onWarning(const api::Warning& warning) {
    m_warnings.push_back(warning);
    if (!m_holdsWarnings) tellWarnings();
}

void Session::tellWarnings() {
    m_holdsWarnings = false;
    for (const api::Warning& warning : std::exchange(m_warnings, {})) {
        output().json(
            JsonLine("warning").text("code", api::errcName(warning.error.code)).text("message", warning.error.context));
        output().error("warning: " + api::displayText(warning.error.context, kMaxWarningText));
    }
}

// --- settings that are read again -----------------------------------------------------------------------------------

void Session::onHangup() {
    if (!takesReloads() || isHungUp(m_output.terminal())) return finish(onInterrupt());
    reload();
}

/// What is wrong in the file leaves everything as it is.
void Session::reload() {
    const auto keep = [this](std::string_view code, const std::string& why) {
        m_output.json(JsonLine("reload-failed").text("code", code).text("message", why));
        m_output.error("the settings stay as they are: " + api::displayText(why, kMaxWarningText));
    };
    if (m_engine.isAttached()) return keep("unsupported", "they are those of the " + m_engine.host());
    const auto fresh = lastingSettings(m_arguments);
    if (!fresh) return keep(api::errcName(fresh.error().code), fresh.error().context);
    ParsedCommandLine parsed = parseArguments(m_arguments.words, optionDefaults(*fresh));
    parsed.arguments.program = m_arguments.program;
    const api::LastingSettings before = m_arguments.fileSettings;
    if (const auto possible = checkReload(parsed.arguments); !possible)
        return keep(api::errcName(possible.error().code), possible.error().context);
    m_arguments = std::move(parsed.arguments);
    const auto changes = m_engine.reconfigure(settings());
    onReloaded();
    tellChanges(changes, keptSettings(before, m_arguments));
}

void Session::tellChanges(const std::vector<api::SettingChange>& changes, const std::vector<KeptSetting>& kept) {
    std::vector<JsonLine> lines;
    for (const api::SettingChange& change : changes)
        lines.push_back(JsonLine()
                            .text("key", change.key)
                            .text("before", change.before)
                            .text("after", change.after)
                            .flag("live", change.live));
    std::vector<JsonLine> keptLines;
    for (const KeptSetting& one : kept)
        keptLines.push_back(JsonLine().text("key", one.key).text("value", one.value).text("file", one.inFile));
    m_output.json(JsonLine("reloaded").objects("changes", lines).objects("kept", keptLines));
    if (changes.empty() && kept.empty()) m_output.result("The settings were read again: nothing has changed.");
    for (const api::SettingChange& change : changes)
        m_output.result(change.key + " = " + api::displayText(change.after) + ", before " +
                        api::displayText(change.before) +
                        (change.live ? ": in force now." : ": in force after the next start."));
    for (const KeptSetting& one : kept)
        m_output.result(one.key + " stays " + api::displayText(one.value) + ", as the command line gave it; the file says " +
                        api::displayText(one.inFile) + " now.");
}

api::Result<std::string> Session::openOut(const Arguments& arguments) {
    auto folder = api::openDownloadFolder(arguments.out, arguments.home);
    if (!folder) return api::makeError(folder.error().code, "--out " + folder.error().context);
    return folder;
}

void Session::finish(ExitCode code) {
    if (m_exitCode) return;
    m_exitCode = code == ExitCode::Done && m_output.broken() ? ExitCode::LocalIo : code;
    QCoreApplication::exit(0);
}

ExitCode Session::refuse(const std::string& message) {
    return reportUsage({message, m_arguments.command}, m_arguments, m_output);
}

void Session::fail(const api::Error& error, Origin origin) {
    fail(exitCodeOf(error.code, origin), api::errcName(error.code), error.context);
}

void Session::fail(ExitCode code, std::string_view codeName, const std::string& message) {
    m_output.json(failedJson(codeName, message));
    m_output.error(api::displayText(message));
    finish(code);
}

} // namespace wherry::cli
