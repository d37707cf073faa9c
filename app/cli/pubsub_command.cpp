#include "cli/pubsub_command.h"

#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/people_json.h"
#include "cli/quantity.h"

#include <QByteArray>

namespace wherry::cli {

ExitCode PubsubCommand::prepare() {
    const auto& words = arguments().operands;
    m_publishes = words.front() == "pub";
    if (!m_publishes && words.front() != "sub")
        return refuse("'" + api::displayText(words.front()) + "' is nothing that pubsub does; wanted is sub or pub");
    if (words.size() != (m_publishes ? 3u : 2u))
        return refuse(m_publishes ? "wanted is: wherry pubsub pub TOPIC TEXT" : "wanted is: wherry pubsub sub TOPIC");
    if (words[1].empty()) return refuse("a topic has at least one byte");
    return m_publishes ? readMessage() : ExitCode::Done;
}

ExitCode PubsubCommand::readMessage() {
    const std::string& text = arguments().operands[2];
    if (!arguments().isBase64) {
        m_data.assign(text.begin(), text.end());
        return ExitCode::Done;
    }
    const auto decoded =
        QByteArray::fromBase64Encoding(QByteArray::fromStdString(text), QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded) return refuse("TEXT is no Base64");
    m_data.assign(decoded.decoded.begin(), decoded.decoded.end());
    return ExitCode::Done;
}

void PubsubCommand::onReady(const api::Ready& ready) {
    if (m_request) return;
    const std::string& topic = arguments().operands[1];
    if (m_publishes) {
        output().remark("Looking for somebody who listens ...");
        m_request = engine().submit(api::PublishMessage{topic, m_data, arguments().wait});
        return;
    }
    output().json(toJson(ready));
    learnNames();
    m_request = engine().submit(api::JoinTopic{topic});
}

void PubsubCommand::onEvent(const api::Event& event) {
    if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request) {
        const bool mistake = failed->error.code == api::Errc::InvalidArgument || failed->error.code == api::Errc::TooLarge;
        if (mistake) return fail(ExitCode::Usage, api::errcName(failed->error.code), failed->error.context);
        return fail(failed->error, Origin::Sending);
    }
    if (const auto* joined = std::get_if<api::TopicJoined>(&event); joined && joined->request == m_request) {
        output().json(JsonLine("subscribed").text("topic", joined->topic));
        output().remark("Listening to '" + api::displayText(joined->topic) + "'; Ctrl+C ends it.");
    } else if (const auto* message = std::get_if<api::GossipMessage>(&event); message && message->request == m_request) {
        show(*message);
    } else if (const auto* done = std::get_if<api::MessagePublished>(&event); done && done->request == m_request) {
        output().json(JsonLine("published").text("topic", done->topic).count("peers", done->peers));
        output().result("Published to " + countText(done->peers, "peer") + ".");
        finish(ExitCode::Done);
    }
}

void PubsubCommand::show(const api::GossipMessage& message) {
    const std::string data(message.data.begin(), message.data.end());
    JsonLine line("message");
    line.text("topic", message.topic).text("from", message.from.text());
    const bool isText = isValidUtf8(data);
    if (isText) line.text("data", data);
    line.text("dataBase64", base64(data));
    output().json(names().addTo(line, message.from));
    const std::string author = names().of(message.from);
    output().result(isText ? messageLines(data, author) : author + " (base64): " + base64(data));
}

/// To end it is what ends listening.
ExitCode PubsubCommand::onInterrupt() {
    return m_publishes ? ExitCode::Interrupted : ExitCode::Done;
}

} // namespace wherry::cli
