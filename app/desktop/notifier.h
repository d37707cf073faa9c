#pragma once

#include <QList>
#include <QObject>
#include <QString>

namespace wherry::desktop {

/// What the desktop is to tell the person while the window is not looked at. All of it is plain text.
struct Notification {
    enum class Kind { Question, Done, Failed, Message };
    struct Action {
        QString id;
        QString text;
        bool operator==(const Action&) const = default;
    };
    QString key; ///< of what it is about: a later one of the same key takes its place
    Kind kind = Kind::Message;
    QString title;
    QString body;
    QList<Action> actions; ///< left out where the system knows none
    bool operator==(const Notification&) const = default;
};

/// The port to the notifications of one system.
class Notifier : public QObject {
    Q_OBJECT

  public:
    using QObject::QObject;

    virtual void show(const Notification& notification) = 0;
    /// It is out of date. Nothing happens when it is not shown.
    virtual void withdraw(const QString& key) = 0;

  signals:
    /// The person has clicked on it, beside its actions.
    void activated(const QString& key);
    void chosen(const QString& key, const QString& action);
};

} // namespace wherry::desktop
