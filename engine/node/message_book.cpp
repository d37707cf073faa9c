#include "node/message_book.h"

#include "base/take_front.h"
#include "node/node_limits.h"

#include <algorithm>

namespace wherry::node {

using crypto::PeerId;

namespace {

constexpr uint8_t kFactsRow = 1;
constexpr uint8_t kTextRow = 2;
constexpr StoreRequestId kLoadScan = {static_cast<uint64_t>(StoreUser::Messages) << 56 | 1};
/// Direction, state, unread, code of the error.
constexpr size_t kFlags = 4;
constexpr size_t kFactsHead = kFlags + sizeof(uint64_t) + sizeof(uint32_t) + text::kMessageIdBytes + 1;

void appendNumber(Bytes& to, uint64_t number) {
    Bytes bytes(sizeof number);
    putBigEndian<uint64_t>(bytes, number);
    append(to, bytes);
}

Bytes factsKey(uint64_t number) {
    Bytes key{kFactsRow};
    appendNumber(key, number);
    return key;
}

Bytes conversationPrefix(const PeerId& peer) {
    const ByteView id = peer.multihash();
    Bytes key{kTextRow, static_cast<uint8_t>(id.size())};
    append(key, id);
    return key;
}

/// The newest comes first in byte order.
Bytes textKey(const PeerId& peer, uint64_t number) {
    Bytes key = conversationPrefix(peer);
    appendNumber(key, ~number);
    return key;
}

uint64_t numberOfText(ByteView key) {
    return ~getBigEndian<uint64_t>(key.last(sizeof(uint64_t)));
}

} // namespace

std::string_view messageStateName(MessageState state) {
    switch (state) {
    case MessageState::Sending:
        return "sending";
    case MessageState::Delivered:
        return "delivered";
    case MessageState::Failed:
        return "failed";
    case MessageState::Received:
        break;
    }
    return "received";
}

// --- the store ----------------------------------------------------------------------------------------------------

void MessageBook::start() {
    m_store.push_back(StoreScan{kLoadScan, Space::Messages, {kFactsRow}});
}

void MessageBook::onStoreScanned(const StoreScanned& scanned) {
    if (scanned.id == kLoadScan) return onLoaded(scanned);
    const auto asked = m_asked.extract(scanned.id);
    if (!asked) return; // taken back
    const Query& query = asked.mapped();
    if (!scanned.rows)
        m_news.push_back(RequestFailed{query.request, scanned.rows.error()});
    else if (query.resend)
        onFound(query, scanned);
    else
        onPage(query, scanned);
}

void MessageBook::onLoaded(const StoreScanned& scanned) {
    m_ready = true;
    m_broken = !scanned.rows;
    if (m_broken) return;
    for (const auto& [key, value] : *scanned.rows)
        if (!addRow(key, value)) m_store.push_back(StoreErase{Space::Messages, key});
    for (auto& [number, facts] : m_facts) {
        if (facts.state != MessageState::Sending) continue;
        facts.state = MessageState::Failed;
        facts.error = makeError(Errc::ConnectionLost, "the program ended before it was delivered");
        save(number, facts);
    }
    makeRoom();
    m_news.clear(); // nobody has been told of any yet
}

bool MessageBook::addRow(ByteView key, ByteView value) {
    if (key.size() != 1 + sizeof(uint64_t) || value.size() < kFactsHead) return false;
    Facts facts;
    facts.incoming = value[0] != 0;
    if (value[1] > static_cast<uint8_t>(MessageState::Received)) return false;
    facts.state = static_cast<MessageState>(value[1]);
    facts.unread = value[2] != 0;
    const uint8_t code = value[3];
    ByteView rest = value.subspan(kFlags);
    facts.at = {static_cast<int64_t>(getBigEndian<uint64_t>(rest))};
    facts.bytes = getBigEndian<uint32_t>(rest.subspan(sizeof(uint64_t)));
    rest = rest.subspan(sizeof(uint64_t) + sizeof(uint32_t));
    std::copy_n(rest.begin(), facts.id.size(), facts.id.begin());
    rest = rest.subspan(facts.id.size());
    const size_t idLength = rest[0];
    if (rest.size() < 1 + idLength || facts.bytes > text::kMaxTextBytes) return false;
    const auto peer = PeerId::fromMultihash(rest.subspan(1, idLength));
    if (!peer || code > static_cast<uint8_t>(Errc::Internal)) return false;
    facts.peer = *peer;
    const std::string context(asText(rest.subspan(1 + idLength)));
    if (facts.state == MessageState::Failed) facts.error = makeError(static_cast<Errc>(code), context);
    note(getBigEndian<uint64_t>(key.subspan(1)), facts);
    return true;
}

void MessageBook::save(uint64_t number, const Facts& facts) {
    if (m_broken) return;
    const uint8_t code = facts.error ? static_cast<uint8_t>(facts.error->code) : 0;
    Bytes value{facts.incoming, static_cast<uint8_t>(facts.state), facts.unread, code};
    appendNumber(value, static_cast<uint64_t>(facts.at.nanoseconds));
    Bytes size(sizeof(uint32_t));
    putBigEndian<uint32_t>(size, facts.bytes);
    append(value, size);
    append(value, facts.id);
    const ByteView peer = facts.peer.multihash();
    value.push_back(static_cast<uint8_t>(peer.size()));
    append(value, peer);
    if (facts.error) append(value, asBytes(facts.error->context.substr(0, kMaxMessageError)));
    m_store.push_back(StorePut{Space::Messages, factsKey(number), std::move(value)});
}

void MessageBook::forgetAll() {
    m_facts.clear();
    m_conversations.clear();
    m_bytes = 0;
    m_broken = false;
}

// --- what is said -------------------------------------------------------------------------------------------------

MessageInfo MessageBook::infoOf(uint64_t number, const Facts& facts, std::string text) {
    return {number, facts.peer, facts.incoming, facts.state, std::move(text), facts.at, facts.unread, facts.error};
}

void MessageBook::tell(uint64_t number, const Facts& facts, std::string text) {
    m_news.push_back(MessageChanged{infoOf(number, facts, std::move(text))});
}

void MessageBook::note(uint64_t number, const Facts& facts) {
    m_last = std::max(m_last, number);
    m_bytes += facts.bytes;
    Conversation& conversation = m_conversations[facts.peer];
    conversation.numbers.insert(number);
    conversation.unread += facts.unread ? 1 : 0;
    m_facts[number] = facts;
}

uint64_t MessageBook::add(Facts facts, const std::string& text) {
    const uint64_t number = m_last + 1;
    facts.bytes = static_cast<uint32_t>(text.size());
    note(number, facts);
    if (!m_broken) m_store.push_back(StorePut{Space::Messages, textKey(facts.peer, number), toBytes(asBytes(text))});
    save(number, facts);
    tell(number, facts, text);
    makeRoom();
    return number;
}

void MessageBook::onReceived(const text::TextReceived& received) {
    if (const auto with = m_conversations.find(received.peer); with != m_conversations.end())
        for (const uint64_t number : with->second.numbers)
            if (m_facts.at(number).incoming && m_facts.at(number).id == received.message) return;
    add({received.peer, received.message, true, MessageState::Received, true, received.receivedAt, 0, {}},
        received.text);
}

MessageBook::Sending MessageBook::onSending(const PeerId& peer, const std::string& text, UnixTime now) {
    Sending sending;
    m_random.fill(sending.id);
    sending.number = add({peer, sending.id, false, MessageState::Sending, false, now, 0, {}}, text);
    return sending;
}

void MessageBook::onSent(uint64_t number) {
    const auto found = m_facts.find(number);
    if (found == m_facts.end()) return;
    found->second.state = MessageState::Delivered;
    found->second.error.reset();
    save(number, found->second);
    tell(number, found->second, {});
}

void MessageBook::onFailed(uint64_t number, const Error& error) {
    const auto found = m_facts.find(number);
    if (found == m_facts.end()) return;
    found->second.state = MessageState::Failed;
    found->second.error = error;
    save(number, found->second);
    tell(number, found->second, {});
}

// --- bounds -------------------------------------------------------------------------------------------------------

void MessageBook::makeRoom() {
    std::map<PeerId, uint64_t> gone; ///< up to which number
    const auto dropOldest = [&](uint64_t number) {
        uint64_t& upTo = gone[m_facts.at(number).peer];
        upTo = std::max(upTo, number);
        drop(number);
    };
    for (auto& [peer, conversation] : m_conversations)
        while (conversation.numbers.size() > kMaxMessagesPerPeer) dropOldest(*conversation.numbers.begin());
    while (m_facts.size() > kMaxMessages || m_bytes > kMaxMessagesBytes) dropOldest(m_facts.begin()->first);
    for (const auto& [peer, upTo] : gone) m_news.push_back(MessagesGone{peer, upTo});
}

void MessageBook::drop(uint64_t number) {
    const auto facts = m_facts.extract(number);
    const PeerId& peer = facts.mapped().peer;
    m_bytes -= facts.mapped().bytes;
    const auto with = m_conversations.find(peer);
    with->second.unread -= facts.mapped().unread ? 1 : 0;
    with->second.numbers.erase(number);
    if (with->second.numbers.empty()) m_conversations.erase(with);
    if (m_broken) return;
    m_store.push_back(StoreErase{Space::Messages, factsKey(number)});
    m_store.push_back(StoreErase{Space::Messages, textKey(peer, number)});
}

// --- what people do -----------------------------------------------------------------------------------------------

bool MessageBook::markRead(const PeerId& peer, uint64_t upTo) {
    const auto with = m_conversations.find(peer);
    if (with == m_conversations.end() || with->second.unread == 0) return false;
    bool any = false;
    for (const uint64_t number : with->second.numbers) {
        if (number > upTo) break;
        Facts& facts = m_facts.at(number);
        if (!std::exchange(facts.unread, false)) continue;
        --with->second.unread;
        save(number, facts);
        any = true;
    }
    return any;
}

void MessageBook::clear(const PeerId& peer) {
    const auto with = m_conversations.find(peer);
    if (with == m_conversations.end()) return;
    const std::set<uint64_t> numbers = with->second.numbers;
    for (const uint64_t number : numbers) drop(number);
    m_news.push_back(MessagesGone{peer, *numbers.rbegin()});
}

uint32_t MessageBook::unread(const PeerId& peer) const {
    const auto with = m_conversations.find(peer);
    return with == m_conversations.end() ? 0 : with->second.unread;
}

// --- questions ----------------------------------------------------------------------------------------------------

Result<void> MessageBook::mayAsk() const {
    if (m_broken) return makeError(Errc::Io, "the messages cannot be read");
    if (m_asked.size() < kMaxMessageQueries) return {};
    return makeError(Errc::LimitReached,
                     "at most " + std::to_string(kMaxMessageQueries) + " questions about messages at once");
}

void MessageBook::ask(Query query, Bytes prefix, Bytes after, size_t limit) {
    const StoreRequestId id = storeRequest(StoreUser::Messages, ++m_queries);
    m_asked[id] = std::move(query);
    m_store.push_back(StoreScan{id, Space::Messages, std::move(prefix), std::move(after), limit});
}

void MessageBook::list(const ListMessages& command, RequestId request) {
    const uint32_t limit = command.limit == 0 ? kMaxListedMessages : std::min(command.limit, kMaxListedMessages);
    const PeerId& peer = command.target.peer;
    // One more than asked for, to know whether there are more.
    ask({request, peer, limit, {}, 0}, conversationPrefix(peer),
        command.before == 0 ? Bytes() : textKey(peer, command.before), limit + 1);
}

void MessageBook::onPage(const Query& query, const StoreScanned& scanned) {
    MessagesListed listed{query.request, query.peer, {}, false};
    size_t bytes = 0;
    for (const auto& [key, value] : *scanned.rows) {
        const uint64_t number = numberOfText(key);
        const auto facts = m_facts.find(number);
        if (facts == m_facts.end()) continue; // it has gone meanwhile
        listed.more = listed.messages.size() == query.limit || (bytes > 0 && bytes + value.size() > kMaxListedText);
        if (listed.more) break;
        bytes += value.size();
        listed.messages.push_back(infoOf(number, facts->second, std::string(asText(value))));
    }
    m_news.push_back(std::move(listed));
}

void MessageBook::retry(const RetryText& command, RequestId request) {
    const auto found = m_facts.find(command.message);
    if (found == m_facts.end())
        return m_news.push_back(RequestFailed{request, makeError(Errc::NotFound, "there is no such message")});
    if (found->second.state != MessageState::Failed)
        return m_news.push_back(
            RequestFailed{request, makeError(Errc::InvalidArgument, "only a message that has failed is sent again")});
    const PeerId& peer = found->second.peer;
    ask({request, peer, 1, command.wait, command.message}, textKey(peer, command.message), {}, 1);
}

void MessageBook::onFound(const Query& query, const StoreScanned& scanned) {
    const auto found = m_facts.find(query.number);
    if (found == m_facts.end() || scanned.rows->empty() || found->second.state != MessageState::Failed)
        return m_news.push_back(RequestFailed{query.request, makeError(Errc::NotFound, "there is no such message")});
    Facts& facts = found->second;
    facts.state = MessageState::Sending;
    facts.error.reset();
    save(query.number, facts);
    tell(query.number, facts, {});
    m_news.push_back(ResendText{query.request, query.number, query.peer, facts.id,
                                std::string(asText(scanned.rows->front().second)), *query.resend});
}

bool MessageBook::cancel(RequestId request) {
    const auto found = std::ranges::find_if(m_asked, [&](const auto& one) { return one.second.request == request; });
    if (found == m_asked.end()) return false;
    m_asked.erase(found);
    m_news.push_back(RequestFailed{request, makeError(Errc::Cancelled)});
    return true;
}

std::optional<StoreOp> MessageBook::pollStore() {
    return takeFront(m_store);
}

std::optional<MessageNews> MessageBook::poll() {
    return takeFront(m_news);
}

} // namespace wherry::node
