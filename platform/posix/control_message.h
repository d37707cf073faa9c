#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

namespace wherry::platform {

/// Room for packet info of either family, ECN of either family and the GSO or GRO size.
inline constexpr size_t kControlSize =
    CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(in_pktinfo)) + 3 * CMSG_SPACE(sizeof(int));

/// Fills the control part of a message, one item after another; the message points into this object.
class ControlWriter {
  public:
    explicit ControlWriter(msghdr& message) : m_message(message) {
        m_message.msg_control = m_memory;
        m_message.msg_controllen = sizeof(m_memory);
        m_next = CMSG_FIRSTHDR(&m_message);
    }
    ControlWriter(const ControlWriter&) = delete;
    ControlWriter& operator=(const ControlWriter&) = delete;

    template <typename Value> void add(int level, int type, const Value& value) {
        m_next->cmsg_level = level;
        m_next->cmsg_type = type;
        m_next->cmsg_len = CMSG_LEN(sizeof(value));
        std::memcpy(CMSG_DATA(m_next), &value, sizeof(value));
        m_used += CMSG_SPACE(sizeof(value));
        m_next = CMSG_NXTHDR(&m_message, m_next);
    }
    void finish() {
        m_message.msg_controllen = static_cast<socklen_t>(m_used);
        if (m_used == 0) m_message.msg_control = nullptr;
    }

  private:
    msghdr& m_message;
    cmsghdr* m_next;
    size_t m_used = 0;
    alignas(cmsghdr) uint8_t m_memory[kControlSize]{};
};

template <typename Value> Value controlValue(const cmsghdr& header) {
    Value value{};
    std::memcpy(&value, CMSG_DATA(&header), sizeof(value));
    return value;
}

} // namespace wherry::platform
