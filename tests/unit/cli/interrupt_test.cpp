#include "cli/interrupt.h"

#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>
#include <csignal>

using namespace wherry::cli;

class InterruptTest : public QObject {
    Q_OBJECT

  private slots:
    /// In one go: the second signal that is caught ends the process.
    void aClosedTerminalEndsTheProgramWellUnlessNohupHasSaidOtherwise() {
        std::signal(SIGHUP, SIG_IGN);
        {
            Interrupt interrupt;
            struct sigaction now {};
            QCOMPARE(sigaction(SIGHUP, nullptr, &now), 0);
            QVERIFY(now.sa_handler == SIG_IGN);
        }
        std::signal(SIGHUP, SIG_DFL);
        Interrupt interrupt;
        QSignalSpy requested(&interrupt, &Interrupt::requested);
        std::raise(SIGHUP);
        QVERIFY(requested.wait());
    }
};

QTEST_GUILESS_MAIN(InterruptTest)
#include "interrupt_test.moc"
