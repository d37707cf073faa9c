#include "desktop/offer.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"

#include <QCoreApplication>
#include <QDir>
#include <QPointer>
#include <QStorageInfo>
#include <QThreadPool>
#include <algorithm>
#include <climits>

namespace wherry::desktop {

namespace {

/// What the sender reads; the same words as the command line's.
constexpr const char* kSaidNo = "the person at the other side said no";

} // namespace

Offer::Offer(EngineSession& engine, PeerFace face, api::OfferMade offer, const api::ReceivePolicy& policy, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_transfer(offer.transfer),
      m_peer(offer.peer),
      m_face(std::move(face)),
      m_label(shown(offer.label)),
      m_contents(contentsText(offer.filesTotal, offer.foldersTotal) + QStringLiteral(", ") + bytesText(offer.bytesTotal)),
      m_policy(policy),
      m_warnings(static_cast<int>(
          std::ranges::count_if(offer.entries, [](const auto& entry) { return !entry.warning.empty(); }))),
      m_taken(static_cast<int>(std::min<uint64_t>(offer.takenTotal, INT_MAX))),
      m_renames(static_cast<int>(offer.renames.size())),
      m_files(new OfferFilesModel(std::move(offer.entries), offer.renames, this)) {
    m_arming.setInterval(kArmDelayMs);
    m_arming.setSingleShot(true);
    connect(&m_arming, &QTimer::timeout, this, [this] {
        m_armed = true;
        emit armedChanged();
    });
    connect(m_files, &OfferFilesModel::chosenChanged, this, &Offer::freeChanged);
    lookForRoom();
}

QString Offer::folder() const {
    return QDir::toNativeSeparators(shown(m_policy.folder));
}

QString Offer::conflict() const {
    switch (m_policy.conflict) {
    case api::Conflict::Rename: return tr("If a name is taken, both are kept");
    case api::Conflict::Replace: return tr("If a name is taken, what is there is replaced");
    case api::Conflict::Skip: return tr("If a name is taken, what is there stays");
    case api::Conflict::Fail: break;
    }
    return tr("If a name is taken, nothing is received");
}

QString Offer::takenText() const {
    if (m_taken == 0) return {};
    return m_taken == 1 ? tr("One of the names is taken there. ") : tr("%1 of the names are taken there. ").arg(m_taken);
}

QString Offer::freeText() const {
    return m_free < 0 ? QString() : bytesText(static_cast<uint64_t>(m_free));
}

bool Offer::fits() const {
    return m_free < 0 || m_files->chosenBytes() <= static_cast<double>(m_free);
}

void Offer::arm() {
    m_arming.start();
    if (!m_armed) return;
    m_armed = false;
    emit armedChanged();
}

void Offer::accept() {
    if (!m_armed || m_files->noneChosen()) return;
    m_engine.submit(api::AnswerOffer{m_transfer, true, {}, m_files->selection()});
    emit answered();
}

void Offer::decline() {
    m_engine.submit(api::AnswerOffer{m_transfer, false, kSaidNo, {}});
    emit answered();
}

void Offer::block() {
    api::BlockPeer block;
    block.target.peer = m_peer;
    m_engine.submit(std::move(block));
    decline();
}

/// A network disk may take its time over it.
void Offer::lookForRoom() {
    const QString path = QString::fromStdString(m_policy.folder);
    QThreadPool::globalInstance()->start([self = QPointer<Offer>(this), path] {
        const qint64 free = QStorageInfo(path).bytesAvailable();
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [self, free] {
                if (!self) return;
                self->m_free = free;
                emit self->freeChanged();
            },
            Qt::QueuedConnection);
    });
}

} // namespace wherry::desktop
