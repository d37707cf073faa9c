#include "desktop/attention.h"

#include "desktop/app.h"
#include "desktop/display.h"

namespace wherry::desktop {

namespace {

const QString kAccept = QStringLiteral("accept");
const QString kDecline = QStringLiteral("decline");
const QString kShow = QStringLiteral("show");

QString keyOf(api::TransferId transfer) {
    return QStringLiteral("offer-%1").arg(transfer.value);
}
QString keyOfEnd(api::TransferId transfer) {
    return QStringLiteral("end-%1").arg(transfer.value);
}

} // namespace

Attention::Attention(App& app, Notifier& notifier, QObject* parent)
    : QObject(parent),
      m_app(app),
      m_notifier(notifier) {
    connect(app.offers(), &OffersModel::arrived, this, &Attention::onOffer);
    connect(app.offers(), &OffersModel::gone, this,
            [this](api::TransferId transfer) { m_notifier.withdraw(keyOf(transfer)); });
    connect(app.transfers(), &TransfersModel::ended, this, &Attention::onEnded);
    connect(app.messages(), &MessagesModel::arrived, this, &Attention::onText);
    connect(&notifier, &Notifier::activated, this, [this](const QString& key) { onChosen(key, kShow); });
    connect(&notifier, &Notifier::chosen, this, &Attention::onChosen);
}

void Attention::setWatched(bool watched) {
    if (watched == m_watched) return;
    m_watched = watched;
    if (!watched) return;
    for (int row = 0; row < m_app.offers()->count(); ++row)
        m_notifier.withdraw(keyOf(m_app.offers()->index(row).data(OffersModel::OfferRole).value<Offer*>()->transfer()));
}

void Attention::tell(const Notification& notification) {
    if (!m_watched) m_notifier.show(notification);
}

void Attention::onOffer(Offer* offer) {
    tell({keyOf(offer->transfer()),
          Notification::Kind::Question,
          tr("%1 wants to send you files").arg(offer->peerName()),
          offer->label() + QLatin1Char('\n') + offer->contents(),
          {{kAccept, tr("Accept…", "shows the question that can be accepted")},
           {kDecline, tr("Decline", "refuses what is offered")},
           {kShow, tr("Show", "brings the window to the front")}}});
}

void Attention::onEnded(const api::TransferEvent& how) {
    const auto name = [&](const api::PeerId& peer) { return m_app.knownPeers()->face(peer).name; };
    const QList<Notification::Action> actions{{kShow, tr("Show", "brings the window to the front")}};
    if (const auto* delivered = std::get_if<api::TransferDelivered>(&how)) {
        QStringList names;
        for (const std::string& one : delivered->names)
            if (names.size() < 3) names.append(shown(one));
        const QString what = names.isEmpty() ? QString() : names.join(QStringLiteral(", ")) + QLatin1Char('\n');
        tell({keyOfEnd(delivered->transfer), Notification::Kind::Done,
              delivered->incoming ? tr("Received from %1").arg(name(delivered->peer))
                                  : tr("Delivered to %1").arg(name(delivered->peer)),
              what + joined({contentsText(delivered->figures.filesTotal, 0) + QStringLiteral(", ") +
                                 bytesText(delivered->figures.bytesTotal),
                             notSentText(m_app.transfers()->leftOutOf(delivered->transfer))}),
              actions});
    } else if (const auto* failed = std::get_if<api::TransferFailed>(&how)) {
        if (failed->error.code == api::Errc::Cancelled && !failed->byPeer) return; // by the person
        tell({keyOfEnd(failed->transfer), Notification::Kind::Failed,
              failed->incoming ? tr("Not received from %1").arg(name(failed->peer))
                               : tr("Not delivered to %1").arg(name(failed->peer)),
              failureText(failed->error, failed->file, failed->byPeer), actions});
    }
}

void Attention::onText(const QString& peerName) {
    tell({QStringLiteral("text"),
          Notification::Kind::Message,
          tr("A text from %1").arg(peerName),
          {},
          {{kShow, tr("Show", "brings the window to the front")}}});
}

void Attention::onChosen(const QString& key, const QString& action) {
    if (action != kDecline) return emit windowWanted();
    for (int row = 0; row < m_app.offers()->count(); ++row) {
        auto* offer = m_app.offers()->index(row).data(OffersModel::OfferRole).value<Offer*>();
        if (keyOf(offer->transfer()) == key) return offer->decline();
    }
}

} // namespace wherry::desktop
