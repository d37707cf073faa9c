#pragma once

#include "base/result.h"
#include "runtime/rooted_dir.h"

#include <string>

namespace wherry::runtime {

/// One engine per home. The lock is the system's and ends with the process, however it ends; the file `engine.lock`
/// stays and says who holds it.
class HomeLock {
  public:
    /// `who`: what a person would call this process ("wherry receive"). Busy: another process has it; the context says
    /// who.
    static Result<HomeLock> take(const RootedDir& home, const std::string& who);
    /// Whether a process has it. Asking disturbs nobody who takes it at that moment.
    static bool isHeld(const RootedDir& home);

  private:
    explicit HomeLock(File file) : m_file(std::move(file)) {}
    File m_file;
};

} // namespace wherry::runtime
