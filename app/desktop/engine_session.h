#pragma once

#include "api/engine.h"

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <functional>
#include <map>

namespace wherry::desktop {

/// The engine of the home, as everything in the window uses it: commands with whoever waits for the answer, and every
/// event of everybody. When another program's engine did the work and has ended, it starts one of its own.
class EngineSession final : public QObject {
    Q_OBJECT

  public:
    using Answer = std::function<void(const api::Event&)>;

    explicit EngineSession(QObject* parent = nullptr);
    ~EngineSession() override;

    /// Errors as api::Engine::start().
    api::Result<void> start(const api::Settings& settings);
    void stop();
    /// Takes up what has changed, as far as it can without a restart.
    void reconfigure(const api::LastingSettings& settings);
    bool isRunning() const { return m_running; }
    bool isReady() const { return m_ready; }

    /// `answer` is called for every answer to it, as long as `whose` lives.
    api::RequestId submit(api::Command command);
    api::RequestId submit(api::Command command, QObject* whose, Answer answer);

    api::Engine& engine() { return m_engine; }
    const std::vector<api::Multiaddr>& addresses() const { return m_addresses; }

  signals:
    /// What is submitted now is done before anybody can come, but for what is on the disk.
    void started();
    /// It listens; again when another engine has taken over: what is shown is to be asked for anew.
    void ready();
    /// Answers are told to whoever asked as well.
    void event(const wherry::api::Event& event);
    void warning(const QString& text);

  private:
    struct Waiting {
        QPointer<QObject> whose;
        Answer answer;
    };

    void onEvent(const api::Event& event);
    void answer(api::RequestId request, const api::Event& event);
    void startAgain();
    void onStarted();

    api::Engine m_engine;
    api::Settings m_settings;
    std::vector<api::Multiaddr> m_addresses;
    std::map<api::RequestId, Waiting> m_waiting;
    QTimer m_again;
    bool m_running = false;
    bool m_ready = false;
};

} // namespace wherry::desktop
