#pragma once

#include "base/assert.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace wherry {

/// What went wrong; callers branch on it. `errcName` gives the stable text that events and logs carry.
enum class Errc {
    InvalidArgument,    ///< the caller's (the person's) input makes no sense
    Malformed,          ///< bytes from outside do not decode
    TooLarge,           ///< above a named bound
    LimitReached,       ///< a budget of connections, streams, bytes or offers is used up
    NotFound,           ///< no such file, peer, stream or record
    Exists,             ///< it is there already and may not be replaced
    PermissionDenied,   ///< the operating system or a policy forbids it
    DiskFull,           ///< no space or quota left on the volume
    ReadOnly,           ///< the volume cannot be written
    VolumeGone,         ///< the volume or folder vanished
    Io,                 ///< any other failure of disk or device
    UnsafePath,         ///< an entry name that is an attack (SECURITY rule 2)
    UnportableName,     ///< a name that the receiving volume cannot hold
    SourceChanged,      ///< a source file changed while it was sent
    VerificationFailed, ///< content does not match its hash
    IdentityMismatch,   ///< the peer proved another key than the dialled one
    Unreachable,        ///< no address of the peer answered
    Timeout,            ///< nothing happened for too long
    ConnectionLost,     ///< the connection or the peer vanished in the middle
    Declined,           ///< the other person said no
    Unsupported,        ///< the peer does not speak the protocol, or this system lacks the feature
    ProtocolViolation,  ///< the peer broke the rules of a protocol
    Cancelled,          ///< somebody asked for it to stop
    Busy,               ///< another process or transfer holds it
    Internal,           ///< a bug of ours
};

std::string_view errcName(Errc code);

/// An expected failure: the code says what, the context says while doing what, naming the thing.
struct [[nodiscard]] Error {
    Errc code = Errc::Internal;
    std::string context;

    bool operator==(const Error&) const = default;
    /// "code: context", for logs and terminals. Text from a peer inside the context must be neutralised before it is shown.
    std::string text() const;
    /// The same failure with what was being done in front: "opening x: permission denied".
    Error within(std::string_view doing) const;
};

inline Error makeError(Errc code, std::string context = {}) {
    return Error{code, std::move(context)};
}

/// A value or an Error; the interface of std::expected as far as we need it, but nodiscard.
template <typename T> class [[nodiscard]] Result {
  public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return get(); }
    T&& value() && { return std::move(get()); }
    const T& value() const& { return const_cast<Result*>(this)->get(); }
    T& operator*() & { return get(); }
    T&& operator*() && { return std::move(get()); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &get(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& {
        ASSERT(!has_value());
        return std::get<1>(m_state);
    }
    Error&& error() && {
        ASSERT(!has_value());
        return std::get<1>(std::move(m_state));
    }
    T value_or(T other) const { return has_value() ? value() : std::move(other); }

  private:
    T& get() {
        ASSERT(has_value());
        return std::get<0>(m_state);
    }
    std::variant<T, Error> m_state;
};

template <> class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)), m_failed(true) {}

    bool has_value() const { return !m_failed; }
    explicit operator bool() const { return has_value(); }
    const Error& error() const {
        ASSERT(m_failed);
        return m_error;
    }

  private:
    Error m_error;
    bool m_failed = false;
};

} // namespace wherry

#define WHERRY_CONCAT_(a, b) a##b
#define WHERRY_CONCAT(a, b) WHERRY_CONCAT_(a, b)
#define WHERRY_TRY_(name, declaration, ...)                                                                            \
    auto name = (__VA_ARGS__);                                                                                         \
    if (!name) [[unlikely]]                                                                                            \
        return std::move(name).error();                                                                                \
    declaration = std::move(name).value()

/// `TRY(auto key, parseKey(text));` binds the value, or returns the error from the enclosing function.
#define TRY(declaration, ...) WHERRY_TRY_(WHERRY_CONCAT(tryResult, __LINE__), declaration, __VA_ARGS__)

/// `TRY_OK(file.sync());` for results without a value.
#define TRY_OK(...)                                                                                                    \
    do {                                                                                                               \
        if (auto tryOkResult = (__VA_ARGS__); !tryOkResult) [[unlikely]]                                               \
            return tryOkResult.error();                                                                                \
    } while (false)
