#include "cli/exit_code.h"

#include <QTest>

using namespace wherry;
using namespace wherry::cli;

class ExitCodeTest : public QObject {
    Q_OBJECT

  private slots:
    void theCodesOfTheDocument();
    void everyErrorHasACode();
    void aFullDiskIsLocalOnlyForTheReceiver();
};

void ExitCodeTest::theCodesOfTheDocument() {
    QCOMPARE(static_cast<int>(exitCodeOf(api::Errc::Declined, Side::Sender)), 3);
    QCOMPARE(static_cast<int>(exitCodeOf(api::Errc::Unreachable, Side::Sender)), 4);
    QCOMPARE(static_cast<int>(exitCodeOf(api::Errc::IdentityMismatch, Side::Sender)), 4);
    QCOMPARE(static_cast<int>(exitCodeOf(api::Errc::VerificationFailed, Side::Receiver)), 5);
    QCOMPARE(static_cast<int>(exitCodeOf(api::Errc::NotFound, Side::Sender)), 6);
    QCOMPARE(static_cast<int>(exitCodeOf(api::Errc::ConnectionLost, Side::Sender)), 7);
    QCOMPARE(static_cast<int>(ExitCode::Interrupted), 130);
}

void ExitCodeTest::everyErrorHasACode() {
    for (int code = 0; code <= static_cast<int>(api::Errc::Internal); ++code) {
        for (const Side side : {Side::Sender, Side::Receiver}) {
            const ExitCode exit = exitCodeOf(static_cast<api::Errc>(code), side);
            QVERIFY(exit != ExitCode::Done);
            QCOMPARE(exit == ExitCode::Internal, static_cast<api::Errc>(code) == api::Errc::Internal);
        }
    }
}

void ExitCodeTest::aFullDiskIsLocalOnlyForTheReceiver() {
    QVERIFY(exitCodeOf(api::Errc::DiskFull, Side::Receiver) == ExitCode::LocalIo);
    QVERIFY(exitCodeOf(api::Errc::DiskFull, Side::Sender) == ExitCode::PeerFailed);
}

QTEST_APPLESS_MAIN(ExitCodeTest)
#include "exit_code_test.moc"
