#pragma once

#include "desktop/engine_session.h"
#include "desktop/history_model.h"
#include "desktop/notices_model.h"
#include "desktop/offers_model.h"
#include "desktop/peer_list_model.h"
#include "desktop/peers_model.h"
#include "desktop/receiving.h"
#include "desktop/send_draft.h"
#include "desktop/texts_model.h"
#include "desktop/transfers_model.h"

#include <QObject>
#include <QQmlEngine>
#include <QUrl>

namespace wherry::desktop {

/// Everything that the window shows and does, over one engine; built in main and handed to the window.
class App final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(QString version READ version CONSTANT)
    Q_PROPERTY(QString deviceName READ deviceName CONSTANT)
    Q_PROPERTY(QString peerId READ peerId NOTIFY selfChanged)
    Q_PROPERTY(QString words READ words NOTIFY selfChanged)
    Q_PROPERTY(double hue READ hue NOTIFY selfChanged)
    Q_PROPERTY(QStringList addresses READ addresses NOTIFY selfChanged)
    Q_PROPERTY(bool ready READ ready NOTIFY selfChanged)
    Q_PROPERTY(QString host READ host NOTIFY selfChanged)
    Q_PROPERTY(wherry::desktop::PeersModel* knownPeers READ knownPeers CONSTANT)
    Q_PROPERTY(wherry::desktop::PeerListModel* peers READ peers CONSTANT)
    Q_PROPERTY(wherry::desktop::OffersModel* offers READ offers CONSTANT)
    Q_PROPERTY(wherry::desktop::TransfersModel* transfers READ transfers CONSTANT)
    Q_PROPERTY(wherry::desktop::HistoryModel* history READ history CONSTANT)
    Q_PROPERTY(wherry::desktop::SendDraft* draft READ draft CONSTANT)
    Q_PROPERTY(wherry::desktop::Receiving* receiving READ receiving CONSTANT)
    Q_PROPERTY(wherry::desktop::TextsModel* texts READ texts CONSTANT)
    Q_PROPERTY(wherry::desktop::NoticesModel* notices READ notices CONSTANT)

  public:
    explicit App(api::Settings settings, QObject* parent = nullptr);
    ~App() override;

    /// Errors as api::Engine::start().
    api::Result<void> start();
    void stop();

    QString version() const;
    QString deviceName() const;
    QString peerId() const;
    QString words() const;
    double hue() const;
    /// Of this device, the most likely first.
    QStringList addresses() const;
    bool ready() const { return m_engine.isReady(); }
    /// Whose engine does the work, when it is another program's: "wherry node (process 12)"; empty: this one's.
    QString host();

    PeersModel* knownPeers() { return &m_peers; }
    PeerListModel* peers() { return &m_list; }
    OffersModel* offers() { return &m_offers; }
    TransfersModel* transfers() { return &m_transfers; }
    HistoryModel* history() { return &m_history; }
    SendDraft* draft() { return &m_draft; }
    Receiving* receiving() { return &m_receiving; }
    TextsModel* texts() { return &m_texts; }
    NoticesModel* notices() { return &m_notices; }
    EngineSession& engine() { return m_engine; }

    Q_INVOKABLE void copy(const QString& text) const;
    /// Decisions about a device, by its peer id.
    Q_INVOKABLE void setTrusted(const QString& peerId, bool trusted);
    Q_INVOKABLE void setBlocked(const QString& peerId, bool blocked);
    Q_INVOKABLE void setAlias(const QString& peerId, const QString& alias);
    /// What is running, as somebody who quits has to know; empty: nothing.
    Q_INVOKABLE QString stillRunning() const;

  signals:
    void selfChanged();
    /// To be shown by the file manager.
    void folderWanted(const QUrl& folder);
    /// Short words about what has just happened.
    void noticed(const QString& text);
    /// A person somewhere else should look here: title and text of a notification.
    void attentionWanted(const QString& title, const QString& text);

  private:
    void connectModels();
    void onEnded(const api::TransferEvent& how);
    void decide(const QString& peerId, api::Command command);
    api::Target targetOf(const QString& peerId) const;

    const api::Settings m_settings;
    EngineSession m_engine;
    NoticesModel m_notices;
    PeersModel m_peers;
    PeerListModel m_list;
    Receiving m_receiving;
    OffersModel m_offers;
    TransfersModel m_transfers;
    HistoryModel m_history;
    SendDraft m_draft;
    TextsModel m_texts;
};

} // namespace wherry::desktop
