#include "sim/sim_pipes.h"

#include <algorithm>

namespace wherry::sim {

using codec::SocketAddress;
using link::LinkId;

void SimPipes::listen(const SocketAddress& address, bytepipe::PipeKind kind, PipeOwner& owner) {
    m_listeners[address] = {&owner, kind};
}

void SimPipes::open(PipeOwner& from, LinkId id, const SocketAddress& local, const SocketAddress& remote) {
    m_opening.insert({&from, id});
    m_simulation.after(m_config.delay, [this, owner = &from, id, local, remote] { arrive(owner, id, local, remote); });
}

/// What the dialler hears of comes a delay later; by then it may have given up, or have been killed.
void SimPipes::arrive(PipeOwner* from, LinkId id, const SocketAddress& local, const SocketAddress& remote) {
    if (!m_opening.contains({from, id})) return;
    const auto listener = m_listeners.find(remote);
    const auto accepted = listener == m_listeners.end()
                              ? std::nullopt
                              : listener->second.owner->pipeAccepted({remote, local, listener->second.kind});
    if (!accepted) {
        m_simulation.after(m_config.delay, [this, from, id, remote] {
            if (m_opening.erase({from, id}) == 0) return;
            from->pipeFailed(id, makeError(Errc::Unreachable, remote.text() + " refused"));
        });
        return;
    }
    auto pipe = std::make_shared<Pipe>();
    (*pipe)[0] = {from, id};
    (*pipe)[1] = {listener->second.owner, *accepted};
    m_ends[{from, id}] = {pipe, 0};
    m_ends[{listener->second.owner, *accepted}] = {pipe, 1};
    m_simulation.after(m_config.delay, [this, from, id, local] {
        if (m_opening.erase({from, id}) > 0) from->pipeOpened(id, local);
    });
}

Instant SimPipes::schedule(End& from, size_t bytes) {
    const double seconds = static_cast<double>(bytes) / static_cast<double>(m_config.bytesPerSecond);
    const Instant start = std::max(from.busyUntil, m_simulation.now().mono);
    from.busyUntil = start + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    return from.busyUntil + m_config.delay;
}

void SimPipes::transmit(const Place& from, Bytes bytes) {
    End& sender = (*from.pipe)[from.side];
    sender.underWay += bytes.size();
    const Instant at = schedule(sender, bytes.size());
    auto kept = std::make_shared<Bytes>(std::move(bytes));
    m_simulation.after(at - m_simulation.now().mono, [pipe = from.pipe, side = from.side, kept] {
        End& sent = (*pipe)[side];
        sent.underWay -= kept->size();
        const End& receiver = (*pipe)[1 - side];
        if (receiver.owner) receiver.owner->pipeBytes(receiver.id, *kept);
        if (sent.owner && std::exchange(sent.blocked, false)) sent.owner->pipeWritable(sent.id);
    });
}

bool SimPipes::write(PipeOwner& owner, LinkId id, ByteView bytes) {
    const auto found = m_ends.find({&owner, id});
    if (found == m_ends.end()) return true;
    End& end = (*found->second.pipe)[found->second.side];
    transmit(found->second, toBytes(bytes));
    end.blocked = end.underWay >= m_config.buffer;
    return !end.blocked;
}

void SimPipes::close(PipeOwner& owner, LinkId id, Bytes farewell) {
    m_opening.erase({&owner, id});
    auto found = m_ends.extract({&owner, id});
    if (!found) return;
    const Place place = found.mapped();
    End& end = (*place.pipe)[place.side];
    if (!farewell.empty()) transmit(place, std::move(farewell));
    end.owner = nullptr;
    const Instant at = schedule(end, 0);
    m_simulation.after(at - m_simulation.now().mono, [this, place] {
        End& other = (*place.pipe)[1 - place.side];
        PipeOwner* peer = std::exchange(other.owner, nullptr);
        if (!peer) return;
        m_ends.erase({peer, other.id});
        m_opening.erase({peer, other.id});
        peer->pipeEnded(other.id);
    });
}

void SimPipes::kill(PipeOwner& owner) {
    std::erase_if(m_listeners, [&](const auto& entry) { return entry.second.owner == &owner; });
    std::erase_if(m_opening, [&](const auto& entry) { return entry.first == &owner; });
    for (auto at = m_ends.begin(); at != m_ends.end();) {
        if (at->first.first != &owner) {
            ++at;
            continue;
        }
        const Place place = at->second;
        at = m_ends.erase(at);
        (*place.pipe)[place.side].owner = nullptr;
        m_simulation.after(m_config.delay, [this, place] {
            End& other = (*place.pipe)[1 - place.side];
            PipeOwner* peer = std::exchange(other.owner, nullptr);
            if (!peer) return;
            m_ends.erase({peer, other.id});
            m_opening.erase({peer, other.id});
            peer->pipeFailed(other.id, makeError(Errc::ConnectionLost, "reset"));
        });
    }
}

} // namespace wherry::sim
