#include "cli/usage_report.h"

#include "cli/event_json.h"
#include "cli/option_table.h"

namespace wherry::cli {

ExitCode reportUsage(const UsageError& error, const Arguments& arguments, Output& output) {
    output.json(failedJson("usage", error.message));
    const CommandSpec* command = findCommand(error.command);
    output.error(error.message + "\nTry `" + arguments.program + (command ? " " + std::string(command->name) : "") +
                 " --help`.");
    return ExitCode::Usage;
}

} // namespace wherry::cli
