#pragma once

#include <chrono>
#include <optional>
#include <string_view>

/// What a typed line means as an answer, and when it is one.
namespace wherry::cli {

enum class Reply { Yes, No, List, Unclear };

/// Blanks around it and capitals do not matter; Enter alone is a no.
Reply readReply(std::string_view line);

/// A question that takes the place of another has to have been on the screen for this long before a line is an answer
/// to it: what comes earlier was meant for the other one (SECURITY E5).
inline constexpr std::chrono::milliseconds kArmDelay{500};

/// Tells answers from what was typed for the question before. Times are of any one clock that never goes back.
class ArmDelay {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// A new question is on the screen.
    void shown(Time now);
    /// The same one again, after a line that has been dropped: whoever holds Enter down answers nothing.
    void restart(Time now) { m_shown = now; }
    /// The question has been answered.
    void answered(Time now) { m_answered = now; }
    /// The question has gone without an answer; the person may still be typing one, however late the next one comes.
    void withdrawn() { m_withdrawn = true; }
    bool isAnswer(Time now) const { return !m_replaces || now - m_shown >= kArmDelay; }

  private:
    Time m_shown{};
    std::optional<Time> m_answered;
    bool m_withdrawn = false;
    bool m_replaces = false; ///< the question on the screen stands in the place of another
};

} // namespace wherry::cli
