// The cost of engine/quic alone: two endpoints in one thread, joined by copying their batches in memory.
// Arguments: [GiB = 2] [streams = 8] [link MTU = 1500] [cubic]. Prints rate, CPU per GiB of both ends together and peak
// memory.

#include "quic/endpoint.h"

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <random>
#include <string_view>

using namespace wherry;
using namespace wherry::quic;

namespace {

class SystemRandom final : public Random {
  public:
    void fill(MutableBytes out) override {
        for (uint8_t& byte : out) byte = static_cast<uint8_t>(m_engine());
    }

  private:
    std::mt19937_64 m_engine{std::random_device{}()};
};

Now readClocks() {
    const auto mono = std::chrono::steady_clock::now().time_since_epoch();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {Instant(std::chrono::duration_cast<Duration>(mono)),
            {std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count()}};
}

double cpuSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct End {
    codec::SocketAddress address;
    SystemRandom random;
    crypto::Identity identity = crypto::Identity::generate(random);
    Log log;
    std::unique_ptr<Endpoint> endpoint;

    End(uint8_t last, const EndpointConfig& config) : address{codec::IpAddress::v4({10, 0, 0, last}), 4001, 0} {
        auto made = Endpoint::create(config, identity, random, std::make_shared<BlockPool>(), log);
        if (!made) std::abort();
        endpoint = std::move(*made);
    }
};

struct Batch {
    SendBatch info;
    Bytes bytes;
};

class Bench {
  public:
    Bench(uint64_t bytes, size_t streams, const EndpointConfig& config)
        : m_share(bytes / streams),
          m_streams(streams),
          m_client(1, config),
          m_server(2, config) {
        auto block = std::make_shared<Block>(kChunkSize);
        for (size_t i = 0; i < kChunkSize; ++i) block->data()[i] = static_cast<uint8_t>(i * 7);
        m_chunk = {block, 0, kChunkSize};
    }

    void run() {
        auto link =
            m_client.endpoint->dial(codec::Multiaddr::quic(m_server.address), m_server.identity.peerId(), readClocks());
        if (!link) std::abort();
        while (m_finished < m_streams) turn();
    }
    uint64_t received() const { return m_received; }
    size_t datagrams() const { return m_datagrams; }
    size_t batches() const { return m_batches; }

  private:
    void turn() {
        const Now now = readClocks();
        for (End* end : {&m_client, &m_server}) {
            if (end->endpoint->deadline() <= now.mono) end->endpoint->onDeadline(now);
            drain(*end);
        }
        pump(m_client, m_server);
        pump(m_server, m_client);
    }
    void drain(End& end) {
        while (const auto event = end.endpoint->poll()) {
            if (const auto* opened = std::get_if<link::LinkOpened>(&*event))
                if (&end == &m_client) start(opened->link);
            if (const auto* writable = std::get_if<link::StreamWritable>(&*event)) write(writable->key);
            if (const auto* readable = std::get_if<link::StreamReadable>(&*event))
                if (&end == &m_server) read(readable->key);
        }
    }
    void start(link::LinkId link) {
        for (size_t i = 0; i < m_streams; ++i) {
            const auto key = m_client.endpoint->openStream(link);
            m_left[*key] = m_share;
            write(*key);
        }
    }
    void write(link::StreamKey key) {
        uint64_t& left = m_left[key];
        while (left > 0) {
            const size_t count = std::min<uint64_t>({m_client.endpoint->writable(key), left, kChunkSize});
            if (count == 0) return;
            left -= count;
            m_client.endpoint->write(key, m_chunk.first(count), left == 0 ? link::Fin::Yes : link::Fin::No);
        }
    }
    void read(link::StreamKey key) {
        for (const Slice& slice : m_server.endpoint->take(key, SIZE_MAX)) {
            m_received += slice.length;
            m_server.endpoint->credit(key, slice.length);
        }
        if (m_server.endpoint->atEnd(key)) ++m_finished;
    }
    /// At most eight batches in one direction, as the network thread does.
    void pump(End& from, End& to) {
        constexpr int kBatchesPerTurn = 8;
        const Now now = readClocks();
        for (int i = 0; i < kBatchesPerTurn; ++i) {
            const auto batch = from.endpoint->nextBatch(m_out, now);
            if (!batch) break;
            ++m_batches;
            std::memcpy(m_in.data(), m_out.data(), batch->length); // what the kernel would do
            for (size_t at = 0; at < batch->length; at += batch->segmentSize) {
                ++m_datagrams;
                to.endpoint->onDatagram({to.address, from.address}, batch->ecn,
                                        {m_in.data() + at, std::min(batch->segmentSize, batch->length - at)}, now);
            }
        }
    }

    uint64_t m_share;
    size_t m_streams;
    End m_client;
    End m_server;
    Slice m_chunk;
    std::map<link::StreamKey, uint64_t> m_left;
    uint64_t m_received = 0;
    size_t m_finished = 0;
    size_t m_datagrams = 0;
    size_t m_batches = 0;
    Bytes m_out = Bytes(kBatchBuffer);
    Bytes m_in = Bytes(kBatchBuffer);
};

} // namespace

int main(int argc, char** argv) {
    const double gib = argc > 1 ? std::atof(argv[1]) : 2;
    const size_t streams = argc > 2 ? static_cast<size_t>(std::atoi(argv[2])) : 8;
    EndpointConfig config;
    if (argc > 3) config.linkMtu = static_cast<size_t>(std::atoi(argv[3]));
    if (argc > 4 && std::string_view(argv[4]) == "cubic") config.congestion = CongestionControl::Cubic;

    Bench bench(static_cast<uint64_t>(gib * 1024 * 1024 * 1024), streams, config);
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpuSeconds();
    bench.run();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double used = cpuSeconds() - cpu;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double done = static_cast<double>(bench.received());
    std::printf(
        "mtu %zu, %zu streams: %.2f GB/s, %.2f core-seconds per GiB (both ends), %.1f datagrams a batch, peak %ld MB\n",
        config.linkMtu, streams, done / seconds / 1e9, used / (done / (1024.0 * 1024 * 1024)),
        static_cast<double>(bench.datagrams()) / static_cast<double>(bench.batches()), usage.ru_maxrss / 1024);
    return 0;
}
