#pragma once

#include "base/random.h"
#include "base/rate_limit.h"
#include "base/rate_table.h"
#include "crypto/peer_id.h"
#include "protocols/presence/heard_devices.h"
#include "protocols/presence/presence_limits.h"
#include "protocols/presence/presence_message.h"

#include <deque>
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

/// Whether somebody in the book has said something.
enum class Author : uint8_t { Known, Stranger };

/// Who of those who are known is here: this device says so of itself now and then, and hears others say it
/// (wire/presence.proto). Off until the person wants it, for anybody may listen. Sans-I/O; the messages go by
/// gossipsub, which signs them and judges them by judge() before it passes them on.
///
/// Off -> on, alone -> somebody listens: says soon that it has arrived, and again when others come to listen while it
/// is new -> says it every kInterval, and within a rate when somebody arrives: soon if it is known, and so that not all
/// speak at once if it is not, for it may know this device -> off: says that it goes, and forgets whom it has heard.
class Presence {
  public:
    explicit Presence(Random& random) : m_random(random) {}

    void setOn(bool on);
    bool isOn() const { return m_on; }
    /// Who takes messages of the topic, of those who are connected. To be called after onDeadline(), too.
    void setAudience(const std::set<crypto::PeerId>& peers, Now now);

    /// Of a message whose signature holds.
    Verdict judge(const crypto::PeerId& author, ByteView message, Now now);
    /// A good message, once.
    void onHeard(const crypto::PeerId& author, Author who, ByteView message, Now now);
    /// It is in the book now: what it has said as a stranger counts.
    void know(const crypto::PeerId& peer);

    /// What is to be said in the topic now.
    std::optional<Bytes> poll(Now now);
    /// Whose presence has changed, or was heard again.
    std::optional<crypto::PeerId> pollChanged();
    /// nullopt: nothing has been heard of it, or it is a stranger.
    std::optional<Heard> of(const crypto::PeerId& peer) const;

    Instant deadline() const;
    void onDeadline(Now now);

  private:
    void arrive(Now now);
    void saySoon(RateLimit& rate, Duration least, Duration most, Now now);
    Duration between(Duration least, Duration most);
    Duration spread() const;
    void keep(const crypto::PeerId& peer, const HeardDevices::Device& device);

    Random& m_random;
    bool m_on = false;
    size_t m_audience = 0;
    bool m_arrived = false; ///< and has said so
    bool m_goes = false;    ///< and has not said so yet
    Instant m_due = kNever;
    Instant m_settled{};      ///< from when on it is no longer new
    Instant m_again = kNever; ///< when it has heard those whom it has met since, if they hear it
    RateLimit m_extra{kExtraInterval, kExtraBurst};
    RateLimit m_answers{kAnswerInterval, kAnswerBurst}; ///< to strangers
    RateTable<crypto::PeerId> m_rates{{kHearInterval, kHearBurst}, kMaxRates};
    HeardDevices m_known{kMaxHeard};
    HeardDevices m_strangers{kMaxStrangers};
    std::deque<crypto::PeerId> m_changed;
};

} // namespace wherry::presence
