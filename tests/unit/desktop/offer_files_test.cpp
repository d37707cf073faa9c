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
        QCOMPARE(files.selection(), std::vector<uint32_t>{1});
    }
    void namesOfPeersAreNeutralised() {
        OfferFilesModel files({{"<img src='http://x/'>\u202egpj.exe", false, 1, "starts when you log in"}}, {{"<img src='http://x/'>\u202egpj.exe", "y"}}, nullptr);
        const QString name = files.index(0).data(OfferFilesModel::NameRole).toString();
        QVERIFY(!name.contains(QChar(0x202e)) && name.contains("u{202e}"));
        QVERIFY(!files.index(0).data(OfferFilesModel::WarningRole).toString().isEmpty());
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
