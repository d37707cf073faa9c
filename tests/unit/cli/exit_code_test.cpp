#include "cli/exit_code.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

namespace {

/// The whole promise, written out: what a script sees for each error, by where it has arisen.
struct Promise {
    const char* code;
    int setup;
    int sending;
    int receiving;
    int peer;
    int receiver;
};

constexpr Promise kPromises[] = {
    {"invalid-argument", 6, 6, 6, 7, 7},   {"malformed", 6, 7, 7, 7, 7},      {"too-large", 6, 6, 7, 7, 7},
    {"limit-reached", 6, 6, 7, 7, 7},      {"not-found", 6, 6, 6, 7, 7},      {"exists", 6, 6, 6, 7, 3},
    {"permission-denied", 6, 6, 6, 7, 6},  {"disk-full", 6, 6, 6, 7, 7},      {"read-only", 6, 6, 6, 7, 6},
    {"volume-gone", 6, 6, 6, 7, 7},        {"io-error", 6, 6, 6, 7, 7},       {"unsafe-path", 6, 6, 7, 7, 7},
    {"unportable-name", 6, 6, 6, 7, 6},    {"source-changed", 6, 6, 7, 7, 7}, {"verification-failed", 5, 5, 5, 5, 5},
    {"identity-mismatch", 4, 4, 4, 4, 4},  {"unreachable", 4, 4, 4, 7, 7},    {"timeout", 7, 7, 7, 7, 7},
    {"connection-lost", 7, 7, 7, 7, 7},    {"declined", 3, 3, 3, 3, 3},       {"unsupported", 6, 3, 6, 3, 3},
    {"protocol-violation", 7, 7, 7, 7, 7}, {"cancelled", 7, 130, 130, 3, 3},  {"busy", 6, 6, 6, 7, 7},
    {"internal-error", 1, 1, 1, 7, 7},
};

int exitOf(size_t code, Origin origin) {
    return static_cast<int>(exitCodeOf(static_cast<api::Errc>(code), origin));
}

} // namespace

class ExitCodeTest : public QObject {
    Q_OBJECT

  private slots:
    void onlyWordsThatNameNothingOrSomethingTakenAreAMistake() {
        for (size_t i = 0; i < std::size(kPromises); ++i) {
            const std::string_view code = kPromises[i].code;
            QCOMPARE(isMistakenWord(static_cast<api::Errc>(i)),
                     code == "not-found" || code == "invalid-argument" || code == "exists");
        }
    }

    void everyErrorHasTheCodeThatIsPromised();
    void theNumbersAreThoseOfTheDocument();
};

void ExitCodeTest::everyErrorHasTheCodeThatIsPromised() {
    QCOMPARE(std::size(kPromises), static_cast<size_t>(api::Errc::Internal) + 1);
    for (size_t code = 0; code < std::size(kPromises); ++code) {
        const Promise& promise = kPromises[code];
        QCOMPARE(std::string(api::errcName(static_cast<api::Errc>(code))), std::string(promise.code));
        const int got[] = {exitOf(code, Origin::Setup), exitOf(code, Origin::Sending), exitOf(code, Origin::Receiving),
                           exitOf(code, Origin::Peer), exitOf(code, Origin::Receiver)};
        const int wanted[] = {promise.setup, promise.sending, promise.receiving, promise.peer, promise.receiver};
        for (size_t i = 0; i < 5; ++i)
            QVERIFY2(
                got[i] == wanted[i],
                qPrintable(
                    QString("%1, origin %2: %3 instead of %4").arg(promise.code).arg(i).arg(got[i]).arg(wanted[i])));
    }
}

void ExitCodeTest::theNumbersAreThoseOfTheDocument() {
    QCOMPARE(static_cast<int>(ExitCode::Done), 0);
    QCOMPARE(static_cast<int>(ExitCode::Usage), 2);
    QCOMPARE(static_cast<int>(ExitCode::Interrupted), 130);
}

QTEST_APPLESS_MAIN(ExitCodeTest)
#include "exit_code_test.moc"
