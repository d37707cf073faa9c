#include "api/engine.h"

#include "runtime/node_runner.h"
#include "runtime/paths.h"

namespace wherry::api {

namespace {

/// Short-lived programs at once beside the holder of a home; more than a person has shells.
constexpr int kMaxCompanions = 16;

} // namespace

Engine::Engine(QObject* parent) : QObject(parent), m_runner(std::make_unique<runtime::NodeRunner>()) {}

Engine::~Engine() {
    ASSERT(!m_runner->running());
}

Result<void> Engine::startIn(const std::string& home, const Settings& settings) {
    return m_runner->start({home, settings.who, settings.listen, settings.logLevel, settings.servePerf}, this,
                           [this](const Event& what) { emit event(what); });
}

Result<void> Engine::start(const Settings& settings) {
    auto started = startIn(settings.home, settings);
    m_companion = false;
    for (int i = 1; !started && started.error().code == Errc::Busy && settings.companionWhenBusy && i <= kMaxCompanions;
         ++i) {
        const std::string home = settings.home.empty() ? runtime::defaultHome() : settings.home;
        started = startIn(home + "/companion-" + std::to_string(i), settings);
        m_companion = started.has_value();
    }
    return started;
}

RequestId Engine::submit(Command command) {
    m_lastRequest = m_lastRequest.next();
    m_runner->submit(m_lastRequest, std::move(command));
    return m_lastRequest;
}

const KeyNames& Engine::names() const {
    return m_runner->names();
}

void Engine::stop() {
    m_runner->stop();
}

Result<KeyNames> identityNames(const std::string& home) {
    return runtime::identityNames(home);
}

} // namespace wherry::api
