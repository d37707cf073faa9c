#pragma once

#include "api/types.h"
#include "desktop/source_paths.h"

#include <QAbstractListModel>
#include <QQmlEngine>
#include <functional>
#include <set>

class QMimeData;

namespace wherry::desktop {

class EngineSession;
class NoticesModel;

/// What the person has gathered to send, until it is said to whom. Folders are read by the engine once it is sent, so
/// that a folder of 100 000 files is one row here.
class SendDraft final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    Q_PROPERTY(QString text READ text NOTIFY textChanged)
    Q_PROPERTY(bool empty READ isEmpty NOTIFY emptyChanged)
    Q_PROPERTY(QString summary READ summary NOTIFY emptyChanged)
    Q_PROPERTY(QString contents READ contents NOTIFY emptyChanged)
    Q_PROPERTY(QStringList recipients READ recipients NOTIFY recipientsChanged)

  public:
    enum Role { NameRole = Qt::UserRole + 1, FolderRole, IsFolderRole };
    Q_ENUM(Role)

    SendDraft(EngineSession& engine, NoticesModel& notices, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }
    /// Text that was pasted or dropped, as it is sent; for the screen it is plain text.
    QString text() const { return m_text; }
    bool isEmpty() const { return m_items.empty() && m_text.isEmpty(); }
    QString summary() const;
    /// How many files, and how much; empty while a folder has not been looked through.
    QString contents() const;
    /// Who is chosen to get it, by peer id.
    QStringList recipients() const { return m_recipients; }
    std::vector<std::string> paths() const;

    Q_INVOKABLE void add(const QList<QUrl>& urls);
    Q_INVOKABLE void setText(const QString& text);
    Q_INVOKABLE void remove(int row);
    Q_INVOKABLE void clear();
    /// All but the text.
    void clearFiles();
    /// What another program lets go of over the window, or the clipboard holds: files, or else text.
    Q_INVOKABLE void take(const QList<QUrl>& urls, const QString& text);
    Q_INVOKABLE void paste();

    Q_INVOKABLE void setRecipient(const QString& peerId, bool chosen);
    /// To everybody chosen, each by a transfer of its own; empties the draft.
    Q_INVOKABLE void sendToRecipients() { sendTo(m_recipients); }
    /// To each of these devices, by peer id; empties the draft.
    Q_INVOKABLE void sendTo(const QStringList& peerIds);
    /// By what somebody has pasted: an address, a peer id, a name. False: it makes no sense, as a notice says.
    Q_INVOKABLE bool sendToTarget(const QString& target);
    /// Straight to a device, without a draft: let go of over its row.
    Q_INVOKABLE void sendNow(const QString& peerId, const QList<QUrl>& urls, const QString& text);

  signals:
    void countChanged();
    void textChanged();
    void emptyChanged();
    void recipientsChanged();
    /// Something is on its way, or waits for its turn.
    void sent();

  private:
    void read(const QList<QUrl>& urls, std::function<void(SourcePaths)> then);
    void insert(std::vector<SourcePaths::Item> items);
    void count(const SourcePaths::Item& folder);
    void submit(const api::Target& target, const std::vector<SourcePaths::Item>& items, const QString& text);
    void forgetRecipients();
    void onAnswer(const api::Event& event);

    EngineSession& m_engine;
    NoticesModel& m_notices;
    std::vector<SourcePaths::Item> m_items;
    QString m_text;
    QStringList m_recipients;
};

} // namespace wherry::desktop
