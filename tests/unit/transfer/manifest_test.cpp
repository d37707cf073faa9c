#include "transfer/entry_name.h"
#include "transfer/manifest.h"
#include "transfer/source_manifest.h"
#include "wire/transfer.pb.h"

#include <QTest>

using namespace wherry;
using namespace wherry::transfer;

namespace {

ManifestEntry folder(uint32_t parent, std::string_view name) {
    ManifestEntry entry;
    entry.parent = parent;
    entry.name = name;
    entry.isFolder = true;
    return entry;
}

ManifestEntry file(uint32_t parent, std::string_view name, uint64_t size = 1) {
    ManifestEntry entry;
    entry.parent = parent;
    entry.name = name;
    entry.size = size;
    entry.modifiedNs = 1'700'000'000'000'000'000;
    return entry;
}

wire::ManifestEntry wireFile(uint32_t parentPlusOne, const std::string& name, uint64_t size = 0) {
    wire::ManifestEntry entry;
    entry.set_parent(parentPlusOne);
    entry.set_name(name);
    entry.set_size(size);
    return entry;
}

wire::ManifestEntry wireFolder(uint32_t parentPlusOne, const std::string& name) {
    wire::ManifestEntry entry = wireFile(parentPlusOne, name);
    entry.set_folder(true);
    return entry;
}

/// Offers exactly these entries, honestly announced; what the receiver says.
Result<Manifest> receive(const std::vector<wire::ManifestEntry>& entries) {
    wire::ManifestPage page;
    uint64_t total = 0;
    for (const auto& entry : entries) {
        *page.add_entries() = entry;
        total += entry.size();
    }
    TRY(ManifestReader reader, ManifestReader::begin(entries.size(), std::min(total, kMaxOfferBytes)));
    TRY_OK(reader.addPage(page));
    return reader.finish();
}

Errc refusal(const std::vector<wire::ManifestEntry>& entries) {
    const auto result = receive(entries);
    return result ? Errc::Internal : result.error().code;
}

ScannedEntry scanned(const std::string& path, bool isFolder, uint64_t size = 0) {
    ScannedEntry entry;
    entry.path = path;
    entry.isFolder = isFolder;
    entry.stamp = {size, 1'000, 2'000, 3, 4};
    return entry;
}

bool sameEntries(const Manifest& a, const Manifest& b) {
    if (a.count() != b.count() || a.totalBytes() != b.totalBytes() || a.roots() != b.roots() || a.twins() != b.twins())
        return false;
    for (uint32_t i = 0; i < a.count(); ++i) {
        const ManifestEntry x = a.entry(i);
        const ManifestEntry y = b.entry(i);
        if (x.parent != y.parent || x.name != y.name || x.isFolder != y.isFolder || x.executable != y.executable ||
            x.size != y.size || x.modifiedNs != y.modifiedNs || a.entryKey(i) != b.entryKey(i))
            return false;
    }
    return true;
}

Result<Manifest> overTheWire(const Manifest& manifest) {
    TRY(ManifestReader reader, ManifestReader::begin(manifest.count(), manifest.totalBytes()));
    uint32_t next = 0;
    while (next < manifest.count()) {
        wire::ManifestPage page;
        next = manifest.fillPage(next, page);
        const std::string encoded = page.SerializeAsString();
        if (encoded.size() > kMaxControlMessage - 64) return makeError(Errc::TooLarge, "page");
        wire::ManifestPage decoded;
        if (!decoded.ParseFromString(encoded)) return makeError(Errc::Malformed, "page");
        TRY_OK(reader.addPage(decoded));
    }
    return reader.finish();
}

Result<SourceManifest> sourceOf(const std::vector<ScannedEntry>& entries, const ScanOutcome& scan) {
    SourceManifestBuilder builder;
    for (const ScannedEntry& entry : entries) TRY_OK(builder.take(entry));
    return builder.finish(scan);
}

} // namespace

class ManifestTest : public QObject {
    Q_OBJECT

  private slots:
    void pathsRootsAndTotalsComeOut() {
        ManifestBuilder builder;
        QVERIFY(builder.add(folder(kNoEntry, "trip")));
        QVERIFY(builder.add(folder(0, "a")));
        QVERIFY(builder.add(file(1, "one.txt", 10)));
        QVERIFY(builder.add(file(0, "b.txt", 20)));
        QVERIFY(builder.add(file(kNoEntry, "alone", 30)));
        const Manifest manifest = builder.finish();
        QCOMPARE(manifest.path(2), std::string("trip/a/one.txt"));
        QCOMPARE(manifest.path(2, "trip (1)"), std::string("trip (1)/a/one.txt"));
        QCOMPARE(manifest.path(4), std::string("alone"));
        QCOMPARE(manifest.path(4, "alone (1)"), std::string("alone (1)"));
        QCOMPARE(manifest.rootOf(2), 0u);
        QCOMPARE(manifest.rootOf(4), 4u);
        QVERIFY(manifest.roots() == (std::vector<uint32_t>{0, 4}));
        QCOMPARE(manifest.totalBytes(), uint64_t(60));
        QCOMPARE(manifest.fileCount(), 3u);
        QCOMPARE(manifest.folderCount(), 2u);
    }

    void entryKeysTellPathSizeTimeAndKindApart() {
        const auto keyOf = [](const ManifestEntry& entry) {
            ManifestBuilder builder;
            (void)builder.add(entry);
            return builder.finish().entryKey(0);
        };
        const ManifestEntry base = file(kNoEntry, "x", 5);
        ManifestEntry other = base;
        QVERIFY(keyOf(base) == keyOf(other));
        other.name = "y";
        QVERIFY(keyOf(base) != keyOf(other));
        other = base;
        other.size = 6;
        QVERIFY(keyOf(base) != keyOf(other));
        other = base;
        other.modifiedNs += 1;
        QVERIFY(keyOf(base) != keyOf(other));
        other = base;
        other.executable = true;
        QVERIFY(keyOf(base) != keyOf(other));
        other = folder(kNoEntry, "x");
        ManifestEntry empty = file(kNoEntry, "x", 0);
        empty.modifiedNs = 0;
        QVERIFY(keyOf(empty) != keyOf(other));
    }

    void aManifestSurvivesTheWire() {
        ManifestBuilder builder;
        QVERIFY(builder.add(folder(kNoEntry, "r")));
        for (int f = 0; f < 30; ++f) {
            const uint32_t at = builder.count();
            QVERIFY(builder.add(folder(0, "f" + std::to_string(100 + f))));
            for (int i = 0; i < 100; ++i) {
                const std::string name = std::to_string(1000 + i) + std::string(200, 'n');
                ManifestEntry entry = file(at, name, uint64_t(i));
                entry.executable = i % 3 == 0;
                entry.modifiedNs = -i;
                QVERIFY(builder.add(entry));
            }
        }
        const Manifest manifest = builder.finish();
        const auto received = overTheWire(manifest);
        QVERIFY2(received, received ? "" : received.error().context.c_str());
        QVERIFY(sameEntries(manifest, *received));
    }

    void pagesStayBelowTheControlMessageWithTheLongestNamesToo() {
        ManifestBuilder builder;
        for (int i = 0; i < 3000; ++i) {
            const std::string name = std::to_string(10'000 + i) + std::string(250, '\xff');
            ManifestEntry entry = file(kNoEntry, name, kMaxFileSize / 4);
            entry.executable = true;
            entry.modifiedNs = kMinModifiedNs;
            QVERIFY(builder.add(entry));
        }
        const auto received = overTheWire(builder.finish());
        QVERIFY2(received, received ? "" : received.error().context.c_str());
    }

    void attacksInNamesRefuseTheOffer() {
        QCOMPARE(refusal({wireFile(0, "..")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFile(0, "a/b")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFile(0, "/etc/passwd")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFile(0, "a\\b")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFile(0, std::string("a\0b", 3))}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFile(0, "")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFile(0, "C:x")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFolder(0, "ok"), wireFile(1, "..")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFile(0, std::string(256, 'a'))}), Errc::TooLarge);
    }

    void B6_anEmptyFolderWithTraversalIsRefused() {
        QCOMPARE(refusal({wireFolder(0, "..")}), Errc::UnsafePath);
        QCOMPARE(refusal({wireFolder(0, "../outside")}), Errc::UnsafePath);
    }

    void A11_duplicatesAndClashesAreRefused() {
        QCOMPARE(refusal({wireFile(0, "a"), wireFile(0, "a")}), Errc::ProtocolViolation);
        QCOMPARE(refusal({wireFile(0, "a"), wireFile(0, "b"), wireFile(0, "a")}), Errc::ProtocolViolation);
        QCOMPARE(refusal({wireFile(0, "a"), wireFolder(0, "a")}), Errc::ProtocolViolation);
        QCOMPARE(refusal({wireFolder(0, "r"), wireFile(1, "a"), wireFolder(1, "a")}), Errc::ProtocolViolation);
        QCOMPARE(refusal({wireFolder(0, "r"), wireFile(1, "a"), wireFile(1, "b"), wireFile(1, "a")}),
                 Errc::ProtocolViolation);
        QCOMPARE(refusal({wireFile(0, "parent"), wireFile(1, "child")}), Errc::ProtocolViolation); // file below file
        QVERIFY(receive({wireFolder(0, "r"), wireFolder(1, "a"), wireFile(1, "b"), wireFile(2, "b")}));
        QVERIFY(receive({wireFile(0, "b"), wireFile(0, "a")})); // roots keep the order of the request
    }

    void aParentMustBeAnEarlierFolder() {
        QCOMPARE(refusal({wireFile(1, "a")}), Errc::ProtocolViolation); // itself
        QCOMPARE(refusal({wireFile(2, "a"), wireFolder(0, "b")}), Errc::ProtocolViolation);
        QCOMPARE(refusal({wireFolder(0, "b"), wireFile(0xffffffff, "a")}), Errc::ProtocolViolation);
    }

    void A10_twinsAreReportedNotRefused() {
        const auto manifest = receive({wireFolder(0, "r"), wireFile(1, "README"), wireFile(1, "e\u0301"),
                                       wireFile(1, "other"), wireFile(1, "readme"), wireFile(1, "\u00e9")});
        QVERIFY(manifest);
        QVERIFY(manifest->twins() == (std::vector<uint32_t>{4, 5}));
        QVERIFY(manifest->hasUnportableNames()); // the one in normal form D
        const auto apart = receive({wireFolder(0, "a"), wireFolder(0, "b"), wireFile(1, "x"), wireFile(2, "X")});
        QVERIFY(apart);
        QVERIFY(apart->twins().empty());
        QVERIFY(!apart->hasUnportableNames());
    }

    void B5_aFolderWithASizeIsRefused() {
        wire::ManifestEntry entry = wireFolder(0, "a");
        entry.set_size(1);
        QCOMPARE(refusal({entry}), Errc::ProtocolViolation);
    }

    void executableFoldersAreJustFolders() {
        wire::ManifestEntry entry = wireFolder(0, "a");
        entry.set_executable(true);
        const auto manifest = receive({entry});
        QVERIFY(manifest);
        QVERIFY(!manifest->entry(0).executable);
    }

    void B8_sizesAndTheirTotalAreBounded() {
        QVERIFY(receive({wireFile(0, "a", kMaxFileSize)}));
        QCOMPARE(refusal({wireFile(0, "a", kMaxFileSize + 1)}), Errc::TooLarge);
        QCOMPARE(refusal({wireFile(0, "a", uint64_t(1) << 63)}), Errc::TooLarge);
        QCOMPARE(refusal({wireFile(0, "a", UINT64_MAX)}), Errc::TooLarge);
        std::vector<wire::ManifestEntry> many;
        for (uint64_t i = 0; i < kMaxOfferBytes / kMaxFileSize; ++i) {
            many.push_back(wireFile(0, std::to_string(i), kMaxFileSize));
            if (many.size() == kMaxPageEntries) break;
        }
        QVERIFY(many.size() * kMaxFileSize <= kMaxOfferBytes);
        QVERIFY(receive(many));
        ManifestBuilder builder;
        for (uint64_t i = 0; i < kMaxOfferBytes / kMaxFileSize; ++i)
            QVERIFY(builder.add(file(kNoEntry, std::to_string(i), kMaxFileSize)));
        QVERIFY(builder.add(file(kNoEntry, "empty", 0)));
        QCOMPARE(builder.add(file(kNoEntry, "one more byte", 1)).error().code, Errc::TooLarge);
    }

    void B8_whatWasAnnouncedMustCome() {
        wire::ManifestPage page;
        *page.add_entries() = wireFile(0, "a", 10);
        *page.add_entries() = wireFile(0, "b", 10);
        const auto attempt = [&page](uint64_t entries, uint64_t bytes) {
            auto reader = ManifestReader::begin(entries, bytes);
            if (!reader) return reader.error().code;
            if (auto added = reader->addPage(page); !added) return added.error().code;
            auto done = reader->finish();
            return done ? Errc::Internal : done.error().code;
        };
        QCOMPARE(attempt(2, 20), Errc::Internal); // no failure
        QCOMPARE(attempt(3, 20), Errc::ProtocolViolation);
        QCOMPARE(attempt(1, 20), Errc::ProtocolViolation);
        QCOMPARE(attempt(2, 19), Errc::ProtocolViolation);
        QCOMPARE(attempt(2, 21), Errc::ProtocolViolation);
        QCOMPARE(attempt(0, 0), Errc::ProtocolViolation);
        QCOMPARE(attempt(kMaxEntries + 1, 20), Errc::TooLarge);
        QCOMPARE(attempt(UINT64_MAX, 20), Errc::TooLarge);
        QCOMPARE(attempt(2, kMaxOfferBytes + 1), Errc::TooLarge);
    }

    void pagesMustFollowEachOtherAndBeBounded() {
        auto reader = ManifestReader::begin(3000, 0);
        QVERIFY(reader);
        wire::ManifestPage page;
        QVERIFY(!reader->addPage(page)); // empty
        page.set_first_index(1);
        *page.add_entries() = wireFile(0, "a");
        QCOMPARE(reader->addPage(page).error().code, Errc::ProtocolViolation);
        page.Clear();
        for (size_t i = 0; i <= kMaxPageEntries; ++i) *page.add_entries() = wireFile(0, std::to_string(i));
        QCOMPARE(reader->addPage(page).error().code, Errc::TooLarge);
        page.mutable_entries()->RemoveLast();
        QVERIFY(reader->addPage(page));
        QCOMPARE(reader->addPage(page).error().code, Errc::ProtocolViolation); // the same again
    }

    void A9_depthAndPathLengthAreBounded() {
        ManifestBuilder deep;
        uint32_t parent = kNoEntry;
        for (size_t i = 0; i < kMaxDepth; ++i) {
            QVERIFY(deep.add(folder(parent, "d")));
            parent = deep.count() - 1;
        }
        QCOMPARE(deep.add(file(parent, "x")).error().code, Errc::TooLarge);

        ManifestBuilder wide;
        parent = kNoEntry;
        const std::string name(251, 'n'); // 16 of them with separators: 16 * 252 = 4032
        for (size_t i = 0; i < 15; ++i) {
            QVERIFY(wide.add(folder(parent, name)));
            parent = wide.count() - 1;
        }
        QVERIFY(wide.add(file(parent, std::string(252, 'n'))));
        const Manifest manifest = wide.finish();
        QCOMPARE(manifest.path(15).size(), kMaxPathLength);
        ManifestBuilder tooWide;
        parent = kNoEntry;
        for (size_t i = 0; i < 15; ++i) {
            QVERIFY(tooWide.add(folder(parent, name)));
            parent = tooWide.count() - 1;
        }
        QCOMPARE(tooWide.add(file(parent, std::string(253, 'n'))).error().code, Errc::TooLarge);
    }

    void D6_timesAtTheirExtremesAreClamped() {
        wire::ManifestEntry early = wireFile(0, "a");
        early.set_modified_ns(INT64_MIN);
        wire::ManifestEntry late = wireFile(0, "b");
        late.set_modified_ns(INT64_MAX);
        const auto manifest = receive({early, late});
        QVERIFY(manifest);
        QCOMPARE(manifest->entry(0).modifiedNs, kMinModifiedNs);
        QCOMPARE(manifest->entry(1).modifiedNs, kMaxModifiedNs);
    }

    void B16_aMillionEntriesTakeBoundedTimeAndMemoryAndOneMoreIsRefused() {
        ManifestBuilder builder;
        QVERIFY(builder.add(folder(kNoEntry, "r")));
        uint32_t parent = 0;
        for (uint32_t i = 1; i < kMaxEntries; ++i) {
            char name[16];
            snprintf(name, sizeof name, "%08u.dat", i);
            if (i % 1000 == 1) {
                QVERIFY(builder.add(folder(0, name)));
                parent = builder.count() - 1;
            } else {
                const auto added = builder.add(file(parent, name, 0));
                if (!added) QFAIL(added.error().context.c_str());
            }
        }
        QCOMPARE(builder.count(), kMaxEntries);
        QCOMPARE(builder.add(file(parent, "x", 0)).error().code, Errc::TooLarge);
        QVERIFY(builder.heldBytes() < size_t(80) * kMaxEntries);
        const Manifest manifest = builder.finish();
        QVERIFY(manifest.heldBytes() < size_t(80) * kMaxEntries);
        QVERIFY(manifest.twins().empty());
    }

    void B16_namesAreBoundedInBytesTogether() {
        ManifestBuilder builder;
        const std::string tail(247, 'x');
        size_t bytes = 0;
        for (uint32_t i = 0; bytes + 255 <= kMaxManifestNames; ++i) {
            if (i == 0) {
                QVERIFY(builder.add(folder(kNoEntry, "r")));
                bytes += 1;
                continue;
            }
            char name[260];
            snprintf(name, sizeof name, "%08u%s", i, tail.c_str());
            const auto added = builder.add(file(0, name, 0));
            if (!added) QFAIL(added.error().context.c_str());
            bytes += 255;
        }
        QCOMPARE(builder.add(file(0, std::string(255, 'z'), 0)).error().code, Errc::TooLarge);
    }

    void aScanBecomesAManifestWithItsSources() {
        ScanOutcome scan;
        scan.rootNames = {"trip", "a.txt", "trip (1)"};
        scan.rootPaths = {"/home/ann/trip", "/home/ann/a.txt", "/media/trip"};
        const std::vector<ScannedEntry> entries = {scanned("trip", true),          scanned("trip/x", true),
                                                   scanned("trip/x/1", false, 7),  scanned("trip/y", false, 8),
                                                   scanned("a.txt", false, 9),     scanned("trip (1)", true),
                                                   scanned("trip (1)/z", false, 1)};
        const auto source = sourceOf(entries, scan);
        QVERIFY(source);
        QCOMPARE(source->manifest().count(), 7u);
        QCOMPARE(source->manifest().totalBytes(), uint64_t(25));
        QCOMPARE(source->source(2).rootPath, std::string("/home/ann/trip"));
        QCOMPARE(source->source(2).inside, std::string("x/1"));
        QVERIFY(source->source(2).stamp == entries[2].stamp);
        QCOMPARE(source->source(4).rootPath, std::string("/home/ann/a.txt"));
        QCOMPARE(source->source(4).inside, std::string());
        QCOMPARE(source->source(6).rootPath, std::string("/media/trip"));
        QCOMPARE(source->source(6).inside, std::string("z"));
        QVERIFY(sameEntries(source->manifest(), *overTheWire(source->manifest())));
    }

    void namesThatNoReceiverTakesAreLeftOutAndReported() {
        ScanOutcome scan;
        scan.rootNames = {"r"};
        scan.rootPaths = {"/r"};
        scan.skippedCount = 1;
        scan.skipped = {{"r/link", "symbolic link"}};
        const std::vector<ScannedEntry> entries = {scanned("r", true), scanned("r/a\\b", true),
                                                   scanned("r/a\\b/in", false, 1), scanned("r/good", false, 2),
                                                   scanned("r/good.txt:stream", false, 3)};
        const auto source = sourceOf(entries, scan);
        QVERIFY(source);
        QCOMPARE(source->manifest().count(), 2u);
        QCOMPARE(source->skippedCount(), uint64_t(4));
        QCOMPARE(source->skippedFailures(), uint64_t(3)); // a link stays at home on purpose
        QCOMPARE(source->skipped().size(), size_t(4));
        QCOMPARE(source->skipped()[1].path, std::string("r/a\\b"));
        QCOMPARE(source->source(1).inside, std::string("good"));
        QCOMPARE(source->source(1).stamp.size, uint64_t(2));
    }

    void failuresAreNamedHoweverManyLinksThereAre() {
        ScanOutcome scan;
        for (size_t i = 0; i <= kMaxSkippedReported; ++i) scan.leaveOut({"link", "symbolic link", false});
        QCOMPARE(scan.skipped.size(), kMaxSkippedReported);
        for (size_t i = 0; i < kMaxSkippedReported; ++i) scan.leaveOut({"closed", "unreadable folder", true});
        QCOMPARE(scan.skipped.size(), 2 * kMaxSkippedReported);
        scan.leaveOut({"closed", "unreadable folder", true});
        QCOMPARE(scan.skipped.size(), 2 * kMaxSkippedReported);
        QCOMPARE(scan.skippedCount, uint64_t(2 * kMaxSkippedReported + 2));
        QCOMPARE(scan.skippedFailures, uint64_t(kMaxSkippedReported + 1));
    }

    void aScanOfNothingIsAnErrorThatSaysWhy() {
        ScanOutcome scan;
        scan.skipped = {{"pipe", "fifo"}};
        scan.skippedCount = 1;
        const auto source = sourceOf({}, scan);
        QVERIFY(!source);
        QCOMPARE(source.error().code, Errc::InvalidArgument);
        QVERIFY(source.error().context.find("fifo") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(ManifestTest)
#include "manifest_test.moc"
