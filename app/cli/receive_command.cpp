#include "cli/receive_command.h"

#include "api/address_order.h"
#include "api/display_text.h"
#include "api/download_folder.h"
#include "cli/address_news.h"
#include "cli/event_json.h"
#include "cli/people_json.h"

#include <algorithm>
#include <utility>

namespace wherry::cli {

namespace {

/// What a sender can mend by trying again does not end `--once`; what is wrong on this side does, and so does a
/// transfer that came to its end without some of its files.
bool endsOnce(const api::TransferFailed& failed, ExitCode exit) {
    return failed.restDelivered || exit == ExitCode::LocalIo || exit == ExitCode::Verification ||
           exit == ExitCode::Internal;
}

/// How a name is typed; empty for one that had better not be.
std::string shellWord(const std::string& name) {
    const auto isPlain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    };
    if (name.empty() || name.starts_with('-') || name.starts_with('/') || name != api::displayText(name)) return {};
    if (std::ranges::all_of(name, isPlain)) return name;
    return name.find('\'') == std::string::npos ? "'" + name + "'" : std::string();
}

} // namespace

ReceiveCommand::ReceiveCommand(const Arguments& arguments, Output& output)
    : Session(arguments, output),
      m_report(output, Subjects::Several, names()) {
    holdWarnings();
}

ExitCode ReceiveCommand::prepare() {
    const auto folder = openOut(arguments());
    if (!folder) {
        fail(folder.error(), Origin::Setup);
        return ExitCode::LocalIo;
    }
    m_folder = *folder;
    m_consent = std::make_unique<Consent>(output(), m_folder, arguments().accept, names());
    connect(m_consent.get(), &Consent::answered, this,
            [this](const api::AnswerOffer& answer) { engine().submit(answer); });
    return ExitCode::Done;
}

void ReceiveCommand::onReady(const api::Ready& ready) {
    if (m_request) return;
    const auto policy = api::downloadPolicy(m_folder, arguments().accept, arguments().conflict);
    learnNames();
    m_ready = ready;
    m_ready.listen = api::bestFirst(std::move(m_ready.listen));
    m_request = engine().submit(api::SetReceive{policy});
}

/// The policy is in force, for the first time or in an engine that has taken over.
void ReceiveCommand::onReceiving() {
    if (m_explained) return;
    m_explained = true;
    output().json(toJson(m_ready));
    explain(m_ready.listen);
    if (arguments().accept == api::Accept::Ask && !m_consent->isAttended())
        output().error("warning: there is no terminal to ask at: every offer will be declined; --accept all or "
                       "--accept trusted takes them");
    tellWarnings();
    for (const api::TransferHeld& held : std::exchange(m_paused, {})) m_report.show(held);
}

api::Result<void> ReceiveCommand::checkReload(const Arguments& fresh) {
    auto folder = openOut(fresh);
    if (!folder) return folder.error();
    m_folder = std::move(*folder);
    return {};
}

/// Offers to come; what somebody is asked about at the moment stays asked.
void ReceiveCommand::onReloaded() {
    if (output().broken()) return;
    m_consent->setAccept(arguments().accept);
    m_consent->setFolder(m_folder);
    engine().submit(api::SetReceive{api::downloadPolicy(m_folder, arguments().accept, arguments().conflict)});
}

void ReceiveCommand::explain(const std::vector<api::Multiaddr>& addresses) {
    if (addresses.empty()) {
        output().remark("This device has no address yet; waiting for a network.");
        return;
    }
    const std::string name = arguments().settings.mdns && !engine().isAttached() && !engine().isCompanion()
                                 ? shellWord(api::deviceName(arguments().settings))
                                 : std::string();
    if (!name.empty())
        output().remark("On another device of this network:\n\n  " + arguments().program + " send " + name +
                        " FILE-OR-FOLDER...\n\nOr by its address:\n");
    else
        output().remark("On the other device:\n");
    output().remark("  " + arguments().program + " send " + addresses.front().text() + " FILE-OR-FOLDER...\n");
    if (addresses.size() > 1) output().remark("If that address does not work from there, one of these may:");
    for (size_t i = 1; i < addresses.size(); ++i) output().remark("  " + addresses[i].text());
    output().remark("Files go to " + api::displayText(m_folder) + ". Ctrl+C ends.");
    if (arguments().accept == api::Accept::Trusted)
        output().remark("Only what trusted devices send is taken without asking: `wherry peers trust PEER`.");
}

/// Before it is said where this device is reached, that is all that changes.
void ReceiveCommand::onAddresses(const api::AddressesChanged& changed) {
    const auto before = std::exchange(m_ready.listen, api::bestFirst(changed.listen));
    if (!m_explained) return;
    output().json(toJson(changed));
    tellAddressNews(output(), before, m_ready.listen);
}

void ReceiveCommand::onEvent(const api::Event& event) {
    if (const auto* changed = std::get_if<api::AddressesChanged>(&event))
        onAddresses(*changed);
    else if (const auto* update = std::get_if<api::TransferUpdate>(&event))
        onTransfer(update->event);
    else if (const auto* path = std::get_if<api::PathChanged>(&event))
        output().json(toJson(*path)); // for a person it is no news who connects
    else if (const auto* done = std::get_if<api::RequestDone>(&event); done && done->request == m_request)
        onReceiving();
    else if (const auto* text = std::get_if<api::TextReceived>(&event))
        show(*text);
    else if (const auto* failed = std::get_if<api::RequestFailed>(&event);
             failed && failed->error.code != api::Errc::NotFound)
        fail(failed->error, Origin::Receiving); // NotFound: the offer was gone when it was answered
}

void ReceiveCommand::show(const api::TextReceived& text) {
    JsonLine line = toJson(text);
    output().json(names().addTo(line, text.text.peer));
    output().result(textLines(text, names()));
}

void ReceiveCommand::onTransfer(const api::TransferEvent& event) {
    if (const auto* held = std::get_if<api::TransferHeld>(&event); held && !m_explained)
        return m_paused.push_back(*held);
    if (m_consent->withdraw(event) && !std::holds_alternative<api::OfferAccepted>(event))
        m_report.showToPrograms(event);
    else
        m_report.show(event);
    if (const auto* offer = std::get_if<api::OfferMade>(&event)) {
        if (offer->needsAnswer) m_consent->ask(*offer);
    } else if (const auto* accepted = std::get_if<api::OfferAccepted>(&event)) {
        m_underWay.insert(accepted->transfer);
    } else if (const auto* delivered = std::get_if<api::TransferDelivered>(&event)) {
        ended(delivered->transfer);
        if (arguments().once) finish(ExitCode::Done);
    } else if (const auto* failed = std::get_if<api::TransferFailed>(&event)) {
        onFailed(*failed);
    } else if (const auto* interrupted = std::get_if<api::TransferInterrupted>(&event)) {
        ended(interrupted->transfer);
    }
}

void ReceiveCommand::onFailed(const api::TransferFailed& failed) {
    ended(failed.transfer);
    const ExitCode exit = exitCodeOf(failed.error.code, failed.byPeer ? Origin::Peer : Origin::Receiving);
    if (arguments().once && endsOnce(failed, exit)) finish(exit);
}

void ReceiveCommand::ended(api::TransferId transfer) {
    m_underWay.erase(transfer);
    if (output().broken() && m_underWay.empty()) finish(ExitCode::LocalIo);
}

void ReceiveCommand::onOutputBroken() {
    engine().submit(api::SetReceive{api::ReceivePolicy()}); // declines
    if (m_underWay.empty()) finish(ExitCode::LocalIo);
}

} // namespace wherry::cli
