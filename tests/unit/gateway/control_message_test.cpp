#include "described_values.h"
#include "gateway/command_fields.h"
#include "gateway/control_message.h"
#include "gateway/event_fields.h"
#include "gateway/gateway_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gateway;

static constexpr uint32_t kRounds = 60;

/// One alternative of a variant: it has a table, no member is missing in it, and it survives the way there and back.
template <typename T>
static void checkDescribed(bool isEvent, std::vector<std::string>& complaints, std::string_view type) {
    if constexpr (!Described<T>) {
        complaints.push_back(std::string(type) + " has no kFields entry");
    } else {
        const size_t answered = isEvent && Answer<T> ? 1 : 0;
        if (test::memberCount<T>() != test::describedMembers<T>() + answered)
            complaints.push_back(std::string(kFields<T>.name) + ": a member is missing in its kFields entry");
    }
}

template <typename T> static void checkCommand(std::vector<std::string>& complaints) {
    checkDescribed<T>(false, complaints, typeid(T).name());
    if constexpr (Described<T>) {
        test::RandomValues random(7);
        for (uint32_t round = 1; round <= kRounds; ++round) {
            T command{};
            random.fill(command);
            const std::string line = encodeRequest({{round}, node::Command(command)}).value();
            const auto read = decodeRequest(line);
            const auto* request = std::get_if<Request>(&read);
            if (!request)
                complaints.push_back(line + ": " + std::get<BadRequest>(read).error.text());
            else if (request->id.value != round || encodeRequest(*request).value() != line)
                complaints.push_back(line + " came back as " + encodeRequest(*request).value());
        }
    }
}

template <typename T> static node::Event asEvent(T value) {
    if constexpr (std::is_constructible_v<transfer::TransferEvent, T>)
        return node::TransferUpdate{std::move(value)};
    else
        return value;
}

template <typename T> static void checkEvent(std::vector<std::string>& complaints) {
    if constexpr (!std::is_same_v<T, node::TransferUpdate>) {
        checkDescribed<T>(true, complaints, typeid(T).name());
        if constexpr (Described<T>) {
            test::RandomValues random(9);
            for (uint32_t round = 1; round <= kRounds; ++round) {
                T value{};
                random.fill(value);
                const std::string line = encodeReport({{round}, asEvent(value)}).value();
                const auto read = decodeReport(line);
                if (!read)
                    complaints.push_back(line + ": " + read.error().text());
                else if (read->id.value != round || encodeReport(*read).value() != line)
                    complaints.push_back(line + " came back as " + encodeReport(*read).value());
            }
        }
    }
}

template <typename Variant, size_t... i, typename Check>
static void forAlternatives(std::index_sequence<i...>, Check check) {
    (check.template operator()<std::variant_alternative_t<i, Variant>>(), ...);
}

static std::string refusal(std::string_view line) {
    const auto read = decodeRequest(line);
    const auto* bad = std::get_if<BadRequest>(&read);
    return bad ? bad->error.text() : "accepted";
}

#define COMPARE_TEXT(actual, expected) QCOMPARE(QString::fromStdString(actual), QString(expected))

class ControlMessageTest : public QObject {
    Q_OBJECT
  private slots:
    void everyCommandHasAWholeTableAndSurvivesTheWay() {
        std::vector<std::string> complaints;
        forAlternatives<node::Command>(std::make_index_sequence<std::variant_size_v<node::Command>>(),
                                       [&]<typename T>() { checkCommand<T>(complaints); });
        for (const auto& one : complaints) qWarning("%s", one.c_str());
        QVERIFY(complaints.empty());
    }
    void everyEventHasAWholeTableAndSurvivesTheWay() {
        std::vector<std::string> complaints;
        forAlternatives<node::Event>(std::make_index_sequence<std::variant_size_v<node::Event>>(),
                                     [&]<typename T>() { checkEvent<T>(complaints); });
        forAlternatives<transfer::TransferEvent>(
            std::make_index_sequence<std::variant_size_v<transfer::TransferEvent>>(),
            [&]<typename T>() { checkEvent<T>(complaints); });
        for (const auto& one : complaints) qWarning("%s", one.c_str());
        QVERIFY(complaints.empty());
    }
    void theStructsInsideHaveWholeTables() {
        QCOMPARE(test::describedMembers<node::Target>(), test::memberCount<node::Target>());
        QCOMPARE(test::describedMembers<transfer::ReceivePolicy>(), test::memberCount<transfer::ReceivePolicy>());
        QCOMPARE(test::describedMembers<transfer::TransferFigures>(), test::memberCount<transfer::TransferFigures>());
        QCOMPARE(test::describedMembers<transfer::OfferEntry>(), test::memberCount<transfer::OfferEntry>());
        QCOMPARE(test::describedMembers<transfer::OfferRename>(), test::memberCount<transfer::OfferRename>());
        QCOMPARE(test::describedMembers<transfer::OfferName>(), test::memberCount<transfer::OfferName>());
        QCOMPARE(test::describedMembers<transfer::OfferPlace>(), test::memberCount<transfer::OfferPlace>());
        QCOMPARE(test::describedMembers<transfer::TakenName>(), test::memberCount<transfer::TakenName>());
        QCOMPARE(test::describedMembers<node::ConnectionInfo>(), test::memberCount<node::ConnectionInfo>());
        QCOMPARE(test::describedMembers<node::TransferInfo>(), test::memberCount<node::TransferInfo>());
        QCOMPARE(test::describedMembers<node::HistoryEntry>(), test::memberCount<node::HistoryEntry>());
        QCOMPARE(test::describedMembers<peers::Claims>(), test::memberCount<peers::Claims>());
        QCOMPARE(test::describedMembers<peers::KnownPeer>(), test::memberCount<peers::KnownPeer>());
        QCOMPARE(test::describedMembers<node::PeerView>(), test::memberCount<node::PeerView>());
        QCOMPARE(test::describedMembers<text::TextReceived>(), test::memberCount<text::TextReceived>());
    }
    void aCommandReadsAsAPersonWouldWriteIt() {
        const auto read = decodeRequest(R"( {"id": 3, "command": "ping", "wait": 1.5,
            "target": {"peer": "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"}} )");
        QVERIFY(std::holds_alternative<Request>(read));
        const auto& request = std::get<Request>(read);
        QCOMPARE(request.id.value, uint64_t(3));
        const auto& ping = std::get<node::Ping>(std::get<node::Command>(request.wish));
        QCOMPARE(ping.count, uint32_t(5)); // not said: the usual
        QVERIFY(ping.wait == std::chrono::milliseconds(1500));
        QVERIFY(std::holds_alternative<Subscribe>(
            std::get<Request>(decodeRequest(R"({"id":1,"command":"subscribe"})")).wish));
    }
    void anEventReadsLikeThoseOfTheProgram() {
        const node::PingReply pong{{4}, 2, std::chrono::microseconds(1250), true};
        COMPARE_TEXT(encodeReport({{4}, pong}).value(), R"({"id":4,"event":"pong","index":2,"ms":1.25,"last":true})");
        COMPARE_TEXT(encodeReport({{5}, node::RequestFailed{{5}, makeError(Errc::NotFound, "no such")}}).value(),
                     R"({"id":5,"event":"error","code":"not-found","message":"no such"})");
        const node::TransferUpdate resumed{transfer::TransferResumed{{7}, 100}};
        COMPARE_TEXT(encodeReport({{}, resumed}).value(), R"({"event":"resumed","transfer":7,"bytesAlready":100})");
    }
    void aPathThatIsNoUtf8ArrivesByteByByte() {
        node::SendFiles send;
        send.paths = {"/tmp/\xff\xfe"};
        const std::string line = encodeRequest({{1}, node::Command(send)}).value();
        QVERIFY(line.find(R"({"hex":"2f746d702ffffe"})") != std::string::npos);
        const auto back = decodeRequest(line);
        QVERIFY(std::get<node::SendFiles>(std::get<node::Command>(std::get<Request>(back).wish)).paths == send.paths);
    }
    void everyRefusalNamesWhatIsWrong() {
        COMPARE_TEXT(refusal("hello"), "malformed: not JSON at byte 1");
        COMPARE_TEXT(refusal("7"), "invalid-argument: 'id' is missing: a whole number above 0");
        COMPARE_TEXT(refusal(R"({"id":0,"command":"status"})"),
                     "invalid-argument: 'id' is missing: a whole number above 0");
        COMPARE_TEXT(refusal(R"({"id":1})"), "invalid-argument: 'command' is missing");
        COMPARE_TEXT(refusal(R"({"id":1,"command":"fly"})"), "unsupported: there is no command 'fly'");
        COMPARE_TEXT(refusal(R"({"id":1,"command":"cancel-transfer"})"), "invalid-argument: 'transfer' is missing");
        COMPARE_TEXT(refusal(R"({"id":1,"command":"cancel-transfer","transfer":-1})"),
                     "invalid-argument: 'transfer': wanted is a whole number from 0 to 18446744073709551615");
        COMPARE_TEXT(refusal(R"({"id":1,"command":"receive","policy":{"enabled":true,"accept":"some"}})"),
                     "invalid-argument: 'policy': 'accept': wanted is one of: ask, all, trusted");
        COMPARE_TEXT(refusal(R"({"id":1,"command":"status","verbose":true})"),
                     "invalid-argument: 'verbose' is no member of this command");
        COMPARE_TEXT(refusal(R"({"id":1,"id":2,"command":"status"})"), "malformed: the name 'id' twice in one object");
    }
    void anEventOfALaterVersionIsReadAsFarAsItIsKnown() {
        const auto read = decodeReport(R"({"id":1,"event":"done","more":[1,2]})");
        QVERIFY(read && std::holds_alternative<node::RequestDone>(read->event));
        QVERIFY(decodeReport(R"({"event":"landed"})").error().code == Errc::Unsupported);
    }
    void aGreetingSurvivesTheWay() {
        const Greeting greeting{"0.1.0", 42, "wherry node", {"12D3", "aa", "key_x", "bb"}};
        const auto back = decodeGreeting(encodeGreeting(greeting));
        QVERIFY(back);
        QCOMPARE(encodeGreeting(*back), encodeGreeting(greeting));
        QVERIFY(!decodeGreeting(R"({"event":"ready"})"));
    }
    void aLargeOfferIsCutToALine() {
        transfer::OfferMade offer;
        offer.incoming = offer.needsAnswer = true;
        offer.entries.resize(kMaxOfferEntries + 1, {"x", false, 1, ""});
        const auto entriesOf = [](const std::string& line) {
            const auto read = decodeReport(line).value();
            return std::get<transfer::OfferMade>(std::get<node::TransferUpdate>(read.event).event).entries.size();
        };
        QCOMPARE(entriesOf(encodeReport({{}, node::TransferUpdate{offer}}).value()), kMaxOfferEntries);
        offer.entries.assign(2000, {std::string(1024, '\x01'), false, 1, ""}); // six bytes for one on the line
        const std::string line = encodeReport({{}, node::TransferUpdate{offer}}).value();
        QVERIFY(line.size() <= kMaxLine);
        QCOMPARE(entriesOf(line), kMaxOfferBytes / 1024);
    }
    void aLookAtAPlaceFitsALineWhateverTheNames() {
        node::OfferLooked looked;
        looked.place = {"/" + std::string(4095, '\x01'), transfer::Conflict::Skip, {}};
        looked.place.names.assign(1000, {1, std::string(255, '\x01')});
        looked.taken.assign(100, {std::string(4032, '\x01'), transfer::NameFate::Renamed, std::string(255, '\x01')});
        looked.renames.assign(100, {std::string(4032, '\x01'), std::string(255, '\x01')});
        const std::string line = encodeReport({{7}, looked}).value();
        QVERIFY(line.size() <= kMaxLine);
        const auto back = std::get<node::OfferLooked>(decodeReport(line).value().event);
        QCOMPARE(back.place.names.size(), size_t(1000)); // what was chosen is whole
        QVERIFY(back.taken.size() > 10 && back.place.folder == looked.place.folder);
    }
};

QTEST_APPLESS_MAIN(ControlMessageTest)
#include "control_message_test.moc"
