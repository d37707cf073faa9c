#include "cli/arguments.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

namespace {

const std::string kPeer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

Arguments good(const std::vector<std::string>& words) {
    const auto parsed = parseArguments(words);
    for (const UsageError& error : parsed.errors) qWarning("%s", error.message.c_str());
    if (!parsed.errors.empty()) qFatal("expected no errors");
    return parsed.arguments;
}

std::string errorOf(const std::vector<std::string>& words) {
    const auto parsed = parseArguments(words);
    return parsed.errors.empty() ? std::string() : parsed.errors.front().message;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

class ArgumentsTest : public QObject {
    Q_OBJECT

  private slots:
    void globalOptionsStandBeforeOrAfterTheCommand();
    void valuesFollowASpaceOrAnEqualsSign();
    void twoDashesEndTheOptions();
    void everyOptionOfReceiveArrives();
    void everyOptionOfPingPerfAndNodeArrives();
    void aSendHasAPriority();
    void listenMayBeRepeated();
    void numbersAreTakenAtTheirBoundsAndNotBeyond();
    void helpAndVersionWinOverErrors();
    void aMistypedCommandIsGuessed();
    void aMistypedOptionIsGuessed();
    void whatIsPromisedForLaterSaysSo();
    void anOptionOfAnotherCommandIsRefused();
    void missingAndExtraOperandsAreNamed();
    void missingValuesAndValuesOfSwitchesAreRefused();
    void badValuesNameOptionAndChoices();
    void escapeSequencesInWordsDoNotReachTheMessage();
};

void ArgumentsTest::globalOptionsStandBeforeOrAfterTheCommand() {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"--json", "--home", "/h", "id"}, {"id", "--json", "--home", "/h"}, {"--home", "/h", "id", "--json"}}) {
        const Arguments arguments = good(words);
        QVERIFY(arguments.command == CommandName::Id);
        QVERIFY(arguments.json);
        QCOMPARE(arguments.home, std::string("/h"));
    }
}

void ArgumentsTest::valuesFollowASpaceOrAnEqualsSign() {
    QCOMPARE(good({"receive", "--out=a=b"}).out, std::string("a=b"));
    QCOMPARE(good({"receive", "--out", "x"}).out, std::string("x"));
}

void ArgumentsTest::twoDashesEndTheOptions() {
    const Arguments arguments = good({"send", "/ip4/1.2.3.4", "--", "--json", "-x"});
    QCOMPARE(arguments.operands, (std::vector<std::string>{"/ip4/1.2.3.4", "--json", "-x"}));
    QVERIFY(!arguments.json);
}

void ArgumentsTest::everyOptionOfReceiveArrives() {
    const Arguments defaults = good({"receive"});
    QVERIFY(defaults.accept == api::Accept::Ask && defaults.conflict == api::Conflict::Rename && !defaults.once);
    QCOMPARE(defaults.out, std::string("."));
    const Arguments arguments =
        good({"receive", "--accept", "all", "--conflict", "skip", "--once", "--quiet", "--log-level", "debug"});
    QVERIFY(arguments.accept == api::Accept::All && arguments.conflict == api::Conflict::Skip && arguments.once &&
            arguments.quiet);
    QVERIFY(arguments.logLevel == api::LogLevel::Debug);
    QVERIFY(good({"receive", "--accept", "trusted", "--conflict", "replace"}).conflict == api::Conflict::Replace);
    QVERIFY(good({"receive", "--accept", "ask", "--conflict", "fail"}).conflict == api::Conflict::Fail);
}

void ArgumentsTest::everyOptionOfPingPerfAndNodeArrives() {
    QCOMPARE(good({"ping", "x", "-n", "7"}).count, 7u);
    const Arguments perf = good({"perf", "x", "--upload", "1GiB", "--wait", "3"});
    QCOMPARE(perf.uploadBytes, uint64_t(1) << 30);
    QVERIFY(perf.uploadGiven && !perf.downloadGiven);
    QCOMPARE(perf.wait.count(), 3);
    QVERIFY(good({"node", "--perf"}).servePerf);
}

void ArgumentsTest::aSendHasAPriority() {
    QVERIFY(good({"send", "x", "y"}).priority == api::Priority::Normal);
    for (const auto priority : {api::Priority::Low, api::Priority::Normal, api::Priority::High})
        QVERIFY(good({"send", "--priority", std::string(api::priorityName(priority)), "x", "y"}).priority == priority);
    QVERIFY(contains(errorOf({"send", "--priority", "urgent", "x", "y"}), "--priority"));
    QVERIFY(contains(errorOf({"text", "--priority", "high", "x", "y"}), "--priority"));
}

void ArgumentsTest::listenMayBeRepeated() {
    QCOMPARE(good({"node", "--listen", "/ip4/127.0.0.1/udp/0/quic-v1", "--listen", "/ip6/::1/udp/4001/quic-v1"})
                 .listen.size(),
             size_t(2));
}

void ArgumentsTest::numbersAreTakenAtTheirBoundsAndNotBeyond() {
    QCOMPARE(good({"ping", "x", "-n", "1000000"}).count, 1000000u);
    QCOMPARE(good({"send", "--wait", "604800", "x", "y"}).wait.count(), 604800);
    for (const char* n : {"0", "1000001", "-1", "1.5", "", "9999999999999999999999"})
        QVERIFY2(contains(errorOf({"ping", "x", "-n", n}), "-n"), n);
    QVERIFY(contains(errorOf({"send", "--wait", "604801", "x", "y"}), "--wait"));
    QVERIFY(contains(errorOf({"perf", "x", "--upload", "1001TB"}), "--upload"));
}

void ArgumentsTest::helpAndVersionWinOverErrors() {
    const auto parsed = parseArguments({"send", "--nonsense", "--help"});
    QVERIFY(parsed.arguments.help && parsed.errors.empty() && parsed.arguments.command == CommandName::Send);
    QVERIFY(parseArguments({"-h"}).arguments.help);
    QVERIFY(parseArguments({"help"}).arguments.help);
    QVERIFY(parseArguments({"help", "send"}).arguments.command == CommandName::Send);
    QVERIFY(!parseArguments({"help", "nonsense"}).errors.empty());
    QVERIFY(!parseArguments({"send", "help", "file"}).arguments.help); // a target of that name
    QVERIFY(parseArguments({"nonsense", "--version"}).arguments.version);
}

void ArgumentsTest::aMistypedCommandIsGuessed() {
    QVERIFY(contains(errorOf({"recieve"}), "unknown command 'recieve'; did you mean receive?"));
    QVERIFY(contains(errorOf({"sned"}), "did you mean send?"));
    QVERIFY(!contains(errorOf({"banana"}), "did you mean"));
}

void ArgumentsTest::aMistypedOptionIsGuessed() {
    QVERIFY(contains(errorOf({"receive", "--ouct", "x"}), "unknown option '--ouct'; did you mean --out?"));
    QVERIFY(contains(errorOf({"id", "--jsno"}), "did you mean --json?"));
    QVERIFY(!contains(errorOf({"id", "--ouct"}), "did you mean --out?"));
}

void ArgumentsTest::whatIsPromisedForLaterSaysSo() {
    for (const char* name : {"keys", "routes", "doctor", "mcp"})
        QVERIFY2(contains(errorOf({name, "x", "--y"}), "is not part of this version"), name);
    for (const char* option : {"--http"})
        QVERIFY2(contains(errorOf({"node", option, "x"}), "is not part of this version"), option);
}

void ArgumentsTest::anOptionOfAnotherCommandIsRefused() {
    QVERIFY(contains(errorOf({"send", "--once", "x", "y"}), "--once does not belong to 'wherry send'"));
    QVERIFY(contains(errorOf({"--out", "d", "id"}), "--out does not belong to 'wherry id'"));
}

void ArgumentsTest::missingAndExtraOperandsAreNamed() {
    QVERIFY(contains(errorOf({"send", "x"}), "wherry send TARGET PATH..."));
    QVERIFY(contains(errorOf({"receive", "extra"}), "'extra'"));
    QVERIFY(contains(errorOf({"--json"}), "a command is missing"));
}

void ArgumentsTest::missingValuesAndValuesOfSwitchesAreRefused() {
    QVERIFY(contains(errorOf({"receive", "--out"}), "--out DIR"));
    QVERIFY(contains(errorOf({"receive", "--once=yes"}), "--once takes no value"));
    QVERIFY(contains(errorOf({"receive", "--out="}), "--out"));
}

void ArgumentsTest::badValuesNameOptionAndChoices() {
    QVERIFY(contains(errorOf({"receive", "--accept", "some"}), "--accept 'some': wanted is ask, all or trusted"));
    QVERIFY(contains(errorOf({"receive", "--conflict", "x"}), "rename, replace, skip or fail"));
    QVERIFY(contains(errorOf({"receive", "--log-level", "x"}), "trace, debug"));
    QVERIFY(contains(errorOf({"node", "--listen", "/ip4/1.2.3.4/udp/1"}), "--listen"));
    QVERIFY(contains(errorOf({"node", "--listen", "/ip4/1.2.3.4/udp/1/quic-v1/p2p/" + kPeer}), "/p2p/ID"));
}

void ArgumentsTest::escapeSequencesInWordsDoNotReachTheMessage() {
    for (const std::string& error :
         {errorOf({"\x1b[31mred"}), errorOf({"id", "--\x1b[2J"}), errorOf({"receive", "--accept", "\x1b[2J"})})
        QVERIFY(!error.empty() && !contains(error, "\x1b"));
}

QTEST_APPLESS_MAIN(ArgumentsTest)
#include "arguments_test.moc"
