#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace wherry::codec {

/// A QR code (ISO/IEC 18004) without its quiet zone.
struct QrCode {
    int width = 0;          ///< modules in each direction
    std::vector<bool> dark; ///< row by row
    bool at(int row, int column) const {
        return dark[static_cast<size_t>(row) * static_cast<size_t>(width) + static_cast<size_t>(column)];
    }
};

/// The smallest code that holds `text`, with error correction of level L: it is read off a screen. Digits and capitals
/// take the alphanumeric mode, which is denser. TooLarge: no code holds it.
Result<QrCode> makeQrCode(std::string_view text);

/// The code as lines of text for a terminal that takes colours (ECMA-48), two rows a line, black on white whatever the
/// terminal's own colours are, with a quiet zone of `quiet` modules (4 by the standard; scanners take 2).
std::string qrTerminalText(const QrCode& code, int quiet);

} // namespace wherry::codec
