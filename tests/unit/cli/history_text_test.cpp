#include "cli/history_text.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

class HistoryTextTest : public QObject {
    Q_OBJECT

  private slots:
    void theRateIsOfWhatTheTransferHasBrought();
    void anOfferThatNobodyHasAnsweredSaysWhy();
    void whatCouldNotBeSentIsCounted();
};

void HistoryTextTest::whatCouldNotBeSentIsCounted() {
    api::HistoryEntry entry;
    entry.outcome = api::TransferOutcome::Delivered;
    QVERIFY(historyText(entry, {}).find("not sent") == std::string::npos);
    QVERIFY(historyJson(entry).str().find("\"leftOut\":0") != std::string::npos);
    entry.leftOut = 2;
    QVERIFY(historyText(entry, {}).find("not sent: 2 items") != std::string::npos);
    QVERIFY(historyJson(entry).str().find("\"leftOut\":2") != std::string::npos);
}

void HistoryTextTest::theRateIsOfWhatTheTransferHasBrought() {
    api::HistoryEntry entry;
    entry.outcome = api::TransferOutcome::Delivered;
    entry.figures.bytesTotal = entry.figures.bytesVerified = 100'000'000;
    entry.seconds = 2;
    QVERIFY(historyText(entry, {}).find("50.0 MB/s") != std::string::npos);
    entry.bytesAlready = 90'000'000;
    QVERIFY(historyText(entry, {}).find("5.00 MB/s") != std::string::npos);
    QVERIFY(historyJson(entry).str().find("\"rate\":5000000") != std::string::npos);
    entry.bytesAlready = 100'000'000;
    QVERIFY(historyText(entry, {}).find("/s") == std::string::npos);
}

void HistoryTextTest::anOfferThatNobodyHasAnsweredSaysWhy() {
    api::HistoryEntry entry;
    entry.incoming = true;
    entry.outcome = api::TransferOutcome::Unanswered;
    entry.label = "photos";
    entry.error = api::makeError(api::Errc::ConnectionLost, "the sender is gone");
    QVERIFY(historyText(entry, {}).find("unanswered  photos") != std::string::npos);
    QVERIFY(historyText(entry, {}).find("not answered: the sender is gone") != std::string::npos);
    entry.error->code = api::Errc::Timeout;
    QVERIFY(historyText(entry, {}).find("not answered in time: ") != std::string::npos);
    QVERIFY(historyJson(entry).str().find("\"outcome\":\"unanswered\"") != std::string::npos);
    entry.error->code = api::Errc::LimitReached;
    QVERIFY(historyText(entry, {}).find("sent away: ") != std::string::npos);
    entry.error = api::makeError(api::Errc::Cancelled, "cancelled by the sender");
    entry.byPeer = true;
    QVERIFY(historyText(entry, {}).find("taken back before it was answered: cancelled") != std::string::npos);
}

QTEST_APPLESS_MAIN(HistoryTextTest)
#include "history_text_test.moc"
