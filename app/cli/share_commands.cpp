#include "cli/share_commands.h"

#include "api/display_text.h"
#include "api/download_folder.h"
#include "api/ticket.h"
#include "cli/event_json.h"
#include "cli/quantity.h"
#include "cli/send_command.h"

#include <QDateTime>
#include <QTimer>

namespace wherry::cli {

namespace {

/// Modules around a QR code on a terminal: scanners take 2, and lines are precious there.
constexpr int kTerminalQuietZone = 2;
/// A relay that is there answers within a dial and a question; for one that is away a ticket that may be good without it
/// waits no longer than a handshake does.
constexpr std::chrono::seconds kRelayPatience{10};

JsonLine toJson(const api::ShareInfo& share, const char* event) {
    JsonLine line = event ? JsonLine(event) : JsonLine();
    line.text("share", share.share)
        .text("ticket", share.ticket)
        .bytes("label", share.label)
        .texts("paths", share.paths);
    return line.flag("once", share.once)
        .count("expires", static_cast<uint64_t>(std::max<int64_t>(share.expires.seconds(), 0)))
        .count("fetched", share.fetched)
        .count("serving", share.serving);
}

std::string expiryText(const api::ShareInfo& share) {
    if (share.expires.nanoseconds == 0) return "never expires";
    const QDateTime when = QDateTime::fromSecsSinceEpoch(share.expires.seconds());
    return "until " + when.toString("yyyy-MM-dd HH:mm").toStdString();
}

std::string timesText(uint64_t count) {
    return count == 0 ? "not fetched yet" : "fetched " + countText(count, "time");
}

} // namespace

// --- share --------------------------------------------------------------------------------------------------------

ShareCommand::ShareCommand(const Arguments& arguments, Output& output)
    : Session(arguments, output),
      m_report(output, Subjects::Several, names()) {}

ExitCode ShareCommand::prepare() {
    for (const std::string& operand : arguments().operands) {
        auto path = absolutePath(operand);
        if (!path) {
            fail(path.error(), Origin::Setup);
            return exitCodeOf(path.error().code, Origin::Setup);
        }
        m_paths.push_back(std::move(*path));
    }
    return ExitCode::Done;
}

void ShareCommand::onReady(const api::Ready& ready) {
    if (m_request) return;
    learnNames();
    if (!engine().isAttached())
        for (const api::Multiaddr& relay : settings().relays)
            if (const auto named = relay.peerMultihash()) m_relays.insert(*named);
    onReached(ready.listen);
    if (m_request) return;
    output().moving("Waiting for the relay ...");
    QTimer::singleShot(kRelayPatience, this, &ShareCommand::onPatienceOver);
}

void ShareCommand::onPatienceOver() {
    if (m_request) return;
    output().error("the relay has not answered: the ticket does not lead through it");
    publish();
}

void ShareCommand::onReached(const std::vector<api::Multiaddr>& addresses) {
    for (const api::Multiaddr& address : addresses)
        if (const auto relay = address.circuitRelay()) m_relays.erase(*relay->peerMultihash());
    if (m_relays.empty()) publish();
}

void ShareCommand::publish() {
    if (!m_request) m_request = engine().submit(api::ShareFiles{m_paths, arguments().lifetime, arguments().once});
}

void ShareCommand::onEvent(const api::Event& event) {
    if (const auto* changed = std::get_if<api::AddressesChanged>(&event)) return onReached(changed->listen);
    if (const auto* published = std::get_if<api::SharePublished>(&event); published && published->request == m_request)
        show(published->share);
    else if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request)
        fail(failed->error, Origin::Setup);
    else if (const auto* update = std::get_if<api::TransferUpdate>(&event))
        onTransfer(update->event);
    else if (const auto* ended = std::get_if<api::ShareEnded>(&event))
        onEnded(*ended);
}

/// Somebody has all of it and it was for one, somebody has revoked it from another shell, or its time is over: there is
/// nothing more to do here.
void ShareCommand::onEnded(const api::ShareEnded& ended) {
    if (ended.share != m_share) return;
    if (ended.why == api::ShareEnd::Fetched) return finish(ExitCode::Done); // the delivery has said it all
    const bool expired = ended.why == api::ShareEnd::Expired;
    output().json(JsonLine("share-ended").text("share", ended.share).text("why", expired ? "expired" : "revoked"));
    output().result(expired ? "Its time is over: the ticket is good for nothing any more."
                            : "Revoked: the ticket is good for nothing any more.");
    finish(ExitCode::Done);
}

void ShareCommand::show(const api::ShareInfo& share) {
    m_share = share.share;
    output().json(toJson(share, "ticket"));
    if (output().showsMoving()) {
        if (const auto code = api::ticketQrCode(share.ticket, kTerminalQuietZone, terminalColumns()))
            output().remark(*code);
    }
    output().result(share.ticket);
    output().remark("\nOn the other device:\n\n  " + arguments().program +
                    " get TICKET\n\nWhoever has the ticket can fetch " + api::displayText(share.label) +
                    "; it is good " + (share.once ? std::string("for one, ") : std::string()) + expiryText(share) +
                    ".");
    if (engine().isAttached()) {
        output().remark("The wherry that runs already serves it. `" + arguments().program + " shares revoke " +
                        share.share + "` ends it.");
        finish(ExitCode::Done);
    } else {
        output().remark("Ctrl+C ends. The same command again gives the same ticket.");
    }
}

void ShareCommand::onTransfer(const api::TransferEvent& event) {
    const auto* held = std::get_if<api::TransferHeld>(&event);
    if (held && held->incoming) return; // what was received here earlier is another matter
    m_report.show(event);
}

ExitCode ShareCommand::onInterrupt() {
    output().remark("Nothing is served any more until a wherry runs here again.");
    return ExitCode::Done;
}

// --- get ----------------------------------------------------------------------------------------------------------

GetCommand::GetCommand(const Arguments& arguments, Output& output)
    : Session(arguments, output),
      m_report(output, Subjects::One, names()) {}

ExitCode GetCommand::prepare() {
    const auto ticket = api::readTicket(arguments().operands.front());
    if (!ticket && arguments().operands.front().starts_with('/')) {
        fail(ExitCode::Usage, "usage",
             "get takes a ticket (wherry:...), as `wherry share` prints it on the other device, and no address");
        return ExitCode::Usage;
    }
    if (!ticket) {
        fail(ExitCode::Usage, api::errcName(ticket.error().code), ticket.error().context);
        return ExitCode::Usage;
    }
    const auto folder = openOut(arguments());
    if (!folder) {
        fail(folder.error(), Origin::Setup);
        return ExitCode::LocalIo;
    }
    m_folder = *folder;
    m_consent = std::make_unique<Consent>(output(), m_folder, api::Accept::All, names());
    connect(m_consent.get(), &Consent::answered, this,
            [this](const api::AnswerOffer& answer) { engine().submit(answer); });
    m_sharer = ticket->peer;
    const std::string what = ticket->label.empty() ? "what the ticket names" : api::displayText(ticket->label);
    output().remark("Fetching " + what + " from " + shortPeer(ticket->peer) + " ...");
    return ExitCode::Done;
}

void GetCommand::onReady(const api::Ready&) {
    if (m_request) return;
    const api::ReceivePolicy policy = api::downloadPolicy(m_folder, api::Accept::All, arguments().conflict);
    learnNames();
    m_request = engine().submit(api::GetShare{arguments().operands.front(), policy, arguments().wait});
}

void GetCommand::onEvent(const api::Event& event) {
    if (const auto* started = std::get_if<api::TransferStarted>(&event); started && started->request == m_request)
        m_transfers.insert(started->transfer);
    else if (const auto* update = std::get_if<api::TransferUpdate>(&event))
        onTransfer(update->event);
    else if (const auto* path = std::get_if<api::PathChanged>(&event); path && path->peer == m_sharer)
        m_report.show(*path);
    else if (const auto* done = std::get_if<api::RequestDone>(&event); done && done->request == m_request)
        finish(ExitCode::Done);
    else if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request)
        onFailed(failed->error);
}

/// What is not shared (any more) is the sharer's no.
void GetCommand::onFailed(const api::Error& error) {
    if (m_failed && m_failed->error == error) // has been said
        finish(exitCodeOf(error.code, m_failed->byPeer ? Origin::Peer : Origin::Receiving));
    else if (error.code == api::Errc::NotFound)
        fail(ExitCode::Declined, api::errcName(error.code), error.context);
    else
        fail(error, Origin::Receiving);
}

void GetCommand::onTransfer(const api::TransferEvent& event) {
    if (!m_transfers.contains(api::transferOf(event))) return;
    if (m_consent->withdraw(event) && !std::holds_alternative<api::OfferAccepted>(event))
        m_report.showToPrograms(event);
    else
        m_report.show(event);
    if (const auto* offer = std::get_if<api::OfferMade>(&event); offer && offer->needsAnswer) m_consent->ask(*offer);
    if (const auto* failed = std::get_if<api::TransferFailed>(&event)) m_failed = *failed;
    m_transfer = api::transferOf(event);
}

ExitCode GetCommand::onInterrupt() {
    output().json(m_report.interruptedJson(m_transfer, m_sharer));
    output().remark("Interrupted. The same command again continues where it stopped.");
    return ExitCode::Interrupted;
}

// --- shares -------------------------------------------------------------------------------------------------------

ExitCode SharesCommand::prepare() {
    const auto& operands = arguments().operands;
    if (operands.empty() || (operands.size() == 1 && operands[0] == "list")) return ExitCode::Done;
    if (operands[0] == "revoke" && operands.size() == 2 && !operands[1].empty()) {
        m_revoked = operands[1];
        return ExitCode::Done;
    }
    fail(ExitCode::Usage, "usage", "wanted is `shares list` or `shares revoke ID`; `wherry shares` shows the ids");
    return ExitCode::Usage;
}

void SharesCommand::onReady(const api::Ready&) {
    if (m_request) return;
    if (m_revoked.empty())
        m_request = engine().submit(api::ListShares{});
    else
        m_request = engine().submit(api::RevokeShare{m_revoked});
}

void SharesCommand::onEvent(const api::Event& event) {
    if (const auto* listed = std::get_if<api::SharesListed>(&event); listed && listed->request == m_request) {
        take(*listed);
    } else if (const auto* done = std::get_if<api::RequestDone>(&event); done && done->request == m_request) {
        output().json(JsonLine("revoked").text("share", m_revoked));
        output().result("Revoked: its ticket is good for nothing any more.");
        finish(ExitCode::Done);
    } else if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request) {
        if (isMistakenWord(failed->error.code))
            fail(ExitCode::Usage, api::errcName(failed->error.code), failed->error.context);
        else
            fail(failed->error, Origin::Setup);
    }
}

/// One answer has a bound; the rest is asked for until there is no more.
void SharesCommand::take(const api::SharesListed& listed) {
    m_shares.insert(m_shares.end(), listed.shares.begin(), listed.shares.end());
    if (listed.more && !listed.shares.empty()) {
        m_request = engine().submit(api::ListShares{m_shares.size()});
        return;
    }
    show();
    finish(ExitCode::Done);
}

void SharesCommand::show() {
    std::vector<JsonLine> lines;
    for (const api::ShareInfo& share : m_shares) lines.push_back(toJson(share, nullptr));
    output().json(JsonLine("shares").objects("shares", lines));
    if (m_shares.empty()) output().result("Nothing is shared.");
    for (const api::ShareInfo& share : m_shares) {
        output().result(share.share + "  " + api::displayText(share.label) + "  " + expiryText(share) + "  " +
                        timesText(share.fetched));
        output().result("  " + share.ticket);
    }
}

} // namespace wherry::cli
