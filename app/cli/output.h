#pragma once

#include "cli/json_line.h"
#include "cli/terminal.h"

#include <functional>
#include <string>
#include <string_view>

namespace wherry::cli {

enum class OutputMode { Text, Quiet, Json };

/// Everything that the program prints. One of: text for people (results and remarks on standard output, with one moving
/// line on a terminal), the same without remarks, or JSON. Errors go to standard error in each.
///
/// A question that waits for its answer stays the last line of the terminal: what is printed meanwhile goes above it,
/// and nothing moves.
///
/// Standard output that takes no more (a full disk, a reader that is gone) is said once on standard error; from then on
/// nothing is written there, and whoever runs the command is told.
class Output {
  public:
    Output(OutputMode mode, Terminal terminal) : m_mode(mode), m_terminal(terminal) {}
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    OutputMode mode() const { return m_mode; }
    const Terminal& terminal() const { return m_terminal; }

    /// For JSON mode only; dropped in the others.
    void json(const JsonLine& line);
    /// What the person has asked for. Text modes.
    void result(std::string_view line);
    /// What is good to know on the way. Text mode without --quiet.
    void remark(std::string_view line);
    /// Shown in place until the next one or the next line; only on a terminal, in Text mode.
    void moving(const std::string& line);
    bool showsMoving() const { return m_mode == OutputMode::Text && m_terminal.escapesAllowed; }
    /// "wherry: message" on standard error. Text from a peer must have been neutralised.
    void error(std::string_view message);
    /// Called once, while the text is being written that standard output did not take.
    void onBroken(std::function<void()> call) { m_onBroken = std::move(call); }
    bool broken() const { return m_broken; }
    /// Somebody has noticed, without writing, that nobody reads standard output any more.
    void readerGone();
    /// Lines for a person who has to decide; standard error in JSON mode, else standard output. No line feed is added.
    void ask(std::string_view text);
    /// Shows `question`, one line that fits the terminal, where ask() goes, and leaves the cursor behind it.
    void openQuestion(std::string question);
    /// The person has answered, and the terminal has begun a new line with that.
    void questionAnswered() { m_question.clear(); }
    /// It needs no answer any more: it is taken off the screen.
    void withdrawQuestion();

  private:
    void write(std::string_view text);
    void writeLine(std::string_view line);
    void writeQuestion(std::string_view text);
    void clearMoving();
    void clearQuestion();
    /// Writes between clearing the question and showing it again.
    template <typename Write> void aboveQuestion(Write write);
    void breakWith(int problem);

    OutputMode m_mode;
    Terminal m_terminal;
    bool m_moving = false;
    std::string m_question; ///< empty: none is open
    bool m_broken = false;
    std::function<void()> m_onBroken;
};

} // namespace wherry::cli
