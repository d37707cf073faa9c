#include "cli/progress_display.h"
#include "cli/transfer_report.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

api::TransferDelivered delivered(uint64_t files, uint64_t bytes, uint64_t sent) {
    api::TransferDelivered event;
    event.seconds = 2;
    event.figures.filesTotal = event.figures.filesDone = files;
    event.figures.bytesTotal = event.figures.bytesVerified = bytes;
    event.figures.bytesSent = sent;
    return event;
}

} // namespace

class TransferReportTest : public QObject {
    Q_OBJECT

  private slots:
    void theRateIsOfTheBytesThatMoved();
    void nothingToDoIsSaid();
    void skippedFilesAreNotDelivered();
    void anEmptyFileIsDelivered();
    void aPartialDeliverySaysHowMuchArrived();
    void silenceIsMeasuredByTheSpeedOfThePath();
    void whatHoldsATransferIsSaidInWords();
};

void TransferReportTest::theRateIsOfTheBytesThatMoved() {
    QVERIFY(contains(deliveredSentence(delivered(1, 100'000'000, 100'000'000), 0), "100 MB in 2.0 s (50.0 MB/s)"));
    const std::string resumed = deliveredSentence(delivered(1, 100'000'000, 10'000'000), 90'000'000);
    QVERIFY2(contains(resumed, "90.0 MB were there already, 10.0 MB in 2.0 s (5.00 MB/s)"), resumed.c_str());
}

void TransferReportTest::nothingToDoIsSaid() {
    QVERIFY(contains(deliveredSentence(delivered(3, 1000, 0), 1000), "Nothing to do: 3 files"));
    auto skipped = delivered(0, 0, 0);
    skipped.figures.filesSkipped = 4;
    QVERIFY(contains(deliveredSentence(skipped, 0), "Nothing to do: 4 files skipped"));
    QVERIFY(contains(deliveredSentence(delivered(0, 0, 0), 0), "Nothing to do: there was no file"));
}

void TransferReportTest::skippedFilesAreNotDelivered() {
    auto some = delivered(2, 1000, 1000);
    some.figures.filesSkipped = 1;
    const std::string text = deliveredSentence(some, 0);
    QVERIFY(contains(text, "Delivered: 2 files") && contains(text, "Skipped: 1 file"));
    auto again = delivered(2, 1000, 0);
    QCOMPARE(deliveredSentence(again, 1000),
             std::string("Nothing to do: 2 files, 1.00 kB, already delivered earlier."));
    again.figures.filesSkipped = 3;
    QCOMPARE(
        deliveredSentence(again, 1000),
        std::string("Nothing to do: 2 files, 1.00 kB, already delivered earlier. Skipped: 3 files, whose names are "
                    "taken."));
}

void TransferReportTest::anEmptyFileIsDelivered() {
    QVERIFY(contains(deliveredSentence(delivered(1, 0, 0), 0), "Delivered: 1 file, 0 B"));
}

void TransferReportTest::aPartialDeliverySaysHowMuchArrived() {
    api::TransferFailed failed;
    failed.error = api::makeError(api::Errc::PermissionDenied, "opening 'secret'");
    failed.file = "tree/secret";
    failed.figures.filesTotal = 5;
    failed.figures.filesDone = 4;
    QVERIFY(!contains(failureSentence(failed), "delivered"));
    failed.restDelivered = true;
    QVERIFY(contains(failureSentence(failed), "4 of 5 files delivered"));
}

void TransferReportTest::whatHoldsATransferIsSaidInWords() {
    api::TransferHeld held;
    held.transfer = {7};
    QVERIFY(contains(heldSentence(held), "goes on"));
    held.there = api::Hold::Queued;
    QVERIFY(contains(heldSentence(held), "waits there for its turn"));
    held.there = api::Hold::Paused;
    QVERIFY(contains(heldSentence(held), "Paused by the other device"));
    held.here = api::Hold::Paused;
    QVERIFY(contains(heldSentence(held), "here and by the other device"));
    held.there = api::Hold::None;
    QVERIFY(contains(heldSentence(held), "`wherry transfers resume 7`"));
    held.incoming = true;
    held.here = api::Hold::Queued;
    QVERIFY(contains(heldSentence(held), "its turn here"));
}

void TransferReportTest::silenceIsMeasuredByTheSpeedOfThePath() {
    QCOMPARE(silenceWorthSaying(100e6), 3.0);
    QCOMPARE(silenceWorthSaying(1), 60.0);
    QVERIFY(silenceWorthSaying(200e3) > 10); // eight chunks of 256 KiB under way
    QCOMPARE(silenceWorthSaying(0), 10.0);
}

QTEST_APPLESS_MAIN(TransferReportTest)
#include "transfer_report_test.moc"
