#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>

namespace wherry::desktop {

/// Short messages for the person, the newest last: what has arrived, what went wrong. Plain text, neutralised.
class NoticesModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

  public:
    enum class Kind { Info, Success, Problem };
    Q_ENUM(Kind)
    enum Role { TextRole = Qt::UserRole + 1, KindRole, KeyRole };
    Q_ENUM(Role)

    explicit NoticesModel(QObject* parent) : QAbstractListModel(parent) {}

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }

    void add(Kind kind, const QString& text);
    Q_INVOKABLE void dismiss(int key);
    /// Of something that the person has done in the window.
    Q_INVOKABLE void tell(const QString& text) { add(Kind::Info, text); }

  signals:
    void countChanged();
    void added(const QString& text);

  private:
    struct Notice {
        Kind kind;
        QString text;
        int key;
    };
    void remove(int row);

    std::vector<Notice> m_notices;
    int m_lastKey = 0;
};

} // namespace wherry::desktop
