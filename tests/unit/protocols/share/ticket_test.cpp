#include "codec/multibase.h"
#include "crypto/identity.h"
#include "crypto/sha256.h"
#include "protocols/share/share_limits.h"
#include "protocols/share/ticket.h"
#include "wire/decode.h"
#include "wire/share.pb.h"

#include <QTest>

using namespace wherry;
using namespace wherry::share;

namespace {
ShareTicket ticket() {
    ShareTicket t;
    t.peer = crypto::Identity::fromSeed({1}).peerId();
    t.addresses = {codec::Multiaddr::parse("/ip6/2001:db8::1/udp/4001/quic-v1").value(),
                   codec::Multiaddr::parse("/ip4/192.0.2.1/udp/4001/quic-v1").value()};
    t.share.fill(7);
    t.secret.fill(9);
    t.expires = UnixTime::fromSeconds(1'900'000'000);
    t.label = "Ferien in Österreich";
    return t;
}
/// The ticket text of any message, with a checksum that fits.
std::string textOf(const wire::ShareTicket& message, std::string_view moreFields = {}) {
    Bytes binary = wire::encode(message);
    append(binary, asBytes(moreFields));
    const auto sum = crypto::Sha256().update(asBytes("wherry-ticket")).update(binary).finish();
    append(binary, ByteView(sum).first(4));
    return "wherry:" + codec::encodeMultibase(codec::Multibase::Base32, binary).substr(1);
}
wire::ShareTicket message() {
    wire::ShareTicket m;
    m.set_version(1);
    m.set_peer(std::string(asText(ticket().peer.multihash())));
    m.set_share(std::string(16, 'a'));
    m.set_secret(std::string(32, 'b'));
    return m;
}
std::string wrapped(const std::string& text, size_t width, const std::string& lineStart) {
    std::string out;
    for (size_t i = 0; i < text.size(); i += width) out += (i ? "\n" + lineStart : "") + text.substr(i, width);
    return out;
}
} // namespace

class TicketTest : public QObject {
    Q_OBJECT
  private slots:
    void aTicketSurvivesItsText();
    void theTextIsAlwaysTheSame();
    void oneParserTakesWhatPeoplePaste_data();
    void oneParserTakesWhatPeoplePaste();
    void everyDamagedCharacterIsNoticed();
    void aTicketCutOffAnywhereIsRefused();
    void whatIsNoTicketIsSaidSo();
    void aTicketOfALaterVersionIsNamed();
    void fieldsOfALaterVersionAreSkipped();
    void addressesThatDoNotFitAreLeftOut();
    void aLongLabelIsCutAtACharacter();
    void timesAtTheirMaximumMeanNever();
    void keysOfTheWrongLengthAreRefused();
    void theTextIsBounded();
};

void TicketTest::aTicketSurvivesItsText() {
    const auto parsed = parseTicket(ticketText(ticket()));
    QVERIFY(parsed.has_value());
    QCOMPARE(*parsed, ticket());
    ShareTicket bare = ticket();
    bare.addresses = {};
    bare.label = {};
    bare.expires = {};
    QCOMPARE(parseTicket(ticketText(bare)).value(), bare);
}

void TicketTest::theTextIsAlwaysTheSame() {
    ShareTicket t = ticket();
    t.addresses.resize(1);
    t.label = "a";
    const std::string text = ticketText(t);
    QVERIFY(text.starts_with("wherry:baarejqaeqeacera")); // version 1, then the 38 bytes of the peer
    QVERIFY(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567:") == std::string::npos);
    QCOMPARE(text, ticketText(parseTicket(text).value()));
    QVERIFY(text.size() < 260);
}

void TicketTest::oneParserTakesWhatPeoplePaste_data() {
    QTest::addColumn<QByteArray>("text");
    const std::string text = ticketText(ticket());
    const std::string digits = text.substr(7);
    const auto row = [](const char* name, const std::string& what) {
        QTest::newRow(name) << QByteArray::fromStdString(what);
    };
    row("bare", text);
    row("in capitals", ticketQrText(ticket()));
    row("with blanks around it", "  \t" + text + " \r\n\n");
    row("quoted", "\"" + text + "\"");
    row("in angle brackets", "<" + text + ">");
    row("at the end of a sentence", "Take " + text + ".");
    row("before a comma", text + ", please");
    row("with a word after it", text + " tomorrow");
    row("a line after it", text + "\nregards\n");
    row("two lines of words after it", text + "\n\nbye\nyours\n");
    row("URL", "wherry://get/" + digits);
    row("URL in capitals", "WHERRY://GET/" + ticketQrText(ticket()).substr(7));
    row("behind the # of a web address", "https://example.org/#" + text);
    row("wrapped", wrapped(text, 64, ""));
    row("wrapped and indented", wrapped(text, 40, "    "));
    row("wrapped in a quoted message", wrapped(text, 72, "> "));
    row("with the name of the program before it", "wherry: wherry:" + digits);
    row("as a command", "wherry get " + text + " --out D");
}

void TicketTest::oneParserTakesWhatPeoplePaste() {
    QFETCH(QByteArray, text);
    QVERIFY(looksLikeTicket(text.toStdString()));
    const auto parsed = parseTicket(text.toStdString());
    QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().text().c_str());
    QCOMPARE(*parsed, ticket());
}

void TicketTest::everyDamagedCharacterIsNoticed() {
    const std::string text = ticketText(ticket());
    for (size_t i = 7; i < text.size(); ++i) {
        std::string damaged = text;
        damaged[i] = damaged[i] == 'x' ? 'y' : 'x';
        QVERIFY(!parseTicket(damaged));
    }
}

void TicketTest::aTicketCutOffAnywhereIsRefused() {
    const std::string text = ticketText(ticket());
    for (size_t length = 7; length < text.size(); ++length) {
        const auto parsed = parseTicket(text.substr(0, length));
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, Errc::Malformed);
    }
}

void TicketTest::whatIsNoTicketIsSaidSo() {
    for (const char* text : {"", "hello", "wherr", "/ip4/192.0.2.1/udp/4001/quic-v1", "https://example.org/"}) {
        QCOMPARE(parseTicket(text).error().code, Errc::InvalidArgument);
        QVERIFY(!looksLikeTicket(text));
    }
    QCOMPARE(parseTicket("wherry:").error().code, Errc::Malformed);
    QCOMPARE(parseTicket("wherry:../../etc").error().code, Errc::Malformed);
}

void TicketTest::aTicketOfALaterVersionIsNamed() {
    wire::ShareTicket later = message();
    QVERIFY(parseTicket(textOf(later)).has_value());
    later.set_version(2);
    const auto parsed = parseTicket(textOf(later));
    QCOMPARE(parsed.error().code, Errc::Unsupported);
    QVERIFY(parsed.error().context.find("version 2") != std::string::npos);
    later.clear_version();
    QCOMPARE(parseTicket(textOf(later)).error().code, Errc::Unsupported);
}

void TicketTest::fieldsOfALaterVersionAreSkipped() {
    wire::ShareTicket later = message();
    later.add_addresses("not an address");
    later.add_addresses(std::string(asText(ticket().addresses[0].encode())));
    const auto parsed = parseTicket(textOf(later, "\xf8\x01\x05")); // field 31
    QVERIFY(parsed.has_value());
    QCOMPARE(parsed->addresses.size(), size_t(1));
}

void TicketTest::addressesThatDoNotFitAreLeftOut() {
    ShareTicket many = ticket();
    many.addresses.clear();
    for (int i = 0; i < 20; ++i)
        many.addresses.push_back(
            codec::Multiaddr::parse("/ip6/2001:db8::" + std::to_string(i) + "/udp/4001/quic-v1").value());
    QCOMPARE(parseTicket(ticketText(many)).value().addresses.size(), kMaxTicketAddresses);
    for (codec::Multiaddr& address : many.addresses)
        address =
            codec::Multiaddr::parse("/dns6/" + std::string(60, 'a') + "." + std::string(60, 'b') + "/udp/4001/quic-v1")
                .value();
    const auto parsed = parseTicket(ticketText(many));
    QVERIFY(parsed.has_value());
    QVERIFY(!parsed->addresses.empty() && parsed->addresses.size() < kMaxTicketAddresses);
}

void TicketTest::aLongLabelIsCutAtACharacter() {
    ShareTicket t = ticket();
    t.label = std::string(kMaxLabelBytes - 1, 'a');
    t.label += "ö";
    QCOMPARE(parseTicket(ticketText(t)).value().label, std::string(kMaxLabelBytes - 1, 'a'));
    t.label = "a\xff"
              "b"; // not UTF-8
    QCOMPARE(parseTicket(ticketText(t)).value().label, std::string("ab"));
}

void TicketTest::timesAtTheirMaximumMeanNever() {
    wire::ShareTicket m = message();
    for (const uint64_t seconds : {UINT64_MAX, uint64_t(INT64_MAX), uint64_t(9'000'000'001)}) {
        m.set_expires(seconds);
        QCOMPARE(parseTicket(textOf(m)).value().expires, UnixTime{});
    }
    m.set_expires(9'000'000'000);
    QCOMPARE(parseTicket(textOf(m)).value().expires.seconds(), int64_t(9'000'000'000));
}

void TicketTest::keysOfTheWrongLengthAreRefused() {
    wire::ShareTicket m = message();
    m.set_share(std::string(15, 'a'));
    QVERIFY(!parseTicket(textOf(m)));
    m = message();
    m.set_secret(std::string(33, 'a'));
    QVERIFY(!parseTicket(textOf(m)));
    m = message();
    m.set_peer("nobody");
    QVERIFY(!parseTicket(textOf(m)));
}

void TicketTest::theTextIsBounded() {
    std::string text = ticketText(ticket());
    text += std::string(kMaxTicketText - text.size(), ' ');
    QVERIFY(parseTicket(text).has_value());
    text += ' ';
    QCOMPARE(parseTicket(text).error().code, Errc::TooLarge);
    // One line more than a ticket may have.
    const std::string digits = ticketText(ticket());
    const size_t width = (digits.size() + kMaxTicketLines - 1) / kMaxTicketLines;
    QVERIFY(parseTicket(wrapped(digits, std::max<size_t>(width, 8), "")).has_value());
    QVERIFY(!parseTicket("wherry:\n" + wrapped(digits.substr(7), digits.size() / (kMaxTicketLines + 8), "")));
}

QTEST_APPLESS_MAIN(TicketTest)
#include "ticket_test.moc"
