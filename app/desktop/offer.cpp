#include "desktop/offer.h"

#include "desktop/display.h"
#include "desktop/engine_session.h"
#include "desktop/receiving.h"

#include <QDir>
#include <QLocale>
#include <utility>

namespace wherry::desktop {

namespace {

/// Characters of a name in a sentence.
constexpr qsizetype kMaxNamedLength = 48;

} // namespace

Offer::Offer(EngineSession& engine, const Receiving& receiving, PeerFace face, api::OfferMade offer, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_receiving(receiving),
      m_transfer(offer.transfer),
      m_peer(offer.peer),
      m_face(std::move(face)),
      m_label(shown(offer.label)),
      m_contents(contentsText(offer.filesTotal, offer.foldersTotal) + QStringLiteral(", ") +
                 bytesText(offer.bytesTotal)),
      m_place{offer.place.folder, offer.place.conflict, {}},
      m_files(new OfferFilesModel(std::move(offer.entries), offer.renames, this)) {
    m_files->begin(offer.place.names, offer.taken, offer.filesTotal);
    found(offer.freeBytes, offer.takenTotal, offer.takenMayBeMore, offer.renames.size());
    m_arming.setInterval(kArmDelayMs);
    m_arming.setSingleShot(true);
    connect(&m_arming, &QTimer::timeout, this, [this] { setArmed(true); });
    connect(m_files, &OfferFilesModel::chosenChanged, this, &Offer::readinessChanged);
    connect(m_files, &OfferFilesModel::renamed, this, &Offer::look);
}

// --- who ----------------------------------------------------------------------------------------------------------

/// A name that comes late is read before a yes counts: it may not be the one that was expected.
void Offer::setFace(const PeerFace& face) {
    const bool renamed = face.name != m_face.name;
    m_face = face;
    if (renamed) arm();
    emit faceChanged();
}

void Offer::setSilence(double seconds) {
    const int whole = static_cast<int>(seconds);
    if (std::exchange(m_silent, whole) != whole) emit silenceChanged();
}

QString Offer::silenceText() const {
    if (m_silent <= 0) return {};
    return tr("No answer from this device for %1. It may be switched off, or out of reach.")
        .arg(durationText(m_silent));
}

// --- the place --------------------------------------------------------------------------------------------------------

QString Offer::folder() const {
    return shownFolder(m_place.folder);
}

QUrl Offer::folderUrl() const {
    return QUrl::fromLocalFile(QString::fromStdString(m_place.folder));
}

QStringList Offer::conflicts() const {
    return {tr("Keep both"), tr("Replace it"), tr("Leave out"), tr("Take nothing")};
}

void Offer::setConflict(int conflict) {
    if (conflict < 0 || conflict > static_cast<int>(api::Conflict::Fail) || conflict == this->conflict()) return;
    m_place.conflict = static_cast<api::Conflict>(conflict);
    look();
}

void Offer::setFolder(const QUrl& folder) {
    if (!folder.isLocalFile()) return;
    m_place.folder = QDir::cleanPath(folder.toLocalFile()).toStdString();
    look();
}

void Offer::rename(int row, const QString& name) {
    m_files->rename(row, name.trimmed());
}

/// The engine says what there is to know about the place; the answer to an older question is nobody's any more.
void Offer::look() {
    m_refusal.clear();
    m_yesWaits.reset();
    m_place.names.clear();
    for (const auto& [entry, name] : m_files->names()) m_place.names.push_back({entry, name});
    m_unasked = false;
    ask();
}

void Offer::lookAgain() {
    if (m_answering) return; // the engine looks with the answer
    if (m_asked) {
        m_stale = true; // the answer may be about what was there before
    } else {
        m_unasked = true;
        ask();
    }
}

void Offer::ask() {
    m_stale = false;
    const auto asked = std::make_shared<api::RequestId>();
    *asked = m_engine.submit(api::LookAtOffer{m_transfer, m_place}, this, [this, asked](const api::Event& event) {
        if (m_asked == *asked) onLooked(event);
    });
    m_asked = *asked;
    emit placeChanged();
    emit readinessChanged();
}

void Offer::onLooked(const api::Event& event) {
    m_asked.reset();
    const uint64_t onScreen = m_taken + m_renames;
    m_refusal.clear();
    if (const auto* failed = std::get_if<api::RequestFailed>(&event)) {
        m_refusal = refusalText(failed->error);
        m_files->setFound({}, {});
    } else if (const auto* looked = std::get_if<api::OfferLooked>(&event)) {
        found(looked->freeBytes, looked->takenTotal, looked->takenMayBeMore, looked->renamesTotal);
        m_files->setFound(looked->renames, looked->taken);
    }
    emit placeChanged();
    emit readinessChanged();
    if (m_stale) return ask(); // a yes waits for that
    const auto expected = std::exchange(m_yesWaits, std::nullopt);
    if (!expected && m_unasked && m_taken + m_renames > onScreen) arm(); // nobody has seen it who presses now
    if (!expected) return;
    if (acceptable() && m_taken + m_renames <= *expected && !m_takenMayBeMore)
        say();
    else
        arm(); // what is found has to be seen first
}

QString Offer::refusalText(const api::Error& error) const {
    if (QString own = m_receiving.ownThingsProblem(QString::fromStdString(m_place.folder)); !own.isEmpty()) return own;
    if (error.code == api::Errc::PermissionDenied || error.code == api::Errc::ReadOnly)
        return tr("Nothing can be saved in this folder. Choose another one.");
    const QString text = shown(error.context);
    return text.isEmpty() ? tr("Nothing can be received there. Choose another folder.") : text;
}

void Offer::found(uint64_t freeBytes, uint64_t taken, bool mayBeMore, uint64_t renames) {
    m_free = freeBytes;
    m_taken = taken;
    m_takenMayBeMore = mayBeMore;
    m_renames = renames;
}

QString Offer::takenText() const {
    if (!m_refusal.isEmpty() || (m_taken == 0 && !m_takenMayBeMore)) return {};
    const bool one = m_taken == 1 && !m_takenMayBeMore;
    const QString names = m_takenMayBeMore ? tr("At least %1 names are taken there").arg(m_taken)
                          : one            ? tr("One name is taken there")
                                           : tr("%1 names are taken there").arg(m_taken);
    switch (m_place.conflict) {
    case api::Conflict::Rename:
        return tr("%1: both are kept").arg(names);
    case api::Conflict::Replace:
        return tr("%1: what is there is replaced").arg(names);
    case api::Conflict::Skip:
        return one ? tr("%1: it is left out").arg(names) : tr("%1: they are left out").arg(names);
    case api::Conflict::Fail:
        break;
    }
    return tr("%1: nothing is received then").arg(names);
}

QString Offer::renamesText() const {
    if (!m_refusal.isEmpty() || m_renames == 0) return {};
    return m_renames == 1 ? tr("One name is changed: that disk cannot hold it")
                          : tr("%1 names are changed: that disk cannot hold them").arg(m_renames);
}

QString Offer::namesText() const {
    return joined({takenText(), renamesText()});
}

QString Offer::freeText() const {
    return bytesText(m_free);
}

bool Offer::fits() const {
    return m_files->chosenBytes() <= static_cast<double>(m_free);
}

QString Offer::problem() const {
    if (!m_refusal.isEmpty()) return m_refusal;
    if (m_files->noneChosen()) return tr("Nothing is chosen");
    if (!fits()) return tr("Not enough room: %1 is chosen, %2 is free").arg(bytesText(static_cast<uint64_t>(m_files->chosenBytes())), freeText());
    return {};
}

// --- the answer -------------------------------------------------------------------------------------------------------

bool Offer::answerable() const {
    return m_armed && !m_answering && problem().isEmpty();
}

QString Offer::warningText() const {
    const int marked = m_files->marked();
    if (marked == 0) return {};
    if (m_files->isOneFile()) return tr("This file needs a second look");
    return marked == 1 ? tr("“%1” needs a second look").arg(briefly(m_files->firstMarked(), kMaxNamedLength))
                       : tr("%1 of these files need a second look").arg(QLocale().toString(marked));
}

QString Offer::warningDetail() const {
    const int marked = m_files->marked();
    const int warned = m_files->warned();
    const int hidden = marked - warned;
    const auto number = [](int count) { return QLocale().toString(count); };
    QStringList sentences;
    if (marked == 1) sentences.append(m_files->whyFirstMarked() + QLatin1Char('.'));
    if (marked > 1 && warned > 0)
        sentences.append(warned == 1 ? tr("One can change what this computer does by itself.")
                                     : tr("%1 can change what this computer does by itself.").arg(number(warned)));
    if (marked > 1 && hidden > 0)
        sentences.append(hidden == 1 ? tr("One has a name with hidden characters.")
                                     : tr("%1 have names with hidden characters.").arg(number(hidden)));
    sentences.append(tr("Accept only what you expected."));
    return sentences.join(QLatin1Char(' '));
}

void Offer::arm() {
    m_arming.start();
    if (m_armed) setArmed(false);
}

void Offer::setArmed(bool armed) {
    m_armed = armed;
    emit armedChanged();
    emit readinessChanged();
}

void Offer::accept() {
    if (!answerable()) return;
    if (looking())
        m_yesWaits = m_taken + m_renames;
    else
        say();
}

void Offer::say() {
    m_answering = true;
    m_engine.submit(api::AnswerOffer{m_transfer, true, {}, m_files->selection(), m_place}, this,
                    [this](const api::Event& event) { onAnswered(event); });
    emit readinessChanged();
}

void Offer::onAnswered(const api::Event& event) {
    m_answering = false;
    if (const auto* failed = std::get_if<api::RequestFailed>(&event)) {
        m_refusal = refusalText(failed->error);
        emit placeChanged();
        emit readinessChanged();
        return;
    }
    emit answered();
}

void Offer::decline() {
    m_yesWaits.reset();
    m_engine.submit(api::AnswerOffer{m_transfer, false, std::string(kSaidNo), {}, {}});
    emit answered();
}

void Offer::block() {
    api::BlockPeer block;
    block.target.peer = m_peer;
    m_engine.submit(std::move(block));
    decline();
}

void Offer::trust() {
    api::TrustPeer trust;
    trust.target.peer = m_peer;
    m_engine.submit(std::move(trust), this, [this](const api::Event& event) {
        if (!std::holds_alternative<api::RequestDone>(event)) return;
        m_face.trusted = true;
        emit faceChanged();
    });
}

} // namespace wherry::desktop
