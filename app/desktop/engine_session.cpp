#include "desktop/engine_session.h"

#include "desktop/display.h"

namespace wherry::desktop {

namespace {

/// Between two tries to start an engine when the one behind has gone.
constexpr int kAgainMs = 500;

/// Whether more answers to the same request follow.
bool isLast(const api::Event& event) {
    if (std::holds_alternative<api::TargetFound>(event)) return false;
    const auto* pong = std::get_if<api::PingReply>(&event);
    return !pong || pong->last;
}

} // namespace

EngineSession::EngineSession(QObject* parent) : QObject(parent) {
    connect(&m_engine, &api::Engine::happened, this, &EngineSession::onEvent);
    m_again.setInterval(kAgainMs);
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &EngineSession::startAgain);
}

EngineSession::~EngineSession() {
    stop();
}

api::Result<void> EngineSession::start(const api::Settings& settings) {
    m_settings = settings;
    const auto done = m_engine.start(settings);
    if (done) onStarted();
    return done;
}

void EngineSession::stop() {
    m_again.stop();
    m_waiting.clear();
    m_ready = m_running = false;
    m_engine.stop();
}

void EngineSession::reconfigure(const api::LastingSettings& settings) {
    static_cast<api::LastingSettings&>(m_settings) =
        settings; // also for the engine that is started when this one has gone
    m_engine.reconfigure(settings);
}

api::RequestId EngineSession::submit(api::Command command) {
    return m_engine.submit(std::move(command));
}

api::RequestId EngineSession::submit(api::Command command, QObject* whose, Answer answer) {
    const api::RequestId request = m_engine.submit(std::move(command));
    m_waiting[request] = {whose, std::move(answer)};
    return request;
}

void EngineSession::onEvent(const api::Event& what) {
    if (const auto* listening = std::get_if<api::Ready>(&what)) {
        m_addresses = listening->listen;
        m_ready = true;
        emit ready();
    } else if (const auto* warned = std::get_if<api::Warning>(&what)) {
        emit warning(shown(warned->error.context));
    }
    const auto request = std::visit(
        []<typename T>(const T& one) {
            if constexpr (requires { one.request; })
                return std::optional(one.request);
            else
                return std::optional<api::RequestId>();
        },
        what);
    if (request && *request) answer(*request, what);
    if (request && !*request && std::holds_alternative<api::RequestFailed>(what))
        m_again.start(); // the engine has gone
    emit event(what);
}

void EngineSession::answer(api::RequestId request, const api::Event& what) {
    const auto found = m_waiting.find(request);
    if (found == m_waiting.end()) return;
    const Waiting waiting = found->second;
    if (isLast(what)) m_waiting.erase(found);
    if (waiting.whose) waiting.answer(what);
}

void EngineSession::startAgain() {
    m_ready = m_running = false;
    m_engine.stop();
    m_engine.start(m_settings) ? onStarted() : m_again.start();
}

void EngineSession::onStarted() {
    m_running = true;
    emit started();
}

} // namespace wherry::desktop
