#include "desktop/peer_activity.h"

#include "desktop/display.h"

#include <cmath>

namespace wherry::desktop {

namespace {

/// Characters of what is sent, in a row that says more.
constexpr qsizetype kMaxLabel = 16;

/// As short as a narrow row is, and without the name that stands above.
QString textOfOne(const QModelIndex& transfer) {
    const QString state = transfer.data(TransfersModel::StateRole).toString();
    const bool incoming = transfer.data(TransfersModel::IncomingRole).toBool();
    if (state == QLatin1String("offered"))
        return incoming ? PeerActivity::tr("Waiting for your answer") : PeerActivity::tr("Waiting for the answer");
    if (state == QLatin1String("preparing")) return PeerActivity::tr("Preparing");
    if (state == QLatin1String("paused")) return PeerActivity::tr("Paused");
    if (state == QLatin1String("queued")) return PeerActivity::tr("Waiting for its turn");
    if (state == QLatin1String("interrupted")) return PeerActivity::tr("Interrupted, trying again");
    const QString label = briefly(transfer.data(TransfersModel::LabelRole).toString(), kMaxLabel);
    return (incoming ? PeerActivity::tr("Receiving %1") : PeerActivity::tr("Sending %1")).arg(label);
}

} // namespace

void PeerActivity::setTransfers(TransfersModel* transfers) {
    if (transfers == m_transfers) return;
    if (m_transfers) m_transfers->disconnect(this);
    m_transfers = transfers;
    if (transfers) {
        connect(transfers, &QAbstractItemModel::rowsInserted, this, &PeerActivity::look);
        connect(transfers, &QAbstractItemModel::rowsRemoved, this, &PeerActivity::look);
        connect(transfers, &QAbstractItemModel::dataChanged, this, &PeerActivity::look);
    }
    look();
    emit changed();
}

void PeerActivity::setPeerId(const QString& peerId) {
    if (peerId == m_peerId) return;
    m_peerId = peerId;
    look();
    emit changed();
}

void PeerActivity::look() {
    int count = 0;
    int moving = 0;
    double sum = 0;
    QModelIndex last;
    for (int row = 0; m_transfers && row < m_transfers->count(); ++row) {
        const QModelIndex transfer = m_transfers->index(row);
        if (transfer.data(TransfersModel::PeerIdRole).toString() != m_peerId) continue;
        ++count;
        last = transfer;
        if (transfer.data(TransfersModel::StateRole).toString() != QLatin1String("running")) continue;
        ++moving;
        sum += transfer.data(TransfersModel::ProgressRole).toDouble();
    }
    const double progress = moving == 0 ? -1 : sum / moving;
    QString text;
    if (count == 1) text = textOfOne(last);
    if (count > 1) text = tr("%1 transfers").arg(numberText(static_cast<uint64_t>(count)));
    if (moving > 0) text = joined({text, tr("%1 %").arg(static_cast<int>(std::floor(progress * 100)))});
    if (text == m_text && progress == m_progress) return;
    m_text = text;
    m_progress = progress;
    emit changed();
}

} // namespace wherry::desktop
