#include "process/interrupt.h"

#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>
#include <csignal>

using namespace wherry::process;

class InterruptTest : public QObject {
    Q_OBJECT

  private slots:
    void aSecondRequestCountsASecondAfterTheFirst() {
        std::atomic<int64_t> first = 0;
        QVERIFY(readEndRequest(first, 5000) == EndRequest::First);
        QVERIFY(readEndRequest(first, 5000) == EndRequest::TooSoon); // to the process and then to its group
        QVERIFY(readEndRequest(first, 5000 + kSecondRequest - 1) == EndRequest::TooSoon);
        QVERIFY(readEndRequest(first, 5000 + kSecondRequest) == EndRequest::AtOnce);
    }

    /// In one go: handlers stay for the life of the process.
    void aHangupIsToldUnlessNohupHasSaidOtherwise() {
        std::signal(SIGHUP, SIG_IGN);
        {
            Interrupt interrupt;
            struct sigaction now {};
            QCOMPARE(sigaction(SIGHUP, nullptr, &now), 0);
            QVERIFY(now.sa_handler == SIG_IGN);
        }
        std::signal(SIGHUP, SIG_DFL);
        Interrupt interrupt;
        QSignalSpy hangup(&interrupt, &Interrupt::hangup);
        QSignalSpy requested(&interrupt, &Interrupt::requested);
        std::raise(SIGHUP);
        QVERIFY(hangup.wait());
        std::raise(SIGHUP); // however often
        QVERIFY(hangup.wait());
        QCOMPARE(requested.size(), 0);
        std::raise(SIGTERM);
        QVERIFY(requested.wait());
    }
};

QTEST_GUILESS_MAIN(InterruptTest)
#include "interrupt_test.moc"
