#pragma once

#include "api/engine.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/lasting_settings.h"
#include "cli/output.h"
#include "cli/peer_names.h"
#include "process/interrupt.h"

#include <QObject>
#include <memory>
#include <optional>
#include <vector>

class QSocketNotifier;

namespace wherry::cli {

/// One command that runs an engine: starts it, gets its events, ends with an exit code. Needs a QCoreApplication.
class Session : public QObject {
    Q_OBJECT

  public:
    Session(const Arguments& arguments, Output& output);
    ~Session() override;

    /// Runs until finish() or an interrupt; the engine has then told its peers and stopped.
    ExitCode run();

  protected:
    /// Before the engine starts: what can be refused without a network. Done: go on.
    virtual ExitCode prepare() { return ExitCode::Done; }
    /// Commands to give as soon as the engine listens.
    virtual void onReady(const api::Ready& ready) = 0;
    virtual void onEvent(const api::Event& event) = 0;
    /// Standard output takes no more, which the person knows. Ends with LocalIo; commands with a transfer under way may
    /// wait for it first, finish(Done) then ends with LocalIo all the same.
    virtual void onOutputBroken() { finish(ExitCode::LocalIo); }
    /// Ctrl+C or a termination signal: what to say and to end with.
    virtual ExitCode onInterrupt() { return ExitCode::Interrupted; }
    virtual api::Settings settings() const;
    /// Whether SIGHUP has the settings read again; otherwise it ends the command like a termination signal, and so does
    /// a terminal that is closed.
    virtual bool takesReloads() const { return false; }
    /// Whether the command can go on with these arguments; an error leaves everything as it is.
    virtual api::Result<void> checkReload(const Arguments&) { return {}; }
    /// The settings have changed: arguments() and the engine have them already, as far as that works while it runs.
    virtual void onReloaded() {}
    /// Warnings wait until tellWarnings(): for commands whose first event is `ready`.
    void holdWarnings() { m_holdsWarnings = true; }
    void tellWarnings();

    /// Has names() known before anything that is asked of a running node afterwards is answered; for onReady().
    void learnNames();
    /// They are, as far as they can be.
    virtual void onNamesLearnt() {}
    const PeerNames& names() const { return m_names; }

    /// The folder that --out names, made when it is not there; the error names --out.
    static api::Result<std::string> openOut(const Arguments& arguments);
    void finish(ExitCode code);
    /// Reports a mistake in the command line that the options themselves do not show.
    ExitCode refuse(const std::string& message);
    /// Reports a failure of no particular transfer, on standard error and as a `failed` event, and ends.
    void fail(const api::Error& error, Origin origin = Origin::Sending);
    void fail(ExitCode code, std::string_view codeName, const std::string& message);

    const Arguments& arguments() const { return m_arguments; }
    Output& output() { return m_output; }
    api::Engine& engine() { return m_engine; }

  private:
    void remarkHost();
    bool takeNames(const api::Event& event);
    void take(const api::PeersListed& listed);
    void onEngineEvent(const api::Event& event);
    void onWarning(const api::Warning& warning);
    void onHangup();
    void reload();
    void tellChanges(const std::vector<api::SettingChange>& changes, const std::vector<KeptSetting>& kept);

    Arguments m_arguments;
    Output& m_output;
    process::Interrupt m_interrupt;
    std::unique_ptr<QSocketNotifier> m_reader; ///< of standard output, when that is a pipe
    api::Engine m_engine;
    PeerNames m_names;
    api::RequestId m_namesRequest;
    std::optional<ExitCode> m_exitCode;
    bool m_holdsWarnings = false;
    std::vector<api::Warning> m_warnings;
};

} // namespace wherry::cli
