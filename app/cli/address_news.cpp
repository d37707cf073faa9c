#include "cli/address_news.h"

#include <algorithm>
#include <string_view>

namespace wherry::cli {

using Addresses = std::vector<api::Multiaddr>;

static Addresses notIn(const Addresses& others, const Addresses& all) {
    Addresses left;
    for (const auto& address : all)
        if (std::ranges::find(others, address) == others.end()) left.push_back(address);
    return left;
}

static void list(Output& output, std::string_view what, const Addresses& addresses) {
    if (addresses.empty()) return;
    output.remark(what);
    for (const auto& address : addresses) output.remark("  " + address.text());
}

void tellAddressNews(Output& output, const Addresses& before, const Addresses& now) {
    Addresses direct = notIn(before, now);
    Addresses relayed;
    std::ranges::copy_if(direct, std::back_inserter(relayed), &api::Multiaddr::isCircuit);
    std::erase_if(direct, [](const auto& address) { return address.isCircuit(); });
    list(output, "Reached at:", direct);
    list(output, "Reached through a relay at:", relayed);
    list(output, "No longer reached at:", notIn(now, before));
}

} // namespace wherry::cli
