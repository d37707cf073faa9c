#include "codec/qr_code.h"

#include <qrencode.h>

#include <cerrno>
#include <memory>

namespace wherry::codec {

Result<QrCode> makeQrCode(std::string_view text) {
    const std::string terminated(text);
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> made(
        QRcode_encodeString(terminated.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), &QRcode_free);
    if (!made) {
        if (errno == ERANGE) return makeError(Errc::TooLarge, "text for a QR code");
        return makeError(Errc::InvalidArgument, "text for a QR code");
    }
    QrCode code;
    code.width = made->width;
    const size_t modules = static_cast<size_t>(made->width) * static_cast<size_t>(made->width);
    code.dark.resize(modules);
    for (size_t i = 0; i < modules; ++i) code.dark[i] = (made->data[i] & 1) != 0;
    return code;
}

std::string qrTerminalText(const QrCode& code, int quiet) {
    constexpr std::string_view kBlackOnWhite = "\x1b[30;107m";
    constexpr std::string_view kReset = "\x1b[0m";
    const auto dark = [&](int row, int column) {
        const bool inside = row >= 0 && column >= 0 && row < code.width && column < code.width;
        return inside && code.at(row, column);
    };
    std::string out;
    for (int row = -quiet; row < code.width + quiet; row += 2) {
        out += kBlackOnWhite;
        for (int column = -quiet; column < code.width + quiet; ++column) {
            const bool upper = dark(row, column), lower = dark(row + 1, column);
            out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        out += kReset;
        out += '\n';
    }
    return out;
}

} // namespace wherry::codec
