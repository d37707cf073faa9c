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
    const bool same = m_latest && m_latest->transfer == progress.transfer;
    if (!same || moved(m_latest->figures, progress.figures)) m_sinceMoved.start();
    m_latest = progress;
    draw();
    m_tick.start();
}

void ProgressDisplay::end(api::TransferId transfer) {
    if (!m_latest || m_latest->transfer != transfer) return;
    m_latest.reset();
    m_tick.stop();
}

void ProgressDisplay::draw() {
    if (!m_latest) return;
    const double silent = static_cast<double>(m_sinceMoved.elapsed()) / 1000;
    const auto& figures = m_latest->figures;
    // A receiver that has every byte waits for nobody but its disk.
    const bool waits = !m_latest->incoming || figures.bytesVerified < figures.bytesTotal;
    const bool worthSaying = waits && silent >= silenceWorthSaying(m_latest->rate);
    m_output.moving(progressLine(*m_latest, terminalColumns(), worthSaying ? silent : 0));
}

} // namespace wherry::cli
