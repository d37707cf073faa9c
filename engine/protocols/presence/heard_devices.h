#pragma once

#include "base/time.h"
#include "crypto/peer_id.h"
#include "protocols/presence/presence_message.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace wherry::presence {

/// What is known of a device.
struct Heard {
    bool here = false;
    UnixTime at{}; ///< when it was heard last, by our clock
    bool operator==(const Heard&) const = default;
};

/// What devices have said of themselves last. At most `most`: whoever was heard longest ago gives way.
class HeardDevices {
  public:
    struct Device {
        Heard heard;
        UnixTime sent{};        ///< by its own clock
        Instant until = kNever; ///< when it counts as gone; kNever: it does
        uint64_t turn = 0;      ///< the larger, the later it was heard
    };

    explicit HeardDevices(size_t most) : m_most(most) {}

    const Device* find(const crypto::PeerId& peer) const;
    /// Who has given way to it.
    std::optional<crypto::PeerId> put(const crypto::PeerId& peer, Device device);
    std::optional<Device> take(const crypto::PeerId& peer);
    const std::map<crypto::PeerId, Device>& all() const { return m_devices; }
    /// How many are here.
    size_t present() const { return m_ends.size(); }
    /// When the first of them counts as gone, and who that is; kNever: nobody is here.
    Instant end() const { return m_ends.empty() ? kNever : m_ends.begin()->first; }
    const crypto::PeerId& first() const { return m_ends.begin()->second; }
    /// The first does so from now on.
    void endFirst();

  private:
    size_t m_most;
    uint64_t m_turns = 0;
    std::map<crypto::PeerId, Device> m_devices;
    std::set<std::pair<Instant, crypto::PeerId>> m_ends;
    std::set<std::pair<uint64_t, crypto::PeerId>> m_order; ///< who is to give way first
};

} // namespace wherry::presence
