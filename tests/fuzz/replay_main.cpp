#include "base/bytes.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using namespace wherry;

/// Up to so many bytes a file is also replayed cut off at every length.
constexpr size_t kMaxCutBytes = 2048;

/// A heap copy of just this size, so that a sanitizer sees every read beyond the end.
void replay(ByteView input) {
    const Bytes copy = toBytes(input);
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

void replayWithCuts(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const Bytes input((std::istreambuf_iterator<char>(file)), {});
    replay(input);
    if (input.size() > kMaxCutBytes) return;
    for (size_t length = 0; length < input.size(); ++length) replay(ByteView(input).first(length));
}

} // namespace

/// Runs a fuzz target over the files of its corpus, without libFuzzer: `fuzz_NAME CORPUS-FOLDER`.
int main(int argumentCount, char** arguments) {
    if (argumentCount != 2 || !std::filesystem::is_directory(arguments[1])) {
        std::fprintf(stderr, "usage: %s CORPUS-FOLDER\n", arguments[0]);
        return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[1]))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) replayWithCuts(file);
    std::printf("%zu files replayed\n", files.size());
    return files.empty() ? 1 : 0;
}
