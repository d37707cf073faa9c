#include "link/multistream.h"

#include "base/assert.h"
#include "codec/varint.h"
#include "link/link_limits.h"

#include <algorithm>

namespace wherry::link {

namespace {
constexpr std::string_view kHeader = "/multistream/1.0.0";
constexpr std::string_view kRefusal = "na";

/// Reads messages while `going()`; returns the bytes used. What follows the last message of a negotiation stays with
/// the caller.
template <typename Going, typename OnMessage, typename OnError>
size_t readMessages(MultistreamReader& reader, ByteView in, Going going, OnMessage onMessage, OnError onError) {
    size_t total = 0;
    while (going() && total < in.size()) {
        size_t used = 0;
        auto message = reader.read(in.subspan(total), used);
        total += used;
        if (!message)
            onError(message.error());
        else if (*message)
            onMessage(**message);
    }
    return total;
}
} // namespace

void appendMultistream(Bytes& out, std::string_view text) {
    ASSERT(text.size() < kMaxMultistreamMessage);
    codec::appendVarint(out, text.size() + 1);
    append(out, asBytes(text));
    out.push_back('\n');
}

Result<std::optional<std::string>> MultistreamReader::read(ByteView in, size_t& used) {
    used = 0;
    while (m_expected == 0 && used < in.size()) {
        m_length.push_back(in[used++]);
        TRY(auto length, codec::decodeVarint(m_length));
        if (length) {
            if (length->value == 0) return makeError(Errc::Malformed, "an empty multistream message");
            if (length->value > kMaxMultistreamMessage)
                return makeError(Errc::TooLarge,
                                 "a multistream message of " + std::to_string(length->value) + " bytes");
            m_expected = length->value;
        } else if (m_length.size() == kMaxMultistreamLength) {
            return makeError(Errc::TooLarge, "the length of a multistream message");
        }
    }
    if (m_expected == 0) return std::optional<std::string>();
    const size_t part = std::min(m_expected - m_text.size(), in.size() - used);
    append(m_text, in.subspan(used, part));
    used += part;
    if (m_text.size() < m_expected) return std::optional<std::string>();
    if (m_text.back() != '\n') return makeError(Errc::Malformed, "a multistream message without newline");
    std::string text(m_text.begin(), m_text.end() - 1);
    m_length.clear();
    m_text.clear();
    m_expected = 0;
    return std::optional(std::move(text));
}

// --- initiator ----------------------------------------------------------------------------------------------------

MultistreamInitiator::MultistreamInitiator(std::vector<std::string> protocolIds) : m_ids(std::move(protocolIds)) {
    ASSERT(!m_ids.empty() && m_ids.size() <= kMaxProposals);
    appendMultistream(m_output, kHeader);
    appendMultistream(m_output, m_ids.front());
}

Bytes MultistreamInitiator::takeOutput() {
    return std::exchange(m_output, {});
}

size_t MultistreamInitiator::onBytes(ByteView in) {
    return readMessages(
        m_reader, in, [this] { return m_state == Negotiation::Going; },
        [this](const std::string& text) { onMessage(text); },
        [this](const Error& error) { fail(Errc::ProtocolViolation, error.context); });
}

void MultistreamInitiator::onMessage(const std::string& text) {
    if (!m_headerSeen) {
        m_headerSeen = true;
        if (text != kHeader) fail(Errc::ProtocolViolation, "the answer is not multistream-select 1.0");
    } else if (text == m_ids[m_proposed]) {
        m_state = Negotiation::Agreed;
    } else if (text != kRefusal) {
        fail(Errc::ProtocolViolation, "the answer is another protocol than the proposed one");
    } else if (m_proposed + 1 < m_ids.size()) {
        appendMultistream(m_output, m_ids[++m_proposed]);
    } else {
        fail(Errc::Unsupported, "the peer does not speak " + m_ids.front());
    }
}

void MultistreamInitiator::fail(Errc code, std::string context) {
    m_state = Negotiation::Failed;
    m_error = makeError(code, std::move(context));
}

// --- responder ----------------------------------------------------------------------------------------------------

size_t MultistreamResponder::onBytes(ByteView in) {
    return readMessages(
        m_reader, in, [this] { return m_state == Negotiation::Going; },
        [this](const std::string& text) { onMessage(text); },
        [this](const Error& error) { fail(Errc::ProtocolViolation, error.context); });
}

void MultistreamResponder::onMessage(const std::string& text) {
    if (!m_headerSeen) {
        m_headerSeen = true;
        if (text != kHeader) return fail(Errc::ProtocolViolation, "the peer does not speak multistream-select 1.0");
        appendMultistream(m_output, kHeader);
    } else if (m_serves(text)) {
        m_state = Negotiation::Agreed;
        m_agreed = text;
        appendMultistream(m_output, text);
    } else if (++m_refused < kMaxProposals) {
        appendMultistream(m_output, kRefusal);
    } else {
        fail(Errc::ProtocolViolation, "the peer proposed too many protocols");
    }
}

void MultistreamResponder::fail(Errc code, std::string context) {
    m_state = Negotiation::Failed;
    m_error = makeError(code, std::move(context));
}

} // namespace wherry::link
