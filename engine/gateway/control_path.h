#pragma once

#include "runtime/file.h"

#include <string>

namespace wherry::gateway {

/// Where the control socket of a home is: `control.sock` in it. A path that is too long for a socket is gone through an
/// open folder on Linux, so that programs find one another whatever their environment is; elsewhere the socket is then
/// in the user's runtime folder, which nobody else can enter. On Windows it is a pipe.
class ControlPath {
  public:
    /// `home`: as given on the command line; different spellings of one folder give one place.
    explicit ControlPath(const std::string& home);

    /// For the system, as long as this object lives.
    const std::string& address() const { return m_address; }
    /// For people.
    const std::string& shown() const { return m_shown; }

  private:
    runtime::File m_folder; ///< open when the address leads through it
    std::string m_address;
    std::string m_shown;
};

} // namespace wherry::gateway
