#include "desktop/offer_files_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

using namespace wherry;
using wherry::desktop::OfferFilesModel;

class OfferFilesTest : public QObject {
    Q_OBJECT
  private slots:
    void aFolderIsChosenWithWhatIsInIt() {
        OfferFilesModel files({{"a", true, 0, {}}, {"a/x", false, 5, {}}, {"ab", false, 7, {}}}, {}, nullptr);
        QAbstractItemModelTester tester(&files, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(files.allChosen() && files.selection().empty());
        files.setChosen(0, false);
        QCOMPARE(files.selection(), std::vector<uint32_t>{2});
        QCOMPARE(files.chosenBytes(), 7.0);
        files.setAllChosen(false);
        QVERIFY(files.noneChosen());
        files.setChosen(1, true);
        QCOMPARE(files.selection(), (std::vector<uint32_t>{0, 1}));
    }
    void namesOfPeersAreNeutralised() {
        OfferFilesModel files({{"<img src='http://x/'>\u202egpj.exe", false, 1, "starts when you log in"}}, {{"<img src='http://x/'>\u202egpj.exe", "y"}}, nullptr);
        const QString name = files.index(0).data(OfferFilesModel::NameRole).toString();
        QVERIFY(!name.contains(QChar(0x202e)) && name.contains("u{202e}"));
        QVERIFY(!files.index(0).data(OfferFilesModel::WarningRole).toString().isEmpty());
    }
    void aNameIsGivenTakenBackAndToldWithWhatBecomesOfIt() {
        OfferFilesModel files({{"trip", true, 0, {}}, {"trip/a.txt", false, 5, {}}, {"aux.c", false, 7, {}}}, {{"aux.c", "%61ux.c"}}, nullptr);
        QAbstractItemModelTester tester(&files, QAbstractItemModelTester::FailureReportingMode::QtTest);
        files.begin({{0, "journey"}}, {{"trip", api::NameFate::Renamed, "journey (1)"}});
        QSignalSpy renamed(&files, &OfferFilesModel::renamed);
        const auto note = [&](int row) { return files.index(row).data(OfferFilesModel::NoteRole).toString(); };
        QCOMPARE(files.editName(0), QString("journey"));
        QVERIFY(files.index(0).data(OfferFilesModel::RenamedRole).toBool());
        QCOMPARE(note(0), QString("Becomes journey (1) ·\u00a0was trip"));
        QVERIFY(note(2).contains("Becomes %61ux.c"));
        files.rename(2, "main.c");
        QCOMPARE(files.index(2).data(OfferFilesModel::LandsAsRole).toString(), QString("main.c"));
        QCOMPARE(note(2), QString("Was aux.c"));
        files.rename(0, "trip"); // its own
        files.rename(1, ""); // has none to take back
        files.rename(2, "main.c"); // has it already
        files.rename(99, "x");
        QCOMPARE(renamed.count(), 2);
        QCOMPARE(files.names(), (std::map<uint32_t, std::string>{{2, "main.c"}}));
        files.setFound({}, {{"trip/a.txt", api::NameFate::Replaced, {}}});
        QCOMPARE(note(1), QString("Replaces what is there ·\u00a0trip"));
        files.setSearch("a.txt");
        files.rename(0, "b.txt"); // the row that the search shows
        QVERIFY(files.names().contains(1));
    }
    void whatIsInARenamedFolderIsToldToLieThere() {
        OfferFilesModel files({{"trip", true, 0, {}}, {"trip/day", true, 0, {}}, {"trip/day/a.txt", false, 5, {}}}, {},
                              nullptr);
        const auto note = [&](int row) { return files.index(row).data(OfferFilesModel::NoteRole).toString(); };
        QCOMPARE(note(2), QString("trip/day"));
        files.rename(1, "Monday");
        files.rename(0, "journey");
        QCOMPARE(note(2), QString("journey/Monday"));
        files.setFound({}, {{"trip", api::NameFate::Renamed, "journey (1)"}});
        QCOMPARE(note(2), QString("journey (1)/Monday"));
        QCOMPARE(note(0), QString("Becomes journey (1) ·\u00a0was trip"));
        files.rename(0, "trip");
        files.setFound({}, {{"trip", api::NameFate::Renamed, "trip (1)"}});
        QCOMPARE(note(0), QString("Becomes trip (1): the name is taken"));
        QCOMPARE(note(1), QString("Was day ·\u00a0trip (1)"));
    }
    void aNameThatHidesItsKindIsMarkedAndAProgramIsCalledOne() {
        OfferFilesModel files({{"\u202egpj.exe", false, 1, {}},
                               {"setup.sh", false, 1, {}},
                               {"caf\u00e9.txt", false, 1, {}},
                               {".bashrc", false, 1, "runs when a shell starts"}},
                              {}, nullptr);
        const auto note = [&](int row) { return files.index(row).data(OfferFilesModel::NoteRole).toString(); };
        const auto alert = [&](int row) { return files.index(row).data(OfferFilesModel::AlertRole).toBool(); };
        QVERIFY(alert(0) && alert(1) && !alert(2) && !alert(3)); // what is marked comes first
        QCOMPARE(note(0), QString("Hidden characters in the name ·\u00a0may be a program"));
        QCOMPARE(note(1), QString("Runs when a shell starts"));
        QCOMPARE(note(2), QString("May be a program"));
        QCOMPARE(note(3), QString());
        QCOMPARE(files.marked(), 2); // what the head counts is what the list marks
        QCOMPARE(files.warned(), 1);
        QVERIFY(files.hasOthers());
        const auto mark = [&](int row) { return files.index(row).data(OfferFilesModel::MarkRole).toString(); };
        QCOMPARE((QStringList{mark(0), mark(1), mark(2), mark(3)}), (QStringList{"eye-off", "warning", "app", ""}));
        QVERIFY(files.firstMarked().contains("gpj.exe"));
        QCOMPARE(files.whyFirstMarked(), QString("Hidden characters in the name, may be a program"));
    }
    void whatHoldsSomethingMarkedComesFirstWithAllThatIsInIt() {
        OfferFilesModel files({{"a.txt", false, 1, {}},
                               {"setup", true, 0, {}},
                               {"setup/readme", false, 1, {}},
                               {"setup/.bashrc", false, 1, "runs when a shell starts"},
                               {"z.txt", false, 1, {}}},
                              {}, nullptr);
        QAbstractItemModelTester tester(&files, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto names = [&] {
            QStringList all;
            for (int row = 0; row < files.count(); ++row) all << files.index(row).data().toString();
            return all;
        };
        QCOMPARE(names(), (QStringList{"setup", "readme", ".bashrc", "a.txt", "z.txt"}));
        files.setSearch("a");
        QCOMPARE(names(), (QStringList{"readme", ".bashrc", "a.txt"}));
        files.setChosen(1, false);
        QCOMPARE(files.selection(), (std::vector<uint32_t>{0, 1, 2, 4}));
        files.setSearch("z");
    }
    void thoseThatAreMarkedAreListedAlone() {
        OfferFilesModel files({{"a", true, 0, {}},
                               {"a/b", true, 0, {}},
                               {"a/b/.bashrc", false, 1, "runs when a shell starts"},
                               {"a/b/note.txt", false, 1, {}},
                               {"x\u200b.txt", false, 1, {}}},
                              {}, nullptr);
        QAbstractItemModelTester tester(&files, QAbstractItemModelTester::FailureReportingMode::QtTest);
        files.setOnlyMarked(true);
        QCOMPARE(files.count(), 2);
        QCOMPARE(files.index(0).data().toString(), QString(".bashrc"));
        QVERIFY(files.index(0).data(OfferFilesModel::NoteRole).toString().endsWith("a/b"));
        files.setChosen(0, false);
        QCOMPARE(files.selection(), (std::vector<uint32_t>{0, 1, 3, 4}));
        files.setSearch("x");
        QCOMPARE(files.count(), 1);
        files.setSearch({});
        files.setOnlyMarked(false);
        QCOMPARE(files.count(), 5);
    }
    void foldersThatHoldNothingButTheNextTakeOneRow() {
        std::vector<wherry::api::OfferEntry> entries;
        std::string path = "root";
        for (int i = 0; i < 40; ++i, path += "/" + std::string(60, 'f')) entries.push_back({path, true, 0, {}});
        const size_t deepest = entries.size() - 1;
        entries.push_back({entries[deepest].path + "/a.txt", false, 5, {}});
        entries.push_back({"root.txt", false, 5, {}});
        OfferFilesModel files(entries, {}, nullptr);
        QAbstractItemModelTester tester(&files, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto of = [&](int row, int role) { return files.index(row).data(role); };
        QCOMPARE(files.count(), 4);
        QCOMPARE(of(0, OfferFilesModel::NameRole).toString(), QString("root"));
        QCOMPARE(of(1, OfferFilesModel::NameRole).toString().count('/'), 38);
        QCOMPARE(of(1, OfferFilesModel::DepthRole).toInt(), 1);
        QCOMPARE(of(2, OfferFilesModel::NameRole).toString(), QString("a.txt"));
        QCOMPARE(of(2, OfferFilesModel::DepthRole).toInt(), 2);
        QVERIFY(of(2, OfferFilesModel::NoteRole).toString().size() < 70);
        QCOMPARE(of(1, OfferFilesModel::NoteRole).toString(), QString("root"));
        files.setChosen(1, false); // with everything in it, and those above it that hold nothing else
        QCOMPARE(files.selection(), std::vector<uint32_t>{41});
        files.setSearch("ffff");
        QCOMPARE(files.count(), 40); // what is searched for stands alone
        QCOMPARE(of(0, OfferFilesModel::NameRole).toString(), QString(60, 'f'));
    }
    void aFolderThatIsMarkedOrHoldsMoreHasARowOfItsOwn() {
        OfferFilesModel files({{"r", true, 0, {}},
                               {"r/one", true, 0, {}},
                               {"r/one/x\u200b", true, 0, {}},
                               {"r/one/x\u200b/two", true, 0, {}},
                               {"r/one/x\u200b/two/a", false, 1, {}},
                               {"r/one/x\u200b/two/b", true, 0, {}}},
                              {}, nullptr);
        QCOMPARE(files.count(), 5); // "one" alone stands in the row of the next
        QVERIFY(files.index(1).data().toString().startsWith("one/x"));
        QCOMPARE(files.index(2).data().toString(), QString("two"));
    }
    void aNameOfSpacesIsSeen() {
        OfferFilesModel files({{" ", false, 1, {}}, {"a ", false, 1, {}}, {"b c", false, 1, {}}}, {}, nullptr);
        QCOMPARE(files.index(0).data().toString(), QString("“ ”"));
        QCOMPARE(files.index(1).data().toString(), QString("“a ”"));
        QCOMPARE(files.index(2).data().toString(), QString("b c"));
        QCOMPARE(files.editName(0), QString(" "));
    }
    void aFolderOfWhichSomeIsLeftOutIsPartlyTicked() {
        OfferFilesModel files({{"trip", true, 0, {}},
                               {"trip/day", true, 0, {}},
                               {"trip/day/a", false, 1000, {}},
                               {"trip/day/b", false, 1000, {}},
                               {"trip/none", true, 0, {}},
                               {"trip/c", false, 1000, {}}},
                              {}, nullptr);
        QAbstractItemModelTester tester(&files, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto is = [&](int row, bool chosen, bool partly) {
            return files.index(row).data(OfferFilesModel::ChosenRole).toBool() == chosen &&
                   files.index(row).data(OfferFilesModel::PartlyRole).toBool() == partly;
        };
        const auto size = [&](int row) {
            return files.index(row).data(OfferFilesModel::SizeTextRole).toString().replace(QChar::Nbsp, ' ');
        };
        QVERIFY(is(0, true, false) && is(1, true, false) && files.allChosen());
        QCOMPARE(size(0), QString("3 files, 3.0 kB"));
        QSignalSpy told(&files, &OfferFilesModel::dataChanged);
        files.setChosen(2, false);
        QVERIFY(is(0, true, true) && is(1, true, true) && is(2, false, false) && is(4, true, false));
        QCOMPARE(told.first().at(0).toModelIndex().row(), 0); // the folders around it change, too
        QCOMPARE(size(0), QString("2 of 3 files"));
        QCOMPARE(size(1), QString("1 of 2 files"));
        files.setChosen(3, false);
        QVERIFY(is(0, true, true) && is(1, false, false)); // nothing of it is left
        QCOMPARE(files.selection(), (std::vector<uint32_t>{0, 4, 5}));
        files.setChosen(1, true);
        QVERIFY(files.allChosen() && is(0, true, false) && is(1, true, false));
        files.setChosen(4, false); // an empty folder is something to take, too
        QVERIFY(is(0, true, true) && !files.allChosen());
        files.setChosen(0, false);
        QVERIFY(files.noneChosen() && is(0, false, false));
        QCOMPARE(size(0), QString("3 files, 3.0 kB"));
        files.setChosen(3, true);
        QCOMPARE(files.selection(), (std::vector<uint32_t>{0, 1, 3}));
    }
    void whatIsChosenIsToldOfAll() {
        OfferFilesModel files({{"a", true, 0, {}}, {"a/x", false, 5, {}}, {"b", false, 1000, {}}, {"c", true, 0, {}}},
                              {}, nullptr);
        QCOMPARE(files.chosenText().replace(QChar::Nbsp, ' '), QString("All 2 files"));
        files.setChosen(1, false);
        QCOMPARE(files.chosenText().replace(QChar::Nbsp, ' '), QString("1 of 2 files, 1.0 kB"));
        const auto size = [&](int row) {
            return files.index(row).data(OfferFilesModel::SizeTextRole).toString().replace(QChar::Nbsp, ' ');
        };
        QCOMPARE(size(0), QString("1 file, 5 bytes"));
        QCOMPARE(size(3), QString("empty"));
        QCOMPARE(files.index(1).data(OfferFilesModel::DepthRole).toInt(), 1);
    }
    void whereNotAllFilesAreListedItIsSaidWhatBecomesOfTheOthers() {
        OfferFilesModel files({{"a", true, 0, {}}, {"a/x", false, 5, {}}, {"b", false, 1000, {}}}, {}, nullptr);
        files.begin({}, {}, 20'000);
        const auto text = [&] { return files.chosenText().replace(QChar::Nbsp, ' '); };
        QCOMPARE(text(), QString("All 20,000 files; the first 2 are listed"));
        QVERIFY(files.selection().empty()); // all of them
        files.setChosen(2, false);
        QCOMPARE(text(), QString("1 of 20,000 files, 5 bytes; none that is not listed"));
        QCOMPARE(files.selection(), (std::vector<uint32_t>{0, 1}));
        files.begin({}, {}, 2);
        QCOMPARE(text(), QString("1 of 2 files, 5 bytes"));
    }
    void aHundredThousandFilesAreSearchedAndChosen() {
        std::vector<api::OfferEntry> entries;
        for (int i = 0; i < 100'000; ++i) entries.push_back({"folder/file-" + std::to_string(i), false, 1, {}});
        OfferFilesModel files(std::move(entries), {}, nullptr);
        QCOMPARE(files.count(), 100'000);
        files.setSearch("FILE-99999");
        QCOMPARE(files.count(), 1);
        files.setChosen(0, false);
        files.setSearch("");
        QCOMPARE(files.chosenFiles(), 99'999);
        QCOMPARE(files.selection().size(), size_t(99'999));
    }
};

QTEST_GUILESS_MAIN(OfferFilesTest)
#include "offer_files_test.moc"
