#pragma once

#include "desktop/offer_files_model.h"
#include "desktop/peers_model.h"

#include <QObject>
#include <QTimer>
#include <QUrl>

namespace wherry::desktop {

class EngineSession;
class Receiving;

/// What somebody offers and a person has to answer: which of it is taken, where it lands, under which names. The place
/// is the person's for this offer alone; the engine says what would become of it there, and checks it again with the
/// answer. A yes counts only once the question has been on the screen for kArmDelay (SECURITY E5), and is about the
/// place and names that were on the screen.
class Offer final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("an offer comes from a device")
    Q_PROPERTY(QString peerId READ peerId CONSTANT)
    Q_PROPERTY(QString peerName READ peerName NOTIFY faceChanged)
    Q_PROPERTY(QString words READ words CONSTANT)
    Q_PROPERTY(double hue READ hue CONSTANT)
    Q_PROPERTY(QString kind READ kind NOTIFY faceChanged)
    Q_PROPERTY(bool trusted READ trusted NOTIFY faceChanged)
    Q_PROPERTY(QString silenceText READ silenceText NOTIFY silenceChanged)
    Q_PROPERTY(QString label READ label CONSTANT)
    Q_PROPERTY(QString contents READ contents CONSTANT)
    Q_PROPERTY(QString warningText READ warningText CONSTANT)
    Q_PROPERTY(QString warningDetail READ warningDetail CONSTANT)
    Q_PROPERTY(QString folder READ folder NOTIFY placeChanged)
    Q_PROPERTY(QUrl folderUrl READ folderUrl NOTIFY placeChanged)
    Q_PROPERTY(int conflict READ conflict WRITE setConflict NOTIFY placeChanged)
    Q_PROPERTY(QStringList conflicts READ conflicts CONSTANT)
    Q_PROPERTY(QString namesText READ namesText NOTIFY placeChanged)
    Q_PROPERTY(QString freeText READ freeText NOTIFY placeChanged)
    Q_PROPERTY(bool fits READ fits NOTIFY readinessChanged)
    Q_PROPERTY(QString problem READ problem NOTIFY readinessChanged)
    Q_PROPERTY(bool looking READ looking NOTIFY readinessChanged)
    Q_PROPERTY(bool armed READ armed NOTIFY armedChanged)
    Q_PROPERTY(bool answerable READ answerable NOTIFY readinessChanged)
    Q_PROPERTY(wherry::desktop::OfferFilesModel* files READ files CONSTANT)

  public:
    static constexpr int kArmDelayMs = 500;

    Offer(EngineSession& engine, const Receiving& receiving, PeerFace face, api::OfferMade offer, QObject* parent);

    api::TransferId transfer() const { return m_transfer; }
    api::PeerId peer() const { return m_peer; }
    QString peerId() const { return QString::fromStdString(m_peer.text()); }
    QString peerName() const { return m_face.name; }
    QString words() const { return m_face.words; }
    double hue() const { return m_face.hue; }
    QString kind() const { return m_face.kind; }
    bool trusted() const { return m_face.trusted; }
    /// What is known of the device by now: a new one says its name only after it has made its offer.
    void setFace(const PeerFace& face);
    /// That it has not been heard of lately; empty: it has.
    QString silenceText() const;
    void setSilence(double seconds);
    QString label() const { return m_label; }
    QString contents() const { return m_contents; }
    /// What deserves a second look before the yes; empty: nothing does.
    QString warningText() const;
    /// Why, in sentences.
    QString warningDetail() const;
    QString folder() const;
    QUrl folderUrl() const;
    const std::string& place() const { return m_place.folder; }
    /// Place in conflicts().
    int conflict() const { return static_cast<int>(m_place.conflict); }
    void setConflict(int conflict);
    QStringList conflicts() const;
    /// How many names something in the folder has at the moment, and what becomes of them; empty: none.
    QString takenText() const;
    /// How many names that disk cannot hold; empty: none.
    QString renamesText() const;
    /// Both of them.
    QString namesText() const;
    QString freeText() const;
    bool fits() const;
    /// Why nothing can be accepted as it is chosen now; empty: nothing is in the way.
    QString problem() const;
    /// The engine looks at the place.
    bool looking() const { return m_asked || m_answering; }
    bool armed() const { return m_armed; }
    /// A yes counts: at once, or as soon as the place has been looked at.
    bool answerable() const;
    /// It counts at once.
    bool acceptable() const { return answerable() && !looking(); }
    OfferFilesModel* files() const { return m_files; }

    Q_INVOKABLE void setFolder(const QUrl& folder);
    /// Something in the folder has changed meanwhile: what is said of its names is found out anew.
    void lookAgain();
    /// Of an entry, by its row; its own name takes another back.
    Q_INVOKABLE void rename(int row, const QString& name);

    /// The question is on the screen, or the window has just come to the front: what is pressed now was meant for
    /// something else.
    Q_INVOKABLE void arm();
    /// Nothing happens unless it is answerable. A yes that comes while the place is looked at waits for what is found
    /// there: with more names taken or changed than were on the screen, or trouble, the question stays. So it does when
    /// the place does not fit any more.
    Q_INVOKABLE void accept();
    Q_INVOKABLE void decline();
    /// Declines, and hears nothing of this device any more.
    Q_INVOKABLE void block();
    /// Marks the device as trusted, whatever becomes of this offer.
    Q_INVOKABLE void trust();

  signals:
    void faceChanged();
    void silenceChanged();
    void placeChanged();
    void armedChanged();
    void readinessChanged();
    /// It waits no longer, whatever becomes of the answer.
    void answered();

  private:
    void setArmed(bool armed);
    void look();
    void ask();
    void say();
    QString refusalText(const api::Error& error) const;
    void onLooked(const api::Event& event);
    void onAnswered(const api::Event& event);
    void found(uint64_t freeBytes, uint64_t taken, bool mayBeMore, uint64_t renames);

    EngineSession& m_engine;
    const Receiving& m_receiving;
    const api::TransferId m_transfer;
    const api::PeerId m_peer;
    PeerFace m_face;
    const QString m_label;
    const QString m_contents;
    int m_silent = 0;        ///< seconds
    api::OfferPlace m_place; ///< without the names, which m_files has
    OfferFilesModel* m_files;
    uint64_t m_free = 0; ///< bytes
    uint64_t m_taken = 0;
    bool m_takenMayBeMore = false;
    uint64_t m_renames = 0;
    QString m_refusal;                      ///< of the place, by the engine
    std::optional<api::RequestId> m_asked;  ///< about the place as it is now
    bool m_stale = false;                   ///< something has changed there since that was asked
    bool m_unasked = false;                 ///< the question is not the person's
    std::optional<uint64_t> m_yesWaits;     ///< for what is found; the taken and changed names that it is about
    bool m_answering = false;
    QTimer m_arming;
    bool m_armed = false;
};

} // namespace wherry::desktop
