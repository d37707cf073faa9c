#pragma once

#include "quic/endpoint.h"
#include "runtime/file.h"

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <functional>
#include <memory>
#include <vector>

namespace wherry::runtime {

/// Knows the addresses of this machine and says when they have changed. Lives in the thread that made it.
class NetworkWatch final : public QObject {
    Q_OBJECT

  public:
    explicit NetworkWatch(std::function<void()> changed);

    const std::vector<quic::LocalAddress>& interfaces() const { return m_interfaces; }

  private:
    void lookAgain();

    std::function<void()> m_changed;
    std::vector<quic::LocalAddress> m_interfaces;
    File m_notifier;
    std::unique_ptr<QSocketNotifier> m_readable;
    QTimer m_timer;
};

} // namespace wherry::runtime
