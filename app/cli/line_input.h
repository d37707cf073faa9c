#pragma once

#include <QObject>
#include <memory>
#include <string>

class QSocketNotifier;
class QTimer;

namespace wherry::cli {

/// Lines that a person types at standard input, without ever blocking the event loop. Nothing is read but while
/// somebody listens, and only in the foreground: in the background of a shell what is typed belongs to others.
class LineInput final : public QObject {
    Q_OBJECT

  public:
    explicit LineInput(QObject* parent = nullptr);
    ~LineInput() override;

    /// From now on; lines typed before it are forgotten, so that an old key press answers no new question.
    void listen();
    void stopListening();
    /// Whether what is typed at the terminal comes here at the moment.
    bool isInForeground() const;

  signals:
    void line(const std::string& text);
    void closed();
    /// The program has come to the foreground while somebody listens.
    void attended();

  private:
    void discardTyped();
    void readSome();
    void waitForForeground();
    void lookForForeground();

    std::unique_ptr<QSocketNotifier> m_notifier;
    std::unique_ptr<QTimer> m_lookAgain; ///< whether the shell has put the program into the foreground
    std::string m_pending;
};

} // namespace wherry::cli
