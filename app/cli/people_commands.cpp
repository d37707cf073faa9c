#include "cli/people_commands.h"

#include "api/display_text.h"
#include "api/target.h"
#include "cli/dial_target.h"
#include "cli/event_json.h"
#include "cli/people_json.h"

#include <QTimer>
#include <algorithm>
#include <optional>

namespace wherry::cli {

namespace {

/// What devices nearby need to answer, to be connected to and to say their names, with a lost packet in between.
constexpr auto kLookAround = std::chrono::seconds(2);

/// The command for one of the words behind `peers`, and what it has done.
struct Decision {
    api::Command command;
    std::string done;
};

std::optional<Decision> decisionOf(std::string_view word, const api::Target& target, const std::string& alias) {
    if (word == "trust")
        return Decision{api::TrustPeer{target},
                        "Trusted: `wherry receive --accept trusted` takes its files without asking."};
    if (word == "untrust") return Decision{api::UntrustPeer{target}, "No longer trusted."};
    if (word == "block") return Decision{api::BlockPeer{target}, "Blocked: it reaches nothing on this device."};
    if (word == "unblock") return Decision{api::UnblockPeer{target}, "No longer blocked, and not trusted."};
    if (word == "alias" && alias.empty())
        return Decision{api::SetAlias{target, {}}, "It has no name of yours any more."};
    if (word == "alias")
        return Decision{api::SetAlias{target, alias}, "From now on it is " + api::displayText(alias) + "."};
    return std::nullopt;
}

} // namespace

// --- peers --------------------------------------------------------------------------------------------------------

ExitCode PeersCommand::prepare() {
    const auto& operands = arguments().operands;
    const auto refuse = [&](const std::string& message) {
        fail(ExitCode::Usage, "usage", message);
        return ExitCode::Usage;
    };
    if (operands.empty() || (operands.size() == 1 && operands[0] == "list")) return ExitCode::Done;
    const std::string& word = operands[0];
    if (!decisionOf(word, {}, "x"))
        return refuse("'" + word + "': wanted is list, or trust, untrust, block, unblock or alias with a peer");
    if (operands.size() < 2) return refuse("which peer? Its id or your own name for it: `wherry peers` lists them");
    if (operands.size() > (word == "alias" ? 3u : 2u)) return refuse("one word too many: '" + operands.back() + "'");
    const auto target = api::parseTarget(operands[1]);
    if (!target) return refuse("'" + operands[1] + "': " + target.error().context);
    Decision decision = *decisionOf(word, *target, operands.size() > 2 ? operands[2] : std::string());
    m_command = std::move(decision.command);
    m_done = std::move(decision.done);
    return ExitCode::Done;
}

void PeersCommand::onReady(const api::Ready&) {
    if (m_started) return;
    m_started = true;
    const bool looks = std::holds_alternative<api::ListPeers>(m_command) && !engine().isAttached();
    if (!looks || !arguments().settings.mdns) return submit();
    m_looked = true;
    output().remark("Looking for devices nearby ...");
    QTimer::singleShot(kLookAround, this, &PeersCommand::submit);
}

void PeersCommand::submit() {
    m_request = engine().submit(m_command);
}

/// A name that cannot be one is a mistake too.
bool PeersCommand::isMistake(api::Errc code) const {
    const bool isAboutName = std::holds_alternative<api::SetAlias>(m_command);
    return isMistakenWord(code) || (isAboutName && (code == api::Errc::TooLarge || code == api::Errc::Malformed));
}

void PeersCommand::onEvent(const api::Event& event) {
    if (const auto* listed = std::get_if<api::PeersListed>(&event); listed && listed->request == m_request) {
        take(*listed);
    } else if (const auto* done = std::get_if<api::RequestDone>(&event); done && done->request == m_request) {
        output().json(JsonLine("done").text("command", arguments().operands[0]).text("peer", arguments().operands[1]));
        output().result(m_done);
        finish(ExitCode::Done);
    } else if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request) {
        if (isMistake(failed->error.code))
            fail(ExitCode::Usage, api::errcName(failed->error.code), failed->error.context);
        else
            fail(failed->error, Origin::Setup);
    }
}

/// One answer has a bound; the rest is asked for until there is no more.
void PeersCommand::take(const api::PeersListed& listed) {
    m_peers.insert(m_peers.end(), listed.peers.begin(), listed.peers.end());
    if (listed.more && !listed.peers.empty()) {
        m_command = api::ListPeers{m_peers.back().known.peer};
        return submit();
    }
    show();
    finish(ExitCode::Done);
}

/// Who is there first, then who was there last.
void PeersCommand::show() {
    api::PeersListed sorted;
    sorted.peers = std::move(m_peers);
    std::ranges::stable_sort(sorted.peers, [](const api::PeerView& a, const api::PeerView& b) {
        const auto rank = [](const api::PeerView& peer) {
            return std::tuple(!peer.connection.has_value(), !peer.nearby, -peer.known.lastSeen.nanoseconds);
        };
        return rank(a) < rank(b);
    });
    output().json(toJson(sorted));
    if (sorted.peers.empty())
        output().result(
            m_looked ? "No device has been met yet, and none on this network runs `wherry receive`, `share` or `node`."
                     : "No device has been met yet.");
    for (const api::PeerView& peer : sorted.peers) output().result(peerLine(peer));
}

// --- text ---------------------------------------------------------------------------------------------------------

ExitCode TextCommand::prepare() {
    DialTarget dial = readDialTarget(arguments().operands[0], output());
    m_target = std::move(dial.target);
    if (dial.code != ExitCode::Done) return dial.code;
    if (const auto good = api::checkText(arguments().operands[1]); !good) {
        fail(ExitCode::Usage, api::errcName(good.error().code), good.error().context);
        return ExitCode::Usage;
    }
    return ExitCode::Done;
}

void TextCommand::onReady(const api::Ready& ready) {
    if (m_target.peer == ready.self) return fail(selfAsTarget(), Origin::Sending);
    if (m_request) return;
    output().remark("Looking for " + targetText(m_target) + " ...");
    learnNames();
    m_request = engine().submit(api::SendText{m_target, arguments().operands[1], arguments().wait});
}

void TextCommand::onEvent(const api::Event& event) {
    if (const auto* sent = std::get_if<api::TextSent>(&event); sent && sent->request == m_request) {
        output().json(toJson(*sent));
        output().result("Sent: " + names().of(sent->peer) + " has it.");
        finish(ExitCode::Done);
    } else if (const auto* found = std::get_if<api::TargetFound>(&event); found && found->request == m_request) {
        m_target.peer = found->peer;
        if (const std::string remark = foundRemark(*found); !remark.empty()) output().remark(remark);
    } else if (const auto* path = std::get_if<api::PathChanged>(&event); path && path->peer == m_target.peer) {
        output().json(toJson(*path));
    } else if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request) {
        failText(failed->error);
    }
}

void TextCommand::failText(const api::Error& error) {
    if (isTargetWrong(error)) return fail(ExitCode::Usage, api::errcName(error.code), error.context);
    fail(error, error.code == api::Errc::LimitReached ? Origin::Peer : Origin::Sending);
}

} // namespace wherry::cli
