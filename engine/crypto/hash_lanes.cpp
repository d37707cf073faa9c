#include "crypto/hash_lanes.h"

#include "base/assert.h"
#include "crypto/crypto_limits.h"

#include <algorithm>

#ifdef WHERRY_HAVE_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

namespace wherry::crypto {

#ifdef WHERRY_HAVE_IPSEC_MB

namespace {

struct ManagerDeleter {
    void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, ManagerDeleter>;

/// Prefix, message, and room so that no two messages share a cache line.
constexpr size_t kLaneBytes = kMaxLaneMessageBytes + 64;

Manager makeManager(void (*init)(IMB_MGR*), uint64_t flags) {
    Manager manager(alloc_mb_mgr(flags));
    if (manager) init(manager.get());
    return manager && imb_get_errno(manager.get()) == 0 ? std::move(manager) : nullptr;
}

bool has(const Manager& manager, uint64_t features) {
    return manager && (manager->features & features) == features;
}

} // namespace

struct HashLanes::Kind {
    Manager manager;
    size_t width;         ///< messages in one pass
    size_t leastMessages; ///< below that something else is faster
};

HashLanes::HashLanes() {
    const auto offer = [this](Manager manager, size_t width, size_t leastMessages) {
        m_scratch.resize(std::max(m_scratch.size(), width * kLaneBytes));
        Kind kind{std::move(manager), width, leastMessages};
        if (reproducesGnutls(kind)) m_kinds.push_back(std::move(kind));
    };
    Manager pairs = makeManager(init_mb_mgr_sse, 0);
    if (!pairs) return;
    const bool shaInstructions = has(pairs, IMB_CPUFLAGS_SSE | IMB_FEATURE_SHANI);
    if (has(pairs, IMB_CPUFLAGS_AVX512)) {
        offer(makeManager(init_mb_mgr_avx512, 0), 16, shaInstructions ? 10 : 4);
    } else if (has(pairs, IMB_CPUFLAGS_AVX2) && !shaInstructions) {
        offer(makeManager(init_mb_mgr_avx2, 0), 8, 4);
    }
    if (shaInstructions) offer(std::move(pairs), 2, 2);
    if (m_kinds.empty()) m_scratch = {};
}

HashLanes::~HashLanes() = default;

/// Lengths around the borders of SHA-256's padding, and one of many blocks.
bool HashLanes::reproducesGnutls(const Kind& kind) {
    if (!kind.manager) return false;
    static constexpr size_t kLengths[] = {0, 1, 54, 55, 56, 62, 63, 64, 65, 119, 127, 1000, 4096, 5, 4095, 300};
    Bytes text(4096);
    for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<uint8_t>(i * 31 + 7);
    std::vector<ByteView> messages;
    for (const size_t length : kLengths) messages.push_back(ByteView(text).first(length));
    for (size_t at = 0; at + kind.width <= messages.size(); at += kind.width) {
        const auto group = std::span(messages).subspan(at, kind.width);
        std::vector<Digest> digests(kind.width);
        if (!run(kind, group, digests)) return false;
        for (size_t i = 0; i < kind.width; ++i) {
            Bytes leaf{0x00};
            append(leaf, group[i]);
            if (sha256(leaf) != digests[i]) return false;
        }
    }
    return true;
}

bool HashLanes::run(const Kind& kind, std::span<const ByteView> messages, std::span<Digest> out) {
    IMB_MGR* manager = kind.manager.get();
    size_t done = 0;
    const auto finish = [&done](const IMB_JOB* job) {
        if (job && job->status == IMB_STATUS_COMPLETED) ++done;
        return job != nullptr;
    };
    for (size_t i = 0; i < messages.size(); ++i) {
        uint8_t* leaf = m_scratch.data() + i * kLaneBytes;
        leaf[0] = 0x00;
        if (!messages[i].empty()) std::memcpy(leaf + 1, messages[i].data(), messages[i].size());
        IMB_JOB* job = IMB_GET_NEXT_JOB(manager);
        *job = IMB_JOB{};
        job->src = leaf;
        job->msg_len_to_hash_in_bytes = messages[i].size() + 1;
        job->auth_tag_output = out[i].data();
        job->auth_tag_output_len_in_bytes = out[i].size();
        job->hash_alg = IMB_AUTH_SHA_256;
        job->cipher_mode = IMB_CIPHER_NULL;
        job->cipher_direction = IMB_DIR_ENCRYPT;
        job->chain_order = IMB_ORDER_HASH_CIPHER;
        finish(IMB_SUBMIT_JOB(manager));
    }
    while (finish(IMB_FLUSH_JOB(manager))) {
    }
    return done == messages.size();
}

size_t HashLanes::hashSome(std::span<const ByteView> messages, std::span<Digest> out) {
    const auto tooLong = [](ByteView message) { return message.size() > kMaxLaneMessageBytes; };
    const size_t fit = static_cast<size_t>(std::find_if(messages.begin(), messages.end(), tooLong) - messages.begin());
    for (const Kind& kind : m_kinds) {
        if (fit < kind.leastMessages) continue;
        const size_t count = std::min(fit, kind.width);
        return run(kind, messages.first(count), out.first(count)) ? count : 0;
    }
    return 0;
}

#else

struct HashLanes::Kind {};
HashLanes::HashLanes() = default;
HashLanes::~HashLanes() = default;
size_t HashLanes::hashSome(std::span<const ByteView>, std::span<Digest>) {
    return 0;
}

#endif

} // namespace wherry::crypto
