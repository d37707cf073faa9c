#include "desktop/app.h"

#include <QApplication>
#include <QQmlApplicationEngine>
#include <QVariant>

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    wherry::desktop::App app;
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{QStringLiteral("app"), QVariant::fromValue(&app)}});
    engine.load(QUrl(QStringLiteral("qrc:/qt-project.org/imports/Wherry/Shell/MainWindow.qml")));
    return engine.rootObjects().isEmpty() ? 1 : QApplication::exec();
}
