#pragma once

#include "platform/posix/control_message.h"
#include "runtime/file.h"
#include "runtime/udp_socket.h"

#include <sys/socket.h>

#include <vector>

namespace wherry::platform {

template <typename Value> int setOption(int socket, int level, int option, Value value) {
    return setsockopt(socket, level, option, &value, sizeof(value));
}

/// What a UDP socket does alike on Linux and macOS. Its descriptor does not block; `family` is the descriptor's, and an
/// IPv4 address travels over AF_INET6 as a mapped one.
class PosixUdpSocket : public runtime::UdpSocket {
  public:
    Result<void> bindTo(const runtime::SocketBinding& binding);

    runtime::NativeSocket native() const override { return m_handle.native(); }
    codec::SocketAddress localAddress() const override { return m_local; }
    runtime::SocketFamilies families() const override { return m_families; }
    std::optional<runtime::ReceivedBatch> receive() override;

  protected:
    PosixUdpSocket(runtime::File handle, runtime::SocketFamilies families, int family);

    /// An item that came with a datagram, other than packet info and the traffic class of IPv6.
    virtual void readOwnControl(const cmsghdr& header, runtime::ReceivedBatch& batch) const = 0;

    int family() const { return m_family; }
    /// Sends one message from a chosen address (unspecified, or of the other family: the system chooses). `addControl`
    /// adds what else belongs to it. A failure leaves errno as the system has set it.
    template <typename AddControl>
    runtime::SendOutcome sendMessage(const quic::Path& path, ByteView bytes, AddControl addControl) const {
        msghdr message{};
        ControlWriter control(message);
        addSource(control, path);
        addControl(control);
        control.finish();
        return transmit(message, path.remote, bytes);
    }

  private:
    void readControl(msghdr& message, runtime::ReceivedBatch& batch) const;
    void addSource(ControlWriter& control, const quic::Path& path) const;
    runtime::SendOutcome transmit(msghdr& message, const codec::SocketAddress& remote, ByteView bytes) const;

    runtime::File m_handle;
    runtime::SocketFamilies m_families;
    int m_family;
    codec::SocketAddress m_local;
    std::vector<uint8_t> m_buffer;
};

} // namespace wherry::platform
