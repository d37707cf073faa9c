#pragma once

#include "base/rate_limit.h"
#include "base/time.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace wherry::node {

/// How much of what is said in topics the shells are told: they need not keep up with everybody who publishes. A share
/// is certain for each topic, so that a loud one silences no other; the rest is for whatever comes first. What is left
/// out is counted, and said now and then.
class ToldMessages {
  public:
    ToldMessages();

    /// Whether shells are told of one more message of this topic.
    bool allow(const std::string& topic, size_t bytes, Instant now);
    /// Messages of this topic that were left out and not said yet; nullopt: none, or it is too soon to say so again.
    std::optional<uint64_t> takeLeftOut(const std::string& topic, Instant now);
    void forget(const std::string& topic) { m_topics.erase(topic); }

  private:
    struct Share {
        RateLimit messages;
        RateLimit pieces;
        bool allow(size_t bytes, Instant now);
    };
    struct Topic {
        Share certain;
        uint64_t leftOut = 0;
        Instant sayFrom{};
    };

    Share m_all;
    std::map<std::string, Topic> m_topics; ///< as many as are listened to
};

} // namespace wherry::node
