#pragma once

#include <QObject>
#include <memory>
#include <string>

class QSocketNotifier;

namespace wherry::cli {

/// Lines that a person types at standard input, without ever blocking the event loop.
class LineInput final : public QObject {
    Q_OBJECT

  public:
    explicit LineInput(QObject* parent = nullptr);
    ~LineInput() override;

    /// Forgets what was typed before now, so that an old key press answers no new question.
    void discardTyped();

  signals:
    void line(const std::string& text);
    void closed();

  private:
    void readSome();

    std::unique_ptr<QSocketNotifier> m_notifier;
    std::string m_pending;
};

} // namespace wherry::cli
