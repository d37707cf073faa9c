#pragma once

#include "api/types.h"
#include "cli/output.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <map>

namespace wherry::cli {

/// The moving line of what is under way; of several transfers it shows the sums. It goes on by itself when nothing comes
/// any more: then it says for how long. Does nothing without a terminal.
class ProgressDisplay final : public QObject {
    Q_OBJECT

  public:
    explicit ProgressDisplay(Output& output, QObject* parent = nullptr);

    void show(const api::TransferProgress& progress);
    /// The transfer has ended, or its connection has.
    void end(api::TransferId transfer);

  private:
    void draw();

    Output& m_output;
    std::map<api::TransferId, api::TransferProgress> m_latest;
    QElapsedTimer m_sinceMoved; ///< since a byte more was there
    QTimer m_tick;
};

/// From when on it is said that nothing comes, seconds: on a fast path after three; on a slow one the chunks that are
/// under way (256 KiB on each of 8 streams) take their time.
double silenceWorthSaying(double bytesPerSecond);

} // namespace wherry::cli
