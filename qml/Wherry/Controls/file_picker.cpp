#include "Wherry/Controls/file_picker.h"

#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QQuickItem>
#include <QQuickWindow>

namespace wherry::controls {

namespace {

/// The window that the picker was written in, so that the dialog stays above it.
QWindow* windowOf(const QObject* object) {
    for (; object != nullptr; object = object->parent())
        if (const auto* item = qobject_cast<const QQuickItem*>(object)) return item->window();
    return nullptr;
}

/// Where somebody has chosen something last; at first at home, wherever the program was started.
QUrl& lastFolder() {
    static QUrl folder = QUrl::fromLocalFile(QDir::homePath());
    return folder;
}

} // namespace

FilePicker::FilePicker(QObject* parent) : QObject(parent) {}

void FilePicker::open() {
    if (m_open) return;
    if (qobject_cast<QApplication*>(QCoreApplication::instance()) == nullptr) {
        qWarning("FilePicker needs a QApplication");
        return;
    }
    m_open = true;
    auto* dialog = new QFileDialog(nullptr, m_title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(m_folders ? QFileDialog::Directory : QFileDialog::ExistingFiles);
    dialog->setOption(QFileDialog::ShowDirsOnly, m_folders);
    dialog->setDirectoryUrl(m_currentFolder.isEmpty() ? lastFolder() : m_currentFolder);
    connect(dialog, &QFileDialog::accepted, this, [this, dialog] {
        if (m_currentFolder.isEmpty()) lastFolder() = dialog->directoryUrl();
        emit picked(dialog->selectedUrls());
    });
    connect(dialog, &QObject::destroyed, this, [this] { m_open = false; });
    connect(this, &QObject::destroyed, dialog, &QWidget::close);
    dialog->setWindowModality(Qt::WindowModal);
    dialog->winId(); // makes the window, which then can be told whose it is
    if (QWindow* above = windowOf(this)) dialog->windowHandle()->setTransientParent(above);
    dialog->open();
}

} // namespace wherry::controls
