#pragma once

#include "api/types.h"

#include <QString>

namespace wherry::desktop {

/// What a key looks like at a glance: four words and a colour from its hash. A label to recognise a device by, never
/// proof of it: 32 bits can be searched for.
struct KeyLabel {
    QString words;  ///< "amber-canoe-lemon-owl"
    double hue = 0; ///< 0 to 1, on the colour wheel
};

KeyLabel keyLabel(const api::PeerId& peer);

} // namespace wherry::desktop
