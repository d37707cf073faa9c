#include "cli/send_command.h"

#include "api/display_text.h"
#include "api/target.h"
#include "cli/dial_target.h"
#include "cli/event_json.h"
#include "cli/people_json.h"

#include <algorithm>
#include <filesystem>

namespace wherry::cli {

namespace {

api::Errc errcOf(const std::error_code& code) {
    if (code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory) return api::Errc::NotFound;
    if (code == std::errc::permission_denied) return api::Errc::PermissionDenied;
    return api::Errc::Io;
}

/// For a word in the place of a file: whether it says where to send to (an address, a peer id, a key).
bool isWhereAndNoFile(const std::string& word) {
    const auto target = api::parseTarget(word);
    const bool isWhere = target ? target->name.empty()
                                : word.starts_with("/ip4/") || word.starts_with("/ip6/") || word.starts_with("/dns");
    std::error_code ignored;
    return isWhere && !std::filesystem::exists(std::filesystem::symlink_status(word, ignored));
}

} // namespace

api::Result<std::string> absolutePath(const std::string& path) {
    namespace fs = std::filesystem;
    const auto failure = [&](const std::error_code& code) {
        return api::makeError(errcOf(code), path + ": " + code.message());
    };
    if (path.empty()) return api::makeError(api::Errc::NotFound, "a path is empty");
    std::error_code code;
    fs::path whole = fs::absolute(fs::path(path), code);
    if (code) return failure(code);
    if (!whole.has_filename()) whole = whole.parent_path(); // a slash at the end
    if (whole.filename() == "." || whole.filename() == ".." || !whole.has_relative_path()) {
        whole = fs::canonical(whole, code);
    } else {
        const fs::path parent = fs::canonical(whole.parent_path(), code);
        whole = parent / whole.filename();
    }
    if (code) return failure(code);
    const fs::file_status status = fs::symlink_status(whole, code);
    if (status.type() == fs::file_type::not_found)
        return api::makeError(api::Errc::NotFound, path + ": no such file or folder");
    if (code) return failure(code);
    const fs::file_type kind = fs::status(whole, code).type();
    const bool special = kind == fs::file_type::fifo || kind == fs::file_type::socket ||
                         kind == fs::file_type::character || kind == fs::file_type::block;
    if (special) return api::makeError(api::Errc::InvalidArgument, path + ": neither a file nor a folder");
    if (whole.native().empty() || whole == whole.root_path())
        return api::makeError(api::Errc::InvalidArgument,
                              path + ": the root of a file system has no name to arrive under");
    return whole.string();
}

SendCommand::SendCommand(const Arguments& arguments, Output& output)
    : Session(arguments, output),
      m_report(output, Subjects::One, names()) {}

api::Settings SendCommand::settings() const {
    api::Settings settings = Session::settings();
    settings.target = m_target.peer;
    return settings;
}

/// scp takes them in the other order.
ExitCode SendCommand::checkOrder() {
    const auto& operands = arguments().operands;
    if (isWhereAndNoFile(operands.front())) return ExitCode::Done;
    const auto misplaced = std::find_if(operands.begin() + 1, operands.end(), isWhereAndNoFile);
    if (misplaced == operands.end()) return ExitCode::Done;
    fail(ExitCode::Usage, "usage",
         "TARGET comes first: " + arguments().program + " send " + *misplaced + " FILE-OR-FOLDER...");
    return ExitCode::Usage;
}

ExitCode SendCommand::prepare() {
    if (const ExitCode order = checkOrder(); order != ExitCode::Done) return order;
    DialTarget dial = readDialTarget(arguments().operands.front(), output());
    if (dial.code != ExitCode::Done) return dial.code;
    m_target = std::move(dial.target);
    for (size_t i = 1; i < arguments().operands.size(); ++i) {
        auto path = absolutePath(arguments().operands[i]);
        if (!path) {
            output().json(failedJson(api::errcName(path.error().code), path.error().context));
            output().error(api::displayText(path.error().context));
            return exitCodeOf(path.error().code, Origin::Setup);
        }
        m_paths.push_back(std::move(*path));
    }
    return ExitCode::Done;
}

void SendCommand::onReady(const api::Ready& ready) {
    if (m_request) return;
    if (m_target.peer == ready.self) return fail(selfAsTarget(), Origin::Sending);
    output().remark("Looking for " + targetText(m_target) + " ...");
    learnNames();
    m_request = engine().submit(api::SendFiles{m_target, m_paths, arguments().wait, arguments().priority});
}

void SendCommand::onEvent(const api::Event& event) {
    if (const auto* update = std::get_if<api::TransferUpdate>(&event))
        onTransfer(update->event);
    else if (const auto* started = std::get_if<api::TransferStarted>(&event); started && started->request == m_request)
        onStarted(*started);
    else if (const auto* path = std::get_if<api::PathChanged>(&event))
        showPath(*path);
    else if (const auto* found = std::get_if<api::TargetFound>(&event); found && found->request == m_request)
        onFound(*found);
    else if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request)
        isTargetWrong(failed->error) ? fail(ExitCode::Usage, api::errcName(failed->error.code), failed->error.context)
                                     : fail(failed->error, Origin::Sending);
}

void SendCommand::onStarted(const api::TransferStarted& started) {
    m_transfer = started.transfer;
    if (started.waits)
        output().remark("Other transfers are under way: this one, number " + std::to_string(started.transfer.value) +
                        ", waits for its turn.");
}

/// Other devices come and go meanwhile.
void SendCommand::showPath(const api::PathChanged& path) {
    if (path.peer == m_target.peer) m_report.show(path);
}

void SendCommand::onFound(const api::TargetFound& found) {
    m_target.peer = found.peer;
    if (const std::string remark = foundRemark(found); !remark.empty()) output().remark(remark);
}

/// Only of the transfer that this command has begun: an engine may serve share tickets meanwhile.
void SendCommand::onTransfer(const api::TransferEvent& event) {
    if (api::transferOf(event) != m_transfer) return;
    m_report.show(event);
    if (const auto* offer = std::get_if<api::OfferMade>(&event))
        m_leftOut = offer->skippedFailures > 0;
    else if (std::holds_alternative<api::TransferDelivered>(event))
        finish(m_leftOut ? ExitCode::LocalIo : ExitCode::Done);
    else if (std::holds_alternative<api::OfferDeclined>(event))
        finish(ExitCode::Declined);
    else if (const auto* failed = std::get_if<api::TransferFailed>(&event))
        finish(exitCodeOf(failed->error.code, failed->byPeer ? Origin::Receiver : Origin::Sending));
}

ExitCode SendCommand::onInterrupt() {
    output().json(m_report.interruptedJson(m_transfer, m_target.peer));
    output().remark("Interrupted. The same command again continues where it stopped.");
    return ExitCode::Interrupted;
}

} // namespace wherry::cli
