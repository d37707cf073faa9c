#include "cli/progress_display.h"

#include "cli/progress_line.h"
#include "cli/terminal.h"

#include <algorithm>

namespace wherry::cli {

namespace {

constexpr double kShortestSilence = 3;
/// Before any rate is known.
constexpr double kFirstSilence = 10;
constexpr double kLongestSilence = 60;
constexpr double kBytesUnderWay = 8.0 * 256 * 1024;
constexpr int kTickMs = 1000;

/// Whether anything of the transfer has gone on.
bool moved(const api::TransferFigures& before, const api::TransferFigures& now) {
    return before.bytesVerified != now.bytesVerified || before.bytesSent != now.bytesSent ||
           before.filesDone != now.filesDone;
}

/// A receiver that has every byte waits for nobody but its disk.
bool waitsForPeer(const api::TransferProgress& progress) {
    return !progress.incoming || progress.figures.bytesVerified < progress.figures.bytesTotal;
}

api::TransferProgress sumOf(const std::map<api::TransferId, api::TransferProgress>& all) {
    api::TransferProgress sum;
    for (const auto& [id, one] : all) {
        sum.figures.bytesVerified += one.figures.bytesVerified;
        sum.figures.bytesTotal += one.figures.bytesTotal;
        sum.figures.filesDone += one.figures.filesDone;
        sum.figures.filesTotal += one.figures.filesTotal;
        sum.rate += one.rate;
    }
    const uint64_t left = sum.figures.bytesTotal - std::min(sum.figures.bytesTotal, sum.figures.bytesVerified);
    if (sum.rate > 0) sum.etaSeconds = static_cast<double>(left) / sum.rate;
    return sum;
}

} // namespace

double silenceWorthSaying(double bytesPerSecond) {
    if (!(bytesPerSecond > 0)) return kFirstSilence;
    return std::clamp(kBytesUnderWay / bytesPerSecond, kShortestSilence, kLongestSilence);
}

ProgressDisplay::ProgressDisplay(Output& output, QObject* parent) : QObject(parent), m_output(output) {
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, &ProgressDisplay::draw);
}

void ProgressDisplay::show(const api::TransferProgress& progress) {
    if (!m_output.showsMoving()) return;
    const auto [known, fresh] = m_latest.try_emplace(progress.transfer, progress);
    if (fresh || moved(known->second.figures, progress.figures)) m_sinceMoved.start();
    known->second = progress;
    draw();
    m_tick.start();
}

void ProgressDisplay::end(api::TransferId transfer) {
    m_latest.erase(transfer);
    if (m_latest.empty()) m_tick.stop();
}

void ProgressDisplay::draw() {
    if (m_latest.empty()) return;
    const api::TransferProgress sum = m_latest.size() == 1 ? m_latest.begin()->second : sumOf(m_latest);
    const double silent = static_cast<double>(m_sinceMoved.elapsed()) / 1000;
    const bool waits = std::ranges::any_of(m_latest, [](const auto& one) { return waitsForPeer(one.second); });
    const bool worthSaying = waits && silent >= silenceWorthSaying(sum.rate);
    m_output.moving(progressLine(sum, terminalColumns(), worthSaying ? silent : 0, m_latest.size()));
}

} // namespace wherry::cli
