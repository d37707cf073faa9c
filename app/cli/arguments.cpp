#include "cli/arguments.h"

#include "api/display_text.h"
#include "cli/option_table.h"

namespace wherry::cli {

namespace {

/// What a person typed, quoted for a message: escape sequences in it must not reach the terminal either.
std::string quoted(std::string_view word) {
    constexpr size_t kLongestShown = 120;
    return "'" + api::displayText(word, kLongestShown) + "'";
}

std::string didYouMean(std::string_view candidate) {
    return candidate.empty() ? std::string() : "; did you mean " + std::string(candidate) + "?";
}

/// An option as it was written, kept until the command is known.
struct Written {
    const OptionSpec* option;
    std::string value;
};

class Parser {
  public:
    Parser(const std::vector<std::string>& words, Arguments defaults) : m_words(words) {
        m_result.arguments = std::move(defaults);
        m_result.arguments.words = words;
    }

    ParsedCommandLine run() {
        while (m_at < m_words.size()) takeWord();
        if (m_result.arguments.help || m_result.arguments.version) {
            if (!m_commandUnknown) m_result.errors.clear();
            return std::move(m_result);
        }
        applyOptions();
        checkOperands();
        return std::move(m_result);
    }

  private:
    void fail(std::string message) { m_result.errors.push_back({std::move(message), m_result.arguments.command}); }

    void takeWord() {
        const std::string& word = m_words[m_at++];
        if (m_optionsEnded || word.size() < 2 || word[0] != '-')
            takeOperand(word);
        else if (word == "--")
            m_optionsEnded = true;
        else
            takeOption(word);
    }

    void takeOperand(const std::string& word) {
        Arguments& arguments = m_result.arguments;
        if (!m_commandSeen && word == "help") { // then the command that it is about
            arguments.help = true;
            return;
        }
        if (m_commandSeen) {
            arguments.operands.push_back(word);
            return;
        }
        m_commandSeen = true;
        if (const CommandSpec* command = findCommand(std::string_view(word))) {
            arguments.command = command->command;
            return;
        }
        m_commandUnknown = true;
        if (isPlannedCommand(word))
            fail("'" + word + "' is not part of this version");
        else
            fail("unknown command " + quoted(word) + didYouMean(closestCommand(word)));
    }

    void takeOption(const std::string& word) {
        const size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const std::string name = word.substr(0, equals);
        const OptionSpec* option = name == "-h" ? findOption("--help") : findOption(name);
        if (!option) {
            if (isPlannedOption(name)) {
                fail("the option " + name + " is not part of this version");
                if (equals == std::string::npos && m_at < m_words.size()) ++m_at; // its value is no operand
            } else {
                m_unknownOptions.push_back(name);
            }
            return;
        }
        const bool isSwitch = option->valueName.empty();
        if (isSwitch && equals != std::string::npos) return fail("the option " + name + " takes no value");
        if (isSwitch) {
            (void)option->apply(m_result.arguments,
                                {}); // switches cannot fail; those for help and version count at once
            m_written.push_back({option, {}});
            return;
        }
        if (equals == std::string::npos && m_at >= m_words.size())
            return fail("the option " + name + " needs a value: " + name + " " + std::string(option->valueName));
        m_written.push_back({option, equals == std::string::npos ? m_words[m_at++] : word.substr(equals + 1)});
    }

    void applyOptions() {
        const CommandName command = m_result.arguments.command;
        for (const std::string& name : m_unknownOptions)
            fail("unknown option " + quoted(name) + didYouMean(closestOption(name)));
        for (const Written& written : m_written) {
            const std::string name(written.option->name);
            if (command != CommandName::None && !belongsTo(*written.option, command)) {
                fail("the option " + name + " does not belong to 'wherry " + std::string(findCommand(command)->name) +
                     "'");
                continue;
            }
            if (written.option->valueName.empty()) continue;
            if (auto applied = written.option->apply(m_result.arguments, written.value); !applied)
                fail(name + " " + quoted(written.value) + ": " + applied.error().context);
        }
    }

    void checkOperands() {
        if (m_commandUnknown) return;
        if (!m_commandSeen) return fail("a command is missing");
        const CommandSpec& command = *findCommand(m_result.arguments.command);
        const auto& operands = m_result.arguments.operands;
        const std::string usage = "wherry " + std::string(command.name) + (command.operands.empty() ? "" : " ") +
                                  std::string(command.operands);
        if (operands.size() < command.minOperands) return fail("something is missing: " + usage);
        if (operands.size() > command.maxOperands)
            fail("one word too many, " + quoted(operands[command.maxOperands]) + ": " + usage);
    }

    static std::string_view closestCommand(std::string_view word) {
        std::vector<std::string_view> names;
        for (const CommandSpec& command : commandTable()) names.push_back(command.name);
        return api::closestWord(word, names);
    }

    std::string_view closestOption(std::string_view word) const {
        std::vector<std::string_view> names;
        for (const OptionSpec& option : optionTable())
            if (m_result.arguments.command == CommandName::None || belongsTo(option, m_result.arguments.command))
                names.push_back(option.name);
        return api::closestWord(word, names);
    }

    const std::vector<std::string>& m_words;
    size_t m_at = 0;
    bool m_optionsEnded = false;
    bool m_commandSeen = false;
    bool m_commandUnknown = false;
    std::vector<Written> m_written;
    std::vector<std::string> m_unknownOptions;
    ParsedCommandLine m_result;
};

} // namespace

ParsedCommandLine parseArguments(const std::vector<std::string>& words, Arguments defaults) {
    return Parser(words, std::move(defaults)).run();
}

} // namespace wherry::cli
