#pragma once

#include "protocols/text/text_protocol.h"
#include "support/hand_node.h"
#include "support/seeded_random.h"

#include <map>

namespace wherry::test {

inline const char* const kTextId = "/wherry/text/1";

/// A node with texts, and a database that answers when the test says so.
struct Texter {
    Texter(PairNetwork& network, uint8_t number)
        : random(number),
          node(network, number),
          book(node.log),
          protocol(book, random, node.log) {
        node.swarm.addProtocol(protocol);
        book.start({});
        book.onLoaded(std::vector<std::pair<Bytes, Bytes>>(), at(std::chrono::seconds(0)));
        protocol.setInbox(text::InboxPolicy::Guarded);
    }
    /// The database takes what waits and answers; true when there was something.
    bool serveStore(Now now) {
        bool any = false;
        while (auto op = protocol.pollStore()) {
            any = true;
            if (const auto* put = std::get_if<StorePut>(&*op)) {
                if (!diskFull) rows[put->key] = put->value;
            } else if (const auto* erase = std::get_if<StoreErase>(&*op)) {
                rows.erase(erase->prefix);
            } else {
                const auto& scan = std::get<StoreScan>(*op);
                std::vector<std::pair<Bytes, Bytes>> found;
                for (const auto& [key, value] : rows)
                    if (key.size() >= scan.prefix.size() &&
                        std::equal(scan.prefix.begin(), scan.prefix.end(), key.begin()))
                        found.emplace_back(key, value);
                if (storeFails)
                    protocol.onStoreScanned({scan.id, makeError(Errc::Io, "disk")}, node.swarm.streams(), now);
                else
                    protocol.onStoreScanned({scan.id, std::move(found)}, node.swarm.streams(), now);
            }
        }
        return any;
    }
    void start() {
        protocol.start();
        serveStore(at(std::chrono::seconds(0)));
    }
    void drain() {
        while (auto event = protocol.poll()) events.push_back(*event);
        while (auto want = protocol.pollWant()) wants.push_back(*want);
    }
    template <typename Event> std::vector<Event> all() {
        drain();
        return pollAll<Event>(protocol, events);
    }
    size_t textRows() const {
        return static_cast<size_t>(
            std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.first[0] == 2; }));
    }

    SeededRandom random;
    TestNode node;
    peers::PeerBook book;
    text::TextProtocol protocol;
    std::map<Bytes, Bytes> rows;
    bool storeFails = false;
    bool diskFull = false;
    std::vector<text::TextEvent> events;
    std::vector<crypto::PeerId> wants;
};

/// A peer whose text protocol the test plays by hand.
struct TextHand : HandNode {
    TextHand(PairNetwork& network, uint8_t number, std::vector<std::string> serves = {kTextId})
        : HandNode(network, number, std::move(serves)) {
        protocol.closeWithPeer = false;
    }
    static Bytes message(uint8_t id, const std::string& words) {
        text::Message message;
        message.id.fill(id);
        message.text = words;
        return framed(text::encodeMessage(message));
    }
    void say(const TestNode& to, ByteView bytes) { HandNode::say(to, kTextId, bytes); }
    /// The answer on the stream that was opened last.
    std::optional<text::Reply> reply() const {
        const Bytes& in = protocol.streams.at(protocol.keyOf(tag)).received;
        if (in.empty()) return std::nullopt;
        return text::decodeReply(ByteView(in).subspan(1)).value();
    }
};

} // namespace wherry::test
