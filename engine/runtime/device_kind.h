#pragma once

#include "peers/known_peer.h"

#include <string_view>

namespace wherry::runtime {

/// What this device is, as far as its system tells; Unknown: it does not, as in a virtual machine. Implemented by each
/// platform.
peers::DeviceKind deviceKind();

/// What a Linux system says about its case, each empty when it says nothing.
struct ChassisFacts {
    std::string_view machineInfo; ///< /etc/machine-info, as hostnamectl writes it: what the person says beats the rest
    std::string_view chassisType; ///< /sys/class/dmi/id/chassis_type: a number of SMBIOS 3.6, section 7.4.1
    std::string_view deviceTree;  ///< chassis-type of the device tree: a word
};
peers::DeviceKind kindOfChassis(const ChassisFacts& facts);

} // namespace wherry::runtime
