#include "cli/program.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/help.h"
#include "cli/measure_commands.h"
#include "cli/node_command.h"
#include "cli/option_table.h"
#include "cli/receive_command.h"
#include "cli/send_command.h"

#include <algorithm>
#include <cstdio>

namespace wherry::cli {

namespace {

void print(std::FILE* file, const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
}

int reportUsage(const UsageError& error, bool json) {
    if (json) print(stdout, failedJson("usage", error.message).str() + "\n");
    const CommandSpec* command = findCommand(error.command);
    print(stderr, "wherry: " + error.message + "\nTry `wherry " + (command ? std::string(command->name) + " " : "") +
                      "--help`.\n");
    return static_cast<int>(ExitCode::Usage);
}

ExitCode runId(const Arguments& arguments, Output& output) {
    auto names = api::identityNames(arguments.home);
    if (!names) {
        output.json(failedJson(api::errcName(names.error().code), names.error().context));
        output.error(api::displayText(names.error().context));
        return exitCodeOf(names.error().code, Side::Receiver);
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
    case CommandName::None:
        break;
    }
    return ExitCode::Internal;
}

OutputMode modeOf(const Arguments& arguments) {
    return arguments.json ? OutputMode::Json : arguments.quiet ? OutputMode::Quiet : OutputMode::Text;
}

int printVersion(const Arguments& arguments) {
    print(stdout,
          arguments.json ? JsonLine().text("version", WHERRY_VERSION).str() + "\n" : "wherry " WHERRY_VERSION "\n");
    return 0;
}

} // namespace

int runProgram(const std::vector<std::string>& words) {
    const ParsedCommandLine parsed = parseArguments(words);
    const Arguments& arguments = parsed.arguments;
    if (arguments.help) {
        print(stdout, helpText(arguments.command));
        return 0;
    }
    if (arguments.version) return printVersion(arguments);
    if (words.empty()) {
        print(stderr, helpText(CommandName::None));
        return static_cast<int>(ExitCode::Usage);
    }
    if (!parsed.errors.empty()) return reportUsage(parsed.errors.front(), arguments.json);
    Output output(modeOf(arguments), describeTerminal());
    return static_cast<int>(runCommand(arguments, output));
}

} // namespace wherry::cli
