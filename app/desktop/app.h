#pragma once

#include "desktop/engine_session.h"
#include "desktop/bandwidth.h"
#include "desktop/history_model.h"
#include "desktop/messages_model.h"
#include "desktop/network_status.h"
#include "desktop/notices_model.h"
#include "desktop/offers_model.h"
#include "desktop/pasted_link.h"
#include "desktop/peer_list_model.h"
#include "desktop/peers_model.h"
#include "desktop/receiving.h"
#include "desktop/send_draft.h"
#include "desktop/settings_model.h"
#include "desktop/shares_model.h"
#include "desktop/transfer_list_model.h"
#include "desktop/transfers_model.h"

#include <QObject>
#include <QQmlEngine>

namespace wherry::desktop {

/// Everything that the window shows and does, over one engine; built in main and handed to the window.
class App final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(QString version READ version CONSTANT)
    Q_PROPERTY(QString deviceName READ deviceName NOTIFY selfChanged)
    Q_PROPERTY(QString peerId READ peerId NOTIFY selfChanged)
    Q_PROPERTY(QString words READ words NOTIFY selfChanged)
    Q_PROPERTY(double hue READ hue NOTIFY selfChanged)
    Q_PROPERTY(QStringList addresses READ addresses NOTIFY selfChanged)
    Q_PROPERTY(bool ready READ ready NOTIFY selfChanged)
    /// Devices nearby hear of this one by themselves.
    Q_PROPERTY(bool findable READ findable NOTIFY selfChanged)
    Q_PROPERTY(QString host READ host NOTIFY selfChanged)
    /// The window has an icon in the tray to come back from: closing it only hides it.
    Q_PROPERTY(bool inTray READ inTray NOTIFY inTrayChanged)
    Q_PROPERTY(wherry::desktop::PeersModel* knownPeers READ knownPeers CONSTANT)
    Q_PROPERTY(wherry::desktop::PeerListModel* peers READ peers CONSTANT)
    Q_PROPERTY(wherry::desktop::PeerListModel* others READ others CONSTANT)
    Q_PROPERTY(wherry::desktop::OffersModel* offers READ offers CONSTANT)
    Q_PROPERTY(wherry::desktop::TransfersModel* transfers READ transfers CONSTANT)
    Q_PROPERTY(wherry::desktop::HistoryModel* history READ history CONSTANT)
    Q_PROPERTY(wherry::desktop::SendDraft* draft READ draft CONSTANT)
    Q_PROPERTY(wherry::desktop::Receiving* receiving READ receiving CONSTANT)
    Q_PROPERTY(wherry::desktop::SharesModel* shares READ shares CONSTANT)
    Q_PROPERTY(wherry::desktop::PastedLink* pasted READ pasted CONSTANT)
    Q_PROPERTY(wherry::desktop::SettingsModel* settings READ settings CONSTANT)
    Q_PROPERTY(wherry::desktop::TransferListModel* transferList READ transferList CONSTANT)
    Q_PROPERTY(wherry::desktop::MessagesModel* messages READ messages CONSTANT)
    Q_PROPERTY(wherry::desktop::Bandwidth* bandwidth READ bandwidth CONSTANT)
    Q_PROPERTY(wherry::desktop::NoticesModel* notices READ notices CONSTANT)
    Q_PROPERTY(wherry::desktop::NetworkStatus* network READ network CONSTANT)

  public:
    /// `settingsFile`: empty: wherry.toml in the home.
    explicit App(api::Settings settings, const std::string& settingsFile = {}, QObject* parent = nullptr);
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
    bool findable() const { return m_lasting.now().mdns; }
    bool ready() const { return m_engine.isReady(); }
    /// Whose engine does the work, when it is another program's: "wherry node (process 12)"; empty: this one's.
    QString host();

    PeersModel* knownPeers() { return &m_peers; }
    PeerListModel* peers() { return &m_list; }
    /// Who has got in touch without any act of the person's, or bears the name of another device.
    PeerListModel* others() { return &m_others; }
    OffersModel* offers() { return &m_offers; }
    TransfersModel* transfers() { return &m_transfers; }
    HistoryModel* history() { return &m_history; }
    SendDraft* draft() { return &m_draft; }
    Receiving* receiving() { return &m_receiving; }
    SharesModel* shares() { return &m_shares; }
    PastedLink* pasted() { return &m_pasted; }
    SettingsModel* settings() { return &m_lasting; }
    TransferListModel* transferList() { return &m_transferList; }
    MessagesModel* messages() { return &m_messages; }
    Bandwidth* bandwidth() { return &m_bandwidth; }
    NoticesModel* notices() { return &m_notices; }
    NetworkStatus* network() { return &m_network; }
    EngineSession& engine() { return m_engine; }

    /// Where received files go, from now on.
    Q_INVOKABLE void setFolder(const QUrl& folder);
    /// What another start of the program was told to send: gathered, and the window goes to where that is seen.
    void gather(const QList<QUrl>& urls);
    Q_INVOKABLE void copy(const QString& text) const;
    /// Decisions about a device, by its peer id.
    Q_INVOKABLE void setTrusted(const QString& peerId, bool trusted);
    Q_INVOKABLE void setBlocked(const QString& peerId, bool blocked);
    Q_INVOKABLE void setAlias(const QString& peerId, const QString& alias);
    /// A text has come while another page is in front.
    Q_INVOKABLE void tellOfText(const QString& peerName, const QString& peerId);
    /// What is running, as somebody who quits has to know; empty: nothing.
    Q_INVOKABLE QString stillRunning();
    bool inTray() const { return m_inTray; }
    void setInTray(bool inTray);
    /// Whether the person has been told that the app goes on in the tray; remembered in the home.
    Q_INVOKABLE bool trayExplained() const;
    Q_INVOKABLE void setTrayExplained();

  signals:
    void selfChanged();
    void inTrayChanged();
    /// Somebody wants to quit, elsewhere than in the window: it asks when something is running.
    void quitWanted();
    /// The page with the devices and what is gathered for them.
    void devicesWanted();
    /// What has been said with a device.
    void conversationWanted(const QString& peerId);
    /// Short words about what has just happened, and what can be done about it: words for NoticesModel::act().
    void noticed(int notice, const QString& text, const QStringList& actions);

  private:
    void connectModels();
    void onSettings();
    QString trayNote() const;
    QString howItGoesOn() const;
    void onEnded(const api::TransferEvent& how);
    void onIncomplete(const api::OfferMade& offer);
    void onDeclinedAll(int offers, int devices);
    void onDelivered(const api::TransferDelivered& how, const QString& sentAs);
    void decide(const QString& peerId, api::Command command);
    api::Target targetOf(const QString& peerId) const;

    const api::Settings m_settings;
    EngineSession m_engine;
    SettingsModel m_lasting;
    NoticesModel m_notices;
    PeersModel m_peers;
    PeerListModel m_list;
    PeerListModel m_others;
    Receiving m_receiving;
    OffersModel m_offers;
    TransfersModel m_transfers;
    HistoryModel m_history;
    SendDraft m_draft;
    SharesModel m_shares;
    PastedLink m_pasted;
    TransferListModel m_transferList;
    MessagesModel m_messages;
    Bandwidth m_bandwidth;
    NetworkStatus m_network;
    bool m_inTray = false;
};

} // namespace wherry::desktop
