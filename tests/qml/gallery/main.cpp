// The gallery: every control in every state.
//
//   wherry-gallery [--page NAME] [--theme light|dark|black]      in a window
//   wherry-gallery --shots FOLDER [--page NAME]                  as PNG files, in every theme, wide and narrow, and
//   from right to left wherry-gallery --source FOLDER ...                           with the QML of a source tree, to
//   see a change without a build
#include <QCommandLineParser>
#include <QDir>
#include <QEventLoop>
#include <QGuiApplication>
#include <QQmlApplicationEngine>
#include <QQuickWindow>
#include <QTextStream>
#include <QTimer>

namespace {

constexpr int kSettleMs = 700; // longer than the longest animation: pictures are taken of things at rest

struct Shot {
    const char* name;
    QSize size;
    const char* theme;
    bool rightToLeft;
};

constexpr Shot kShots[] = {
    {"light-wide", {1280, 800}, "light", false}, {"dark-wide", {1280, 800}, "dark", false},
    {"black-wide", {1280, 800}, "black", false}, {"light-narrow", {390, 844}, "light", false},
    {"dark-narrow", {390, 844}, "dark", false},  {"light-mirrored", {1280, 800}, "light", true},
};

void settle() {
    QEventLoop loop;
    QTimer::singleShot(kSettleMs, &loop, &QEventLoop::quit);
    loop.exec();
}

bool takeShots(QQuickWindow& window, const QDir& folder, const QStringList& pages) {
    for (const QString& page : pages) {
        for (const Shot& shot : kShots) {
            window.setProperty("theme", QString::fromLatin1(shot.theme));
            window.setProperty("rightToLeft", shot.rightToLeft);
            window.resize(shot.size);
            window.setProperty("page", QString());
            window.setProperty("page", page);
            settle();
            const QString path =
                folder.filePath(page + QLatin1Char('-') + QLatin1String(shot.name) + QLatin1String(".png"));
            if (!window.grabWindow().save(path)) return false;
            QTextStream(stdout) << path << '\n';
        }
    }
    return true;
}

} // namespace

int main(int argc, char** argv) {
    QGuiApplication app(argc, argv);
    QCommandLineParser arguments;
    arguments.addOptions({{"page", "Only this page.", "name"},
                          {"theme", "light, dark or black.", "name", "light"},
                          {"shots", "Take pictures into this folder.", "folder"}});
    arguments.addHelpOption();
    arguments.process(app);

    QQmlApplicationEngine engine;
    engine.addImportPath(QStringLiteral("qrc:/qt-project.org/imports"));
    engine.load(QStringLiteral("qrc:/qt-project.org/imports/Wherry/Gallery/Gallery.qml"));
    if (engine.rootObjects().isEmpty()) return 1;
    auto* window = qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
    const QStringList pages =
        arguments.isSet("page") ? QStringList(arguments.value("page")) : window->property("pages").toStringList();
    window->setProperty("theme", arguments.value("theme"));
    window->setProperty("page", pages.constFirst());
    if (!arguments.isSet("shots")) return QGuiApplication::exec();

    const QDir folder(arguments.value("shots"));
    return folder.mkpath(QStringLiteral(".")) && takeShots(*window, folder, pages) ? 0 : 1;
}
