#pragma once

#include "api/engine.h"
#include "api/ticket.h"

#include <QObject>
#include <QQmlEngine>
#include <QUrl>
#include <optional>

namespace wherry::desktop {

class EngineSession;
class NoticesModel;
class PeersModel;
class Receiving;

/// What somebody has pasted: a ticket, which is fetched once the person has seen what it is and where it goes, or an
/// address, a key or a name, whose device is looked for and then in the list.
class PastedLink final : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(QString problem READ problem NOTIFY changed)
    Q_PROPERTY(QString text READ text NOTIFY changed)
    Q_PROPERTY(bool busy READ busy NOTIFY changed)
    Q_PROPERTY(bool hasTicket READ hasTicket NOTIFY changed)
    Q_PROPERTY(QString label READ label NOTIFY changed)
    Q_PROPERTY(QString fromName READ fromName NOTIFY changed)
    Q_PROPERTY(QString fromWords READ fromWords NOTIFY changed)
    Q_PROPERTY(double fromHue READ fromHue NOTIFY changed)
    Q_PROPERTY(QString expires READ expires NOTIFY changed)
    Q_PROPERTY(QString folder READ folder NOTIFY changed)
    Q_PROPERTY(QString freeText READ freeText NOTIFY changed)
    Q_PROPERTY(QUrl folderUrl READ folderUrl WRITE setFolderUrl NOTIFY changed)
    Q_PROPERTY(QString folderProblem READ folderProblem NOTIFY changed)

  public:
    PastedLink(EngineSession& engine, const PeersModel& peers, const Receiving& receiving, NoticesModel& notices,
               QObject* parent);

    /// Why what was pasted makes no sense, or its device cannot be reached; empty: nothing is wrong.
    QString problem() const { return m_problem; }
    /// What was read last, as far as a field shows it.
    QString text() const { return m_text; }
    /// A device is looked for.
    bool busy() const { return m_search != api::RequestId{}; }
    /// There is one that waits for fetch().
    bool hasTicket() const { return m_ticket.has_value(); }
    /// Of the ticket, as its maker says.
    QString label() const;
    QString fromName() const;
    QString fromWords() const;
    double fromHue() const;
    QString expires() const;
    QString folder() const;
    /// What its disk has free; empty: it is not known.
    QString freeText() const;
    QUrl folderUrl() const { return m_folder; }
    void setFolderUrl(const QUrl& folder);
    QString folderProblem() const { return m_folderProblem; }

    /// Any text; deviceFound() or hasTicket() follows, or a problem.
    Q_INVOKABLE void read(const QString& text);
    /// What is dropped, if it is a ticket or the address of a device; false: it is neither.
    Q_INVOKABLE bool take(const QList<QUrl>& urls, const QString& text);
    /// The same of the clipboard.
    Q_INVOKABLE bool readClipboard();
    /// What the ticket names. False: not into this folder, as folderProblem says.
    Q_INVOKABLE bool fetch();
    /// The ticket, the problem and the search.
    Q_INVOKABLE void forget();

  signals:
    void changed();
    void deviceFound(const QString& peerId);
    /// Something is on its way here.
    void fetching();

  private:
    void readTicket(const std::string& text);
    void look(const std::string& text);
    void onLooked(const api::Event& event);
    void onFetched(const api::Event& event);
    void setProblem(const QString& problem);
    bool isSelf(const api::PeerId& peer) const;

    EngineSession& m_engine;
    const PeersModel& m_peers;
    const Receiving& m_receiving;
    NoticesModel& m_notices;
    QString m_problem;
    QString m_text;
    std::optional<api::TicketFacts> m_ticket;
    std::string m_ticketText;
    QUrl m_folder;
    QString m_folderProblem;
    api::RequestId m_search;
    api::PeerId m_found;
};

} // namespace wherry::desktop
