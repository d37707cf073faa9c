#include "runtime/descriptor_limit.h"
#include "runtime/runtime_limits.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTest>

using namespace wherry::runtime;

namespace {

/// Puts the soft limit back.
struct SoftLimit {
    explicit SoftLimit(rlim_t soft) {
        getrlimit(RLIMIT_NOFILE, &before);
        const rlimit fresh{soft, before.rlim_max};
        set = setrlimit(RLIMIT_NOFILE, &fresh) == 0;
    }
    ~SoftLimit() { setrlimit(RLIMIT_NOFILE, &before); }
    SoftLimit(const SoftLimit&) = delete;
    SoftLimit& operator=(const SoftLimit&) = delete;

    static rlim_t soft() {
        rlimit now{};
        getrlimit(RLIMIT_NOFILE, &now);
        return now.rlim_cur;
    }
    rlimit before{};
    bool set = false;
};

} // namespace

class DescriptorLimitTest : public QObject {
    Q_OBJECT

  private slots:
    void theLimitIsRaisedToWhatIsWantedAndNoFurther() {
        const SoftLimit low(128);
        QVERIFY(low.set);
        QCOMPARE(raiseDescriptorLimit(200).value(), size_t(200));
        QCOMPARE(SoftLimit::soft(), rlim_t(200));
    }

    void aLimitThatIsHighEnoughStays() {
        const SoftLimit low(128);
        QVERIFY(low.set);
        for (const size_t wanted : {size_t(128), size_t(127), size_t(1)}) {
            QCOMPARE(raiseDescriptorLimit(wanted).value(), size_t(128));
            QCOMPARE(SoftLimit::soft(), rlim_t(128));
        }
        QCOMPARE(raiseDescriptorLimit(129).value(), size_t(129));
    }

    /// Irrevocable without rights, so in a process of its own.
    void noFurtherThanTheSystemAllows() {
        const pid_t child = fork();
        if (child == 0) {
            const rlimit fixed{100, 150};
            const bool set = setrlimit(RLIMIT_NOFILE, &fixed) == 0;
            const bool atBound = raiseDescriptorLimit(150) == size_t(150) && SoftLimit::soft() == 150;
            const bool past = raiseDescriptorLimit(151) == size_t(150) && SoftLimit::soft() == 150;
            _exit(set && atBound && past ? 0 : 1);
        }
        int status = -1;
        QVERIFY(waitpid(child, &status, 0) == child);
        QCOMPARE(status, 0);
    }

    void connectionsLeaveDescriptorsForEverythingElse() {
        QCOMPARE(connectionBudget(1000, std::nullopt), size_t(1000));
        QCOMPARE(connectionBudget(1000, 1000 + kDescriptorReserve), size_t(1000));
        QCOMPARE(connectionBudget(1000, 1000 + kDescriptorReserve - 1), size_t(999));
        QCOMPARE(connectionBudget(1000, 2 * kDescriptorReserve), kDescriptorReserve);
        QCOMPARE(connectionBudget(1000, 256), size_t(128)); // what macOS gives who does not ask for more
        QCOMPARE(connectionBudget(1000, 0), size_t(0));
    }
};

QTEST_APPLESS_MAIN(DescriptorLimitTest)
#include "descriptor_limit_test.moc"
