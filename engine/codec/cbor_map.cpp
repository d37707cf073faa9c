#include "codec/cbor_map.h"

#include "codec/codec_limits.h"

#include <set>

namespace wherry::codec {

namespace {

enum class Major : uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Tag, Simple };

struct Head {
    Major major;
    uint64_t argument; ///< number, length or count; of Simple its value
};

Error malformed(const char* what) {
    return makeError(Errc::Malformed, std::string("CBOR: ") + what);
}

class Reader {
  public:
    explicit Reader(ByteView in) : m_in(in) {}

    bool atEnd() const { return m_in.empty(); }

    Result<Head> head() {
        if (++m_items > kMaxCborItems) return makeError(Errc::TooLarge, "CBOR: too many items");
        if (m_in.empty()) return malformed("cut off");
        const auto major = static_cast<Major>(m_in[0] >> 5);
        const unsigned info = m_in[0] & 0x1f;
        m_in = m_in.subspan(1);
        if (info < 24) return Head{major, info};
        if (info > 27) return malformed("an indefinite or reserved length");
        const size_t width = size_t{1} << (info - 24);
        TRY(const ByteView raw, take(width));
        uint64_t argument = 0;
        for (const uint8_t byte : raw) argument = argument << 8 | byte;
        if (major == Major::Simple) return width == 8 ? Result<Head>(Head{major, kFloat}) : malformed("a short float");
        const uint64_t least = width == 1 ? 24 : uint64_t{1} << (4 * width);
        if (argument < least) return malformed("a number longer than need be");
        return Head{major, argument};
    }

    Result<ByteView> take(uint64_t length) {
        if (length > m_in.size()) return malformed("cut off");
        const ByteView out = m_in.first(static_cast<size_t>(length));
        m_in = m_in.subspan(out.size());
        return out;
    }

    Result<std::string> key() {
        TRY(const Head head, this->head());
        if (head.major != Major::Text) return malformed("a key that is no text");
        TRY(const ByteView text, take(head.argument));
        return std::string(asText(text));
    }

    /// What comes after a head that has been read.
    Result<void> skip(const Head& head, size_t depth) {
        if (depth > kMaxCborDepth) return makeError(Errc::TooLarge, "CBOR: too deep");
        switch (head.major) {
        case Major::Unsigned:
        case Major::Negative:
            return {};
        case Major::Bytes:
        case Major::Text:
            TRY_OK(take(head.argument));
            return {};
        case Major::Array:
            for (uint64_t i = 0; i < head.argument; ++i) TRY_OK(skipOne(depth + 1));
            return {};
        case Major::Map:
            return skipMap(head.argument, depth);
        case Major::Tag:
            if (head.argument != kLink) return malformed("a tag that is no link");
            return skipOne(depth + 1);
        case Major::Simple:
            break;
        }
        const bool known = head.argument == kFloat || (head.argument >= kFalse && head.argument <= kNull);
        return known ? Result<void>() : malformed("an unknown simple value");
    }

  private:
    static constexpr uint64_t kLink = 42, kFalse = 20, kNull = 22, kFloat = 27;

    Result<void> skipOne(size_t depth) {
        TRY(const Head head, this->head());
        return skip(head, depth);
    }
    Result<void> skipMap(uint64_t count, size_t depth) {
        std::set<std::string> keys;
        for (uint64_t i = 0; i < count; ++i) {
            TRY(std::string name, key());
            if (!keys.insert(std::move(name)).second) return malformed("a key twice");
            TRY_OK(skipOne(depth + 1));
        }
        return {};
    }

    ByteView m_in;
    size_t m_items = 0;
};

} // namespace

Result<CborMap> decodeCborMap(ByteView in) {
    Reader reader(in);
    TRY(const Head map, reader.head());
    if (map.major != Major::Map) return malformed("no map");
    CborMap out;
    std::set<std::string> keys;
    for (uint64_t i = 0; i < map.argument; ++i) {
        TRY(std::string name, reader.key());
        if (!keys.insert(name).second) return malformed("a key twice");
        TRY(const Head value, reader.head());
        if (value.major == Major::Unsigned) {
            out.numbers.emplace(std::move(name), value.argument);
        } else if (value.major == Major::Bytes) {
            TRY(const ByteView bytes, reader.take(value.argument));
            out.bytes.emplace(std::move(name), toBytes(bytes));
        } else {
            TRY_OK(reader.skip(value, 1));
        }
    }
    if (!reader.atEnd()) return malformed("something after the map");
    return out;
}

} // namespace wherry::codec
