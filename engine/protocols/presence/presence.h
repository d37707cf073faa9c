#pragma once

#include "base/random.h"
#include "base/rate_limit.h"
#include "base/rate_table.h"
#include "crypto/peer_id.h"
#include "protocols/presence/presence_limits.h"
#include "protocols/presence/presence_message.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace wherry::presence {

/// Of gossipsub.
inline constexpr std::string_view kTopic = "/wherry/presence/1";

/// What becomes of a message of the topic.
enum class Verdict : uint8_t {
    Good,      ///< believed and passed on
    Ignored,   ///< too old, from the future, or more than its author has to say
    Malformed, ///< whoever passed it on has not looked at it
};

/// What is known of a device.
struct Heard {
    bool here = false;
    UnixTime at{}; ///< when it was heard last, by our clock
    bool operator==(const Heard&) const = default;
};

/// Who of those who are known is here: this device says so of itself now and then, and hears others say it
/// (wire/presence.proto). Off until the person wants it, for anybody may listen. Sans-I/O; the messages go by
/// gossipsub, which signs them and judges them by judge() before it passes them on.
///
/// Off -> on, alone -> somebody listens: says soon that it has arrived -> says it every kInterval, and soon when
/// somebody known arrives, within a rate -> off: says that it goes, and forgets whom it has heard.
class Presence {
  public:
    explicit Presence(Random& random) : m_random(random) {}

    void setOn(bool on, Now now);
    bool isOn() const { return m_on; }
    /// Whether anybody takes messages of the topic.
    void setAudience(bool there, Now now);

    /// Of a message whose signature holds.
    Verdict judge(const crypto::PeerId& author, ByteView message, Now now);
    /// A good message of somebody known, once.
    void onHeard(const crypto::PeerId& author, ByteView message, Now now);

    /// What is to be said in the topic now.
    std::optional<Bytes> poll(Now now);
    /// Whose presence has changed, or was heard again.
    std::optional<crypto::PeerId> pollChanged();
    /// nullopt: nothing has been heard of it.
    std::optional<Heard> of(const crypto::PeerId& peer) const;

    Instant deadline() const;
    void onDeadline(Now now);

  private:
    struct Device {
        Heard heard;
        UnixTime sent{};        ///< by its own clock
        Instant until = kNever; ///< when it counts as gone; kNever: it does
    };
    void saySoon(Now now);
    Duration between(Duration least, Duration most);
    void setUntil(const crypto::PeerId& peer, Device& device, Instant until);
    void makeRoom();

    Random& m_random;
    bool m_on = false;
    bool m_audience = false;
    bool m_arrived = false; ///< and has said so
    bool m_goes = false;    ///< and has not said so yet
    Instant m_due = kNever;
    RateLimit m_extra{kExtraInterval, kExtraBurst};
    RateTable<crypto::PeerId> m_rates{{kHearInterval, kHearBurst}, kMaxRates};
    std::map<crypto::PeerId, Device> m_devices;
    std::set<std::pair<Instant, crypto::PeerId>> m_ends; ///< of those who are here
    std::deque<crypto::PeerId> m_changed;
};

} // namespace wherry::presence
