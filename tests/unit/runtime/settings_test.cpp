#include "runtime/runtime_limits.h"
#include "runtime/setting_text.h"
#include "runtime/settings_file.h"

#include <QtTest>
#include <fstream>
#include <set>
#include <sstream>

using namespace wherry;
using namespace wherry::runtime;
using namespace std::chrono_literals;

namespace {

std::string errorOf(std::string_view text) {
    const auto settings = parseSettings(text, "wherry.toml");
    return settings ? "" : settings.error().context;
}

Settings settingsOf(std::string_view text) {
    auto settings = parseSettings(text, "wherry.toml");
    return settings ? *settings : Settings{.alias = settings.error().context};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string readAll(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
}

} // namespace

#define REQUIRE_ERROR(TOML, WANTED) QCOMPARE(errorOf(TOML), std::string(WANTED))

class SettingsTest : public QObject {
    Q_OBJECT

  private slots:
    // values
    void anEmptyFileGivesTheDefaults();
    void everyKindOfValueIsRead();
    void aDottedKeyIsTheSameAsATable();
    void timesAndRatesHaveUnits();
    void quantitiesAreWrittenSoThatTheyReadTheSame();
    void aFolderMayBeginAtThePersonsHome();

    // errors
    void anErrorNamesFileLineColumnKeyAndRange();
    void rangesHoldAtTheirEndsAndOnePast();
    void anUnknownKeyIsAnErrorWithASuggestion();
    void anUnknownTableIsAnErrorEvenWhenItIsEmpty();
    void aKeyTwiceIsAnErrorAtTheSecond();
    void aValueOfAnotherKindIsAnError();
    void theFirstErrorIsShownAndTheOthersAreCounted();
    void anErrorAnywhereMakesTheWholeFileVoid();
    void brokenTomlNamesLineAndColumn();
    void lettersOfEveryAlphabetAreReadInTextAndRefusedOutsideOfIt();
    void bytesThatAreNotUtf8AreShownByTheirPlace();
    void aHugeFileALongLineAndDeepNestingAreRefused();
    void controlCharactersInANameAreRefused();
    void addressesToListenAtAreChecked();

    // files
    void aMissingFileIsOnlyAnErrorWhenThePersonNamedIt();
    void aFolderIsNoSettingsFile();
    void theDocumentedFileIsTheTableAndReadsAsTheDefaults();
    void theDocumentedFileHasNoKeyThatWouldNotBeRead();

    // table and command line
    void everyKeyIsInTheTableOnce();
    void aCommandLineSetsByKeyAndValue();
    void aMessageShowsNoControlCharactersAndNoHugeValue();
    void whatIsShownCanBeTypedAgain();
    void aReloadListsWhatChangedAndWhatAppliesAtOnce();
};

void SettingsTest::anEmptyFileGivesTheDefaults() {
    QVERIFY(settingsOf("") == Settings{});
    QVERIFY(settingsOf("# nothing\r\n\n[limits]\n") == Settings{});
    QVERIFY(settingsOf("\xEF\xBB\xBF# written by an editor of Windows\r\n") == Settings{});
    QVERIFY(!Settings{}.uploadLimit.limited());
    QCOMPARE(Settings{}.maxConnections, 1000u);
    QVERIFY(Settings{}.connectionTimeout == 30s);
    QVERIFY(!Settings{}.limitLan);
}

void SettingsTest::everyKindOfValueIsRead() {
    const Settings read = settingsOf(R"(
[network]
listen = ["/ip4/0.0.0.0/udp/4001/quic-v1", "/ip6/::/udp/4001/quic-v1"]
certificate = "/srv/chain.pem"
certificate_key = "/srv/key.pem"
trusted_certificates = "/srv/trusted.pem"
mdns = false
quiet = true
congestion = "cubic"
[dht]
bootstrap = ["/ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq"]
server = true
persist = false
[relay]
servers = ["/ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq"]
discover = false
serve = true
access = "trusted"
max_reservations = 10
max_reservations_per_address = 2
reservation_time = "2 h"
max_circuits = 20
max_circuits_per_device = 4
max_circuit_mib = 100
max_circuit_time = "10 min"
[limits]
upload = "2.5 Mbit/s"
download = "3 Mbit/s"
upload_per_peer = "1 MB/s"
download_per_peer = "800 kbit/s"
metered = "256 kbit/s"
limit_lan = true
max_connections = 10
connection_timeout = "2 min"
[profile]
alias = "Zoë's laptop"
device = "server"
policy = "Friends only"
presence = true
[transfers]
max_parallel_sends = 64
max_parallel_receives = 64
[receive]
out = "/srv/in"
accept = "trusted"
conflict = "skip"
[history]
keep = "30 days"
[app]
theme = "black"
start_hidden = true
[log]
level = "debug"
)");
    Settings wanted;
    wanted.listen = {*codec::Multiaddr::parse("/ip4/0.0.0.0/udp/4001/quic-v1"),
                     *codec::Multiaddr::parse("/ip6/::/udp/4001/quic-v1")};
    wanted.webCertificate = "/srv/chain.pem";
    wanted.webCertificateKey = "/srv/key.pem";
    wanted.webTrusted = "/srv/trusted.pem";
    wanted.mdns = false;
    wanted.quiet = true;
    wanted.congestion = quic::CongestionControl::Cubic;
    wanted.bootstrap = {*codec::Multiaddr::parse(
        "/ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq")};
    wanted.dhtServer = true;
    wanted.dhtPersist = false;
    wanted.relays = wanted.bootstrap;
    wanted.relayDiscover = false;
    wanted.relayServe = true;
    wanted.relayAccess = relay::Access::Trusted;
    wanted.relayReservations = 10;
    wanted.relayReservationsPerAddress = 2;
    wanted.relayReservationTime = 2h;
    wanted.relayCircuits = 20;
    wanted.relayCircuitsPerDevice = 4;
    wanted.relayCircuitMebibytes = 100;
    wanted.relayCircuitTime = 10min;
    wanted.uploadLimit = {2'500'000};
    wanted.downloadLimit = {3'000'000};
    wanted.uploadLimitPerPeer = {8'000'000};
    wanted.downloadLimitPerPeer = {800'000};
    wanted.meteredLimit = {256'000};
    wanted.limitLan = true;
    wanted.maxConnections = 10;
    wanted.connectionTimeout = 2min;
    wanted.alias = "Zoë's laptop";
    wanted.device = peers::DeviceKind::Server;
    wanted.policy = "Friends only";
    wanted.presence = true;
    wanted.parallelSends = 64;
    wanted.parallelReceives = 64;
    wanted.out = "/srv/in";
    wanted.accept = transfer::Accept::Trusted;
    wanted.conflict = transfer::Conflict::Skip;
    wanted.historyKeep = 30 * 24h;
    wanted.theme = Theme::Black;
    wanted.startHidden = true;
    wanted.logLevel = LogLevel::Debug;
    QCOMPARE(read.alias, wanted.alias);
    QVERIFY(read == wanted);
    QCOMPARE(changesBetween(Settings{}, wanted).size(), settingsTable().size()); // no row was forgotten here
}

void SettingsTest::aDottedKeyIsTheSameAsATable() {
    QCOMPARE(settingsOf("limits.max_connections = 7").maxConnections, 7u);
    QCOMPARE(settingsOf("limits = { max_connections = 7 }").maxConnections, 7u);
}

void SettingsTest::timesAndRatesHaveUnits() {
    QVERIFY(*parseDuration("30 s") == 30s);
    QVERIFY(*parseDuration("1.5min") == 90s);
    QVERIFY(*parseDuration("1 day") == 24h);
    QCOMPARE(parseBitRate("12 MB/s")->perSecond, uint64_t{96'000'000});
    QCOMPARE(parseBitRate("0.5 Mbit/s")->perSecond, uint64_t{500'000});
    QVERIFY(!parseBitRate("off")->limited());
    for (const char* wrong : {"", "30", "s", "30  s", "-1 s", "1e3 s", "30 S", "1. s", ".5 s", "1.2.3 s", "30 s ",
                              "1234567890123456 s", "999999999999999 days", "\xff"})
        QVERIFY2(!parseDuration(wrong), wrong);
    for (const char* wrong : {"100", "100 Mbps", "100 mbit/s", "0 Mbit/s", "0.1 bit/s", "OFF", "unlimited"})
        QVERIFY2(!parseBitRate(wrong), wrong);
}

void SettingsTest::quantitiesAreWrittenSoThatTheyReadTheSame() {
    for (const Duration one :
         {Duration(1s), Duration(59s), Duration(60s), Duration(3h), Duration(24h), Duration(90 * 24h)})
        QVERIFY(*parseDuration(durationText(one)) == one);
    for (const uint64_t one : {0ull, 1ull, 999ull, 1000ull, 2'500'000ull, 100'000'000ull, 3'000'000'000ull})
        QCOMPARE(parseBitRate(bitRateText({one}))->perSecond, uint64_t{one});
}

void SettingsTest::aFolderMayBeginAtThePersonsHome() {
    QCOMPARE(settingsOf("receive.out = \"~/in\"").out, QDir::homePath().toStdString() + "/in");
    QVERIFY(has(errorOf("receive.out = \"in\""), "receive.out = \"in\": allowed an absolute path"));
    QVERIFY(has(errorOf("receive.out = \"a\\u0000b\""), "receive.out"));
}

void SettingsTest::anErrorNamesFileLineColumnKeyAndRange() {
    REQUIRE_ERROR("\n\n[limits]\n  max_connections = 0\n",
                  "wherry.toml:4:3: limits.max_connections = 0: allowed 1 to 10000");
    REQUIRE_ERROR("network.congestion = \"reno\"",
                  "wherry.toml:1:9: network.congestion = \"reno\": allowed \"bbr\" or \"cubic\"");
    REQUIRE_ERROR("limits.upload = \"fast\"",
                  "wherry.toml:1:8: limits.upload = \"fast\": wanted is a rate such as \"100 Mbit/s\", \"2.5 MB/s\" or "
                  "\"800 kbit/s\", or \"off\"; allowed \"off\" or \"256 kbit/s\" to \"100 Gbit/s\"");
}

void SettingsTest::rangesHoldAtTheirEndsAndOnePast() {
    QCOMPARE(errorOf("limits.max_connections = 1"), std::string());
    QCOMPARE(errorOf("limits.max_connections = 10000"), std::string());
    QVERIFY(has(errorOf("limits.max_connections = 10001"), "allowed 1 to 10000"));
    QVERIFY(has(errorOf("limits.max_connections = -1"), "allowed 1 to 10000"));
    QVERIFY(has(errorOf("limits.max_connections = 9223372036854775807"), "allowed 1 to 10000"));
    QCOMPARE(errorOf("limits.connection_timeout = \"1 s\""), std::string());
    QCOMPARE(errorOf("limits.connection_timeout = \"10 min\""), std::string());
    QVERIFY(has(errorOf("limits.connection_timeout = \"0.9 s\""), "allowed \"1 s\" to \"10 min\""));
    QVERIFY(has(errorOf("limits.connection_timeout = \"601 s\""), "allowed \"1 s\" to \"10 min\""));
    QCOMPARE(errorOf("limits.upload = \"256 kbit/s\""), std::string());
    QVERIFY(has(errorOf("limits.upload = \"255999 bit/s\""), "allowed"));
    QCOMPARE(errorOf("limits.upload = \"100 Gbit/s\""), std::string());
    QVERIFY(has(errorOf("limits.upload = \"100001 Mbit/s\""), "allowed"));
    const auto alias = [](size_t size) { return "profile.alias = \"" + std::string(size, 'a') + "\""; };
    QCOMPARE(errorOf(alias(kMaxAlias)), std::string());
    QVERIFY(has(errorOf(alias(kMaxAlias + 1)), "allowed text of at most 64 bytes"));
}

void SettingsTest::anUnknownKeyIsAnErrorWithASuggestion() {
    REQUIRE_ERROR("[limits]\nmax_conections = 5",
                  "wherry.toml:2:1: limits.max_conections is not a setting; did you mean limits.max_connections?");
    REQUIRE_ERROR("max_connections = 5",
                  "wherry.toml:1:1: max_connections is not a setting; did you mean limits.max_connections?");
    REQUIRE_ERROR("[limits]\nbanana = 5", "wherry.toml:2:1: limits.banana is not a setting");
}

void SettingsTest::anUnknownTableIsAnErrorEvenWhenItIsEmpty() {
    QVERIFY(has(errorOf("[limit]\n"), "limit is not a setting"));
    QVERIFY(has(errorOf("[[limits]]\nupload = \"off\"\n"), "limits is not a setting"));
}

void SettingsTest::aKeyTwiceIsAnErrorAtTheSecond() {
    const std::string error = errorOf("[log]\nlevel = \"info\"\nlevel = \"debug\"\n");
    QVERIFY2(error.starts_with("wherry.toml:3:"), error.c_str());
    QVERIFY2(has(error, "level"), error.c_str());
}

void SettingsTest::aValueOfAnotherKindIsAnError() {
    REQUIRE_ERROR("network.mdns = \"yes\"", "wherry.toml:1:9: network.mdns = \"yes\": allowed true or false");
    REQUIRE_ERROR("network.mdns = 1", "wherry.toml:1:9: network.mdns = 1: allowed true or false");
    REQUIRE_ERROR("limits.max_connections = 1.5",
                  "wherry.toml:1:8: limits.max_connections = a fraction: allowed 1 to 10000");
    REQUIRE_ERROR("limits.max_connections = \"5\"",
                  "wherry.toml:1:8: limits.max_connections = \"5\": allowed 1 to 10000");
    QVERIFY(has(errorOf("limits.max_connections = 2026-11-20"), "a date or time: allowed 1 to 10000"));
    QVERIFY(has(errorOf("limits.upload = 100"), "limits.upload = 100: allowed \"off\" or"));
    QVERIFY(has(errorOf("network.listen = \"/ip4/0.0.0.0/udp/1/quic-v1\""), "allowed a list"));
    QVERIFY(has(errorOf("network.listen = [1]"), "allowed a list"));
    QVERIFY(has(errorOf("[limits.upload]\nx = 1"), "limits.upload.x is not a setting"));
}

void SettingsTest::theFirstErrorIsShownAndTheOthersAreCounted() {
    QVERIFY(has(errorOf("log.level = 1\nprofile.alias = 2"), "log.level = 1"));
    QVERIFY(errorOf("log.level = 1\nprofile.alias = 2").ends_with("(and 1 more error)"));
    QVERIFY(errorOf("log.level = 1\nprofile.alias = 2\na = 3").ends_with("(and 2 more errors)"));
}

void SettingsTest::anErrorAnywhereMakesTheWholeFileVoid() {
    QVERIFY(!parseSettings("limits.max_connections = 5\nlog.level = 1", "f"));
}

void SettingsTest::brokenTomlNamesLineAndColumn() {
    QVERIFY(errorOf("[limits\nmax").starts_with("wherry.toml:1:"));
    QVERIFY(errorOf("a = 1\nb = \n").starts_with("wherry.toml:2:"));
    QVERIFY(errorOf("a = 1\nb = \n").ends_with("expected value, saw the end of the line"));
    QVERIFY(errorOf("x = \"unfinished").starts_with("wherry.toml:1:"));
    QVERIFY(!errorOf(std::string_view("a\0b", 3)).empty());
}

void SettingsTest::lettersOfEveryAlphabetAreReadInTextAndRefusedOutsideOfIt() {
    for (const std::string& letter : std::initializer_list<std::string>{"!", "é", "ж", "λ", "᠎", "か", "字", "ﻼ", "😀",
                                                                        "\u00A0", "\u3000", "\uFEFF"}) {
        for (const std::string& broken :
             {letter + " = 1", "a" + letter + " = 1", "alias = " + letter, "[" + letter + "]", "[a." + letter + "]",
              "profile.alias = \"a\" " + letter, "profile.alias = \"\\" + letter + "\""})
            QVERIFY2(!errorOf("\n" + broken).empty(), broken.c_str());
        QCOMPARE(settingsOf("profile.alias = \"a" + letter + "b\" # " + letter).alias, "a" + letter + "b");
    }
    QCOMPARE(settingsOf("profile.alias = \"\"\"Zo\\\n  ë\"\"\"").alias, std::string("Zoë"));
}

void SettingsTest::bytesThatAreNotUtf8AreShownByTheirPlace() {
    REQUIRE_ERROR("# fine\nprofile.alias = \"\xff\"", "wherry.toml:2:18: this is not UTF-8 text");
}

void SettingsTest::aHugeFileALongLineAndDeepNestingAreRefused() {
    std::string full;
    while (full.size() + 100 <= kMaxSettingsFile) full += "#" + std::string(98, 'x') + "\n";
    full.resize(kMaxSettingsFile, '\n');
    QCOMPARE(errorOf(full), std::string());
    QVERIFY(has(errorOf(full + "\n"), "the file has 65537 bytes; allowed are 65536"));

    QCOMPARE(errorOf("#" + std::string(kMaxSettingsLine - 1, 'x')), std::string());
    REQUIRE_ERROR("\n#" + std::string(kMaxSettingsLine, 'x'), "wherry.toml:2:1025: the line is longer than 1024 bytes");

    const auto nested = [](size_t depth) { return "a = " + std::string(depth, '[') + std::string(depth, ']'); };
    QVERIFY(has(errorOf(nested(kMaxSettingsNesting)), "not a setting"));
    QVERIFY(has(errorOf(nested(kMaxSettingsNesting + 1)), "nest"));
    std::string deep = "a";
    while (deep.size() + 6 < kMaxSettingsLine) deep += ".a";
    QVERIFY(has(errorOf("[" + deep + "]\n" + deep + " = 1"), "is not a setting"));
}

void SettingsTest::controlCharactersInANameAreRefused() {
    QVERIFY(has(errorOf("profile.alias = \"a\\nb\""), "profile.alias = \"a\\u{000a}b\": allowed text"));
    QVERIFY(has(errorOf("profile.alias = \"\\u001b[31m\""), "allowed text"));
}

void SettingsTest::addressesToListenAtAreChecked() {
    const auto listen = [](const std::string& list) { return errorOf("network.listen = [" + list + "]"); };
    QVERIFY(has(listen("\"/ip4/0.0.0.0/udp/4001\""), "cannot listen at \"/ip4/0.0.0.0/udp/4001\"; allowed a list"));
    QVERIFY(has(listen("\"banana\""), "allowed a list"));
    std::string many;
    for (uint64_t i = 0; i < kMaxListenAddresses; ++i)
        many += "\"/ip4/0.0.0.0/udp/" + std::to_string(4001 + i) + "/quic-v1\",\n";
    QCOMPARE(listen(many), std::string());
    QVERIFY(has(listen(many + "\"/ip4/0.0.0.0/udp/1/quic-v1\""), "at most 32"));
}

void SettingsTest::aMissingFileIsOnlyAnErrorWhenThePersonNamedIt() {
    QTemporaryDir folder;
    const std::string path = defaultSettingsPath(folder.path().toStdString());
    QVERIFY(readSettings(path, WhenMissing::Defaults).value_or(Settings{.mdns = false}) == Settings{});
    const auto named = readSettings(path, WhenMissing::Fail);
    QVERIFY(!named && named.error().code == Errc::NotFound && has(named.error().context, path));
    std::ofstream(path) << "log.level = \"info\"\n";
    QVERIFY(readSettings(path, WhenMissing::Fail)->logLevel == LogLevel::Info);
    std::ofstream(path) << "log.level = \"loud\"\n";
    QVERIFY(has(readSettings(path, WhenMissing::Defaults).error().context, path + ":1:5: log.level = \"loud\""));
    std::ofstream(path) << std::string(kMaxSettingsFile + 1, '\n');
    QVERIFY(readSettings(path, WhenMissing::Defaults).error().code == Errc::TooLarge);
}

void SettingsTest::aFolderIsNoSettingsFile() {
    QTemporaryDir folder;
    QVERIFY(!readSettings(folder.path().toStdString(), WhenMissing::Defaults));
}

void SettingsTest::theDocumentedFileIsTheTableAndReadsAsTheDefaults() {
    const std::string path = WHERRY_TEST_DATA "/../../resources/wherry.toml";
    if (qEnvironmentVariableIsSet("WHERRY_WRITE_DOCUMENTED_SETTINGS"))
        std::ofstream(path, std::ios::binary) << documentedSettings();
    QCOMPARE(readAll(path), documentedSettings());
    QVERIFY(settingsOf(documentedSettings()) == Settings{});
}

void SettingsTest::theDocumentedFileHasNoKeyThatWouldNotBeRead() {
    // With every setting uncommented it is still valid, and still says the defaults.
    std::string text = documentedSettings();
    for (size_t at = text.find("\n#"); at != std::string::npos; at = text.find("\n#", at + 1))
        if (text[at + 2] != ' ') text.erase(at + 1, 1);
    QVERIFY(has(text, "\nmax_connections = 1000\n"));
    QCOMPARE(errorOf(text), std::string());
    QVERIFY(settingsOf(text) == Settings{});
}

void SettingsTest::everyKeyIsInTheTableOnce() {
    std::set<std::string_view> keys;
    for (const SettingSpec& spec : settingsTable()) {
        QVERIFY(keys.insert(spec.key).second);
        QVERIFY(findSetting(spec.key) == &spec);
        QVERIFY(!spec.title.empty() && !spec.help.empty() && !allowedText(spec).empty());
    }
    QVERIFY(!findSetting("limits"));
}

void SettingsTest::aCommandLineSetsByKeyAndValue() {
    Settings settings;
    const auto set = [&](std::string_view text) {
        const auto done = setSetting(settings, text);
        return done ? std::string() : done.error().context;
    };
    QCOMPARE(set("limits.upload=10 Mbit/s"), std::string());
    QCOMPARE(set("limits.limit_lan=true"), std::string());
    QCOMPARE(set("limits.max_connections=50"), std::string());
    QCOMPARE(set("profile.alias=a=b"), std::string());
    QCOMPARE(set("network.listen=/ip4/0.0.0.0/udp/1/quic-v1,/ip6/::/udp/1/quic-v1"), std::string());
    QVERIFY(settings.uploadLimit.perSecond == 10'000'000 && settings.limitLan && settings.maxConnections == 50);
    QCOMPARE(settings.alias, std::string("a=b"));
    QCOMPARE(settings.listen.size(), size_t{2});
    for (const char* one : {R"(["/ip4/1.2.3.4/tcp/1"])", R"([ '/ip4/1.2.3.4/tcp/1', ])", R"("/ip4/1.2.3.4/tcp/1")",
                            " /ip4/1.2.3.4/tcp/1 "}) {
        QCOMPARE(set("network.listen=" + std::string(one)), std::string());
        QCOMPARE(settings.listen.size(), size_t{1});
        QCOMPARE(settings.listen[0].text(), std::string("/ip4/1.2.3.4/tcp/1"));
    }
    for (const char* two : {R"(["/ip4/1.2.3.4/tcp/1", "/ip6/::/tcp/2"])", R"("/ip4/1.2.3.4/tcp/1", '/ip6/::/tcp/2')",
                            "/ip4/1.2.3.4/tcp/1, /ip6/::/tcp/2"}) {
        QCOMPARE(set("network.listen=" + std::string(two)), std::string());
        QCOMPARE(settings.listen.size(), size_t{2});
    }
    QCOMPARE(set("network.listen=[]"), std::string());
    QCOMPARE(settings.listen.size(), size_t{0});
    for (const char* broken : {R"(["/ip4/1.2.3.4/tcp/1")", "[/ip4/1.2.3.4/tcp/1]", "[]\nx = 1", "\"/ip4"}) {
        const std::string why = set("network.listen=" + std::string(broken));
        QVERIFY2(why.starts_with("network.listen = ") && has(why, "no list as TOML writes it") && has(why, "A,B"),
                 why.c_str());
    }
    QVERIFY(has(set("network.listen=[1, 2]"), "allowed a list of at most"));
    QVERIFY(has(set("network.listen=[\"x\"]"), "allowed a list of at most"));
    QCOMPARE(set("limits.upload=\"20 Mbit/s\""), std::string());
    QCOMPARE(settings.uploadLimit.perSecond, uint64_t{20'000'000});
    QCOMPARE(set("profile.alias='my \"boat\"'"), std::string());
    QCOMPARE(settings.alias, std::string("my \"boat\""));
    QCOMPARE(set("limits.max_connections=0"), std::string("limits.max_connections = 0: allowed 1 to 10000"));
    QVERIFY(has(set("limits.max_connections=99999999999999999999"), "allowed 1 to 10000"));
    QVERIFY(has(set("limits.uplaod=off"), "did you mean limits.upload?"));
    QVERIFY(has(set("limits.upload"), "wanted is KEY=VALUE"));
    QVERIFY(has(set("network.mdns="), "allowed true or false"));
}

void SettingsTest::aMessageShowsNoControlCharactersAndNoHugeValue() {
    const std::string nasty = "a\x1b[2J\xe2\x80\xae";
    for (const std::string& what :
         {"limits.upload=" + nasty, nasty + "=1", "profile.alias=" + nasty, "network.listen=" + nasty,
          "network.listen=/" + nasty, "network.listen=/ip4/" + nasty, "receive.out=" + nasty}) {
        for (const std::string& assignment :
             {what, what + std::string(100'000, 'x'), std::string(100'000, 'x') + what}) {
            Settings settings;
            const auto done = setSetting(settings, assignment);
            QVERIFY2(!done, assignment.substr(0, 100).c_str());
            const std::string& message = done.error().context;
            QVERIFY2(message.size() < 1000, message.substr(0, 100).c_str());
            QVERIFY(!has(message, "\x1b") && !has(message, "\xe2\x80\xae"));
        }
    }
}

void SettingsTest::whatIsShownCanBeTypedAgain() {
    const SettingSpec& alias = *findSetting("profile.alias");
    for (const char* name : {"", "boat", "\"boat\"", "'", "''", "\"", "'a'b'", "\"a\" and \"b\""}) {
        Settings settings;
        settings.alias = name;
        Settings again;
        QVERIFY(setSetting(again, "profile.alias=" + plainText(alias, settings)).has_value());
        QCOMPARE(again.alias, std::string(name));
    }
}

void SettingsTest::aReloadListsWhatChangedAndWhatAppliesAtOnce() {
    Settings after;
    after.uploadLimit = {100'000'000};
    after.maxConnections = 5;
    const auto changes = changesBetween(Settings{}, after);
    QCOMPARE(changes.size(), size_t{2});
    QVERIFY(changes[0].spec->key == "limits.upload" && changes[0].spec->applies == Applies::Live);
    QCOMPARE(changes[0].before, std::string("\"off\""));
    QCOMPARE(changes[0].after, std::string("\"100 Mbit/s\""));
    QVERIFY(changes[1].spec->key == "limits.max_connections" && changes[1].spec->applies == Applies::Restart);
    QVERIFY(changesBetween(after, after).empty());
}

QTEST_APPLESS_MAIN(SettingsTest)
#include "settings_test.moc"
