#include "transfer/chosen_names.h"
#include "transfer/machine_limits.h"
#include "transfer/offer_choice.h"
#include "transfer_world.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

using Selection = std::optional<std::vector<uint32_t>>;
const Selection kAll = std::vector<uint32_t>();

/// An offer of "/src/in" (doc, sub/other) and "/src/note" to somebody who is asked, with two more folders to choose.
struct Chooser {
    explicit Chooser(uint64_t seed = 1, size_t noteSize = 500) : world(seed) {
        world.setPolicy({true, Accept::Ask, Conflict::Rename, "/dst", false, {}});
        world.senderHost.disk.addFile("/src/in/doc", pattern(1, 500));
        world.senderHost.disk.addFile("/src/in/sub/other", pattern(2, 500));
        world.senderHost.disk.addFile("/src/note", pattern(3, noteSize));
        for (const char* folder : {"/dst", "/else", "/third"}) world.receiverHost.disk.addFolder(folder);
    }
    void offer() {
        world.send({"/src/in", "/src/note"});
        QVERIFY(world.run());
    }
    const TransferId transfer() { return world.receiver->eventsOf<OfferMade>().back().transfer; }
    OfferMade made() { return world.receiver->eventsOf<OfferMade>().back(); }
    uint32_t entry(const std::string& path) {
        const OfferMade offer = made();
        for (uint32_t i = 0; i < offer.entries.size(); ++i)
            if (offer.entries[i].path == path) return i;
        return kNoEntry;
    }
    /// The error of the question, at once or later.
    std::optional<Error> ask(OfferPlace place, Selection selection) {
        const size_t before = world.receiver->placed.size();
        const auto begun = world.receiver->transfers.lookAt(transfer(), ++questions, std::move(place),
                                                            std::move(selection), world.receiver->carrier, world.now);
        world.settled();
        if (!begun) return begun.error();
        for (size_t i = 0; i < 10'000 && world.receiver->placed.size() == before; ++i) world.step();
        if (world.receiver->placed.size() != before + 1) return makeError(Errc::Timeout, "told not once");
        return world.receiver->placed.back().error;
    }
    std::string accept(OfferPlace place, Selection selection = kAll) {
        const auto error = ask(std::move(place), std::move(selection));
        if (error) return error->text();
        return world.run() ? "" : "endless";
    }
    MemoryStorage& disk() { return world.receiverHost.disk; }
    size_t questionsAsked() {
        const auto offers = world.receiver->eventsOf<OfferMade>();
        return static_cast<size_t>(std::ranges::count_if(offers, [](const auto& one) { return one.needsAnswer; }));
    }

    TransferWorld world;
    uint64_t questions = 100;
};

#define COMPARE_TEXT(actual, expected) QCOMPARE(QString::fromStdString(actual), QString(expected))

} // namespace

/// Whoever is asked may say for one offer alone where it lands, under which names, and what gives way.
class ChosenPlaceTest : public QObject {
    Q_OBJECT

  private slots:
    void an_offer_lands_where_the_answer_says_and_nowhere_else() {
        Chooser it;
        it.offer();
        QVERIFY(it.made().place == (OfferPlace{"/dst", Conflict::Rename, {}}));
        it.disk().addFile("/else/mine", pattern(9, 10));
        COMPARE_TEXT(it.accept({"/else/", Conflict::Rename, {{it.entry("in"), "trip"}, {it.entry("note"), "a.txt"}}}),
                     "");
        QVERIFY(it.disk().content("/else/trip/doc") == pattern(1, 500));
        QVERIFY(it.disk().content("/else/trip/sub/other") == pattern(2, 500));
        QVERIFY(it.disk().content("/else/a.txt") == pattern(3, 500));
        QCOMPARE(it.disk().tree("/dst").size(), size_t(0));
        const auto delivered = it.world.receiver->eventsOf<TransferDelivered>().at(0);
        COMPARE_TEXT(delivered.folder, "/else");
        QVERIFY(delivered.names == (std::vector<std::string>{"trip", "a.txt"}));
    }

    void anything_in_an_offer_can_be_renamed_and_two_can_change_names() {
        Chooser it;
        it.offer();
        const OfferPlace place{"/dst",
                               Conflict::Rename,
                               {{it.entry("in"), "note"},
                                {it.entry("note"), "in"},
                                {it.entry("in/sub"), "below"},
                                {it.entry("in/sub/other"), "deep.txt"}}};
        COMPARE_TEXT(it.accept(place), "");
        QVERIFY(it.disk().content("/dst/note/below/deep.txt") == pattern(2, 500));
        QVERIFY(it.disk().content("/dst/note/doc") == pattern(1, 500));
        QVERIFY(it.disk().content("/dst/in") == pattern(3, 500));
    }

    void the_conflict_policy_of_the_answer_counts_for_names_there() {
        for (const Conflict conflict : {Conflict::Rename, Conflict::Replace, Conflict::Skip}) {
            Chooser it;
            it.offer();
            it.disk().addFile("/else/a", pattern(9, 10));
            COMPARE_TEXT(it.accept({"/else", conflict, {{it.entry("note"), "a"}}}), "");
            QVERIFY(it.disk().content("/else/a") ==
                    pattern(conflict == Conflict::Replace ? 3 : 9, conflict == Conflict::Replace ? 500 : 10));
            QCOMPARE(it.disk().exists("/else/a (1)"), conflict == Conflict::Rename);
            QVERIFY(it.disk().exists("/else/in/doc"));
        }
    }

    void a_look_tells_what_would_become_of_names_and_creates_nothing() {
        Chooser it;
        it.offer();
        it.disk().addFile("/else/in/doc", pattern(9, 10));
        it.disk().setCapacity(10'000);
        QVERIFY(it.made().freeBytes > 10'000); // as it was
        const auto before = it.disk().tree("/");
        QVERIFY(!it.ask({"/else", Conflict::Replace, {}}, std::nullopt));
        const OfferPlaced told = it.world.receiver->placed.back();
        QCOMPARE(told.look, it.questions);
        QVERIFY(told.transfer == it.transfer());
        QVERIFY(told.taken == (std::vector<TakenName>{{"in/doc", NameFate::Replaced, {}}}));
        QVERIFY(told.freeBytes > 0 && told.freeBytes <= 10'000);
        COMPARE_TEXT(told.place.folder, "/else");
        QVERIFY(it.disk().tree("/") == before);
        QVERIFY(
            it.world.receiver->transfers.answer(it.transfer(), true, {}, {}, it.world.receiver->carrier, it.world.now));
        it.world.settled();
        QVERIFY(it.world.run());
        QVERIFY(it.disk().content("/dst/note") == pattern(3, 500)); // to look is not to choose
        QVERIFY(it.disk().content("/else/in/doc") == pattern(9, 10));
    }

    void a_place_that_does_not_fit_is_said_and_the_offer_waits_on() {
        Chooser it;
        it.offer();
        const auto refusal = [&](OfferPlace place, Selection selection = kAll) {
            const auto error = it.ask(std::move(place), std::move(selection));
            return error ? error->text() : std::string("accepted");
        };
        COMPARE_TEXT(refusal({"/missing", Conflict::Rename, {}}), "not-found: there is no folder '/missing'");
        for (const std::string& folder :
             {std::string(), std::string("else"), std::string("./else"), std::string("/el\0se", 6)})
            QVERIFY(refusal({folder, Conflict::Rename, {}}).starts_with("invalid-argument"));
        QVERIFY(refusal({"/" + std::string(kMaxFolderPath, 'x'), Conflict::Rename, {}}).starts_with("too-large"));
        QVERIFY(refusal({"/" + std::string(kMaxFolderPath - 1, 'x'), Conflict::Rename, {}}).starts_with("not-found"));
        it.disk().setReadOnly(true);
        COMPARE_TEXT(refusal({"/else", Conflict::Rename, {}}), "permission-denied: nothing can be written to '/else'");
        it.disk().setReadOnly(false);
        it.disk().addFile("/else/note", pattern(9, 10));
        COMPARE_TEXT(refusal({"/else", Conflict::Fail, {}}), "exists: note");
        it.disk().setCapacity(1499 + 10);
        COMPARE_TEXT(refusal({"/else", Conflict::Rename, {}}),
                     "disk-full: 1500 bytes are needed in /else, 1499 are free");
        QCOMPARE(it.disk().tree("/dst").size(), size_t(0));
        QVERIFY(it.world.sender->eventsOf<TransferFailed>().empty());
        // What is not taken needs no space.
        COMPARE_TEXT(it.accept({"/else", Conflict::Rename, {}}, std::vector<uint32_t>{it.entry("in/doc")}), "");
        QVERIFY(it.disk().content("/else/in/doc") == pattern(1, 500));
        QVERIFY(!it.disk().exists("/else/note (1)"));
    }

    void names_that_no_file_may_have_are_refused_with_the_reason() {
        Chooser it;
        it.offer();
        const std::pair<std::string, std::string> kRefused[] = {
            {"", "unsafe-path"},
            {".", "unsafe-path"},
            {"..", "unsafe-path"},
            {"../up", "unsafe-path"},
            {"a/b", "unsafe-path"},
            {"a\\b", "unsafe-path"},
            {"/etc", "unsafe-path"},
            {"C:x", "unsafe-path"},
            {"file.txt:stream", "unsafe-path"},
            {"%2e%2e%2fup", "unsafe-path"},
            {std::string("a\0b", 3), "unsafe-path"},
            {"con", "unportable-name"},
            {"aux.c", "unportable-name"},
            {"what?", "unportable-name"},
            {"dot.", "unportable-name"},
            {"space ", "unportable-name"},
            {" space", "unportable-name"},
            {"line\nbreak", "unportable-name"},
            {"\x1b[31mred", "unportable-name"},
            {"exe.\u202egpj", "unportable-name"},
            {"zero\u200bwidth", "unportable-name"},
            {"tag\U000e0041", "unportable-name"},
            {"no\xff text", "unportable-name"},
            {std::string(kMaxNameLength + 1, 'x'), "too-large"},
        };
        for (const auto& [name, code] : kRefused)
            for (const char* path : {"note", "in/sub/other"}) {
                const auto error = it.ask({"/else", Conflict::Rename, {{it.entry(path), name}}}, kAll);
                QVERIFY2(error && error->text().starts_with(code), name.c_str());
            }
        QCOMPARE(it.disk().tree("/else").size(), size_t(0));
        for (const std::string& name : {std::string(kMaxNameLength, 'x'), std::string("\u00e9t\u00e9 \u65c5"),
                                        std::string("e\u0301"), std::string(".hidden")})
            QVERIFY2(!it.ask({"/else", Conflict::Rename, {{it.entry("note"), name}}}, std::nullopt), name.c_str());
    }

    void two_things_never_get_one_name_and_no_entry_is_invented() {
        for (const bool folds : {false, true}) {
            Chooser it;
            it.disk().setFoldsNames(folds);
            it.offer();
            const auto outcome = [&](std::vector<OfferName> names) {
                const auto error = it.ask({"/else", Conflict::Replace, std::move(names)}, std::nullopt);
                return error ? error->code : Errc::Internal;
            };
            QCOMPARE(outcome({{it.entry("note"), "in"}}), Errc::Exists);
            QCOMPARE(outcome({{it.entry("in/doc"), "sub"}}), Errc::Exists);
            QCOMPARE(outcome({{it.entry("note"), "x"}, {it.entry("in"), "x"}}), Errc::Exists);
            QCOMPARE(outcome({{it.entry("note"), "IN"}}), folds ? Errc::Exists : Errc::Internal);
            QCOMPARE(outcome({{it.entry("in/doc"), "in"}}), Errc::Internal); // in another folder
            QCOMPARE(outcome({{static_cast<uint32_t>(it.made().entries.size()), "x"}}), Errc::InvalidArgument);
            QCOMPARE(outcome({{kNoEntry, "x"}}), Errc::InvalidArgument);
            std::vector<OfferName> many(kMaxChosenByPerson, {it.entry("note"), "x"});
            QCOMPARE(outcome(many), Errc::Internal);
            many.push_back({it.entry("note"), "x"});
            QCOMPARE(outcome(many), Errc::LimitReached);
        }
    }

    void a_question_is_answered_once_whatever_comes_between() {
        Chooser it;
        it.offer();
        Transfers& transfers = it.world.receiver->transfers;
        auto& carrier = it.world.receiver->carrier;
        const TransferId id = it.transfer();
        const OfferPlace place{"/else", Conflict::Rename, {}};
        QVERIFY(transfers.lookAt(id, 1, place, std::nullopt, carrier, it.world.now));
        QVERIFY(transfers.lookAt(id, 2, place, kAll, carrier, it.world.now));
        it.world.settled();
        QCOMPARE(it.world.receiver->placed.size(), size_t(1));
        QCOMPARE(it.world.receiver->placed[0].look, uint64_t(1));
        QCOMPARE(it.world.receiver->placed[0].error->code, Errc::Cancelled);
        // It is being accepted: neither another question nor another answer comes in between.
        QCOMPARE(transfers.lookAt(id, 3, place, std::nullopt, carrier, it.world.now).error().code, Errc::Busy);
        QCOMPARE(transfers.answer(id, false, {}, {}, carrier, it.world.now).error().code, Errc::Busy);
        it.world.breakLink();
        QVERIFY(it.world.run());
        QCOMPARE(it.world.receiver->placed.size(), size_t(2));
        QCOMPARE(it.world.receiver->placed[1].look, uint64_t(2));
        QCOMPARE(it.world.receiver->placed[1].error->code, Errc::NotFound);
        QCOMPARE(transfers.lookAt(id, 4, place, std::nullopt, carrier, it.world.now).error().code, Errc::NotFound);
        QCOMPARE(it.disk().tree("/else").size(), size_t(0));
        COMPARE_TEXT(it.accept(place), ""); // the sender has come back, and asks anew
        QVERIFY(it.disk().content("/else/note") == pattern(3, 500));
    }

    void after_the_death_of_either_side_it_goes_on_in_the_chosen_place() {
        size_t askedAgain = 0;
        for (uint64_t seed = 1; seed <= 40; ++seed) {
            Chooser it(seed, 6 * kChunkSize);
            it.offer();
            const OfferPlace place{
                "/else", Conflict::Replace, {{it.entry("in"), "trip"}, {it.entry("in/doc"), "read me"}}};
            QVERIFY(!it.ask(place, kAll));
            SeededRandom random(seed * 31);
            for (int kills = 0; kills < 4; ++kills) {
                for (size_t steps = random.below(60); steps > 0; --steps) it.world.step();
                if (seed % 2 == 0)
                    it.world.killReceiver();
                else
                    it.world.killSender();
                if (seed % 2 == 1 && it.world.receiver->eventsOf<TransferDelivered>().empty())
                    it.world.send({"/src/in", "/src/note"});
            }
            QVERIFY(it.world.run());
            if (!it.disk().exists("/else/note")) { // it died before the yes was on record, and after the choice was
                QVERIFY(it.made().needsAnswer && it.made().place == place);
                QVERIFY(it.world.receiver->transfers.answer(it.transfer(), true, {}, {}, it.world.receiver->carrier,
                                                            it.world.now));
                it.world.settled();
                QVERIFY(it.world.run());
                ++askedAgain;
            }
            QVERIFY2(it.disk().content("/else/note") == pattern(3, 6 * kChunkSize), std::to_string(seed).c_str());
            QVERIFY(it.disk().content("/else/trip/read me") == pattern(1, 500));
            QVERIFY(it.disk().content("/else/trip/sub/other") == pattern(2, 500));
            QCOMPARE(it.disk().tree("/else").size(), size_t(5));
            QCOMPARE(it.disk().tree("/dst").size(), size_t(0));
        }
        QVERIFY(askedAgain < 15);
    }

    void the_same_offer_again_comes_back_to_the_same_place() {
        Chooser it;
        it.offer();
        const OfferPlace place{"/else", Conflict::Skip, {{it.entry("in"), "trip"}}};
        COMPARE_TEXT(it.accept(place), "");
        it.offer(); // at once: only for its receipt
        QCOMPARE(it.questionsAsked(), size_t(1));
        QCOMPARE(it.world.sender->eventsOf<TransferDelivered>().size(), size_t(2));
        it.world.passTime(std::chrono::seconds(kReceiptRetrySeconds + 1));
        it.offer();
        QCOMPARE(it.questionsAsked(), size_t(2));
        QVERIFY(it.made().place == place);
        QVERIFY(
            it.world.receiver->transfers.answer(it.transfer(), true, {}, {}, it.world.receiver->carrier, it.world.now));
        it.world.settled();
        QVERIFY(it.world.run());
        QCOMPARE(it.disk().tree("/else").size(), size_t(5));
        QCOMPARE(it.disk().tree("/dst").size(), size_t(0));
    }

    void another_choice_for_the_same_offer_takes_the_place_of_the_one_before() {
        Chooser it;
        it.offer();
        COMPARE_TEXT(it.accept({"/else", Conflict::Rename, {{it.entry("in"), "trip"}}}), "");
        const auto again = [&](OfferPlace place) {
            it.world.passTime(std::chrono::seconds(kReceiptRetrySeconds + 1));
            it.offer();
            COMPARE_TEXT(it.accept(std::move(place)), "");
        };
        again({"/else", Conflict::Rename, {{it.entry("in"), "journey"}}});
        QVERIFY(it.disk().content("/else/journey/doc") == pattern(1, 500));
        QVERIFY(it.disk().content("/else/trip/doc") == pattern(1, 500)); // what was delivered stays
        QVERIFY(!it.disk().exists("/else/note (1)"));
        again({"/third", Conflict::Rename, {}});
        QVERIFY(it.disk().content("/third/in/doc") == pattern(1, 500));
        again({"/dst", Conflict::Rename, {}});
        QVERIFY(it.disk().content("/dst/in/doc") == pattern(1, 500));
        QCOMPARE(it.world.receiverHost.rowsIn(Space::Choices), size_t(0));
        it.world.passTime(std::chrono::seconds(kReceiptRetrySeconds + 1));
        it.offer();
        QVERIFY(it.made().place == (OfferPlace{"/dst", Conflict::Rename, {}}));
    }

    /// One yes to one folder is none to what the same sender offers under the same key later.
    void what_nobody_is_asked_about_never_lands_in_a_folder_chosen_for_something_else() {
        Chooser it;
        it.offer();
        COMPARE_TEXT(it.accept({"/else", Conflict::Replace, {}}), "");
        it.world.setPolicy({true, Accept::All, Conflict::Rename, "/dst", false, {}});
        it.world.senderHost.disk.addFile("/src/in/.bashrc", pattern(6, 10));
        it.offer();
        QVERIFY(!it.disk().exists("/else/in/.bashrc"));
        QVERIFY(it.disk().content("/dst/in/.bashrc") == pattern(6, 10));
    }

    void what_changed_is_asked_about_with_the_place_of_before_as_a_proposal() {
        Chooser it;
        it.offer();
        COMPARE_TEXT(it.accept({"/else", Conflict::Replace, {{it.entry("in"), "trip"}}}), "");
        it.world.senderHost.disk.addFile("/src/in/more", pattern(6, 10));
        it.offer();
        QCOMPARE(it.questionsAsked(), size_t(2));
        QVERIFY(it.made().place == (OfferPlace{"/else", Conflict::Replace, {{it.entry("in"), "trip"}}}));
        QVERIFY(!it.disk().exists("/else/trip/more"));
    }

    void a_chosen_folder_that_is_gone_makes_it_a_question_about_the_usual_one() {
        Chooser it(3, 6 * kChunkSize);
        it.offer();
        QVERIFY(!it.ask({"/else", Conflict::Rename, {}}, kAll));
        for (int i = 0; i < 5; ++i) it.world.step();
        it.world.receiver->carrier.breakLink({}, makeError(Errc::ConnectionLost));
        it.world.killReceiver();
        it.disk().remove("/else");
        QVERIFY(it.world.run());
        QCOMPARE(it.questionsAsked(), size_t(1)); // of the process that was begun anew
        QVERIFY(it.made().place == (OfferPlace{"/dst", Conflict::Rename, {}}));
        QVERIFY(!it.disk().exists("/else"));
    }

    void what_is_paused_there_stays_so_and_keeps_its_parts() {
        Chooser it(5, 40 * kChunkSize);
        it.offer();
        QVERIFY(!it.ask({"/else", Conflict::Rename, {{it.entry("note"), "big"}}}, kAll));
        while (it.disk().parts("/else").empty()) QVERIFY(it.world.step());
        QVERIFY(it.world.receiver->transfers.pause(it.transfer(), it.world.receiver->carrier, it.world.now));
        it.world.settled();
        it.world.killReceiver();
        it.world.passTime(std::chrono::seconds(kRecordLifetimeSeconds + 10));
        QVERIFY(it.world.run());
        QVERIFY(!it.disk().parts("/else").empty());
        const auto held = it.world.receiver->eventsOf<TransferHeld>();
        QVERIFY(!held.empty());
        it.world.send({"/src/in", "/src/note"});
        QVERIFY(it.world.run());
        QVERIFY(!it.disk().parts("/else").empty());
        QVERIFY(it.world.receiver->transfers.resume(held.front().transfer, it.world.receiver->carrier, it.world.now));
        it.world.settled();
        QVERIFY(it.world.run());
        QVERIFY(it.disk().parts("/else").empty());
        QCOMPARE(it.disk().tree("/dst").size(), size_t(0));
        QVERIFY(it.disk().content("/else/big") == pattern(3, 40 * kChunkSize));
    }

    void a_choice_survives_the_store_and_a_damaged_one_is_none() {
        OfferChoice choice;
        choice.manifest.fill(7);
        choice.touchedSeconds = 1'800'000'000;
        choice.folder = "/else";
        choice.conflict = Conflict::Skip;
        choice.names = {{0, "in", "trip"}, {4, "in/\xff", "x"}};
        const Bytes whole = encodeChoice(choice);
        QVERIFY(decodeChoice(whole).value() == choice);
        for (size_t length = 0; length < whole.size(); ++length) QVERIFY(!decodeChoice(ByteView(whole).first(length)));
        Bytes longer = whole;
        longer.push_back(0);
        QVERIFY(!decodeChoice(longer));
        QVERIFY(choice.isExpired(UnixTime::fromSeconds(1'800'000'000 + kRecordLifetimeSeconds)));
        QVERIFY(!choice.isExpired(UnixTime::fromSeconds(1'800'000'000 + kRecordLifetimeSeconds - 1)));
        for (const uint8_t byte : {uint8_t(0), uint8_t(0xff)}) {
            Chooser it(7, 6 * kChunkSize);
            it.offer();
            QVERIFY(!it.ask({"/else", Conflict::Rename, {}}, kAll));
            for (int i = 0; i < 3; ++i) it.world.step();
            for (auto& [key, row] : it.world.receiverHost.store)
                if (key.first == Space::Choices) row.value.assign(row.value.size(), byte);
            it.world.killReceiver();
            QVERIFY(it.world.run());
            QVERIFY(it.made().place == (OfferPlace{"/dst", Conflict::Rename, {}}));
        }
    }
};

QTEST_APPLESS_MAIN(ChosenPlaceTest)
#include "chosen_place_test.moc"
