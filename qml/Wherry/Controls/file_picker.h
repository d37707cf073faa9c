// Asks the person for files or for a folder, with the desktop's own dialog where it has one and Qt's otherwise.
//
// QtQuick.Dialogs cannot be used for it: the dialog that its version 6.4 brings for desktops without one of their own
// does not load.
#pragma once

#include <QList>
#include <QObject>
#include <QQmlEngine>
#include <QUrl>

namespace wherry::controls {

class FilePicker : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString title MEMBER m_title NOTIFY changed)
    /// Files, any number, or one folder.
    Q_PROPERTY(bool folders MEMBER m_folders NOTIFY changed)
    /// Where it begins; empty: where something was chosen last, at first the home folder.
    Q_PROPERTY(QUrl currentFolder MEMBER m_currentFolder NOTIFY changed)

  public:
    explicit FilePicker(QObject* parent = nullptr);

    /// Shows the dialog and returns at once. One at a time: open again does nothing.
    Q_INVOKABLE void open();

  signals:
    void changed();
    void picked(const QList<QUrl>& urls);

  private:
    QString m_title;
    bool m_folders = false;
    QUrl m_currentFolder;
    bool m_open = false;
};

} // namespace wherry::controls
