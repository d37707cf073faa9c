#pragma once

#include "cli/arguments.h"

#include <span>
#include <string_view>

namespace wherry::cli {

/// One command of the program: parser and help read the same row.
struct CommandSpec {
    CommandName command;
    std::string_view name;
    std::string_view operands; ///< as the usage line shows them
    std::string_view summary;  ///< one line for the overview
    std::string_view details;  ///< paragraphs for `wherry COMMAND --help`
    std::string_view examples; ///< indented lines
    size_t minOperands;
    size_t maxOperands;
};

/// One option: parser and help read the same row.
struct OptionSpec {
    std::string_view name;      ///< "--json", "-n"
    std::string_view valueName; ///< empty: a switch
    std::string_view help;
    std::span<const CommandName> commands; ///< empty: every command
    /// Stores the value (empty for a switch), or says why it is wrong.
    api::Result<void> (*apply)(Arguments& arguments, std::string_view value);
};

std::span<const CommandSpec> commandTable();
std::span<const OptionSpec> optionTable();
/// Nullptr when there is none.
const CommandSpec* findCommand(std::string_view name);
const CommandSpec* findCommand(CommandName command);
const OptionSpec* findOption(std::string_view name);
bool belongsTo(const OptionSpec& option, CommandName command);

/// Commands and options that are promised for later versions: answered by saying so, so that nobody hunts for a typing
/// error.
bool isPlannedCommand(std::string_view name);
bool isPlannedOption(std::string_view name);

} // namespace wherry::cli
