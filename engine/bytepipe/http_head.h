#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace wherry::bytepipe {

/// The head of an HTTP/1.1 message (RFC 9112): the first line and the fields, as far as the opening handshake of
/// WebSocket needs them. At most kMaxHttpHead bytes are held.
class HttpHead {
  public:
    /// Takes bytes from the front of `in`, up to the end of the head at most; `used` says how many. Whether it is
    /// complete. TooLarge; Malformed: a byte that no head has, or half the end of a line.
    Result<bool> read(ByteView in, size_t& used);

    /// Once complete.
    std::string_view firstLine() const;
    /// The value of the first field of that name (lower case), without the space around it.
    std::optional<std::string_view> field(std::string_view name) const;
    /// Whether a field of that name has `token` (lower case) in its comma-separated list.
    bool lists(std::string_view name, std::string_view token) const;

  private:
    template <typename Visit> void eachField(Visit visit) const;
    std::string m_text;
};

} // namespace wherry::bytepipe
