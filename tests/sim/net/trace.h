#pragma once

#include "base/time.h"
#include "sim/net/datagram.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace wherry::sim {

/// What happened on the network, as a running hash (FNV-1a, 64 bits) over every delivered and dropped datagram and
/// every note, and the last few of them as text for the moment when a scenario fails.
class Trace {
  public:
    static constexpr size_t kRemembered = 80;

    void delivered(Instant when, const Datagram& datagram);
    void dropped(Instant when, const Datagram& datagram, Drop reason, const std::string& where);
    /// Something that a scenario or a node wants in the trace; part of the hash.
    void note(Instant when, std::string text);
    /// A log line: shown on failure, not part of the hash (its text is no promise).
    void remark(Instant when, std::string text);

    /// Calls `reached` when that many datagrams have been delivered.
    void watch(uint64_t deliveredCount, std::function<void()> reached) {
        m_watches.emplace(deliveredCount, std::move(reached));
    }

    uint64_t hash() const { return m_hash; }
    uint64_t deliveredCount() const { return m_delivered; }
    uint64_t droppedCount() const { return m_dropped; }
    std::string lastEvents() const;

  private:
    struct Record {
        Instant when;
        char kind;
        codec::SocketAddress from, to;
        size_t size = 0;
        std::string text;
    };
    void hash(ByteView bytes);
    void hashNumber(uint64_t number);
    void hashDatagram(Instant when, char kind, const Datagram& datagram);
    void remember(std::deque<Record>& ring, Record record, size_t limit);

    uint64_t m_hash = 0xCBF29CE484222325u;
    uint64_t m_delivered = 0;
    uint64_t m_dropped = 0;
    std::multimap<uint64_t, std::function<void()>> m_watches;
    std::deque<Record> m_packets;
    std::deque<Record> m_words;
};

} // namespace wherry::sim
