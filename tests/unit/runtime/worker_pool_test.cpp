#include "runtime/worker_pool.h"

#include <QSemaphore>
#include <QTest>
#include <algorithm>
#include <atomic>
#include <set>

using namespace wherry;
using namespace wherry::runtime;
using node::Job;
using node::JobDone;
using transfer::JobId;
using transfer::JobLane;

namespace {

Job jobOf(uint64_t id, JobLane lane = JobLane::Worker) {
    transfer::Job job;
    job.id = JobId{id};
    job.lane = lane;
    job.work = transfer::ScanJob{};
    return job;
}

JobId idOf(const Job& job) {
    return std::get<transfer::Job>(job).id;
}
JobId idOf(const JobDone& done) {
    return std::get<transfer::JobDone>(done).id;
}

JobDone doneWith(const Job& job) {
    return transfer::JobDone{idOf(job), transfer::JobValue(transfer::Written{})};
}

/// Collects completions until there are as many as wanted; a wake is one token.
std::vector<JobDone> collect(WorkerPool& pool, QSemaphore& wakes, size_t count) {
    std::vector<JobDone> all;
    while (all.size() < count && wakes.tryAcquire(1, 10'000))
        for (JobDone& done : pool.takeDone()) all.push_back(std::move(done));
    return all;
}

} // namespace

class WorkerPoolTest : public QObject {
    Q_OBJECT

  private slots:
    void everyJobHasExactlyOneCompletion() {
        QSemaphore wakes;
        WorkerPool pool(3, doneWith, [&] { wakes.release(); });
        for (uint64_t id = 1; id <= 1000; ++id) pool.submit(jobOf(id, id % 10 ? JobLane::Worker : JobLane::Disk));
        auto all = collect(pool, wakes, 1000);
        std::set<JobId> ids;
        for (const auto& done : all) ids.insert(idOf(done));
        QCOMPARE(all.size(), 1000u);
        QCOMPARE(ids.size(), 1000u);
        QCOMPARE(pool.pending(), 0u);
    }

    void oneWakeCollectsManyCompletions() {
        QSemaphore wakes, gate;
        std::atomic<int> ended = 0;
        WorkerPool pool(
            1,
            [&](const Job& job) {
                if (idOf(job).value == 1) gate.acquire();
                ++ended;
                return doneWith(job);
            },
            [&] { wakes.release(); });
        pool.submit(jobOf(1));
        for (uint64_t id = 2; id <= 50; ++id) pool.submit(jobOf(id));
        pool.submit(jobOf(51, JobLane::Disk));
        QVERIFY(wakes.tryAcquire(1, 10'000)); // the disk job; nothing is taken yet
        gate.release();
        QTRY_COMPARE(ended.load(), 51);
        QTRY_COMPARE(pool.pending() - 0, 51u);
        QVERIFY(!wakes.tryAcquire()); // no second wake before the first has been answered
        std::vector<JobDone> all;
        while (all.size() < 51)
            for (JobDone& done : pool.takeDone()) all.push_back(std::move(done));
        QCOMPARE(all.size(), 51u);
    }

    void aSyncOnTheDiskLaneStopsNoHashing() {
        QSemaphore wakes, gate;
        WorkerPool pool(
            1,
            [&](const Job& job) {
                if (node::laneOf(job) == JobLane::Disk) gate.acquire();
                return doneWith(job);
            },
            [&] { wakes.release(); });
        pool.submit(jobOf(1, JobLane::Disk));
        pool.submit(jobOf(2));
        auto first = collect(pool, wakes, 1);
        QCOMPARE(idOf(first[0]), JobId{2});
        gate.release();
        QCOMPARE(idOf(collect(pool, wakes, 1)[0]), JobId{1});
    }

    void stopsCleanlyWithJobsWaiting() {
        std::atomic<int> ran = 0;
        {
            QSemaphore started;
            WorkerPool pool(
                2,
                [&](const Job& job) {
                    ++ran;
                    started.release();
                    return doneWith(job);
                },
                [] {});
            for (uint64_t id = 1; id <= 1000; ++id) pool.submit(jobOf(id));
            QVERIFY(started.tryAcquire(1, 10'000));
        }
        QVERIFY(ran.load() >= 1);
    }

    void leavesACoreForTheNetworkThread() {
        QVERIFY(workerCount() >= 2);
        QVERIFY(workerCount() <= 8);
    }
};

QTEST_APPLESS_MAIN(WorkerPoolTest)
#include "worker_pool_test.moc"
