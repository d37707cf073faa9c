#include "runtime/node_runner.h"

#include <unistd.h>

#include <QCoreApplication>
#include <QSocketNotifier>
#include <iostream>

using namespace wherry;

namespace {

/// A whole node with multicast DNS that says what it finds, for the tests in network namespaces: lines "ready ID",
/// "found ID ADDRESS...", "lost ID", "pong" and "error TEXT"; a line "ping ID" on standard input pings, its end ends
/// the program.
class Probe {
  public:
    int run(const std::string& home) {
        runtime::RuntimeConfig config;
        config.home = home;
        config.discovery.mdns = true;
        const auto started =
            m_runner.start(config, QCoreApplication::instance(), [this](const node::Event& event) { say(event); });
        if (!started) {
            std::cout << "error " << started.error().text() << std::endl;
            return 1;
        }
        QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
        QObject::connect(&input, &QSocketNotifier::activated, &input, [this] { readLine(); });
        const int code = QCoreApplication::exec();
        m_runner.stop();
        return code;
    }

  private:
    void readLine() {
        std::string line;
        if (!std::getline(std::cin, line)) return QCoreApplication::quit();
        const auto peer = crypto::PeerId::parse(std::string_view(line).substr(std::min<size_t>(5, line.size())));
        if (line.starts_with("ping ") && peer)
            m_runner.submit(m_ids.take(), node::Ping{{*peer, {}}, 1, std::chrono::seconds(10)});
        else
            std::cout << "error what is '" << line << "'?" << std::endl;
    }

    static void say(const node::Event& event) {
        if (const auto* ready = std::get_if<node::Ready>(&event)) {
            std::cout << "ready " << ready->self.text() << std::endl;
        } else if (const auto* found = std::get_if<node::PeerDiscovered>(&event)) {
            std::cout << "found " << found->peer.text();
            for (const auto& address : found->addresses) std::cout << ' ' << address.text();
            std::cout << std::endl;
        } else if (const auto* lost = std::get_if<node::PeerLost>(&event)) {
            std::cout << "lost " << lost->peer.text() << std::endl;
        } else if (std::get_if<node::PingReply>(&event)) {
            std::cout << "pong" << std::endl;
        } else if (const auto* failed = std::get_if<node::RequestFailed>(&event)) {
            std::cout << "error " << failed->error.text() << std::endl;
        }
    }

    runtime::NodeRunner m_runner;
    IdSource<node::RequestId> m_ids;
};

} // namespace

int main(int count, char** arguments) {
    QCoreApplication application(count, arguments);
    if (count != 2) {
        std::cerr << "usage: " << arguments[0] << " HOME\n";
        return 2;
    }
    return Probe().run(arguments[1]);
}
