#include "fuzz/quic_datagram_world.h"

#include <cstdio>
#include <fstream>
#include <string>

using namespace wherry;
using namespace wherry::fuzz;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

void save(const std::string& folder, const char* name, QuicMode mode, const std::vector<Bytes>& records) {
    Bytes input{static_cast<uint8_t>(mode)};
    for (const Bytes& record : records) putRecord(input, record);
    std::ofstream file(folder + "/" + name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
}

Bytes flagged(uint8_t flags, ByteView datagram) {
    Bytes record{flags};
    append(record, datagram);
    return record;
}

/// What two ends send one another in a handshake and a little afterwards.
struct Recorded {
    std::vector<Bytes> toServer, toClient;

    Recorded() {
        Pair pair;
        Echo echo(pair.server);
        pair.wire.filter = [&](Flight& flight) {
            (flight.to == pair.server.address ? toServer : toClient).push_back(flight.bytes);
            return true;
        };
        const bool open = pair.connect();
        ASSERT(open);
        const auto key = *pair.client.endpoint->openStream(pair.link);
        pair.client.endpoint->write(key, Slice::copyOf(asBytes("hello")), link::Fin::Yes);
        pair.wire.run(1s);
        pair.client.endpoint->close(pair.link, 7, "bye", pair.wire.now);
        pair.wire.run(1s);
    }
};

} // namespace

/// Writes the corpus of the quic_datagram target: `quic_datagram_corpus FOLDER`.
int main(int argumentCount, char** arguments) {
    if (argumentCount != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 2;
    }
    const std::string folder = arguments[1];
    const Recorded recorded;
    save(folder, "initial", QuicMode::Stranger, {recorded.toServer.front()});
    save(folder, "both_flights", QuicMode::Stranger, recorded.toServer);
    Bytes otherVersion = recorded.toServer.front();
    otherVersion[4] = 9;
    save(folder, "other_version", QuicMode::Stranger, {otherVersion});

    std::vector<Bytes> replayed;
    for (const Bytes& datagram : recorded.toServer) replayed.push_back(flagged(0, datagram));
    for (const Bytes& datagram : recorded.toClient) replayed.push_back(flagged(kToClient, datagram));
    save(folder, "replay", QuicMode::Live, replayed);
    const Bytes shortPacket = recorded.toServer.back();
    save(folder, "short_with_real_id", QuicMode::Live,
         {flagged(kWithRealId, shortPacket), flagged(kWithRealId | kToClient, shortPacket)});

    save(folder, "changes", QuicMode::Meddler,
         {{0, 0, 0, 30, 1}, {1, 2, 0, 0, 0}, {2, 4, 0, 0, 0}, {3, 1, 4, 0, 0}, {5, 3, 0, 0, 200}, {9, 0, 0, 1, 255}});
    save(folder, "server_flight", QuicMode::Meddler, {{1, 0, 3, 0, 8}, {4, 0, 0, 0, 0x80}});

    const Bytes text = toBytes(asBytes("text"));
    save(folder, "stream", QuicMode::Frames, {frame({0x0e, 0, 0, 4}, text), frame({0x0f, 0, 4, 4}, text)});
    save(folder, "stream_gaps", QuicMode::Frames, {frame({0x0e, 4, 100, 4}, text), frame({0x0e, 4, 90, 4}, text)});
    save(folder, "reset_and_stop", QuicMode::Frames, {frame({0x04, 0, 5, 0}), frame({0x05, 4, 9})});
    save(folder, "ids", QuicMode::Frames, {frame({0x19, 1}), frame({0x18, 2, 1}, Bytes(33, 8))});
    save(folder, "path", QuicMode::Frames, {frame({0x1a}, Bytes(8, 1)), frame({0x1b}, Bytes(8, 2))});
    save(folder, "windows", QuicMode::Frames,
         {frame({0x10, 1 << 20}), frame({0x11, 0, 99}), frame({0x12, 500}), frame({0x14, 3}), frame({0x16, 8})});
    save(folder, "acknowledge_unsent", QuicMode::Frames, {frame({0x02, 1'000'000, 0, 0, 10})});
    save(folder, "crypto_and_token", QuicMode::Frames, {frame({0x06, 70'000, 4}, text), frame({0x07, 4}, text)});
    save(folder, "datagram_and_close", QuicMode::Frames, {frame({0x31, 4}, text), frame({0x1d, 5, 4}, text)});
    return 0;
}
