#pragma once

#include "api/types.h"

#include <QAbstractListModel>
#include <QQmlEngine>

namespace wherry::desktop {

class EngineSession;
class PeersModel;

/// The texts that have come since the window was opened, the newest first. Plain text, neutralised.
class TextsModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

  public:
    enum Role {
        PeerIdRole = Qt::UserRole + 1,
        PeerNameRole,
        WordsRole,
        HueRole,
        TextRole,
        WhenRole,
        StrangerRole, ///< of a device that the person has not decided about
    };
    Q_ENUM(Role)

    TextsModel(EngineSession& engine, const PeersModel& peers, QObject* parent);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }

    Q_INVOKABLE void copy(int row) const;
    Q_INVOKABLE void remove(int row);

  signals:
    void countChanged();
    void arrived(const QString& peerName);

  private:
    const PeersModel& m_peers;
    std::vector<api::TextReceived> m_texts;
};

} // namespace wherry::desktop
