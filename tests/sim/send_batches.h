#pragma once

#include "quic/send_batch.h"
#include "sim/net/host.h"

#include <algorithm>

namespace wherry::sim {

/// Puts everything that `machine` (a node or a bare QUIC endpoint) wants to send on the virtual network, cut into
/// datagrams as GSO does; `second`: the port of a second socket, if there is one. True when there was anything.
template <typename Machine> bool sendBatches(Machine& machine, Host& host, uint16_t port, Now now, uint16_t second = 0) {
    Bytes buffer(64 * 1024);
    bool any = false;
    while (const auto batch = machine.nextBatch(buffer, now)) {
        any = true;
        const ByteView whole(buffer.data(), batch->length);
        const uint16_t from = second != 0 && batch->path.local.port == second ? second : port;
        for (size_t at = 0; at < batch->length; at += batch->segmentSize) {
            const auto segment = whole.subspan(at, std::min(batch->segmentSize, batch->length - at));
            const auto sent = host.send({batch->path.local.ip, from}, batch->path.remote, batch->ecn, segment);
            if (sent == Host::Sent::Yes) continue;
            machine.onSendFailed(
                batch->path,
                sent == Host::Sent::TooBig ? quic::SendFailure::MessageTooBig : quic::SendFailure::Unreachable, now);
            break; // one refusal is for the whole batch
        }
    }
    return any;
}

} // namespace wherry::sim
