#pragma once

#include "base/log.h"
#include "discovery/discovery.h"
#include "runtime/multicast_socket.h"

#include <QObject>
#include <QSocketNotifier>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace wherry::runtime {

/// The sockets of multicast DNS: one for each interface and family that discovery speaks on. Lives in the thread that
/// made it.
class Multicast final : public QObject {
    Q_OBJECT

  public:
    /// `heard` is called for each datagram, `settled` after those of one wake.
    Multicast(const Log& log, std::function<void(const discovery::Heard&)> heard, std::function<void()> settled);

    /// Opens and closes sockets. An interface that cannot be joined is left out until the next call.
    void setLinks(const std::vector<discovery::LocalLink>& links);
    void send(const discovery::SendMulticast& out);
    size_t open() const { return m_sockets.size(); }

  private:
    using Key = std::pair<uint32_t, codec::IpAddress::Family>;
    struct Watched {
        std::unique_ptr<MulticastSocket> socket;
        std::unique_ptr<QSocketNotifier> readable;
    };

    void openSocket(const Key& key);
    void onReadable(const Key& key);

    const Log& m_log;
    std::function<void(const discovery::Heard&)> m_heard;
    std::function<void()> m_settled;
    std::map<Key, Watched> m_sockets;
};

} // namespace wherry::runtime
