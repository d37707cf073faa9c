#include "cli/progress_line.h"

#include "cli/quantity.h"

#include <algorithm>
#include <vector>

namespace wherry::cli {

namespace {

constexpr size_t kLongestBar = 30;
constexpr size_t kShortestBar = 8;

/// 0 to 1; an empty transfer counts by its files.
double fractionDone(const api::TransferFigures& figures) {
    const uint64_t total = figures.bytesTotal > 0 ? figures.bytesTotal : figures.filesTotal;
    const uint64_t done = figures.bytesTotal > 0 ? figures.bytesVerified : figures.filesDone;
    return total == 0 ? 0 : std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
}

/// Rounded down, so that 100 % means all of it.
std::string percentText(double fraction) {
    const std::string digits = std::to_string(static_cast<int>(fraction * 100));
    return std::string(digits.size() < 3 ? 3 - digits.size() : 0, ' ') + digits + "%";
}

std::string bar(double fraction, size_t length) {
    const auto filled = static_cast<size_t>(fraction * static_cast<double>(length));
    return "[" + std::string(filled, '#') + std::string(length - filled, '-') + "]";
}

} // namespace

std::string progressLine(const api::TransferProgress& progress, size_t columns, double silentSeconds,
                         size_t transfers) {
    const api::TransferFigures& figures = progress.figures;
    const size_t room = columns > 1 ? columns - 1 : 0;
    const double fraction = fractionDone(figures);
    const std::string amount = bytesText(figures.bytesVerified) + " of " + bytesText(figures.bytesTotal);
    const std::string files = std::to_string(figures.filesDone) + "/" + std::to_string(figures.filesTotal) + " files";
    std::vector<std::string> parts = {amount};
    if (progress.rate > 0) parts.push_back(rateText(progress.rate));
    if (progress.rate > 0 && figures.bytesVerified < figures.bytesTotal)
        parts.push_back(clockText(progress.etaSeconds) + " left");
    parts.push_back(files);
    if (silentSeconds >= 1)
        parts = {"waiting for the peer (" + std::to_string(static_cast<uint64_t>(silentSeconds)) + " s)", amount,
                 files};
    if (transfers > 1) parts.insert(parts.begin(), std::to_string(transfers) + " transfers");
    std::string text = percentText(fraction);
    for (const std::string& part : parts)
        if (text.size() + 2 + part.size() <= room) text += "  " + part;
    if (text.size() + kShortestBar + 3 <= room)
        text.insert(0, bar(fraction, std::min(kLongestBar, room - text.size() - 3)) + " ");
    return text.substr(0, room);
}

} // namespace wherry::cli
