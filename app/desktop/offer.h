#pragma once

#include "desktop/offer_files_model.h"
#include "desktop/peers_model.h"

#include <QObject>
#include <QTimer>

namespace wherry::desktop {

class EngineSession;

/// What somebody offers and a person has to answer. What is shown never changes, so the answer is about what was read;
/// a yes counts only once the question has been on the screen for kArmDelay (SECURITY E5).
class Offer final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("an offer comes from a device")
    Q_PROPERTY(QString peerId READ peerId CONSTANT)
    Q_PROPERTY(QString peerName READ peerName CONSTANT)
    Q_PROPERTY(QString words READ words CONSTANT)
    Q_PROPERTY(double hue READ hue CONSTANT)
    Q_PROPERTY(QString kind READ kind CONSTANT)
    Q_PROPERTY(bool trusted READ trusted CONSTANT)
    Q_PROPERTY(QString label READ label CONSTANT)
    Q_PROPERTY(QString contents READ contents CONSTANT)
    Q_PROPERTY(QString folder READ folder CONSTANT)
    Q_PROPERTY(QString conflict READ conflict CONSTANT)
    Q_PROPERTY(int warnings READ warnings CONSTANT)
    Q_PROPERTY(QString takenText READ takenText CONSTANT)
    Q_PROPERTY(int renames READ renames CONSTANT)
    Q_PROPERTY(QString freeText READ freeText NOTIFY freeChanged)
    Q_PROPERTY(bool fits READ fits NOTIFY freeChanged)
    Q_PROPERTY(bool armed READ armed NOTIFY armedChanged)
    Q_PROPERTY(wherry::desktop::OfferFilesModel* files READ files CONSTANT)

  public:
    static constexpr int kArmDelayMs = 500;

    Offer(EngineSession& engine, PeerFace face, api::OfferMade offer, const api::ReceivePolicy& policy, QObject* parent);

    api::TransferId transfer() const { return m_transfer; }
    api::PeerId peer() const { return m_peer; }
    QString peerId() const { return QString::fromStdString(m_peer.text()); }
    QString peerName() const { return m_face.name; }
    QString words() const { return m_face.words; }
    double hue() const { return m_face.hue; }
    QString kind() const { return m_face.kind; }
    bool trusted() const { return m_face.trusted; }
    QString label() const { return m_label; }
    QString contents() const { return m_contents; }
    QString folder() const;
    QString conflict() const;
    int warnings() const { return m_warnings; }
    /// Names that something in the folder has at the moment.
    QString takenText() const;
    int renames() const { return m_renames; }
    QString freeText() const;
    bool fits() const;
    bool armed() const { return m_armed; }
    OfferFilesModel* files() const { return m_files; }

    /// The question is on the screen, or the window has just come to the front: what is pressed now was meant for
    /// something else.
    Q_INVOKABLE void arm();
    /// Nothing happens while it is not armed or nothing is chosen.
    Q_INVOKABLE void accept();
    Q_INVOKABLE void decline();
    /// Declines, and hears nothing of this device any more.
    Q_INVOKABLE void block();

  signals:
    void armedChanged();
    void freeChanged();
    /// It waits no longer, whatever becomes of the answer.
    void answered();

  private:
    void lookForRoom();

    EngineSession& m_engine;
    const api::TransferId m_transfer;
    const api::PeerId m_peer;
    const PeerFace m_face;
    const QString m_label;
    const QString m_contents;
    const api::ReceivePolicy m_policy;
    int m_warnings = 0;
    int m_taken = 0;
    int m_renames = 0;
    OfferFilesModel* m_files;
    QTimer m_arming;
    bool m_armed = false;
    qint64 m_free = -1; ///< bytes; negative: not known
};

} // namespace wherry::desktop
