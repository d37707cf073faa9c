#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QTimer>

namespace wherry::desktop {

class EngineSession;
class SendDraft;

/// What is shared by ticket: whoever holds one can fetch it while this engine, or the next of the same home, runs. The
/// ticket of each can be had as long as it is shared.
class SharesModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged)
    Q_PROPERTY(bool watched READ watched WRITE setWatched NOTIFY watchedChanged)

  public:
    enum Role {
        ShareRole = Qt::UserRole + 1, ///< its name here
        LabelRole,
        DetailRole, ///< how often it was fetched, until when it may be
        TicketRole,
        ServingRole, ///< transfers under way
    };
    Q_ENUM(Role)

    SharesModel(EngineSession& engine, SendDraft& draft, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }
    /// A ticket is being made.
    bool busy() const { return m_busy; }
    /// Somebody looks: asks now and then for what other programs have shared and how often it was fetched.
    bool watched() const { return m_watch.isActive(); }
    void setWatched(bool watched);

    /// The files that are gathered; `seconds` 0: until it is revoked. They leave the draft once the ticket is there.
    Q_INVOKABLE void publish(int seconds, bool once);
    Q_INVOKABLE void revoke(const QString& share);
    Q_INVOKABLE QString ticket(const QString& share) const;
    Q_INVOKABLE QString label(const QString& share) const;
    Q_INVOKABLE QString detail(const QString& share) const;
    /// For a camera: rows of "1" and "0".
    Q_INVOKABLE QStringList qrRows(const QString& share) const;

  signals:
    void countChanged();
    void busyChanged();
    /// One could not be made, or not ended.
    void failed(const QString& why);
    void watchedChanged();
    void published(const QString& share);
    /// How often it was fetched, say.
    void changed(const QString& share);
    void ended(const QString& share);

  private:
    void refresh();
    void ask(std::vector<api::ShareInfo> before);
    void onEvent(const api::Event& event);
    void onPublished(const api::Event& event);
    void show(std::vector<api::ShareInfo> all);
    void put(const api::ShareInfo& share);
    void remove(int row);
    void setBusy(bool busy);
    const api::ShareInfo* find(const QString& share) const;

    EngineSession& m_engine;
    SendDraft& m_draft;
    std::vector<api::ShareInfo> m_shares;
    bool m_busy = false;
    QTimer m_soon;
    QTimer m_watch;
};

} // namespace wherry::desktop
