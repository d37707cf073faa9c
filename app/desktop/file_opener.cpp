#include "desktop/file_opener.h"

#include <QDesktopServices>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMimeDatabase>
#include <QPointer>
#include <QProcess>
#include <QStandardPaths>
#ifdef Q_OS_UNIX
#include <unistd.h>
#endif
#ifdef WHERRY_HAVE_DBUS
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#endif

namespace wherry::desktop {

namespace {

/// An opener that ends later has become the program that it opened.
constexpr qint64 kOpenerMs = 15'000;

/// Names whose content a double click runs on some system, whatever their content looks like.
const QStringList& runnableSuffixes() {
    static const QStringList suffixes{
        "appimage", "bash", "bat",  "bin",  "cmd", "com",  "command", "cpl",  "csh", "deb", "desktop", "dll", "dmg",
        "docm",     "elf",  "exe",  "flatpakref", "fish", "gadget", "hta", "htm", "html", "img", "inf", "iso", "jar",
        "js",       "jse",  "jnlp", "ksh",  "lnk", "mjs",  "msc",     "msi",  "msp", "pif", "pkg", "pl",  "potm",
        "pptm",     "ps1",  "py",   "pyc",  "pyw", "rb",   "reg",     "rpm",  "run", "scpt", "scr", "service", "sh",
        "svg",      "swf",  "url",  "vb",   "vbe", "vbs",  "workflow", "ws",  "wsf", "wsh", "xhtml", "xlsm", "zsh"};
    return suffixes;
}

#ifdef WHERRY_HAVE_DBUS
QDBusMessage showItems(const QStringList& paths) {
    QStringList links;
    for (const QString& path : paths) links.append(QUrl::fromLocalFile(path).toString(QUrl::FullyEncoded));
    QDBusMessage message = QDBusMessage::createMethodCall(
        QStringLiteral("org.freedesktop.FileManager1"), QStringLiteral("/org/freedesktop/FileManager1"),
        QStringLiteral("org.freedesktop.FileManager1"), QStringLiteral("ShowItems"));
    message << links << QString();
    return message;
}
#endif

} // namespace

bool FileOpener::isNameOfProgram(const QString& name) {
    return runnableSuffixes().contains(QFileInfo(name).suffix().toLower());
}

bool FileOpener::mayRun(const QString& path) {
    const QFileInfo info(path);
    if (info.isDir()) return false;
    if (info.isExecutable() || isNameOfProgram(info.fileName())) return true;
    const QMimeType type = QMimeDatabase().mimeTypeForFile(info);
    for (const char* runs : {"application/x-executable", "application/x-shellscript", "application/x-desktop",
                             "application/x-ms-dos-executable", "application/x-sharedlib", "text/x-python"})
        if (type.inherits(QString::fromLatin1(runs))) return true;
    return false;
}

/// Qt starts xdg-open without waiting for what becomes of it, and so takes every file for opened.
void FileOpener::open(const QString& path, QObject* whose, Done done) {
    const QString platform = QGuiApplication::platformName();
    const bool isDesktop = platform == QLatin1String("xcb") || platform.startsWith(QLatin1String("wayland"));
    const bool isSandboxed = QFileInfo::exists(QStringLiteral("/.flatpak-info")) || qEnvironmentVariableIsSet("SNAP");
    const QString opener = QStandardPaths::findExecutable(QStringLiteral("xdg-open"));
    if (isDesktop && !isSandboxed && !opener.isEmpty()) return openBy(opener, path, whose, std::move(done));
    done(QDesktopServices::openUrl(QUrl::fromLocalFile(path)));
}

void FileOpener::openBy(const QString& opener, const QString& path, QObject* whose, Done done) {
    auto* process = new QProcess; // of nobody: what it has opened may outlive the window
    process->setProcessChannelMode(QProcess::ForwardedChannels);
    process->setStandardInputFile(QProcess::nullDevice());
#ifdef Q_OS_UNIX
    process->setChildProcessModifier([] { ::setsid(); });
#endif
    QElapsedTimer since;
    since.start();
    const QPointer<QObject> alive(whose);
    const auto tell = [alive, done = std::move(done)](bool opened) {
        if (alive) done(opened);
    };
    QObject::connect(process, &QProcess::finished, process, [process, tell, since](int code, QProcess::ExitStatus status) {
        tell(code == 0 || status == QProcess::CrashExit || since.hasExpired(kOpenerMs));
        process->deleteLater();
    });
    QObject::connect(process, &QProcess::errorOccurred, process, [process, tell](QProcess::ProcessError error) {
        if (error != QProcess::FailedToStart) return;
        tell(false);
        process->deleteLater();
    });
    process->start(opener, {path});
}

void FileOpener::show(const QStringList& paths, const QString& folder, QObject* whose, Done done) {
#ifdef WHERRY_HAVE_DBUS
    const QDBusConnection bus = QDBusConnection::sessionBus();
    if (bus.isConnected() && !paths.isEmpty()) {
        auto* call = new QDBusPendingCallWatcher(bus.asyncCall(showItems(paths)), whose);
        QObject::connect(call, &QDBusPendingCallWatcher::finished, whose, [call, folder, whose, done = std::move(done)] {
            if (QDBusPendingReply<>(*call).isError()) open(folder, whose, done);
            call->deleteLater();
        });
        return;
    }
#endif
    open(folder, whose, std::move(done));
}

bool FileOpener::openLink(const QUrl& link) {
    return QDesktopServices::openUrl(link);
}

} // namespace wherry::desktop
