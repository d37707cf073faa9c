#pragma once

#include "api/engine.h"

#include <QSemaphore>
#include <QThread>

namespace wherry::test {

/// An engine in a thread of its own, as another program would run it: windows of the test's thread attach to it. It
/// receives nothing by itself.
class HostedEngine final : public QThread {
  public:
    explicit HostedEngine(api::Settings settings) : m_settings(std::move(settings)) {
        m_settings.attach = api::Attach::Never;
        m_settings.who = "a test's host";
        start();
        m_started.acquire();
    }
    ~HostedEngine() override {
        quit();
        wait();
    }
    bool isUp() const { return m_isUp; }

  private:
    void run() override {
        api::Engine engine;
        m_isUp = engine.start(m_settings).has_value();
        m_started.release();
        if (m_isUp) exec();
        engine.stop();
    }

    api::Settings m_settings;
    QSemaphore m_started;
    bool m_isUp = false;
};

} // namespace wherry::test
