#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QString>

namespace wherry::desktop {

/// What the window shows and does, as QML sees it; built in main.
class App : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("built in main")
    Q_PROPERTY(QString version READ version CONSTANT)

  public:
    explicit App(QObject* parent = nullptr);

    QString version() const;
};

} // namespace wherry::desktop
