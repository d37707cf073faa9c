#include "runtime/datagram_sender.h"

namespace wherry::runtime {

using quic::SendFailure;

bool DatagramSender::canSend(const quic::Path& path) const {
    const UdpSocket* socket = m_sockets.socketFor(path);
    return !socket || !isFull(*socket);
}

std::optional<DatagramSender::Failure> DatagramSender::send(const quic::SendBatch& batch, ByteView bytes) {
    UdpSocket* socket = m_sockets.socketFor(batch.path);
    if (!socket) return Failure{batch.path, SendFailure::Unreachable};
    if (isFull(*socket)) return std::nullopt;
    return sendOn(*socket, batch, bytes);
}

std::optional<DatagramSender::Failure> DatagramSender::onWritable(UdpSocket& socket) {
    auto kept = m_kept.extract(&socket);
    if (!kept) return std::nullopt;
    return sendOn(socket, kept.mapped().batch, kept.mapped().rest);
}

std::optional<DatagramSender::Failure> DatagramSender::sendOn(UdpSocket& socket, const quic::SendBatch& batch,
                                                              ByteView bytes) {
    size_t sent = 0;
    switch (socket.send(batch.path, batch.ecn, bytes, batch.segmentSize, sent)) {
    case SendOutcome::Sent:
        return std::nullopt;
    case SendOutcome::WouldBlock:
        m_kept.emplace(&socket, Kept{batch, toBytes(bytes.subspan(sent))});
        return std::nullopt;
    case SendOutcome::MessageTooBig:
        return Failure{batch.path, SendFailure::MessageTooBig};
    case SendOutcome::Unreachable:
        return Failure{batch.path, SendFailure::Unreachable};
    case SendOutcome::Failed:
        break;
    }
    return Failure{batch.path, SendFailure::Other};
}

} // namespace wherry::runtime
