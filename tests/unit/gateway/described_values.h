#pragma once

#include "base/time.h"
#include "codec/multiaddr.h"
#include "gateway/fields_io.h"
#include "support/test_node.h"

#include <random>

/// Random values of whatever kFields describes, and the number of members that a struct really has.
namespace wherry::test {

struct AnyMember {
    template <typename T> operator T() const; // never called, only converted to
};

template <typename T, typename... Args> constexpr size_t memberCount() {
    if constexpr (requires { T{Args{}..., AnyMember{}}; })
        return memberCount<T, Args..., AnyMember>();
    else
        return sizeof...(Args);
}

template <typename T> constexpr size_t describedMembers() {
    return std::tuple_size_v<std::remove_cvref_t<decltype(gateway::kFields<T>.fields)>>;
}

class RandomValues {
  public:
    explicit RandomValues(uint32_t seed) : m_random(seed) {}

    template <typename T> void fill(T& out) {
        if constexpr (std::is_same_v<T, bool>)
            out = below(2) == 1;
        else if constexpr (std::integral<T>)
            out = static_cast<T>(below(4) == 0 ? std::numeric_limits<T>::max() : static_cast<T>(m_random()));
        else if constexpr (std::floating_point<T>)
            out = std::ldexp(static_cast<double>(m_random()), static_cast<int>(below(100)) - 50);
        else if constexpr (std::is_enum_v<T>)
            out = static_cast<T>(below(gateway::EnumNames<T>::list.size()));
        else if constexpr (std::is_same_v<T, std::string>)
            out = text();
        else if constexpr (std::is_same_v<T, Duration>)
            out = Duration(static_cast<int64_t>((uint64_t(m_random()) << 32 | m_random()) % 1'000'000'000'000'000));
        else if constexpr (std::is_same_v<T, UnixTime>)
            out = UnixTime{static_cast<int64_t>(uint64_t(m_random()) << 30)};
        else if constexpr (gateway::IsStrongId<T>::value)
            out.value = m_random();
        else if constexpr (std::is_same_v<T, crypto::PeerId>)
            out = below(4) == 0 ? crypto::PeerId() : identityOf(static_cast<uint8_t>(below(256))).peerId();
        else if constexpr (std::is_same_v<T, codec::Multiaddr>)
            out = below(4) == 0 ? codec::Multiaddr() : addressOf(static_cast<uint8_t>(below(256)));
        else if constexpr (gateway::IsByteArray<T>::value)
            for (uint8_t& byte : out) byte = static_cast<uint8_t>(m_random());
        else if constexpr (std::is_same_v<T, Bytes>) {
            out.resize(below(9));
            for (uint8_t& byte : out) byte = static_cast<uint8_t>(m_random());
        } else if constexpr (gateway::IsOptional<T>::value) {
            out.reset();
            if (below(2) == 1) fill(out.emplace());
        } else if constexpr (gateway::IsVector<T>::value) {
            out.resize(below(4));
            for (size_t i = 0; i < out.size(); ++i) fill(out[i]);
        } else {
            gateway::forEachField<T>([&](const auto& field) { fill(out.*(field.member)); });
        }
    }

  private:
    size_t below(size_t bound) { return m_random() % bound; }
    /// Ordinary, empty, with everything that JSON escapes, or not UTF-8.
    std::string text() {
        static const std::string kTexts[] = {
            "", "plain", "Grüße \"\\/\b\f\n\r\t\x01\x7f", std::string("a\0b", 3), "\xff\xfe", "旅行🚢"};
        return kTexts[below(std::size(kTexts))];
    }

    std::mt19937 m_random;
};

} // namespace wherry::test
