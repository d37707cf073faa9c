#include "node/message_book.h"

#include "node/node_limits.h"
#include "support/seeded_random.h"
#include "support/test_node.h"

#include <QTest>

using namespace wherry;
using namespace wherry::node;

namespace {

const crypto::PeerId kAnna = test::identityOf(1).peerId();
const crypto::PeerId kBert = test::identityOf(2).peerId();

/// One process after the other over one database.
struct Desk {
    Desk() { start(); }
    void start() {
        book.emplace(random);
        book->start();
        settle();
    }
    void settle() {
        while (auto op = book->pollStore()) {
            if (const auto* put = std::get_if<StorePut>(&*op)) rows[put->key] = put->value;
            if (const auto* erase = std::get_if<StoreErase>(&*op)) rows.erase(erase->prefix);
            if (const auto* scan = std::get_if<StoreScan>(&*op)) book->onStoreScanned({scan->id, scanned(*scan)});
        }
    }
    Result<std::vector<std::pair<Bytes, Bytes>>> scanned(const StoreScan& scan) const {
        if (unreadable) return makeError(Errc::Io, "no");
        std::vector<std::pair<Bytes, Bytes>> found;
        for (const auto& [key, row] : rows)
            if (asText(key).starts_with(asText(scan.prefix)) && (scan.after.empty() || key > scan.after) &&
                (scan.limit == 0 || found.size() < scan.limit))
                found.emplace_back(key, row);
        return found;
    }

    void hear(const crypto::PeerId& peer, const std::string& text) {
        text::TextReceived received{peer, {}, text, {}, now, false};
        random.fill(received.message);
        book->onReceived(received);
        settle();
    }
    uint64_t say(const crypto::PeerId& peer, const std::string& text) {
        const uint64_t number = book->onSending(peer, text, now).number;
        settle();
        return number;
    }
    template <typename Kind> std::vector<Kind> news() {
        std::vector<Kind> found;
        while (auto one = book->poll())
            if (auto* kind = std::get_if<Kind>(&*one)) found.push_back(std::move(*kind));
        return found;
    }
    MessagesListed list(const crypto::PeerId& peer, uint32_t limit = 0, uint64_t before = 0) {
        news<MessageChanged>();
        book->list({{peer, {}}, limit, before}, {7});
        settle();
        const auto listed = news<MessagesListed>();
        return listed.empty() ? MessagesListed{} : listed.front();
    }
    std::string words(const crypto::PeerId& peer, uint32_t limit = 0, uint64_t before = 0) {
        std::string all;
        for (const MessageInfo& one : list(peer, limit, before).messages)
            all += std::string(messageStateName(one.state)) + ":" + one.text + " ";
        return all;
    }

    test::SeededRandom random{1};
    std::map<Bytes, Bytes> rows;
    std::optional<MessageBook> book;
    bool unreadable = false;
    UnixTime now = UnixTime::fromSeconds(1'800'000'000);
};

} // namespace

class MessageBookTest : public QObject {
    Q_OBJECT

  private slots:
    void a_conversation_is_there_after_a_restart_the_newest_first() {
        Desk desk;
        desk.hear(kAnna, "one");
        desk.book->onSent(desk.say(kAnna, "two"));
        desk.hear(kBert, "other");
        desk.settle();
        for (int round = 0; round < 2; ++round) {
            QCOMPARE(desk.words(kAnna), std::string("delivered:two received:one "));
            QCOMPARE(desk.words(kBert), std::string("received:other "));
            QCOMPARE(desk.book->unread(kAnna), 1u);
            desk.start();
        }
    }

    void pages_follow_each_other_and_end() {
        Desk desk;
        for (int i = 1; i <= 5; ++i) desk.hear(kAnna, std::to_string(i));
        MessagesListed page = desk.list(kAnna, 2);
        QVERIFY(page.more);
        QCOMPARE(page.messages.size(), size_t(2));
        page = desk.list(kAnna, 2, page.messages.back().number);
        QCOMPARE(page.messages.front().text, std::string("3"));
        QVERIFY(page.more);
        page = desk.list(kAnna, 2, page.messages.back().number);
        QVERIFY(!page.more);
        QCOMPARE(page.messages.size(), size_t(1));
    }

    void an_answer_holds_so_many_bytes_and_at_least_one_message() {
        Desk desk;
        for (int i = 0; i < 6; ++i) desk.hear(kAnna, std::string(text::kMaxTextBytes, 'x'));
        const MessagesListed page = desk.list(kAnna);
        QCOMPARE(page.messages.size(), kMaxListedText / text::kMaxTextBytes);
        QVERIFY(page.more);
    }

    void what_was_on_its_way_when_the_program_ended_has_failed_and_can_be_sent_again_as_itself() {
        Desk desk;
        const auto sending = desk.book->onSending(kAnna, "hello", desk.now);
        desk.settle();
        desk.start();
        QCOMPARE(desk.words(kAnna), std::string("failed:hello "));
        desk.book->retry({sending.number}, {9});
        desk.settle();
        const auto again = desk.news<ResendText>();
        QCOMPARE(again.size(), size_t(1));
        QCOMPARE(again[0].text, std::string("hello"));
        QCOMPARE(again[0].id, sending.id);
        QCOMPARE(desk.words(kAnna), std::string("sending:hello "));
        desk.book->retry({sending.number}, {10}); // it is on its way
        desk.book->retry({99}, {11});
        QCOMPARE(desk.news<RequestFailed>().size(), size_t(2));
        desk.book->onFailed(sending.number, makeError(Errc::Unreachable, "away"));
        desk.settle();
        desk.start();
        QCOMPARE(desk.list(kAnna).messages.at(0).error->context, std::string("away"));
    }

    void a_text_that_is_told_again_is_there_once() {
        Desk desk;
        const text::TextReceived received{kAnna, {1, 2, 3}, "once", {}, desk.now, false};
        desk.book->onReceived(received);
        desk.settle();
        desk.start();
        desk.book->onReceived(received);
        QCOMPARE(desk.words(kAnna), std::string("received:once "));
    }

    void what_has_been_seen_is_not_unread_any_more() {
        Desk desk;
        for (int i = 0; i < 3; ++i) desk.hear(kAnna, "x");
        QVERIFY(desk.book->markRead(kAnna, 2));
        QCOMPARE(desk.book->unread(kAnna), 1u);
        QVERIFY(!desk.book->markRead(kAnna, 2));
        QVERIFY(!desk.book->markRead(kBert, 9));
        desk.settle();
        desk.start();
        QCOMPARE(desk.book->unread(kAnna), 1u);
    }

    void a_conversation_that_is_cleared_leaves_no_row() {
        Desk desk;
        desk.hear(kAnna, "x");
        desk.say(kAnna, "y");
        desk.book->clear(kAnna);
        desk.settle();
        QVERIFY(desk.rows.empty());
        QCOMPARE(desk.book->unread(kAnna), 0u);
        const auto gone = desk.news<MessagesGone>();
        QCOMPARE(gone.size(), size_t(1));
        QCOMPARE(gone[0].upTo, uint64_t(2));
        QCOMPARE(desk.words(kAnna), std::string());
    }

    void the_oldest_of_a_peer_go_at_its_bound_and_nobody_elses() {
        Desk desk;
        desk.hear(kBert, "stays");
        for (size_t i = 0; i < kMaxMessagesPerPeer; ++i) desk.hear(kAnna, "x");
        QCOMPARE(desk.book->size(), kMaxMessagesPerPeer + 1);
        QVERIFY(desk.news<MessagesGone>().empty());
        desk.hear(kAnna, "one more");
        QCOMPARE(desk.book->size(), kMaxMessagesPerPeer + 1);
        QCOMPARE(desk.news<MessagesGone>().size(), size_t(1));
        QCOMPARE(desk.rows.size(), 2 * desk.book->size());
        QCOMPARE(desk.words(kBert), std::string("received:stays "));
    }

    void the_oldest_of_all_go_at_the_bound_of_bytes() {
        Desk desk;
        const std::string longest(text::kMaxTextBytes, 'x');
        const size_t most = kMaxMessagesBytes / longest.size();
        desk.hear(kBert, longest);
        for (size_t i = 1; i < most; ++i) desk.hear(kAnna, longest);
        QCOMPARE(desk.book->size(), most);
        desk.hear(kAnna, "!");
        QCOMPARE(desk.book->size(), most);
        QCOMPARE(desk.words(kBert), std::string());
    }

    void damaged_rows_are_dropped() {
        Desk desk;
        desk.hear(kAnna, "good");
        const auto row = *desk.rows.begin(); // of facts
        for (size_t length = 0; length < row.second.size(); ++length) {
            desk.rows[row.first] = Bytes(row.second.begin(), row.second.begin() + ptrdiff_t(length));
            desk.start();
            QCOMPARE(desk.book->size(), size_t(0));
        }
        for (uint8_t value = 0; value < 255; ++value) { // whatever a byte says, it is read or dropped
            for (size_t at = 0; at < row.second.size(); ++at) {
                Bytes damaged = row.second;
                damaged[at] = value;
                desk.rows = {{row.first, damaged}};
                desk.start();
            }
        }
    }

    void a_store_that_cannot_be_read_keeps_nothing_and_says_so() {
        Desk desk;
        desk.hear(kAnna, "x");
        const auto before = desk.rows;
        desk.unreadable = true;
        desk.start();
        QVERIFY(desk.book->isReady());
        QCOMPARE(desk.book->mayAsk().error().code, Errc::Io);
        desk.hear(kAnna, "y");
        QVERIFY(desk.rows == before);
    }

    void questions_are_bounded_and_can_be_taken_back() {
        Desk desk;
        for (uint64_t i = 1; i <= kMaxMessageQueries; ++i) {
            QVERIFY(desk.book->mayAsk());
            desk.book->list({{kAnna, {}}}, {i});
        }
        QCOMPARE(desk.book->mayAsk().error().code, Errc::LimitReached);
        QVERIFY(desk.book->cancel({5}) && !desk.book->cancel({5}));
        QVERIFY(desk.book->mayAsk());
        desk.settle();
        QCOMPARE(desk.news<MessagesListed>().size(), kMaxMessageQueries - 1);
    }
};

QTEST_APPLESS_MAIN(MessageBookTest)
#include "message_book_test.moc"
