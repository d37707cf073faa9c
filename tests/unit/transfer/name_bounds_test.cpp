#include "liar.h"
#include "transfer/entry_name.h"
#include "transfer/free_names.h"
#include "transfer/name_folding.h"
#include "transfer/resume_state.h"
#include "transfer/volume_names.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::test;

namespace {

/// Percent-decoding, as anybody would do it to undo a rename.
std::string decoded(const std::string& text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool isEscape = text[i] == '%' && i + 2 < text.size() && std::isxdigit(uint8_t(text[i + 1])) &&
                              std::isxdigit(uint8_t(text[i + 2]));
        if (!isEscape) {
            out.push_back(text[i]);
            continue;
        }
        out.push_back(static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)));
        i += 2;
    }
    return out;
}

/// What is found when the first `taken` numbers of "x" are.
std::string freeNameAbove(uint32_t taken) {
    std::set<std::string> there{"x"};
    for (uint32_t i = 1; i <= taken; ++i) there.insert(numberedName("x", i, true));
    FreeNames names;
    names.seek(7, "in/x", true, FreeNames::From::FirstNumber);
    while (!names.idle()) {
        std::vector<std::optional<ExistingEntry>> existing;
        for (const std::string& path : names.ask(kPathsPerJob))
            existing.push_back(there.contains(path.substr(3)) ? std::optional(ExistingEntry{}) : std::nullopt);
        for (const auto& found : names.answer(existing, [](uint32_t, const auto&, const auto&) { return true; }))
            return found.name;
    }
    return "nothing";
}

Manifest folderOf(const std::vector<std::string>& names) {
    ManifestBuilder builder;
    ManifestEntry root;
    root.name = "in";
    root.isFolder = true;
    [&] { QVERIFY(builder.add(root)); }();
    for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
        ManifestEntry file;
        file.parent = 0;
        file.name = name;
        [&] { QVERIFY2(builder.add(file), name.c_str()); }();
    }
    return builder.finish();
}

/// Runs of all Accept messages of a stream, by messages.
std::vector<size_t> sizesOf(LiarWorld& world, link::StreamKey control, auto&& count) {
    std::vector<size_t> sizes;
    for (const ControlMessage& message : world.liar.heard(control))
        if (const auto* accept = std::get_if<wire::Accept>(&message)) {
            [&] { QVERIFY(accept->ByteSizeLong() <= kMaxControlMessage); }();
            sizes.push_back(static_cast<size_t>(count(*accept)));
        }
    return sizes;
}

} // namespace

class NameBoundsTest : public QObject {
    Q_OBJECT

  private slots:
    void the_last_number_is_tried_and_none_above_it() {
        QCOMPARE(freeNameAbove(0), std::string("x (1)"));
        QCOMPARE(freeNameAbove(1), std::string("x (2)"));
        QCOMPARE(freeNameAbove(kMaxRenameTries - 1), "x (" + std::to_string(kMaxRenameTries) + ")");
        QCOMPARE(freeNameAbove(kMaxRenameTries), std::string());
    }

    void a_root_without_a_free_name_is_refused_and_the_last_free_one_is_used() {
        for (const uint32_t taken : {kMaxRenameTries - 1, kMaxRenameTries}) {
            TransferWorld world(1);
            world.senderHost.disk.addFile("/src/f", pattern(1, 10));
            world.receiverHost.disk.addFile("/dst/f", {});
            for (uint32_t i = 1; i <= taken; ++i)
                world.receiverHost.disk.addFile("/dst/" + numberedName("f", i, false), {});
            world.send({"/src/f"});
            QVERIFY(world.run());
            const bool fits = taken < kMaxRenameTries;
            QCOMPARE(world.sender->eventsOf<TransferDelivered>().size(), size_t(fits));
            if (!fits) QCOMPARE(world.receiver->eventsOf<TransferFailed>().at(0).error.code, Errc::LimitReached);
        }
    }

    void a_number_never_makes_a_name_too_long() {
        FreeNames names;
        const std::string longest(kMaxNameLength - 4, 'n'); // "n... (1)" fits, "n... (10)" does not
        names.seek(1, longest, true, FreeNames::From::FirstNumber);
        QCOMPARE(names.ask(kPathsPerJob).size(), size_t(1));
        const auto found = names.answer(std::vector<std::optional<ExistingEntry>>(1),
                                        [](uint32_t, const auto&, const auto&) { return true; });
        QCOMPARE(found.at(0).name, longest + " (1)");
        names.seek(1, longest + "n", true, FreeNames::From::FirstNumber);
        while (!names.idle()) {
            const std::vector<std::optional<ExistingEntry>> nothing(names.ask(kPathsPerJob).size());
            for (const auto& none : names.answer(nothing, [](uint32_t, const auto&, const auto&) { return true; }))
                QVERIFY(none.name.empty());
        }
    }

    void escaped_names_are_valid_unique_and_give_the_original_back() {
        const std::vector<std::string> hard = {
            "aux",   "AUX.c", "a?",   "a*b",  "12:30 x",   "dot.",     "space ",    "x\x01",    "caf\xe9",    "%41?",
            "100%?", "nul",   "NUL",  "Nul",  "readme",    "README",   "ReadMe",    "%72eadme", "a\"<>|",     "plain",
            "...",   ". .",   "COM1", "com1", "e\xcc\x81", "\xc3\xa9", "E\xcc\x81", "\xc3\x89", "lpt\xc2\xb9"};
        const Manifest manifest = folderOf(hard);
        const NameTraits traits{true, true, kMaxNameLength};
        const VolumeNames volume = volumeNames(manifest, traits);
        std::set<std::string> keys;
        for (uint32_t i = 1; i < manifest.count(); ++i) {
            const std::string original(manifest.entry(i).name);
            const std::string name = volume.names.of(manifest, i);
            QVERIFY2(isWindowsName(name) && validateName(name), name.c_str());
            QVERIFY2(keys.insert(collisionKey(name)).second, name.c_str());
            const bool renamed = volume.names.find(i) != nullptr;
            QCOMPARE(std::binary_search(volume.renamed.begin(), volume.renamed.end(), i), renamed);
            if (renamed) QCOMPARE(decoded(name), original);
        }
        QCOMPARE(volume.names.find(manifest.count()), nullptr);
        QVERIFY(volumeNames(manifest, NameTraits{}).renamed.empty()); // kept byte for byte where that can be
    }

    void a_name_of_the_longest_length_is_kept_and_a_longer_one_has_no_place() {
        const Manifest manifest = folderOf({std::string(143, 'a'), std::string(144, 'a')});
        const VolumeNames volume = volumeNames(manifest, NameTraits{false, false, 143});
        QVERIFY(volume.renamed == std::vector<uint32_t>{2});
        QVERIFY(volume.names.find(2) && volume.names.find(2)->empty());
    }

    void an_accept_of_many_runs_comes_in_bounded_messages() {
        for (const size_t runs : {kMaxRunsPerAccept - 1, kMaxRunsPerAccept, kMaxRunsPerAccept + 1}) {
            LiarWorld world;
            world.policy.accept = Accept::Ask;
            world.victim.transfers.setReceivePolicy(world.policy, world.now);
            std::vector<wire::ManifestEntry> entries{LiarWorld::folder("in")};
            for (size_t i = 0; i < 2 * runs; ++i)
                entries.push_back(LiarWorld::file(std::to_string(1'000'000 + i), 1, 1));
            const auto control = offerPages(world, entries);
            std::vector<uint32_t> selection;
            for (uint32_t i = 0; i < runs; ++i) selection.push_back(2 * i + 1); // the first joins the folder's run
            const auto offers = world.victim.eventsOf<OfferMade>();
            QVERIFY(offers.size() == 1);
            QVERIFY(world.victim.transfers.answer(offers[0].transfer, true, {}, selection, world.victim.carrier,
                                                  world.now));
            world.victim.settle(world.now);
            world.run();
            const auto sizes = sizesOf(world, control, [](const wire::Accept& one) { return one.wanted_size(); });
            size_t total = 0;
            for (const size_t size : sizes) {
                QVERIFY(size <= kMaxRunsPerAccept);
                total += size;
            }
            QCOMPARE(total, runs);
            QCOMPARE(sizes.size(), size_t(runs < kMaxRunsPerAccept ? 1 : 2));
        }
    }

    void an_accept_of_many_claims_comes_in_bounded_messages() {
        for (const size_t groups : {kMaxClaimsPerAccept - 1, kMaxClaimsPerAccept, kMaxClaimsPerAccept + 1}) {
            LiarWorld world;
            const uint64_t size = groups * kGroupSize;
            const wire::ManifestEntry file = LiarWorld::file("huge", size);
            const std::string offerKey(32, 'k');
            TransferRecord record;
            record.localKey.fill(3);
            record.roots.push_back({"huge", "huge", false});
            record.touchedSeconds = world.now.wall.seconds();
            const EntryKey entry = entryKeyOf("huge", size, file.modified_ns(), false, false);
            world.host
                .store[{Space::Transfers, recordKey(TransferPeer::idOf(9), asBytes(offerKey), world.policy.folder)}] = {
                encodeRecord(record), {}};
            const Bytes bits = encodeBits(firstBits(1), kChunksPerGroup);
            for (uint32_t group = 0; group < groups; ++group)
                world.host.store[{Space::Chunks, chunksKey(record.localKey, entry, group)}] = {bits, {}};
            world.host.disk.addFile("/dst/" + partName(record.localKey, entry), {});
            const auto control = world.offer({file}, size);
            const auto sizes = sizesOf(world, control, [](const wire::Accept& one) { return one.have_size(); });
            size_t total = 0;
            for (const size_t count : sizes) {
                QVERIFY(count <= kMaxClaimsPerAccept);
                total += count;
            }
            QCOMPARE(total, groups);
            QCOMPARE(sizes.size(), size_t(groups < kMaxClaimsPerAccept ? 1 : 2));
        }
    }

  private:
    static link::StreamKey offerPages(LiarWorld& world, const std::vector<wire::ManifestEntry>& entries) {
        const link::StreamKey key = world.liar.open(wire::StreamHello::CONTROL, world.attempt);
        wire::Offer offer;
        offer.set_offer_key(std::string(32, 'k'));
        offer.set_entry_count(static_cast<uint32_t>(entries.size()));
        offer.set_total_bytes(entries.size() - 1);
        world.liar.say(key, offer);
        for (size_t first = 0; first < entries.size(); first += kMaxPageEntries) {
            wire::ManifestPage page;
            for (size_t i = first; i < std::min(entries.size(), first + kMaxPageEntries); ++i)
                *page.add_entries() = entries[i];
            page.set_first_index(static_cast<uint32_t>(first));
            world.liar.say(key, page);
            world.run();
        }
        world.liar.say(key, wire::ManifestEnd());
        world.run();
        return key;
    }
};

QTEST_APPLESS_MAIN(NameBoundsTest)
#include "name_bounds_test.moc"
