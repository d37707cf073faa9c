#include "cli/dht_command.h"

#include "api/dht_key.h"
#include "api/display_text.h"
#include "cli/event_json.h"
#include "cli/quantity.h"

#include <QByteArray>
#include <QDateTime>
#include <algorithm>
#include <array>

namespace wherry::cli {

namespace {

struct ActionWord {
    std::string_view word;
    api::DhtAction action;
    size_t operands;
};
constexpr std::array kWords = {
    ActionWord{"get", api::DhtAction::Get, 2},         ActionWord{"put", api::DhtAction::Put, 3},
    ActionWord{"provide", api::DhtAction::Provide, 2}, ActionWord{"providers", api::DhtAction::Providers, 2},
    ActionWord{"peer", api::DhtAction::Peer, 2},       ActionWord{"closest", api::DhtAction::Closest, 2}};

std::string textOf(const std::vector<uint8_t>& bytes) {
    return std::string(bytes.begin(), bytes.end());
}

std::string timeOf(api::UnixTime time) {
    return QDateTime::fromSecsSinceEpoch(time.seconds(), Qt::UTC).toString(Qt::ISODate).toStdString();
}

std::vector<std::string> texts(const std::vector<api::Multiaddr>& addresses) {
    std::vector<std::string> out;
    for (const auto& address : addresses) out.push_back(address.text());
    return out;
}

} // namespace

api::Settings DhtCommand::settings() const {
    api::Settings settings = Session::settings();
    settings.kadProtocols = {arguments().dhtProtocol};
    return settings;
}

ExitCode DhtCommand::prepare() {
    const auto& words = arguments().operands;
    const auto known = std::ranges::find(kWords, words.front(), &ActionWord::word);
    if (known == kWords.end())
        return refuse("'" + api::displayText(words.front()) +
                      "' is nothing that dht does; wanted is get, put, provide, providers, peer or closest");
    if (words.size() != known->operands)
        return refuse("wanted is: wherry dht " + words.front() + (known->operands == 3 ? " KEY VALUE" : " KEY"));
    m_ask.action = known->action;
    m_ask.protocol = arguments().dhtProtocol;
    m_ask.wait = arguments().wait;
    auto key = api::dhtKey(m_ask.action, m_ask.protocol, words[1]);
    if (!key) return refuse("'" + api::displayText(words[1]) + "': " + api::displayText(key.error().context));
    m_ask.key = std::move(*key);
    m_ask.by = arguments().dhtBy;
    if (!m_ask.by.empty() && m_ask.action != api::DhtAction::Get) return refuse("--by is for get");
    return m_ask.action == api::DhtAction::Put ? readValue() : ExitCode::Done;
}

ExitCode DhtCommand::readValue() {
    const std::string& value = arguments().operands[2];
    if (arguments().isBase64) {
        const auto decoded =
            QByteArray::fromBase64Encoding(QByteArray::fromStdString(value), QByteArray::AbortOnBase64DecodingErrors);
        if (!decoded) return refuse("VALUE is no Base64");
        m_ask.value.assign(decoded.decoded.begin(), decoded.decoded.end());
    } else {
        m_ask.value.assign(value.begin(), value.end());
    }
    return ExitCode::Done;
}

void DhtCommand::onReady(const api::Ready&) {
    if (m_request) return;
    output().remark("Asking servers of " + m_ask.protocol + " ...");
    m_request = engine().submit(m_ask);
}

void DhtCommand::onEvent(const api::Event& event) {
    if (const auto* failed = std::get_if<api::RequestFailed>(&event); failed && failed->request == m_request)
        failRequest(failed->error);
    else if (const auto* answer = std::get_if<api::DhtAnswered>(&event); answer && answer->request == m_request)
        show(*answer);
}

/// What a mistake of the person is, and what nobody out there knows or takes.
void DhtCommand::failRequest(const api::Error& error) {
    const bool mistake = error.code == api::Errc::InvalidArgument || error.code == api::Errc::TooLarge ||
                         error.code == api::Errc::Unsupported || error.code == api::Errc::VerificationFailed;
    if (mistake) return fail(ExitCode::Usage, api::errcName(error.code), error.context);
    if (error.code == api::Errc::NotFound) return fail(ExitCode::Unreachable, api::errcName(error.code), error.context);
    fail(error, Origin::Sending);
}

void DhtCommand::show(const api::DhtAnswered& answer) {
    if (!m_ask.by.empty() && answer.publisher != m_ask.by) // one that knows no --by says what is newest
        return fail(ExitCode::Unreachable, api::errcName(api::Errc::Unsupported),
                    "the `wherry` that runs with this home is older and cannot ask by publisher");
    switch (answer.action) {
    case api::DhtAction::Get:
        showValue(answer);
        break;
    case api::DhtAction::Put:
        showStored(answer, "stored", "Stored");
        break;
    case api::DhtAction::Provide:
        showStored(answer, "provided", "Told");
        break;
    case api::DhtAction::Providers:
        if (answer.providers.empty())
            return fail(ExitCode::Unreachable, api::errcName(api::Errc::NotFound), "nobody is known to provide it");
        showPeers("providers", answer.providers);
        break;
    case api::DhtAction::Peer:
        showPeer(answer);
        break;
    case api::DhtAction::Closest:
        showPeers("closest", answer.closest);
        break;
    }
    output().remark(countText(answer.requests, "request") + " in " +
                    durationText(std::chrono::duration<double>(answer.took).count()) + ".");
    finish(ExitCode::Done);
}

void DhtCommand::showValue(const api::DhtAnswered& answer) {
    const std::string value = textOf(answer.value);
    JsonLine line("value");
    line.text("key", arguments().operands[1]);
    if (isValidUtf8(value)) line.text("value", value);
    line.text("valueBase64", base64(value));
    if (!answer.publisher.empty()) line.text("publisher", answer.publisher.text()).count("version", answer.version);
    const std::string path = textOf(answer.pointsTo);
    const std::string until = answer.validUntil == api::UnixTime{} ? std::string() : timeOf(answer.validUntil);
    if (!until.empty()) line.text("pointsTo", path).text("validUntil", until);
    output().json(line);
    if (!until.empty() && output().terminal().outputIsTerminal) {
        output().result(api::displayText(path));
        output().remark("Valid until " + until + ", sequence " + std::to_string(answer.version) + ".");
    } else {
        output().result(isValidUtf8(value) ? api::displayText(value) : base64(value));
    }
    if (!answer.publisher.empty()) output().remark("Signed by " + answer.publisher.text() + ".");
}

void DhtCommand::showStored(const api::DhtAnswered& answer, std::string_view event, const std::string& what) {
    JsonLine line(event);
    line.text("key", arguments().operands[1]).count("servers", answer.stored);
    if (answer.version > 0) line.count("version", answer.version);
    if (answer.onlyOwn) line.flag("onlyOwn", true);
    output().json(line);
    output().result(what + " " + countText(answer.stored, "server") + ".");
    if (answer.onlyOwn)
        output().error("warning: others put newer values under this key just then; this one is got with --by and the id "
                       "of this device, and with another `put` once more by everybody");
}

void DhtCommand::showPeers(std::string_view event, const std::vector<api::DhtPeer>& peers) {
    std::vector<JsonLine> lines;
    for (const api::DhtPeer& peer : peers) {
        lines.push_back(JsonLine().text("peerId", peer.peer.text()).texts("addresses", texts(peer.addresses)));
        output().result(peer.peer.text());
        for (const auto& address : peer.addresses) output().remark("  " + address.text());
    }
    output().json(JsonLine(event).text("key", arguments().operands[1]).objects("peers", lines));
}

void DhtCommand::showPeer(const api::DhtAnswered& answer) {
    output().json(JsonLine("peer")
                      .text("peerId", arguments().operands[1])
                      .texts("addresses", texts(answer.addresses))
                      .flag("connected", answer.proved));
    for (const auto& address : answer.addresses) output().result(address.text());
    output().remark(answer.proved ? "It has proved its key there."
                                  : "Others say so; it has not answered there, perhaps because of a NAT or firewall.");
}

} // namespace wherry::cli
