#include "cli/arguments.h"
#include "cli/consent.h"
#include "cli/people_json.h"
#include "cli/transfer_report.h"

#include <QTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::cli;

namespace {

api::PeerView viewOf(const std::string& alias, const std::string& claim) {
    api::PeerView view;
    std::array<uint8_t, 32> seed{};
    view.known.peer = crypto::Identity::fromSeed(seed).peerId();
    view.known.alias = alias;
    view.known.claims.alias = claim;
    return view;
}

} // namespace

class PeopleTest : public QObject {
    Q_OBJECT

  private slots:
    void aPeerIsShownByItsKeyAndOnesOwnName() {
        api::PeerView view = viewOf("Anna", "laptop");
        const std::string id = view.known.peer.text();
        QCOMPARE(peerLine(view), id + "  Anna, calls itself 'laptop', never met");
        view.known.trust = api::Trust::Trusted;
        view.known.claims = {"Anna", api::DeviceKind::Phone, {}};
        view.nearby = true;
        QCOMPARE(peerLine(view), id + "  Anna, trusted, says it is a phone, nearby");
        view.connection = api::ConnectionInfo{view.known.peer, api::PathKind::Direct6, {}, {}, 0, 0};
        QCOMPARE(peerLine(view), id + "  Anna, trusted, says it is a phone, connected (direct6)");
    }

    void claimsAreNeutralisedAndSpoofedOnesNamed() {
        api::PeerView view = viewOf({}, "\u202e\x1b[2JannA\n");
        view.claimsAnothersName = true;
        const std::string line = peerLine(view);
        QVERIFY(line.find("calls itself '\\u{202e}\\u{001b}[2JannA\\u{000a}', WHICH IS THE NAME OF ANOTHER DEVICE") !=
                std::string::npos);
        for (const char character : line) QVERIFY(static_cast<unsigned char>(character) >= 0x20);
        api::PeersListed listed;
        listed.peers.push_back(view);
        const std::string json = toJson(listed).str();
        for (const char character : json) QVERIFY(static_cast<unsigned char>(character) >= 0x20 && character != 0x7f);
        QVERIFY(json.find("\u202e") == std::string::npos);
        QVERIFY(json.find("\"claimsAnothersName\":true") != std::string::npos);
    }

    void aTextIsShownLineByLineWithoutDoingHarm() {
        api::TextReceived event;
        event.text.peer = viewOf({}, {}).known.peer;
        event.text.text = "one\r\ntwo\x1b[31m\n\n\u202ethree\n";
        event.text.stranger = true;
        const std::string head = "Text from peer …" + event.text.peer.shortText();
        QCOMPARE(textLines(event, {}),
                 head + ", a device that you do not know:\n  one\n  two\\u{001b}[31m\n  \n  \\u{202e}three");
        event.text.stranger = false;
        QVERIFY(textLines(event, {}).starts_with(head + ":\n"));
        event.text.text = std::string(64 * 1024, 'x');
        QVERIFY(textLines(event, {}).size() < 3000);
        QVERIFY(toJson(event).str().size() > 64 * 1024);
    }

    void devicesAreCalledAsThePersonDoes() {
        api::PeerView view = viewOf({}, "claimed");
        const api::PeerId peer = view.known.peer;
        const auto json = [&](const PeerNames& names) {
            JsonLine line;
            return names.addTo(line, peer).str();
        };
        PeerNames names;
        names.learn(view.known);
        QCOMPARE(names.of(peer), "peer …" + peer.shortText()); // what it calls itself counts for nothing
        QCOMPARE(json(names), std::string("{}"));
        view.known.alias = "my\x1b[2J laptop";
        names.learn(view.known);
        QCOMPARE(names.of(peer), std::string("my\\u{001b}[2J laptop"));
        QVERIFY(names.of(peer, 5).starts_with("my"));
        QVERIFY(names.of(peer, 5).find("laptop") == std::string::npos);
        QCOMPARE(json(names), std::string("{\"alias\":\"my\\u001b[2J laptop\"}"));
        api::TextReceived event;
        event.text.peer = peer;
        event.text.text = "hello";
        QCOMPARE(textLines(event, names), std::string("Text from my\\u{001b}[2J laptop:\n  hello"));
        api::OfferMade offer;
        offer.peer = peer;
        offer.label = "x";
        offer.incoming = true;
        QCOMPARE(subjectText(offer, names), std::string("x from my\\u{001b}[2J laptop"));
        QVERIFY(offerText(offer, 1, names).starts_with("my\\u{001b}[2J laptop (" + peer.text() + ")\noffers "));
        view.known.alias.clear();
        names.learn(view.known);
        QCOMPARE(names.of(peer), "peer …" + peer.shortText());
    }

    void noLineOfAMessageIsTakenForSomebodyElses() {
        QCOMPARE(messageLines("", "boat"), std::string("boat: "));
        QCOMPARE(messageLines("one", "boat"), std::string("boat: one"));
        QCOMPARE(messageLines("one\r\nlaptop: \x1b[2Jtwo\n\nthree\n", "boat"),
                 std::string("boat: one\n  laptop: \\u{001b}[2Jtwo\n  \n  three"));
        QVERIFY(messageLines("one\rtwo\u2028three", "boat").find('\n') == std::string::npos);
        const std::string flood = messageLines(std::string(60, '\n') + "end", "boat");
        QVERIFY2(flood.ends_with("\n  ... and 11 more lines"), flood.c_str());
        QCOMPARE(std::ranges::count(flood, '\n'), 50);
        QVERIFY(messageLines(std::string(51, '\n'), "boat").ends_with("\n  ... and 1 more line"));
        QVERIFY(messageLines(std::string(50, '\n'), "boat").find("more") == std::string::npos);
        QVERIFY(messageLines(std::string(64 * 1024, 'x'), "boat").size() < 3000);
    }

    void aNameThatIsOnlyClaimedIsSaidToBeSo() {
        QVERIFY(foundRemark({{}, {}, api::FoundBy::Alias}).empty());
        QVERIFY(foundRemark({{}, {}, api::FoundBy::Key}).empty());
        QVERIFY(!foundRemark({{}, {}, api::FoundBy::Claim}).empty());
    }

    void theCommandsAreRead() {
        QVERIFY(parseArguments({"text", "laptop", "hello"}).errors.empty());
        QVERIFY(parseArguments({"text", "--wait", "5", "laptop", "hello"}).errors.empty());
        QVERIFY(!parseArguments({"text", "laptop"}).errors.empty());
        QVERIFY(!parseArguments({"text", "laptop", "a", "b"}).errors.empty());
        QVERIFY(parseArguments({"peers"}).errors.empty());
        QVERIFY(parseArguments({"peers", "alias", "ID", "NAME"}).errors.empty());
        QVERIFY(!parseArguments({"peers", "alias", "ID", "NAME", "x"}).errors.empty());
    }
};

QTEST_APPLESS_MAIN(PeopleTest)
#include "people_test.moc"
