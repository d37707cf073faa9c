#include "cli/history_text.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

class HistoryTextTest : public QObject {
    Q_OBJECT

  private slots:
    void theRateIsOfWhatTheTransferHasBrought();
};

void HistoryTextTest::theRateIsOfWhatTheTransferHasBrought() {
    api::HistoryEntry entry;
    entry.outcome = api::TransferOutcome::Delivered;
    entry.figures.bytesTotal = entry.figures.bytesVerified = 100'000'000;
    entry.seconds = 2;
    QVERIFY(historyText(entry).find("50.0 MB/s") != std::string::npos);
    entry.bytesAlready = 90'000'000;
    QVERIFY(historyText(entry).find("5.00 MB/s") != std::string::npos);
    QVERIFY(historyJson(entry).str().find("\"rate\":5000000") != std::string::npos);
    entry.bytesAlready = 100'000'000;
    QVERIFY(historyText(entry).find("/s") == std::string::npos);
}

QTEST_APPLESS_MAIN(HistoryTextTest)
#include "history_text_test.moc"
