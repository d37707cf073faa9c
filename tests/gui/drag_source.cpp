// A program to drag from, for tests of what other programs drop on the window: XDND is between two programs.
//
//   drag_source PATH...       the files and folders, in the order given
//   drag_source --text TEXT   plain text
//
// Opens a small window in the lower right corner of the screen and prints "ready" when it stands there. A press of the
// left button on it and a move begin the drag; its end is printed as "released ACTION" (copy, move, link, none). The
// other side may ask for the data after that: the program stays until it is ended.
#include <QApplication>
#include <QDrag>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QMouseEvent>
#include <QScreen>
#include <QTimer>
#include <QUrl>
#include <cstdio>

namespace {

constexpr QSize kSize(60, 60);

const char* actionName(Qt::DropAction action) {
    switch (action) {
    case Qt::CopyAction:
        return "copy";
    case Qt::MoveAction:
        return "move";
    case Qt::LinkAction:
        return "link";
    default:
        return "none";
    }
}

void say(const char* line) {
    std::puts(line);
    std::fflush(stdout);
}

class DragSource final : public QLabel {
  public:
    explicit DragSource(QStringList words) : QLabel(QStringLiteral("drag me")), m_words(std::move(words)) {
        setWindowFlags(Qt::FramelessWindowHint | Qt::BypassWindowManagerHint);
        const QRect whole = screen()->geometry();
        setGeometry(QRect(whole.bottomRight() - QPoint(kSize.width() - 1, kSize.height() - 1), kSize));
    }

  protected:
    void mousePressEvent(QMouseEvent* press) override { press->accept(); }

    void mouseMoveEvent(QMouseEvent* move) override {
        if (!(move->buttons() & Qt::LeftButton) || m_dragging) return;
        m_dragging = true;
        auto* drag = new QDrag(this);
        drag->setMimeData(mimeData());
        const Qt::DropAction action = drag->exec(Qt::CopyAction | Qt::MoveAction, Qt::CopyAction);
        say(qPrintable(QStringLiteral("released ") + QLatin1String(actionName(action))));
    }

  private:
    QMimeData* mimeData() const {
        auto* content = new QMimeData;
        if (m_words.value(0) == QStringLiteral("--text")) {
            content->setText(m_words.value(1));
            return content;
        }
        QList<QUrl> urls;
        for (const QString& path : m_words) urls.append(QUrl::fromLocalFile(QFileInfo(path).absoluteFilePath()));
        content->setUrls(urls);
        return content;
    }

    QStringList m_words;
    bool m_dragging = false;
};

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    DragSource source(application.arguments().mid(1));
    source.show();
    QTimer::singleShot(0, [] { say("ready"); });
    return application.exec();
}
