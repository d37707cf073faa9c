#include "runtime/store.h"

#include "base/overloaded.h"
#include "runtime/clock.h"
#include "runtime/database.h"
#include "runtime/runtime_limits.h"
#include "runtime/thread_name.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace wherry::runtime {

namespace {

/// A scan that asks whether decisions are stored: it is answered with what went wrong with one before it.
bool confirms(const StoreScan& scan) {
    return storeUserOf(scan.id) == StoreUser::Decisions;
}

bool isDecision(const StoreOp& op) {
    return std::visit(
        []<typename T>(const T& what) {
            if constexpr (requires { what.durable; })
                return what.durable == Durable::Yes &&
                       (what.space == Space::Peers || what.space == Space::Shares || what.space == Space::Paused);
            else
                return false;
        },
        op);
}

bool isConfirmation(const StoreOp& op) {
    const auto* scan = std::get_if<StoreScan>(&op);
    return scan && confirms(*scan);
}

bool isDurable(const StoreOp& op) {
    return std::visit(
        []<typename T>(const T& what) {
            if constexpr (requires { what.durable; })
                return what.durable == Durable::Yes;
            else
                return confirms(what);
        },
        op);
}

} // namespace

struct Store::Shared {
    Shared(const Log& logIn, Wake wakeIn) : log(logIn), wake(std::move(wakeIn)) {}

    void serve(const std::string& path, std::promise<Result<void>> opened);
    void carryOut(std::vector<StoreOp> batch);
    /// One transaction. The answers to its scans are added to `answers`.
    Result<void> transact(const std::vector<StoreOp>& batch, std::vector<StoreScanned>& answers);
    /// Of a batch that has failed: the decisions behind the last confirmation have not been told of it.
    void noteLost(const std::vector<StoreOp>& batch, const Error& error);
    void reportFailure(const Error& error, size_t operations);

    Log log;
    Wake wake;
    std::mutex mutex;
    std::condition_variable changed; ///< work for the thread, or room and quiet for the others
    std::deque<StoreOp> waiting;
    bool busy = false;
    bool stopping = false;
    std::vector<StoreScanned> scanned;
    std::string aside;                   ///< where a damaged file was put, when the store was opened
    std::optional<std::string> setAside; ///< since then

    // of the store's thread alone
    std::unique_ptr<Database> database;
    Instant nextExpiry{};
    bool failing = false;
    std::optional<Error> lost; ///< why a decision was not stored whose confirmation is still to come

    std::thread thread;
};

void Store::Shared::serve(const std::string& path, std::promise<Result<void>> opened) {
    auto result = Database::open(path, log);
    if (!result) {
        opened.set_value(result.error());
        return;
    }
    database = std::move(*result);
    aside = database->aside();
    opened.set_value({});
    std::unique_lock lock(mutex);
    while (true) {
        changed.wait(lock, [&] { return stopping || !waiting.empty(); });
        if (waiting.empty()) break; // stopping, and everything is done
        size_t count = std::min(waiting.size(), kMaxStoreBatch);
        std::vector<StoreOp> batch(std::make_move_iterator(waiting.begin()),
                                   std::make_move_iterator(waiting.begin() + ptrdiff_t(count)));
        waiting.erase(waiting.begin(), waiting.begin() + ptrdiff_t(count));
        busy = true;
        lock.unlock();
        carryOut(std::move(batch));
        lock.lock();
        busy = false;
        changed.notify_all();
    }
    lock.unlock();
    database.reset(); // on the thread that opened it
}

void Store::Shared::carryOut(std::vector<StoreOp> batch) {
    Now now = readClocks();
    if (now.mono >= nextExpiry) {
        nextExpiry = now.mono + kExpiryInterval;
        if (auto removed = database->removeExpired(now.wall); !removed) reportFailure(removed.error(), 0);
    }
    std::vector<StoreScanned> answers;
    auto done = transact(batch, answers);
    const std::string asideBefore = database->aside();
    if (!done && database->damaged()) {
        answers.clear();
        done = database->startOver();
        if (done) done = transact(batch, answers);
    }
    const bool anew = database->aside() != asideBefore;
    if (done) {
        failing = false;
        if (std::ranges::any_of(batch, isConfirmation)) lost.reset(); // the first of them was told
    } else {
        reportFailure(done.error(), batch.size());
        noteLost(batch, done.error());
        answers.clear();
        for (const StoreOp& op : batch)
            if (const auto* scan = std::get_if<StoreScan>(&op)) answers.push_back({scan->id, done.error()});
    }
    if (answers.empty() && !anew) return;
    bool mustWake;
    {
        std::lock_guard lock(mutex);
        mustWake = scanned.empty() || anew;
        if (anew) setAside = database->aside();
        for (StoreScanned& answer : answers) scanned.push_back(std::move(answer));
    }
    if (mustWake) wake();
}

Result<void> Store::Shared::transact(const std::vector<StoreOp>& batch, std::vector<StoreScanned>& answers) {
    const bool durable = std::ranges::any_of(batch, isDurable);
    TRY_OK(database->begin(durable ? Durable::Yes : Durable::No));
    bool toldOfLoss = false;
    UnixTime now = readClocks().wall;
    for (const StoreOp& op : batch) {
        auto done = std::visit(Overloaded{[&](const StorePut& put) { return database->put(put); },
                                          [&](const StoreErase& erase) { return database->erase(erase); },
                                          [&](const StoreScan& scan) -> Result<void> {
                                              if (confirms(scan) && lost && !std::exchange(toldOfLoss, true)) {
                                                  answers.push_back({scan.id, *lost});
                                                  return {};
                                              }
                                              TRY(auto rows, database->scan(scan, now));
                                              answers.push_back({scan.id, std::move(rows)});
                                              return {};
                                          }},
                               op);
        if (!done) {
            database->rollback();
            return done;
        }
    }
    auto committed = database->commit();
    if (!committed) database->rollback();
    return committed;
}

void Store::Shared::noteLost(const std::vector<StoreOp>& batch, const Error& error) {
    const auto told = std::find_if(batch.rbegin(), batch.rend(), isConfirmation);
    if (told != batch.rend()) lost.reset();
    if (std::any_of(batch.rbegin(), told, isDecision)) lost = error;
}

void Store::Shared::reportFailure(const Error& error, size_t operations) {
    if (!failing) // once per spell of failure: a full disk would fill the log too
        LOG(log, Error, "store", "not stored: " << error.text() << " (" << operations << " operations)");
    failing = true;
}

Store::Store(std::unique_ptr<Shared> shared) : m(std::move(shared)) {}

Result<std::unique_ptr<Store>> Store::open(const std::string& path, const Log& log, Wake wake) {
    auto shared = std::make_unique<Shared>(log, std::move(wake));
    std::promise<Result<void>> opened;
    auto outcome = opened.get_future();
    shared->thread = std::thread([state = shared.get(), path, promise = std::move(opened)]() mutable {
        nameThisThread("store");
        state->serve(path, std::move(promise));
    });
    if (auto result = outcome.get(); !result) {
        shared->thread.join();
        return result.error();
    }
    return std::unique_ptr<Store>(new Store(std::move(shared)));
}

Store::~Store() {
    {
        std::lock_guard lock(m->mutex);
        m->stopping = true;
    }
    m->changed.notify_all();
    m->thread.join();
}

const std::string& Store::aside() const {
    return m->aside; // not written any more once open() has returned
}

void Store::submit(StoreOp op) {
    {
        std::unique_lock lock(m->mutex);
        m->changed.wait(lock, [&] { return m->waiting.size() < kMaxWaitingStoreOps; });
        m->waiting.push_back(std::move(op));
    }
    m->changed.notify_all();
}

std::vector<StoreScanned> Store::takeScanned() {
    std::lock_guard lock(m->mutex);
    return std::exchange(m->scanned, {});
}

std::optional<std::string> Store::takeSetAside() {
    std::lock_guard lock(m->mutex);
    return std::exchange(m->setAside, std::nullopt);
}

void Store::flush() {
    std::unique_lock lock(m->mutex);
    m->changed.wait(lock, [&] { return m->waiting.empty() && !m->busy; });
}

} // namespace wherry::runtime
