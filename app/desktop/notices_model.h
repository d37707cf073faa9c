#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <functional>

namespace wherry::desktop {

/// Short messages for the person, the newest last: what has arrived, what went wrong. Plain text, neutralised.
class NoticesModel final : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

  public:
    /// A Loss stays until the person has put it away, or something else is said.
    enum class Kind { Info, Success, Problem, Loss };
    Q_ENUM(Kind)
    enum Role { TextRole = Qt::UserRole + 1, KindRole, KeyRole };
    Q_ENUM(Role)

    /// What the person can do about it, with a button.
    struct Action {
        QString text;
        std::function<void()> run;
    };

    explicit NoticesModel(QObject* parent) : QAbstractListModel(parent) {}

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    int count() const { return rowCount(); }

    void add(Kind kind, const QString& text, std::vector<Action> actions = {});
    Q_INVOKABLE void dismiss(int key);
    /// It is not to go by itself.
    Q_INVOKABLE bool stays(int key) const;
    /// Nothing happens when it has made room for others.
    Q_INVOKABLE void act(int key, int action);
    /// Of something that the person has done in the window.
    Q_INVOKABLE void tell(const QString& text) { add(Kind::Info, text); }

  signals:
    void countChanged();
    void added(int key, const QString& text, const QStringList& actions);

  private:
    struct Notice {
        Kind kind;
        QString text;
        int key;
        std::vector<Action> actions;
    };
    void remove(int row);

    std::vector<Notice> m_notices;
    int m_lastKey = 0;
};

} // namespace wherry::desktop
