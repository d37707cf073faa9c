#include "desktop/app.h"
#include "desktop/launch_options.h"
#include "desktop/offline_network.h"
#include "desktop/single_instance.h"
#include "desktop/view_cache.h"
#include "desktop/window_front.h"
#include "process/interrupt.h"

#include <QApplication>
#include <QFileInfo>
#include <QIcon>
#include <QMessageBox>
#include <QQmlApplicationEngine>
#include <QQuickStyle>
#include <QQuickWindow>
#include <QStandardPaths>
#include <cstdio>

namespace {

using namespace wherry;
using namespace wherry::desktop;

/// Exit codes as the command line's.
constexpr int kUsage = 2;
constexpr int kNoEngine = 6;

/// For the person, on the terminal and where there is none.
int giveUp(const QString& why, int code) {
    std::fprintf(stderr, "wherry-desktop: %s\n", qPrintable(why));
    if (!qEnvironmentVariableIsSet("WHERRY_NO_DIALOGS"))
        QMessageBox::critical(nullptr, QObject::tr("Wherry cannot start"), why.toHtmlEscaped());
    return code;
}

QList<QUrl> urlsOf(const QStringList& paths) {
    QList<QUrl> urls;
    for (const QString& path : paths) urls.append(QUrl::fromLocalFile(QFileInfo(path).absoluteFilePath()));
    return urls;
}

QStringList absolute(const QStringList& paths) {
    QStringList whole;
    for (const QString& path : paths) whole.append(QFileInfo(path).absoluteFilePath());
    return whole;
}

api::Settings engineSettings(const LaunchOptions& options, const api::LastingSettings& lasting) {
    api::Settings settings;
    static_cast<api::LastingSettings&>(settings) = lasting;
    settings.home = options.home;
    settings.who = "wherry-desktop";
    settings.version = WHERRY_VERSION;
    settings.attach = api::Attach::IfRunning;
    settings.watchAll = true;
    return settings;
}

/// Qt's own setting counts where somebody has made it.
void keepCompiledViews() {
    if (qEnvironmentVariableIsSet("QML_DISK_CACHE_PATH")) return;
    const QString folder = viewCache(QStandardPaths::writableLocation(QStandardPaths::CacheLocation), QCoreApplication::applicationFilePath());
    folder.isEmpty() ? qputenv("QML_DISABLE_DISK_CACHE", "1") : qputenv("QML_DISK_CACHE_PATH", QFile::encodeName(folder));
}

/// Until the person quits.
int runWindow(App& app, SingleInstance& instance, const LaunchOptions& options) {
    keepCompiledViews();
    OfflineNetwork network;
    QQmlApplicationEngine engine;
    engine.setNetworkAccessManagerFactory(&network);
    engine.setInitialProperties({{QStringLiteral("app"), QVariant::fromValue(&app)}});
    engine.load(QUrl(QStringLiteral("qrc:/qt-project.org/imports/Wherry/Shell/MainWindow.qml")));
    auto* window = engine.rootObjects().isEmpty() ? nullptr : qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
    if (!window) return giveUp(QObject::tr("the window could not be made"), 1);
    WindowFront front(app, *window);
    QObject::connect(&instance, &SingleInstance::called, &app, [&](const QStringList& paths) {
        app.gather(urlsOf(paths));
        front.show();
    });
    app.gather(urlsOf(options.paths));
    options.startHidden || app.settings()->now().startHidden ? front.startHidden() : front.show();
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv) {
    QCoreApplication::setApplicationName(QStringLiteral("Wherry"));
    QCoreApplication::setApplicationVersion(QStringLiteral(WHERRY_VERSION));
    QStringList words;
    for (int i = 1; i < argc; ++i) words.append(QString::fromLocal8Bit(argv[i]));
    const LaunchOptions options = readLaunchOptions(words);
    if (options.help || options.version) { // needs no display
        std::fputs(qPrintable(options.help ? launchHelp() : QStringLiteral("wherry-desktop " WHERRY_VERSION "\n")), stdout);
        return 0;
    }
    if (!options.error.isEmpty()) {
        std::fprintf(stderr, "wherry-desktop: %s\nTry `wherry-desktop --help`.\n", qPrintable(options.error));
        return kUsage;
    }
    QQuickStyle::setStyle(QStringLiteral("Basic"));
    QApplication application(argc, argv);
    QApplication::setQuitOnLastWindowClosed(false); // the window says when
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/qt-project.org/imports/Wherry/Controls/app/wherry-256.png")));
    const auto lasting = lastingSettings(options);
    if (!lasting) return giveUp(QString::fromStdString(lasting.error().context), kUsage);
    App app(engineSettings(options, *lasting), options.configFile);
    if (const auto started = app.start(); !started)
        return giveUp(QString::fromStdString(started.error().context), kNoEngine);
    process::Interrupt interrupt; // peers are told, and what runs can go on another time
    for (const auto signal : {&process::Interrupt::requested, &process::Interrupt::hangup})
        QObject::connect(&interrupt, signal, &app, [] { QCoreApplication::exit(0); });
    SingleInstance instance(options.home);
    if (!instance.isFirst(absolute(options.paths))) return 0;
    return runWindow(app, instance, options);
}
