#pragma once

#include "runtime/socket_set.h"

#include <map>
#include <optional>

namespace wherry::runtime {

/// The sending half of a set of sockets. A socket that is full keeps what it did not take of one batch, and until that
/// is out takes nothing more; the others go on. Holds at most one batch (kMaxBatchBytes) per socket.
class DatagramSender {
  public:
    /// The system did not take a datagram of this path; it is lost, as datagrams may be.
    struct Failure {
        quic::Path path;
        quic::SendFailure reason;
    };

    /// `sockets` outlives the sender and may still be empty.
    explicit DatagramSender(const BoundSockets& sockets) : m_sockets(sockets) {}

    /// For quic::Endpoint::nextBatch(). A path that no socket serves can be sent on: send() tells that it fails.
    bool canSend(const quic::Path& path) const;
    /// `bytes`: the batch's. What is meant for a full socket all the same is dropped.
    std::optional<Failure> send(const quic::SendBatch& batch, ByteView bytes);
    /// The system says that there is room: sends what the socket has kept.
    std::optional<Failure> onWritable(UdpSocket& socket);

    bool isFull(const UdpSocket& socket) const { return m_kept.contains(&socket); }
    bool anyFull() const { return !m_kept.empty(); }

  private:
    struct Kept {
        quic::SendBatch batch;
        Bytes rest;
    };
    std::optional<Failure> sendOn(UdpSocket& socket, const quic::SendBatch& batch, ByteView bytes);

    const BoundSockets& m_sockets;
    std::map<const UdpSocket*, Kept> m_kept;
};

} // namespace wherry::runtime
