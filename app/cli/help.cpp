#include "cli/help.h"

#include "cli/option_table.h"
#include "cli/program_name.h"

#include <algorithm>

namespace wherry::cli {

namespace {

constexpr size_t kColumns = 80;
constexpr size_t kOptionColumn = 22;

/// `text` broken at spaces; every line but the first begins with `indent` spaces; `column`: where the first one starts.
std::string wrapped(std::string_view text, size_t indent, size_t column) {
    std::string out;
    bool lineStart = true;
    while (!text.empty()) {
        const size_t end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view word = text.substr(0, end);
        if (!lineStart && column + 1 + word.size() > kColumns) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
            lineStart = true;
        }
        if (!lineStart) out += ' ';
        out += word;
        column += word.size() + (lineStart ? 0 : 1);
        lineStart = false;
        text.remove_prefix(end);
        while (!text.empty() && (text[0] == ' ' || text[0] == '\n')) {
            if (text[0] == '\n') {
                out += '\n';
                column = 0;
                lineStart = true;
            }
            text.remove_prefix(1);
        }
    }
    return out;
}

std::string optionLine(const OptionSpec& option) {
    std::string left = "  " + std::string(option.name);
    if (!option.valueName.empty()) left += " " + std::string(option.valueName);
    if (left.size() + 2 > kOptionColumn)
        left += "\n" + std::string(kOptionColumn, ' ');
    else
        left.resize(kOptionColumn, ' ');
    return left + wrapped(option.help, kOptionColumn, kOptionColumn) + "\n";
}

std::string optionLines(CommandName command, bool everyCommand) {
    std::string out;
    for (const OptionSpec& option : optionTable())
        if (option.commands.empty() == everyCommand && (everyCommand || belongsTo(option, command)))
            out += optionLine(option);
    return out;
}

std::string overview() {
    std::string out = "Wherry carries files straight from one device to another, encrypted, with no\n"
                      "server in between.\n\n"
                      "On the device that gets the files:\n"
                      "  wherry receive\n"
                      "It prints an address. On the device that has them:\n"
                      "  wherry send ADDRESS FILE-OR-FOLDER...\n\n"
                      "Commands:\n";
    for (const CommandSpec& command : commandTable()) {
        std::string left =
            "  " + std::string(command.name) + (command.operands.empty() ? "" : " ") + std::string(command.operands);
        left.resize(std::max(kOptionColumn + 2, left.size() + 2), ' ');
        out += left + wrapped(command.summary, kOptionColumn + 2, left.size()) + "\n";
    }
    return out + "\nOptions for every command, before or after it:\n" + optionLines(CommandName::None, true) +
           "\n`wherry COMMAND --help` explains one command, with examples.\n\n"
           "Exit codes: 0 done, 1 internal error, 2 usage, 3 declined, cancelled there or\n"
           "not offered, 4 peer not reachable, 5 content failed verification, 6 something on\n"
           "this device (disk, path, unreadable file, port) or a folder there that may not\n"
           "be written, 7 peer failed or vanished, 130 interrupted. After 7 and 130 the same\n"
           "command again continues.\n";
}

std::string commandHelp(const CommandSpec& spec) {
    const std::string options = optionLines(spec.command, false);
    return "wherry " + std::string(spec.name) + ": " + std::string(spec.summary) + "\n\nExamples:\n" +
           std::string(spec.examples) + "\nUsage:\n  wherry " + std::string(spec.name) +
           (options.empty() ? "" : " [OPTION...]") + (spec.operands.empty() ? "" : " ") + std::string(spec.operands) +
           "\n\n" + wrapped(spec.details, 0, 0) + "\n" + (options.empty() ? "" : "\nOptions:\n" + options) +
           "\nOptions for every command:\n" + optionLines(spec.command, true);
}

JsonLine toJson(const CommandSpec& spec) {
    return JsonLine().text("name", spec.name).text("operands", spec.operands).text("summary", spec.summary);
}

std::vector<JsonLine> optionsJson(CommandName command) {
    std::vector<JsonLine> options;
    for (const OptionSpec& option : optionTable())
        if (option.commands.empty() || belongsTo(option, command))
            options.push_back(
                JsonLine().text("name", option.name).text("value", option.valueName).text("help", option.help));
    return options;
}

} // namespace

std::string helpText(CommandName command, const std::string& program) {
    const CommandSpec* spec = findCommand(command);
    return withProgramName(spec ? commandHelp(*spec) : overview(), program);
}

JsonLine helpJson(CommandName command) {
    if (const CommandSpec* spec = findCommand(command))
        return toJson(*spec).text("details", spec->details).objects("options", optionsJson(command));
    std::vector<JsonLine> commands;
    for (const CommandSpec& one : commandTable()) commands.push_back(toJson(one));
    return JsonLine().objects("commands", commands).objects("options", optionsJson(CommandName::None));
}

} // namespace wherry::cli
