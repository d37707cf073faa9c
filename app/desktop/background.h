#pragma once

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>
#include <utility>

namespace wherry::desktop {

/// Does `work()` in another thread, for disks may be slow and the window is not to wait for them; then `then(result)`
/// in the window's thread, unless `receiver` is gone by that time.
template <typename Receiver, typename Work, typename Then> void inBackground(Receiver* receiver, Work work, Then then) {
    QThreadPool::globalInstance()->start(
        [receiver = QPointer<Receiver>(receiver), work = std::move(work), then = std::move(then)] {
            auto result = work();
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [receiver, then, result = std::move(result)] {
                    if (receiver) then(result);
                },
                Qt::QueuedConnection);
        });
}

} // namespace wherry::desktop
