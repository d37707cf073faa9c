#pragma once

#include "link/bandwidth.h"

#include <QObject>
#include <functional>

namespace wherry::runtime {

/// Tells whether the system calls the network metered, at once and after each change; where the system cannot tell,
/// never. Asking takes a connection to a service of the system and its memory, so it is made only by who needs to know.
/// Lives in the main thread.
class MeteredWatch final : public QObject {
    Q_OBJECT

  public:
    explicit MeteredWatch(std::function<void(link::Metered)> changed);
};

} // namespace wherry::runtime
