#include "cli/progress_line.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

namespace {

api::TransferProgress halfWay() {
    api::TransferProgress progress;
    progress.figures.bytesTotal = 3'200'000'000;
    progress.figures.bytesVerified = 1'600'000'000;
    progress.figures.filesTotal = 1204;
    progress.figures.filesDone = 540;
    progress.rate = 312e6;
    progress.etaSeconds = 5.1;
    return progress;
}

} // namespace

class ProgressLineTest : public QObject {
    Q_OBJECT

  private slots:
    void aWideTerminalShowsEverything();
    void noWidthIsEverExceeded();
    void narrowTerminalsKeepThePercentage();
    void hundredPercentMeansAllOfIt();
    void emptyFilesCountByTheirNumber();
    void theSumsOfSeveralSaySo();
    void aSilentPeerIsSaidInsteadOfARate();
    void whatIsNotKnownOrOverIsNotSaid();
};

void ProgressLineTest::aWideTerminalShowsEverything() {
    QCOMPARE(
        progressLine(halfWay(), 120),
        std::string("[###############---------------]  50%  1.60 GB of 3.20 GB  312 MB/s  0:06 left  540/1204 files"));
}

void ProgressLineTest::noWidthIsEverExceeded() {
    for (size_t columns = 0; columns < 200; ++columns)
        QVERIFY(progressLine(halfWay(), columns).size() <= (columns > 0 ? columns - 1 : 0));
}

void ProgressLineTest::narrowTerminalsKeepThePercentage() {
    QCOMPARE(progressLine(halfWay(), 10), std::string(" 50%"));
    QVERIFY(progressLine(halfWay(), 40).find("50%") != std::string::npos);
}

void ProgressLineTest::hundredPercentMeansAllOfIt() {
    auto progress = halfWay();
    progress.figures.bytesVerified = progress.figures.bytesTotal - 1;
    QVERIFY(progressLine(progress, 80).find(" 99%") != std::string::npos);
    progress.figures.bytesVerified = progress.figures.bytesTotal;
    QVERIFY(progressLine(progress, 80).find("100%") != std::string::npos);
}

void ProgressLineTest::emptyFilesCountByTheirNumber() {
    api::TransferProgress progress;
    progress.figures.filesTotal = 4;
    progress.figures.filesDone = 1;
    QVERIFY(progressLine(progress, 80).find(" 25%") != std::string::npos);
    progress.figures = {};
    QVERIFY(progressLine(progress, 80).find("  0%") != std::string::npos);
}

void ProgressLineTest::theSumsOfSeveralSaySo() {
    QVERIFY(progressLine(halfWay(), 120, 0, 3).find(" 50%  3 transfers  1.60 GB of 3.20 GB") != std::string::npos);
    for (size_t columns = 1; columns < 200; ++columns)
        QVERIFY(progressLine(halfWay(), columns, 99, 3).size() <= columns - 1);
}

void ProgressLineTest::aSilentPeerIsSaidInsteadOfARate() {
    const std::string wide = progressLine(halfWay(), 120, 12.4);
    QVERIFY(wide.find("waiting for the peer (12 s)") != std::string::npos);
    QVERIFY(wide.find("MB/s") == std::string::npos && wide.find("left") == std::string::npos);
    QVERIFY(progressLine(halfWay(), 40, 12.4).find("waiting for the peer (12 s)") != std::string::npos);
    for (size_t columns = 1; columns < 200; ++columns)
        QVERIFY(progressLine(halfWay(), columns, 99).size() <= columns - 1);
}

void ProgressLineTest::whatIsNotKnownOrOverIsNotSaid() {
    auto progress = halfWay();
    progress.rate = 0;
    progress.etaSeconds = 0;
    QVERIFY(progressLine(progress, 120).find("B/s") == std::string::npos);
    QVERIFY(progressLine(progress, 120).find("left") == std::string::npos);
    progress = halfWay();
    progress.figures.bytesVerified = progress.figures.bytesTotal;
    QVERIFY(progressLine(progress, 120).find("left") == std::string::npos);
}

QTEST_APPLESS_MAIN(ProgressLineTest)
#include "progress_line_test.moc"
