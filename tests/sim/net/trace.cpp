#include "sim/net/trace.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace wherry::sim {

std::string_view dropName(Drop reason) {
    switch (reason) {
    case Drop::Loss:
        return "lost";
    case Drop::QueueFull:
        return "queue full";
    case Drop::TooBig:
        return "too big";
    case Drop::LinkDown:
        return "link down";
    case Drop::NoRoute:
        return "no route";
    case Drop::NoMapping:
        return "no NAT mapping";
    case Drop::Filtered:
        return "filtered";
    case Drop::NoSocket:
        return "no socket";
    case Drop::HopLimit:
        return "hop limit";
    }
    return "?";
}

void Trace::hash(ByteView bytes) {
    for (uint8_t byte : bytes) m_hash = (m_hash ^ byte) * 0x100000001B3u;
}

void Trace::hashNumber(uint64_t number) {
    uint8_t raw[8];
    putBigEndian<uint64_t>(raw, number);
    hash(raw);
}

void Trace::hashDatagram(Instant when, char kind, const Datagram& datagram) {
    hashNumber(static_cast<uint64_t>(when.time_since_epoch().count()));
    hashNumber(static_cast<uint64_t>(kind));
    for (const auto& end : {datagram.source, datagram.destination}) {
        hash(end.ip.bytes());
        hashNumber(end.port);
    }
    hashNumber(datagram.payload.size());
}

void Trace::remember(std::deque<Record>& ring, Record record, size_t limit) {
    ring.push_back(std::move(record));
    if (ring.size() > limit) ring.pop_front();
}

void Trace::delivered(Instant when, const Datagram& datagram) {
    ++m_delivered;
    hashDatagram(when, '>', datagram);
    remember(m_packets, {when, '>', datagram.source, datagram.destination, datagram.payload.size(), {}},
             kRemembered / 2);
    for (auto [watch, end] = m_watches.equal_range(m_delivered); watch != end; ++watch) watch->second();
}

void Trace::dropped(Instant when, const Datagram& datagram, Drop reason, const std::string& where) {
    ++m_dropped;
    hashDatagram(when, static_cast<char>('a' + static_cast<int>(reason)), datagram);
    remember(m_packets,
             {when, 'x', datagram.source, datagram.destination, datagram.payload.size(),
              std::string(dropName(reason)) + " at " + where},
             kRemembered / 2);
}

void Trace::note(Instant when, std::string text) {
    hashNumber(static_cast<uint64_t>(when.time_since_epoch().count()));
    hash(asBytes(text));
    remark(when, std::move(text));
}

void Trace::remark(Instant when, std::string text) {
    remember(m_words, {when, '#', {}, {}, 0, std::move(text)}, kRemembered);
}

std::string Trace::lastEvents() const {
    std::vector<const Record*> all;
    for (const auto& record : m_packets) all.push_back(&record);
    for (const auto& record : m_words) all.push_back(&record);
    std::stable_sort(all.begin(), all.end(), [](const Record* a, const Record* b) { return a->when < b->when; });
    std::string out;
    for (const Record* record : all) {
        char time[32];
        const auto sinceStart = record->when - Instant(std::chrono::hours(1));
        std::snprintf(time, sizeof time, "%12.6f ", std::chrono::duration<double>(sinceStart).count());
        out += time;
        out += record->kind;
        out += ' ';
        if (record->kind != '#')
            out += record->from.text() + " -> " + record->to.text() + " " + std::to_string(record->size) + " B ";
        out += record->text + "\n";
    }
    return out;
}

} // namespace wherry::sim
