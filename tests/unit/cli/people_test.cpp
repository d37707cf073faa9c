#include "cli/arguments.h"
#include "cli/people_json.h"

#include <QTest>

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
        QCOMPARE(textLines(event),
                 head + ", a device that you do not know:\n  one\n  two\\u{001b}[31m\n  \n  \\u{202e}three");
        event.text.stranger = false;
        QVERIFY(textLines(event).starts_with(head + ":\n"));
        event.text.text = std::string(64 * 1024, 'x');
        QVERIFY(textLines(event).size() < 3000);
        QVERIFY(toJson(event).str().size() > 64 * 1024);
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
