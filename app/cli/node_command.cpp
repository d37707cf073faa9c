#include "cli/node_command.h"

#include "api/address_order.h"
#include "cli/address_news.h"
#include "cli/event_json.h"

#include <utility>

namespace wherry::cli {

api::Settings NodeCommand::settings() const {
    api::Settings settings = Session::settings();
    settings.attach = api::Attach::Never;
    settings.servePerf = arguments().servePerf;
    settings.dialBack = arguments().dialBack;
    settings.kadProtocols = arguments().kadProtocols;
    return settings;
}

void NodeCommand::onReady(const api::Ready& ready) {
    if (m_explained) return;
    m_explained = true;
    api::Ready sorted = ready;
    sorted.listen = api::bestFirst(std::move(sorted.listen));
    output().json(toJson(sorted));
    output().result("Running as " + ready.self.text() + ", reachable at:");
    for (const auto& address : sorted.listen) output().result("  " + address.text());
    m_told = sorted.listen;
    output().remark("Ctrl+C ends.");
    tellWarnings();
}

void NodeCommand::onAddresses(const api::AddressesChanged& changed) {
    output().json(toJson(changed));
    const auto before = std::exchange(m_told, api::bestFirst(changed.listen));
    tellAddressNews(output(), before, m_told);
}

void NodeCommand::onEvent(const api::Event& event) {
    if (const auto* changed = std::get_if<api::AddressesChanged>(&event)) return onAddresses(*changed);
    if (const auto* failed = std::get_if<api::RequestFailed>(&event)) fail(failed->error, Origin::Receiving);
}

} // namespace wherry::cli
