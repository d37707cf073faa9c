#include "fuzz/quic_datagram_world.h"

using namespace wherry;
using namespace wherry::fuzz;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

/// Records of one input that are looked at: enough for every mode, few enough for a thousand inputs a second.
constexpr size_t kMaxRecords = 32;

void requireBounded(const Endpoint& endpoint) {
    const Endpoint::Load load = endpoint.load();
    ASSERT(load.connections <= kMaxConnections && load.halfOpen <= kMaxHalfOpen && load.closing <= kMaxClosing);
    ASSERT(load.connectionIds <= (kActiveConnectionIds + 2) * (load.connections + load.closing));
}

void fuzzStranger(ByteView in) {
    Wire wire;
    Node& server = wire.add();
    for (size_t i = 0; i < kMaxRecords; ++i) {
        const auto datagram = takeRecord(in);
        if (!datagram) break;
        wire.inject(v4(9, static_cast<uint16_t>(4000 + i % 4)), server.address, *datagram);
        wire.run(20ms);
        requireBounded(*server.endpoint);
    }
    wire.run(kDefaultHandshakeTimeout + 1s);
    ASSERT(server.endpoint->load().halfOpen == 0 && server.events.empty());
}

/// Nobody who only sees or guesses datagrams can end an open link (RFC 9000 21.1).
void fuzzLive(ByteView in) {
    Pair pair;
    Bytes idOfServer(kConnectionIdLength), idOfClient(kConnectionIdLength);
    pair.wire.filter = [&](Flight& flight) {
        if ((flight.bytes[0] & 0x80) == 0 && flight.bytes.size() > kConnectionIdLength)
            std::copy_n(flight.bytes.begin() + 1, kConnectionIdLength,
                        (flight.to == pair.server.address ? idOfServer : idOfClient).begin());
        return true;
    };
    const bool open = pair.connect();
    ASSERT(open);
    for (size_t i = 0; i < kMaxRecords; ++i) {
        const auto record = takeRecord(in);
        if (!record) break;
        if (record->empty()) continue;
        const uint8_t flags = record->front();
        Bytes datagram = toBytes(record->subspan(1));
        const bool toClient = (flags & kToClient) != 0;
        const Bytes& id = toClient ? idOfClient : idOfServer;
        if ((flags & kWithRealId) && datagram.size() > id.size())
            std::copy(id.begin(), id.end(), datagram.begin() + ((datagram[0] & 0x80) && datagram.size() > 22 ? 6 : 1));
        const auto& from = toClient ? pair.server.address : pair.client.address;
        const auto& to = toClient ? pair.client.address : pair.server.address;
        pair.wire.inject(from, to, datagram);
        pair.wire.run(15ms);
    }
    pair.wire.run(2s);
    ASSERT(!pair.client.has<link::LinkClosed>() && !pair.server.has<link::LinkClosed>());
    requireBounded(*pair.server.endpoint);
    requireBounded(*pair.client.endpoint);
}

/// False: it is lost.
bool apply(Change change, size_t offset, uint8_t value, Flight& flight, Wire& wire) {
    Bytes& bytes = flight.bytes;
    offset %= bytes.size();
    switch (change) {
    case Change::Flip:
        bytes[offset] ^= value;
        return true;
    case Change::Cut:
        bytes.resize(offset);
        return !bytes.empty();
    case Change::Repeat:
        wire.inject(flight.from, flight.to, bytes);
        return true;
    case Change::Grow:
        bytes.insert(bytes.end(), value, value);
        return true;
    case Change::Swallow:
        return false;
    }
    return true;
}

void fuzzMeddler(ByteView in) {
    Pair pair;
    Echo echo(pair.server);
    std::map<uint8_t, ByteView> changes;
    while (auto record = takeRecord(in))
        if (record->size() >= kChangeBytes) changes.emplace(record->front(), *record);
    size_t number = 0;
    pair.wire.filter = [&](Flight& flight) {
        const auto found = number < 256 ? changes.find(static_cast<uint8_t>(number)) : changes.end();
        ++number;
        if (found == changes.end()) return true;
        const ByteView how = found->second;
        return apply(Change(how[1] % kChanges), size_t(how[2]) << 8 | how[3], how[4], flight, pair.wire);
    };
    if (pair.connect(15s)) {
        const auto key = *pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(key, Slice::copyOf(Bytes(20'000, 7)), link::Fin::Yes);
        pair.wire.run(5s, [&] { return pair.client.endpoint->available(key) == 20'000; });
    }
    requireBounded(*pair.server.endpoint);
    requireBounded(*pair.client.endpoint);
}

void fuzzFrames(ByteView in) {
    Pair pair;
    const bool open = pair.connect();
    ASSERT(open);
    HostileClient hostile(pair.wire, pair.server, v4(66));
    const bool confirmed = hostile.connect();
    ASSERT(confirmed);
    for (size_t i = 0; i < kMaxRecords; ++i) {
        const auto frames = takeRecord(in);
        if (!frames) break;
        if (frames->empty()) continue;
        hostile.send(*frames);
        pair.wire.run(15ms);
        requireBounded(*pair.server.endpoint);
    }
    // What it does to its own link is its own affair.
    pair.wire.run(1s);
    ASSERT(!pair.client.has<link::LinkClosed>());
    for (const auto& closed : pair.server.all<link::LinkClosed>()) ASSERT(!closed.error.context.empty());
}

} // namespace

/// The datagram entry of QUIC, Endpoint::onDatagram (SECURITY D1, D9, D13). TLS draws its own randomness, so packets
/// are not the same in every run; what a record asks for is.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const ByteView in(data + 1, size - 1);
    switch (QuicMode(data[0] % kQuicModes)) {
    case QuicMode::Stranger:
        fuzzStranger(in);
        break;
    case QuicMode::Live:
        fuzzLive(in);
        break;
    case QuicMode::Meddler:
        fuzzMeddler(in);
        break;
    case QuicMode::Frames:
        fuzzFrames(in);
        break;
    }
    return 0;
}
