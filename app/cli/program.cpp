#include "cli/program.h"

#include "api/display_text.h"
#include "cli/dht_command.h"
#include "cli/event_json.h"
#include "cli/help.h"
#include "cli/lasting_settings.h"
#include "cli/measure_commands.h"
#include "cli/node_command.h"
#include "cli/option_table.h"
#include "cli/people_commands.h"
#include "cli/pubsub_command.h"
#include "cli/query_commands.h"
#include "cli/receive_command.h"
#include "cli/send_command.h"
#include "cli/share_commands.h"
#include "cli/transfers_command.h"
#include "cli/usage_report.h"

namespace wherry::cli {

namespace {

/// The code, unless standard output did not take what was printed.
int exitStatus(ExitCode code, const Output& output) {
    return static_cast<int>(code == ExitCode::Done && output.broken() ? ExitCode::LocalIo : code);
}

ExitCode runId(const Arguments& arguments, Output& output) {
    auto names = api::identityNames(arguments.home);
    if (!names) {
        output.json(failedJson(api::errcName(names.error().code), names.error().context));
        output.error(api::displayText(names.error().context));
        return exitCodeOf(names.error().code, Origin::Setup);
    }
    output.json(toJson(*names));
    output.result("Peer id       " + names->peerId);
    output.result("I6P id        " + names->i6pId);
    output.result("Registry key  " + names->registryKey);
    return ExitCode::Done;
}

ExitCode runCommand(const Arguments& arguments, Output& output) {
    switch (arguments.command) {
    case CommandName::Id:
        return runId(arguments, output);
    case CommandName::Node:
        return NodeCommand(arguments, output).run();
    case CommandName::Send:
        return SendCommand(arguments, output).run();
    case CommandName::Receive:
        return ReceiveCommand(arguments, output).run();
    case CommandName::Ping:
        return PingCommand(arguments, output).run();
    case CommandName::Perf:
        return PerfCommand(arguments, output).run();
    case CommandName::Status:
        return StatusCommand(arguments, output).run();
    case CommandName::Transfers:
        return TransfersCommand(arguments, output).run();
    case CommandName::Peers:
        return PeersCommand(arguments, output).run();
    case CommandName::Text:
        return TextCommand(arguments, output).run();
    case CommandName::Share:
        return ShareCommand(arguments, output).run();
    case CommandName::Get:
        return GetCommand(arguments, output).run();
    case CommandName::Shares:
        return SharesCommand(arguments, output).run();
    case CommandName::Dht:
        return DhtCommand(arguments, output).run();
    case CommandName::Pubsub:
        return PubsubCommand(arguments, output).run();
    case CommandName::None:
        break;
    }
    return ExitCode::Internal;
}

OutputMode modeOf(const Arguments& arguments) {
    return arguments.json ? OutputMode::Json : arguments.quiet ? OutputMode::Quiet : OutputMode::Text;
}

ExitCode printHelp(const Arguments& arguments, Output& output) {
    std::string text = helpText(arguments.command, arguments.program);
    text.pop_back(); // the last line feed comes with the line
    output.json(helpJson(arguments.command));
    output.result(text);
    return ExitCode::Done;
}

ExitCode printVersion(Output& output) {
    output.json(JsonLine().text("version", WHERRY_VERSION));
    output.result("wherry " WHERRY_VERSION);
    return ExitCode::Done;
}

/// A mistake in the file is one of usage, and so is --config with a file that is not there; one that cannot be read is
/// not.
ExitCode reportSettings(const api::Error& error, bool named, Output& output) {
    output.json(failedJson(api::errcName(error.code), error.context));
    output.error(api::displayText(error.context));
    const bool mistake = (named && error.code == api::Errc::NotFound) || error.code == api::Errc::InvalidArgument ||
                         error.code == api::Errc::Malformed || error.code == api::Errc::TooLarge;
    return mistake ? ExitCode::Usage : exitCodeOf(error.code, Origin::Setup);
}

/// Whether the wherry that runs does it, which has read the settings when it started: a mistake that the file has now is
/// no reason to keep silent about it.
bool asksOnlyTheRunning(const Arguments& given) {
    if (given.command == CommandName::Status) return true;
    return given.command == CommandName::Transfers && (given.operands.empty() || given.operands.front() != "history");
}

ExitCode runWithSettings(const std::vector<std::string>& words, const Arguments& given, Output& output) {
    auto lasting = lastingSettings(given);
    if (!lasting) {
        const bool named = !given.configFile.empty();
        if (named || !asksOnlyTheRunning(given)) return reportSettings(lasting.error(), named, output);
        output.error("warning: " + api::displayText(lasting.error().context));
        lasting = settingsWithoutFile(given);
    }
    // Once more, on top of what the file says.
    ParsedCommandLine parsed = parseArguments(words, optionDefaults(*lasting));
    parsed.arguments.program = given.program;
    return runCommand(parsed.arguments, output);
}

ExitCode carryOut(const ParsedCommandLine& parsed, const std::vector<std::string>& words, Output& output) {
    const Arguments& arguments = parsed.arguments;
    if (words.empty()) {
        output.error("a command is missing\n\n" + helpText(CommandName::None, arguments.program));
        return ExitCode::Usage;
    }
    if (!parsed.errors.empty()) return reportUsage(parsed.errors.front(), arguments, output);
    if (arguments.help) return printHelp(arguments, output);
    if (arguments.version) return printVersion(output);
    return runWithSettings(words, arguments, output);
}

} // namespace

int runProgram(const std::vector<std::string>& words, const std::string& program) {
    ParsedCommandLine parsed = parseArguments(words);
    parsed.arguments.program = program;
    Output output(modeOf(parsed.arguments), describeTerminal());
    return exitStatus(carryOut(parsed, words, output), output);
}

} // namespace wherry::cli
