#include "runtime/node_runner.h"

#include "base/assert.h"
#include "protocols/profile/profile_message.h"
#include "runtime/device_kind.h"
#include "runtime/engine_loop.h"
#include "runtime/home_lock.h"
#include "runtime/key_store.h"
#include "runtime/log_sink.h"
#include "runtime/metered_watch.h"
#include "runtime/paths.h"

#include <QCoreApplication>
#include <QSysInfo>
#include <QThread>

namespace wherry::runtime {

static constexpr const char* kDatabaseName = "wherry.db";

struct NodeRunner::Running {
    Running(RootedDir homeIn, HomeLock lockIn) : home(std::move(homeIn)), lock(std::move(lockIn)) {}

    RootedDir home;
    HomeLock lock;
    crypto::KeyNames names;
    QThread thread;
    /// Events that are under way when stop() is called find it gone and vanish.
    std::shared_ptr<OnEvent> onEvent;
    std::unique_ptr<EngineLoop> loop;
    std::unique_ptr<MeteredWatch> metered; ///< nullptr: no limit depends on it

    void watchMetered(const link::BandwidthLimits& limits) {
        if (limits.metered.limited() && !metered)
            metered = std::make_unique<MeteredWatch>([this](link::Metered what) { loop->postMetered(what); });
    }
};

NodeRunner::NodeRunner() = default;

NodeRunner::~NodeRunner() {
    ASSERT(!running());
}

bool NodeRunner::running() const {
    return m != nullptr;
}

const crypto::KeyNames& NodeRunner::names() const {
    ASSERT(running());
    return m->names;
}

/// Hands events to the thread of `context`, in order. The weak pointer is only looked into in that thread.
static EngineLoop::OnEvent deliverTo(QObject* context, const std::shared_ptr<NodeRunner::OnEvent>& onEvent) {
    return [context, weak = std::weak_ptr<NodeRunner::OnEvent>(onEvent)](node::Event event) {
        QMetaObject::invokeMethod(
            context,
            [weak, what = std::move(event)]() mutable {
                if (auto call = weak.lock()) (*call)(std::move(what));
            },
            Qt::QueuedConnection);
    };
}

std::string deviceName(std::string alias) {
    if (alias.empty()) alias = QSysInfo::machineHostName().toStdString();
    peers::Claims claims;
    claims.alias = alias;
    return profile::checkOwnProfile(claims) ? alias : std::string();
}

peers::Claims ownProfile(const Settings& settings) {
    const auto kind = settings.device == peers::DeviceKind::Unknown ? deviceKind() : settings.device;
    return {deviceName(settings.alias), kind, settings.policy};
}

static node::DhtConfig dhtConfig(const RuntimeConfig& config) {
    node::DhtConfig dht;
    if (!config.kadProtocols.empty()) dht.protocols = config.kadProtocols;
    dht.server = config.dhtServer;
    dht.persist = config.dhtPersist;
    dht.bootstrap = config.bootstrap;
    return dht;
}

Result<void> NodeRunner::start(const RuntimeConfig& config, QObject* context, OnEvent onEvent) {
    ASSERT(!running());
    ASSERT(QCoreApplication::instance());
    TRY(RootedDir home, openHome(config.home));
    TRY(HomeLock lock, HomeLock::take(home, config.who));
    SystemRandom random;
    FileKeyStore keys(home, random);
    TRY(crypto::Identity identity, loadOrCreateIdentity(keys, random));

    auto node = std::make_unique<Running>(std::move(home), std::move(lock));
    node->names = crypto::keyNames(identity.publicKey());
    node->onEvent = std::make_shared<OnEvent>(std::move(onEvent));
    EngineLoopConfig loopConfig{std::move(identity), node->home.path() + "/" + kDatabaseName,
                                config.listen,       config.servePerf, config.dialBack,
                                config.discovery,    dhtConfig(config),
                                ownProfile(config)};
    loopConfig.settings = config;
    node->loop =
        std::make_unique<EngineLoop>(std::move(loopConfig), standardErrorLog(config.logLevel),
                                     deliverTo(context, node->onEvent), [thread = &node->thread] { thread->quit(); });
    node->thread.setObjectName(QStringLiteral("network"));
    node->loop->moveToThread(&node->thread);
    // What the loop makes belongs to the network thread, so the loop is destroyed there, as the last thing that
    // happens.
    QObject::connect(
        &node->thread, &QThread::finished, &node->thread, [raw = node.get()] { raw->loop.reset(); },
        Qt::DirectConnection);
    node->thread.start();

    Result<void> started;
    EngineLoop* loop = node->loop.get();
    QMetaObject::invokeMethod(
        loop, [&] { started = loop->start(); }, Qt::BlockingQueuedConnection);
    if (started) {
        m = std::move(node);
        m->watchMetered(bandwidthLimits(config));
        return started;
    }
    node->thread.quit();
    node->thread.wait();
    return started;
}

void NodeRunner::submit(node::RequestId id, node::Command command) {
    ASSERT(running());
    if (const auto* limits = std::get_if<node::SetLimits>(&command)) m->watchMetered(limits->limits);
    m->loop->post(id, std::move(command));
}

void NodeRunner::readCertificates(const Settings& settings) {
    ASSERT(running());
    m->loop->postWebFiles(settings);
}

void NodeRunner::stop() {
    if (!running()) return;
    m->onEvent.reset();
    m->metered.reset();
    QMetaObject::invokeMethod(m->loop.get(), &EngineLoop::shutdown, Qt::QueuedConnection);
    m->thread.wait();
    m.reset();
}

Result<crypto::KeyNames> identityNames(const std::string& home) {
    TRY(RootedDir folder, openHome(home));
    SystemRandom random;
    FileKeyStore keys(folder, random);
    auto identity = loadOrCreateIdentity(keys, random);
    // Another process may have made it at this very moment.
    if (!identity && identity.error().code == Errc::Exists) identity = loadOrCreateIdentity(keys, random);
    if (!identity) return identity.error();
    return crypto::keyNames(identity->publicKey());
}

} // namespace wherry::runtime
