#include "base/assert.h"
#include "base/bytes.h"
#include "transfer/entry_name.h"
#include "transfer/manifest.h"
#include "wire/transfer.pb.h"

using namespace wherry;
using namespace wherry::transfer;

/// A page that a reader takes makes a manifest of valid paths that comes back the same over the wire.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    wire::ManifestPage page;
    if (size > kMaxControlMessage || !page.ParseFromArray(data, int(size)) || page.entries_size() == 0) return 0;
    uint64_t total = 0;
    for (const auto& entry : page.entries())
        if (__builtin_add_overflow(total, entry.size(), &total)) return 0;
    auto reader = ManifestReader::begin(uint64_t(page.entries_size()), total);
    if (!reader || !reader->addPage(page)) return 0;
    const auto manifest = reader->finish();
    ASSERT(manifest && manifest->totalBytes() == total);
    auto again = ManifestReader::begin(manifest->count(), total);
    ASSERT(again);
    for (uint32_t next = 0; next < manifest->count();) {
        wire::ManifestPage out;
        next = manifest->fillPage(next, out);
        ASSERT(again->addPage(out));
    }
    const auto copy = again->finish();
    ASSERT(copy && copy->count() == manifest->count());
    for (uint32_t i = 0; i < manifest->count(); ++i) {
        ASSERT(validatePath(manifest->path(i)));
        ASSERT(copy->entryKey(i) == manifest->entryKey(i) && copy->path(i) == manifest->path(i));
    }
    return 0;
}
