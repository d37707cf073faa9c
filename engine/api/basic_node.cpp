#include "api/basic_node.h"

#include "api/address_order.h"
#include "api/download_folder.h"

#include <QEventLoop>
#include <optional>
#include <utility>

namespace wherry::api {

namespace {

/// Runs an event loop until `told` has an answer for an event of `engine`. Cancelled: the program ends its loops.
template <typename Answer, typename Told> Result<Answer> awaitEvent(Engine& engine, const Told& told) {
    QEventLoop loop;
    std::optional<Answer> answer;
    QObject::connect(&engine, &Engine::happened, &loop, [&](const Event& event) {
        if (answer) return;
        answer = told(event);
        if (answer) loop.quit();
    });
    loop.exec();
    if (!answer) return makeError(Errc::Cancelled, "the program ends while its node starts");
    return std::move(*answer);
}

} // namespace

Result<std::unique_ptr<BasicNode>> BasicNode::start(const Options& options) {
    std::unique_ptr<BasicNode> node(new BasicNode);
    TRY_OK(node->open(options));
    return node;
}

BasicNode::~BasicNode() {
    m_engine.stop();
}

Result<void> BasicNode::open(const Options& options) {
    Settings settings;
    TRY(static_cast<LastingSettings&>(settings), readSettings(options.home, {}));
    settings.home = options.home;
    settings.accept = options.accept;
    std::optional<ReceivePolicy> policy;
    if (!options.inbox.empty()) {
        TRY(const std::string folder, openDownloadFolder(options.inbox, options.home));
        policy = downloadPolicy(folder, options.accept, settings.conflict);
    }
    TRY_OK(m_engine.start(settings));
    TRY(Ready ready, awaitEvent<Ready>(m_engine, [](const Event& event) {
            const auto* is = std::get_if<Ready>(&event);
            return is ? std::optional(*is) : std::nullopt;
        }));
    m_addresses = bestFirst(std::move(ready.listen));
    if (policy) return receive(*policy);
    return {};
}

Result<void> BasicNode::receive(const ReceivePolicy& policy) {
    const RequestId request = m_engine.submit(SetReceive{policy});
    TRY(const Result<void> inForce, awaitEvent<Result<void>>(m_engine, [&](const Event& event) {
            const auto* failed = std::get_if<RequestFailed>(&event);
            if (failed && failed->request == request) return std::optional(Result<void>(failed->error));
            const auto* done = std::get_if<RequestDone>(&event);
            return done && done->request == request ? std::optional(Result<void>()) : std::nullopt;
        }));
    return inForce;
}

} // namespace wherry::api
