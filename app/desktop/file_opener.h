#pragma once

#include <QObject>
#include <QUrl>
#include <functional>

namespace wherry::desktop {

/// What has been received, in the hands of other programs of the desktop. Nothing is ever opened by itself: somebody has
/// clicked.
class FileOpener final : public QObject {
    Q_OBJECT

  public:
    explicit FileOpener(QObject* parent = nullptr) : QObject(parent) {}

    /// Opening it may run what is in it: a program, a script, a starter, a page, or a document with macros.
    static bool mayRun(const QString& path);
    /// The same of a name alone, of what is not here yet.
    static bool isNameOfProgram(const QString& name);
    /// Whether a program was found and took it; called at once or later, as long as whoever asks lives.
    using Done = std::function<void(bool opened)>;
    /// With the program that the desktop has for it.
    static void open(const QString& path, QObject* whose, Done done);
    /// With this one, which says by its exit code whether it has opened it; as xdg-open does.
    static void openBy(const QString& opener, const QString& path, QObject* whose, Done done);
    /// The file manager shows the folder with these in it chosen; without such a file manager, the folder.
    static void show(const QStringList& paths, const QString& folder, QObject* whose, Done done);
    static bool openLink(const QUrl& link);
};

} // namespace wherry::desktop
