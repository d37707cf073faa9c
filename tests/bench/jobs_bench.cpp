/// What a chunk costs in our own layer, on one thread and storage in memory: hash the group, read with proof, verify
/// and write. Usage: jobs_bench [MiB of one file, default 256]
#include "support/memory_storage.h"
#include "transfer/job.h"
#include "transfer/transfer_limits.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

using namespace wherry;
using namespace wherry::transfer;
using wherry::testing::MemoryStorage;

namespace {

/// CPU time: the budget is in core-seconds, and a busy machine does not change it.
struct Timer {
    double seconds = 0;
    template <typename Work> auto operator()(Work&& work) {
        const std::clock_t begin = std::clock();
        auto result = work();
        seconds += double(std::clock() - begin) / CLOCKS_PER_SEC;
        return result;
    }
};

template <typename Value> Value run(JobWork work, Storage& storage, BlockPool& pool) {
    JobDone done = runJob({JobId{1}, JobLane::Worker, std::move(work)}, storage, pool);
    if (!done.outcome) {
        std::fprintf(stderr, "%s\n", done.outcome.error().text().c_str());
        std::exit(1);
    }
    return std::get<Value>(std::move(*done.outcome));
}

Bytes content(size_t length, bool compressible) {
    Bytes out(length);
    uint64_t state = 1;
    for (uint8_t& byte : out) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        byte = compressible ? uint8_t("acgt"[state >> 62]) : uint8_t(state >> 56);
    }
    return out;
}

void measure(const char* name, size_t length, bool compressible) {
    MemoryStorage storage;
    BlockPool pool;
    storage.addFile("/out/f", content(length, compressible));
    const SourceRef source{"/out/f", "", *(*storage.openSource("/out/f", ""))->stamp()};
    const DestinationPtr in = run<DestinationPtr>(OpenDestinationJob{"/in"}, storage, pool);
    run<PartReady>(PreparePartJob{in, ".f.part", length, false}, storage, pool);
    Timer hash;
    Timer read;
    Timer write;
    uint64_t onWire = 0;
    ChunkRoots roots;
    std::optional<WriteChunkJob> first; // chunks are written in pairs, as the receiver does
    for (uint32_t chunk = 0; chunk < chunkCount(length); ++chunk) {
        if (indexInGroup(chunk) == 0)
            roots = hash([&] { return run<ChunkRoots>(HashGroupJob{source, groupOfChunk(chunk)}, storage, pool); });
        const FrameReady frame = read([&] {
            return run<FrameReady>(ReadChunkJob{source, 0, chunk, roots, true}, storage, pool);
        });
        onWire += frame.payloadOnWire;
        const Slice& whole = frame.frame.front();
        const size_t headerSize = whole.length - frame.payloadOnWire;
        const FrameHeader header = *decodeFrameHeader(whole.view().first(headerSize));
        WriteChunkJob job{in, ".f.part", length, std::get<ChunkHeader>(header), {whole.from(headerSize)}};
        if (!first)
            first = std::move(job);
        else
            write([&] {
                return run<PairWritten>(
                    WriteChunkPairJob{{std::move(*std::exchange(first, std::nullopt)), std::move(job)}}, storage, pool);
            });
    }
    if (first) write([&] { return run<Written>(std::move(*first), storage, pool); });
    run<Written>(FinishFileJob{in, ".f.part", "f", length, 1, false, OnExisting::Fail}, storage, pool);
    if (storage.content("/in/f") != storage.content("/out/f")) std::exit(1);
    const double gib = double(length) / double(1 << 30);
    std::printf(
        "%-12s on wire %5.1f %%   hash %6.3f   read+frame %6.3f   verify+write %6.3f   core-s/GiB   (%.2f / %.2f / "
        "%.2f GB/s)\n",
        name, 100.0 * double(onWire) / double(length), hash.seconds / gib, read.seconds / gib, write.seconds / gib,
        double(length) / 1e9 / hash.seconds, double(length) / 1e9 / read.seconds, double(length) / 1e9 / write.seconds);
}

} // namespace

int main(int argc, char** argv) {
    const size_t length = (argc > 1 ? size_t(std::atoi(argv[1])) : 256) << 20;
    std::printf("SHA-256 leaves: %s\n", crypto::sha256LeavesBackend());
    measure("random", length, false);
    measure("compressible", length, true);
    return 0;
}
