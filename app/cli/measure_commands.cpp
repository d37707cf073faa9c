#include "cli/measure_commands.h"

#include "cli/dial_target.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

#include <algorithm>
#include <numeric>

namespace wherry::cli {

namespace {

/// Moved each way when no amount was asked for: long enough to reach full speed on a fast network, short enough for a
/// slow one.
constexpr uint64_t kUsualPerfBytes = 256 * 1024 * 1024;

std::string directionText(std::string_view name, uint64_t bytes, api::Duration time) {
    const double seconds = std::chrono::duration<double>(time).count();
    return std::string(name) + " " + bytesText(bytes) + " in " + durationText(seconds) + ": " +
           rateText(seconds > 0 ? static_cast<double>(bytes) / seconds : 0);
}

} // namespace

api::Settings MeasureCommand::settings() const {
    api::Settings settings = Session::settings();
    settings.target = m_target.peer;
    return settings;
}

ExitCode MeasureCommand::prepare() {
    DialTarget dial = readDialTarget(arguments().operands.front(), output());
    m_target = std::move(dial.target);
    return dial.code;
}

void MeasureCommand::onReady(const api::Ready& ready) {
    if (m_target.peer == ready.self) return fail(selfAsTarget(), Origin::Sending);
    if (!m_request) m_request = engine().submit(command(m_target));
}

void MeasureCommand::onEvent(const api::Event& event) {
    if (const auto* found = std::get_if<api::TargetFound>(&event); found && found->request == m_request) {
        m_target.peer = found->peer;
    } else if (const auto* path = std::get_if<api::PathChanged>(&event); path && path->peer == m_target.peer) {
        output().json(toJson(*path));
        output().remark("Path: " + std::string(pathKindName(path->kind)) + ", " + path->address.withoutPeer().text());
    } else if (const auto* failed = std::get_if<api::RequestFailed>(&event)) {
        if (failed->request != m_request) return;
        isTargetWrong(failed->error) ? fail(ExitCode::Usage, api::errcName(failed->error.code), failed->error.context)
                                     : fail(explained(failed->error), Origin::Sending);
    } else {
        onAnswer(event, m_request);
    }
}

api::Command PingCommand::command(const api::Target& target) const {
    return api::Ping{target, arguments().count, arguments().wait};
}

void PingCommand::onAnswer(const api::Event& event, api::RequestId request) {
    const auto* reply = std::get_if<api::PingReply>(&event);
    if (!reply || reply->request != request) return;
    m_milliseconds.push_back(std::chrono::duration<double, std::milli>(reply->roundTrip).count());
    output().json(toJson(*reply));
    output().remark("Answer " + std::to_string(reply->index + 1) + ": " + decimalText(m_milliseconds.back(), 3) +
                    " ms");
    if (reply->last) summarise();
}

void PingCommand::summarise() {
    const auto [least, most] = std::ranges::minmax(m_milliseconds);
    const double mean =
        std::accumulate(m_milliseconds.begin(), m_milliseconds.end(), 0.0) / static_cast<double>(m_milliseconds.size());
    output().json(JsonLine("ping")
                      .count("count", m_milliseconds.size())
                      .decimal("minMs", least)
                      .decimal("meanMs", mean)
                      .decimal("maxMs", most));
    output().result(countText(m_milliseconds.size(), "answer") + ": least " + decimalText(least, 3) + " ms, mean " +
                    decimalText(mean, 3) + " ms, most " + decimalText(most, 3) + " ms");
    finish(ExitCode::Done);
}

api::Command PerfCommand::command(const api::Target& target) const {
    const bool usual = !arguments().uploadGiven && !arguments().downloadGiven;
    return api::Perf{target, usual ? kUsualPerfBytes : arguments().uploadBytes,
                     usual ? kUsualPerfBytes : arguments().downloadBytes, arguments().wait};
}

api::Error PerfCommand::explained(const api::Error& error) const {
    if (error.code != api::Errc::Unsupported) return error;
    return api::makeError(error.code,
                          "the other side does not let others measure the throughput to it; for that it has to "
                          "run `wherry node --perf` (" +
                              error.context + ")");
}

void PerfCommand::onAnswer(const api::Event& event, api::RequestId request) {
    const auto* done = std::get_if<api::PerfDone>(&event);
    if (!done || done->request != request) return;
    output().json(toJson(*done));
    if (done->uploadBytes > 0) output().result(directionText("Upload  ", done->uploadBytes, done->uploadTime));
    if (done->downloadBytes > 0) output().result(directionText("Download", done->downloadBytes, done->downloadTime));
    finish(ExitCode::Done);
}

} // namespace wherry::cli
