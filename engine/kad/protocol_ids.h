#pragma once

#include <string_view>

namespace wherry::kad {

inline constexpr std::string_view kIpfsProtocolId = "/ipfs/kad/1.0.0";
inline constexpr std::string_view kOwnProtocolId = "/wherry/kad/1.0.0";

} // namespace wherry::kad
