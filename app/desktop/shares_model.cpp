#include "desktop/shares_model.h"

#include "api/ticket.h"
#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/send_draft.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

namespace wherry::desktop {

namespace {

/// Several transfers that end together are asked about once.
constexpr int kSoonMs = 300;
constexpr int kWatchMs = 5000;
constexpr size_t kMaxShownLabel = 200;

QString tr(const char* text) {
    return QCoreApplication::translate("Shares", text);
}

QString untilText(api::UnixTime expires) {
    if (expires.nanoseconds == 0) return tr("until you end it");
    const QDateTime when = dateTimeOf(expires).toLocalTime();
    const QLocale locale;
    const QString time = locale.toString(when.time(), QLocale::ShortFormat);
    const qint64 days = QDate::currentDate().daysTo(when.date());
    if (days <= 0) return tr("until %1").arg(time);
    if (days == 1) return tr("until tomorrow, %1").arg(time);
    return tr("until %1").arg(locale.toString(when.date(), QLocale::ShortFormat));
}

QString fetchedText(const api::ShareInfo& share) {
    if (share.serving > 0) return tr("Being fetched now");
    if (share.fetched == 0) return tr("Not fetched yet");
    return share.fetched == 1 ? tr("Fetched once")
                              : tr("Fetched %1 times").arg(numberText(share.fetched));
}

QString detailText(const api::ShareInfo& share) {
    return joined({fetchedText(share), share.once ? tr("can be fetched once") : QString(), untilText(share.expires)});
}

/// The end of an outgoing transfer, or its begin, may have been one of a share.
bool mayBeFetching(const api::Event& event) {
    const auto* update = std::get_if<api::TransferUpdate>(&event);
    return update && !std::holds_alternative<api::TransferProgress>(update->event);
}

} // namespace

SharesModel::SharesModel(EngineSession& engine, SendDraft& draft, QObject* parent)
    : QAbstractListModel(parent),
      m_engine(engine),
      m_draft(draft) {
    m_soon.setInterval(kSoonMs);
    m_soon.setSingleShot(true);
    m_watch.setInterval(kWatchMs);
    connect(&m_soon, &QTimer::timeout, this, &SharesModel::refresh);
    connect(&m_watch, &QTimer::timeout, this, &SharesModel::refresh);
    connect(&engine, &EngineSession::ready, this, &SharesModel::refresh);
    connect(&engine, &EngineSession::event, this, &SharesModel::onEvent);
}

int SharesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_shares.size());
}

QHash<int, QByteArray> SharesModel::roleNames() const {
    return {{ShareRole, "share"},
            {LabelRole, "label"},
            {DetailRole, "detail"},
            {TicketRole, "ticket"},
            {ServingRole, "serving"}};
}

QVariant SharesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const api::ShareInfo& share = m_shares[static_cast<size_t>(index.row())];
    switch (role) {
    case ShareRole:
        return QString::fromStdString(share.share);
    case Qt::DisplayRole:
    case LabelRole:
        return shown(share.label, kMaxShownLabel);
    case DetailRole:
        return detailText(share);
    case TicketRole:
        return QString::fromStdString(share.ticket);
    case ServingRole:
        return static_cast<int>(std::min<uint64_t>(share.serving, INT_MAX));
    default:
        return {};
    }
}

const api::ShareInfo* SharesModel::find(const QString& share) const {
    const auto found = std::ranges::find(m_shares, share.toStdString(), &api::ShareInfo::share);
    return found == m_shares.end() ? nullptr : &*found;
}

QString SharesModel::ticket(const QString& share) const {
    const api::ShareInfo* found = find(share);
    return found ? QString::fromStdString(found->ticket) : QString();
}

QString SharesModel::label(const QString& share) const {
    const api::ShareInfo* found = find(share);
    return found ? shown(found->label, kMaxShownLabel) : QString();
}

QString SharesModel::detail(const QString& share) const {
    const api::ShareInfo* found = find(share);
    return found ? detailText(*found) : QString();
}

QStringList SharesModel::qrRows(const QString& share) const {
    QStringList rows;
    for (const std::string& row : api::ticketQrRows(ticket(share).toStdString()))
        rows.append(QString::fromStdString(row));
    return rows;
}

// --- what the engine has -------------------------------------------------------------------------------------

void SharesModel::setWatched(bool watched) {
    if (watched == m_watch.isActive()) return;
    watched ? m_watch.start() : m_watch.stop();
    if (watched) m_soon.start();
    emit watchedChanged();
}

void SharesModel::refresh() {
    if (m_engine.isReady()) ask({});
}

void SharesModel::ask(std::vector<api::ShareInfo> before) {
    const uint64_t skip = before.size();
    m_engine.submit(api::ListShares{skip}, this, [this, all = std::move(before)](const api::Event& event) mutable {
        const auto* listed = std::get_if<api::SharesListed>(&event);
        if (!listed) return;
        all.insert(all.end(), listed->shares.begin(), listed->shares.end());
        listed->more ? ask(std::move(all)) : show(std::move(all));
    });
}

void SharesModel::onEvent(const api::Event& event) {
    if (const auto* over = std::get_if<api::ShareEnded>(&event)) {
        const auto found = std::ranges::find(m_shares, over->share, &api::ShareInfo::share);
        if (found != m_shares.end()) remove(static_cast<int>(found - m_shares.begin()));
    } else if (mayBeFetching(event) && !m_shares.empty()) {
        m_soon.start();
    }
}

void SharesModel::show(std::vector<api::ShareInfo> all) {
    for (int row = rowCount() - 1; row >= 0; --row)
        if (std::ranges::find(all, m_shares[static_cast<size_t>(row)].share, &api::ShareInfo::share) == all.end())
            remove(row);
    for (const api::ShareInfo& share : all) put(share);
}

void SharesModel::put(const api::ShareInfo& share) {
    const auto found = std::ranges::find(m_shares, share.share, &api::ShareInfo::share);
    if (found != m_shares.end()) {
        *found = share;
        const QModelIndex row = index(static_cast<int>(found - m_shares.begin()));
        emit dataChanged(row, row);
        emit changed(QString::fromStdString(share.share));
        return;
    }
    beginInsertRows({}, rowCount(), rowCount());
    m_shares.push_back(share);
    endInsertRows();
    emit countChanged();
}

void SharesModel::remove(int row) {
    const QString share = QString::fromStdString(m_shares[static_cast<size_t>(row)].share);
    beginRemoveRows({}, row, row);
    m_shares.erase(m_shares.begin() + row);
    endRemoveRows();
    emit countChanged();
    emit ended(share);
}

// --- what the person does ------------------------------------------------------------------------------------

void SharesModel::setBusy(bool busy) {
    if (busy == m_busy) return;
    m_busy = busy;
    emit busyChanged();
}

void SharesModel::publish(int seconds, bool once) {
    api::ShareFiles order;
    order.paths = m_draft.paths();
    order.lifetime = std::chrono::seconds(std::max(seconds, 0));
    order.once = once;
    if (m_busy || order.paths.empty()) return;
    setBusy(true);
    m_engine.submit(std::move(order), this, [this](const api::Event& event) { onPublished(event); });
}

void SharesModel::onPublished(const api::Event& event) {
    setBusy(false);
    if (const auto* why = std::get_if<api::RequestFailed>(&event)) emit failed(shown(why->error.context, 400));
    const auto* there = std::get_if<api::SharePublished>(&event);
    if (!there) return;
    put(there->share);
    m_draft.clearFiles();
    emit published(QString::fromStdString(there->share.share));
}

void SharesModel::revoke(const QString& share) {
    m_engine.submit(api::RevokeShare{share.toStdString()}, this, [this](const api::Event& event) {
        if (const auto* why = std::get_if<api::RequestFailed>(&event)) emit failed(shown(why->error.context, 400));
        refresh();
    });
}

} // namespace wherry::desktop
