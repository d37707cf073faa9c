#include "cli/help.h"
#include "cli/option_table.h"

#include <QTest>
#include <algorithm>
#include <sstream>

using namespace wherry::cli;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

class HelpTest : public QObject {
    Q_OBJECT

  private slots:
    void theOverviewNamesEveryCommandAndTheFirstTwoSteps();
    void eachCommandShowsItsExamplesFirstAndAllItsOptions();
    void noLineIsWiderThanATerminal();
    void noLineEndsInASpace();
};

void HelpTest::theOverviewNamesEveryCommandAndTheFirstTwoSteps() {
    const std::string text = helpText(CommandName::None);
    for (const CommandSpec& command : commandTable()) QVERIFY(contains(text, "\n  " + std::string(command.name)));
    QVERIFY(text.find("wherry receive") < text.find("Commands:"));
    QVERIFY(text.find("wherry send") < text.find("Commands:"));
    for (const char* planned : {"doctor", "mcp"}) QVERIFY(!contains(text, planned));
}

void HelpTest::eachCommandShowsItsExamplesFirstAndAllItsOptions() {
    for (const CommandSpec& command : commandTable()) {
        const std::string text = helpText(command.command);
        QVERIFY(text.find("Examples:") < text.find("Usage:"));
        for (const OptionSpec& option : optionTable())
            QCOMPARE(contains(text, "\n  " + std::string(option.name)), belongsTo(option, command.command));
    }
}

void HelpTest::noLineIsWiderThanATerminal() {
    std::vector<CommandName> commands = {CommandName::None};
    for (const CommandSpec& command : commandTable()) commands.push_back(command.command);
    for (const CommandName command : commands) {
        std::istringstream text(helpText(command));
        for (std::string line; std::getline(text, line);) QVERIFY2(line.size() <= 80, line.c_str());
    }
}

void HelpTest::noLineEndsInASpace() {
    for (const CommandSpec& command : commandTable()) {
        std::istringstream text(helpText(command.command));
        for (std::string line; std::getline(text, line);) QVERIFY2(line.empty() || line.back() != ' ', line.c_str());
    }
}

QTEST_APPLESS_MAIN(HelpTest)
#include "help_test.moc"
