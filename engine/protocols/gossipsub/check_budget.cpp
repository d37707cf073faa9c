#include "protocols/gossipsub/check_budget.h"

#include "protocols/gossipsub/gossipsub_limits.h"

#include <algorithm>

namespace wherry::gossipsub {

CheckBudget::Share::Share()
    : most(kChecksPerSecond, kCheckBurst),
      certain(kCertainChecksPerSecond, kCertainCheckBurst) {}

RateLimit CheckBudget::ofAll() {
    return {kAllChecksPerSecond, kAllCheckBurst};
}

bool CheckBudget::allow(const crypto::PeerId& peer, uint64_t cost, Instant now) {
    const auto known = m_shares.find(peer);
    if (known == m_shares.end() && m_shares.size() >= kMaxShares) return false;
    Share& share = known == m_shares.end() ? m_shares[peer] : known->second;
    return share.most.allow(now, cost) && (share.certain.allow(now, cost) || m_all.allow(now, cost));
}

void CheckBudget::expire(Instant now) {
    std::erase_if(m_shares, [&](const auto& one) {
        return one.second.most.recoveredAt() <= now && one.second.certain.recoveredAt() <= now;
    });
}

uint64_t checkCost(size_t keyBytes) {
    return 1 + std::min(keyBytes, kCostlyKeyBytes) / kKeyBytesPerCheck;
}

} // namespace wherry::gossipsub
