#include "api/display_text.h"
#include "cli/consent.h"
#include "cli/decline_reason.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

namespace {

api::OfferMade offerOf(std::vector<api::OfferEntry> entries) {
    api::OfferMade offer;
    offer.transfer = {7};
    offer.incoming = true;
    offer.needsAnswer = true;
    offer.filesTotal = entries.size();
    offer.entries = std::move(entries);
    return offer;
}

} // namespace

class ConsentTest : public QObject {
    Q_OBJECT

  private slots:
    void everyNameIsListed();
    void dangerousNamesComeFirstAndAreMarked();
    void escapeSequencesAndReversedTextAreShownAsWhatTheyAre();
    void longListsSayHowToSeeTheRest();
    void whatBecomesOfNamesThatAreTakenIsSaid();
    void namesThatWereChosenBeforeAreSaid();
    void withoutATerminalEveryOfferIsDeclinedWithAReason();
    void whoAcceptsByHimselfSaysWhyThisOneNeedsAPerson();
    void onlyTheNoOfTheOtherSideIsToldAsSuch();
};

void ConsentTest::everyNameIsListed() {
    const std::string text = offerText(offerOf({{"a", true, 0, ""}, {"a/b.txt", false, 1500, ""}}), 100, {});
    QVERIFY(text.find("    a/\n") != std::string::npos);
    QVERIFY(text.find("    a/b.txt  1.50 kB\n") != std::string::npos);
}

void ConsentTest::dangerousNamesComeFirstAndAreMarked() {
    const std::string text =
        offerText(offerOf({{"a.txt", false, 1, ""}, {".bashrc", false, 1, "runs when a shell starts"}}), 100, {});
    QVERIFY(text.find("  ! .bashrc") < text.find("    a.txt"));
    QVERIFY(text.find("careful: runs when a shell starts") != std::string::npos);
}

void ConsentTest::escapeSequencesAndReversedTextAreShownAsWhatTheyAre() {
    const std::string text = offerText(
        offerOf({{"\x1b[2Jx", false, 1, ""}, {"\u202Egpj.exe", false, 1, ""}, {"two\nlines", false, 1, ""}}), 100, {});
    QVERIFY(text.find('\x1b') == std::string::npos);
    QVERIFY(text.find("\u202E") == std::string::npos);
    QVERIFY(text.find("two\nlines") == std::string::npos);
}

void ConsentTest::longListsSayHowToSeeTheRest() {
    const auto offer = offerOf(std::vector<api::OfferEntry>(5, {"x", false, 1, ""}));
    QVERIFY(offerText(offer, 5, {}).find("more") == std::string::npos);
    QVERIFY(offerText(offer, 4, {}).find("... and 1 more") != std::string::npos);
}

void ConsentTest::namesThatWereChosenBeforeAreSaid() {
    auto offer = offerOf({{"x", false, 1, ""}, {"y", false, 1, ""}});
    offer.place.names = {{1, "\x1b[2Jz"}, {2, "of another offer"}};
    const std::string text = offerText(offer, 1, {});
    QVERIFY2(text.find("  ~ y will be called \\u{001b}[2Jz, as you have chosen before\n") != std::string::npos, text.c_str());
    QVERIFY(text.find("another offer") == std::string::npos);
}

void ConsentTest::whatBecomesOfNamesThatAreTakenIsSaid() {
    auto offer = offerOf({{"x", false, 1, ""}});
    QVERIFY(offerText(offer, 5, {}).find("taken") == std::string::npos);
    using api::NameFate;
    offer.taken = {{"a", NameFate::Renamed, "a (1)"},
                   {"b/c", NameFate::Renamed, ""},
                   {"d", NameFate::Replaced, ""},
                   {"\x1b[2Je", NameFate::Skipped, ""}};
    offer.takenTotal = 4;
    const std::string text = offerText(offer, 5, {});
    for (const char* line :
         {"  4 names are taken in the folder already:\n", "  = a: this one is kept beside it as a (1)\n",
          "  = b/c: this one is kept beside it under another name\n", "  = d: what is there is replaced\n",
          "e: this one is left out\n"})
        QVERIFY2(text.find(line) != std::string::npos, text.c_str());
    QVERIFY(text.find('\x1b') == std::string::npos);
    offer.taken = {{"a", NameFate::Replaced, ""}};
    offer.takenTotal = 1;
    QVERIFY(offerText(offer, 5, {}).find("  1 name is taken in the folder already:\n") != std::string::npos);
    offer.taken.resize(11);
    offer.takenTotal = 5000;
    offer.takenMayBeMore = true;
    QVERIFY(offerText(offer, 5, {}).find("  5000 names are taken in the folder already, perhaps more:\n") !=
            std::string::npos);
    QVERIFY(offerText(offer, 5, {}).ends_with("    ... and 4990 more\n"));
}

void ConsentTest::withoutATerminalEveryOfferIsDeclinedWithAReason() {
    Output output(OutputMode::Json, Terminal{});
    const PeerNames names;
    Consent consent(output, "/d", api::Accept::Ask, names);
    std::vector<api::AnswerOffer> answers;
    connect(&consent, &Consent::answered, [&](const api::AnswerOffer& answer) { answers.push_back(answer); });
    consent.ask(offerOf({{"x", false, 1, ""}}));
    QCOMPARE(answers.size(), size_t(1));
    QVERIFY(!answers[0].accept && !answers[0].reason.empty() && answers[0].transfer.value == 7);
}

void ConsentTest::whoAcceptsByHimselfSaysWhyThisOneNeedsAPerson() {
    const auto plain = offerOf({{"x", false, 1, ""}});
    const auto dangerous = offerOf({{"x", false, 1, ""}, {".bashrc", false, 1, "runs when a shell starts"}});
    for (const auto accept : {api::Accept::All, api::Accept::Trusted}) {
        QVERIFY(reasonWithoutAsking(dangerous, accept, false) == kNeedsAPerson);
        QVERIFY(reasonWithoutAsking(dangerous, accept, true) == kNeedsAPerson);
    }
    QVERIFY(reasonWithoutAsking(plain, api::Accept::Trusted, false) == kOnlyTrusted);
    QVERIFY(reasonWithoutAsking(dangerous, api::Accept::Ask, false) == kNoTerminal);
    QVERIFY(reasonWithoutAsking(plain, api::Accept::Ask, true) == kNobodyThere);
}

void ConsentTest::onlyTheNoOfTheOtherSideIsToldAsSuch() {
    QCOMPARE(declinedHereSentence(std::string(kSaidNo)), std::string("Declined."));
    QCOMPARE(declinedHereSentence(""), std::string("Declined."));
    QCOMPARE(declinedHereSentence("exists already: a\nb"),
             "Declined: " + api::displayText("exists already: a\nb") + ".");
    for (const auto reason : {kNobodyThere, kNoTerminal, kOnlyTrusted, kNeedsAPerson}) {
        const std::string here = declinedHereSentence(std::string(reason));
        QVERIFY2(here.starts_with("Declined: ") && here.find("here") != std::string::npos, here.c_str());
        QVERIFY2(here.find("there ") == std::string::npos && here.find("receiver") == std::string::npos, here.c_str());
    }
    api::OfferDeclined elsewhere;
    elsewhere.reason = kSaidNo;
    QCOMPARE(whyOver(elsewhere), std::string("it was declined elsewhere"));
}

QTEST_GUILESS_MAIN(ConsentTest)
#include "consent_test.moc"
