#pragma once

#include <QObject>
#include <QThreadPool>
#include <utility>

namespace wherry::runtime {

/// Reads what takes a while beside the thread that made it: one thing after the other, in a thread that ends when there
/// is nothing to do. What was found comes back through the event loop, in order. Its end waits for what is under way,
/// and nothing comes back any more.
class Background final : public QObject {
  public:
    Background() { m_pool.setMaxThreadCount(1); }
    ~Background() override {
        m_pool.clear();
        m_pool.waitForDone();
    }

    /// `read` runs elsewhere and must share nothing; `done` gets its result.
    template <typename Read, typename Done> void run(Read read, Done done) {
        m_pool.start([this, what = std::move(read), then = std::move(done)] {
            QMetaObject::invokeMethod(
                this, [result = what(), then]() mutable { then(std::move(result)); }, Qt::QueuedConnection);
        });
    }

  private:
    QThreadPool m_pool;
};

} // namespace wherry::runtime
