#include "peers/alias.h"

#include "base/bytes.h"
#include "base/display_text.h"
#include "base/utf8.h"
#include "crypto/peer_id.h"
#include "peers/peers_limits.h"

#include <algorithm>

namespace wherry::peers {

namespace {

bool isSpace(char32_t character) {
    return character == U' ' || character == 0xa0 || (character >= 0x2000 && character <= 0x200a) ||
           character == 0x202f || character == 0x205f || character == 0x3000;
}

size_t characters(std::string_view text) {
    size_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(readUtf8(text).length);
    return count;
}

/// The characters of `text`, which is UTF-8.
template <typename Test> bool anyCharacter(std::string_view text, Test test) {
    while (!text.empty()) {
        const Utf8Step step = readUtf8(text);
        if (step.character && test(*step.character)) return true;
        text.remove_prefix(step.length);
    }
    return false;
}

/// What a target may be besides a name (CLI.md).
bool looksLikeTarget(std::string_view name) {
    constexpr size_t kHexOfDigest = 64;
    const bool hex = name.size() == kHexOfDigest && !fromHex(name).empty();
    return hex || name.starts_with('/') || name.starts_with('-') || nameKey(name).starts_with("key_") ||
           nameKey(name).starts_with("wherry:") || crypto::PeerId::parse(name).has_value();
}

} // namespace

std::string nameKey(std::string_view name) {
    std::string key;
    size_t end = 0; // behind the last character that is no space
    while (!name.empty()) {
        const Utf8Step step = readUtf8(name);
        const char32_t character = step.character.value_or(static_cast<unsigned char>(name[0]));
        const bool space = step.character && isSpace(character);
        if (space && !key.empty())
            key.push_back(' ');
        else if (!space && !step.character)
            key.push_back(name[0]);
        else if (!space && !isInvisible(character))
            appendUtf8(key, character >= U'A' && character <= U'Z' ? character + 32 : character);
        if (!space) end = key.size();
        name.remove_prefix(step.length);
    }
    key.resize(std::min(end, key.size()));
    return key;
}

Result<void> checkClaimedAlias(std::string_view name) {
    if (name.size() > kMaxAliasBytes)
        return makeError(Errc::TooLarge, "name of " + std::to_string(name.size()) + " bytes");
    if (!isUtf8(name)) return makeError(Errc::Malformed, "name is not UTF-8");
    if (characters(name) > kMaxAliasCharacters) return makeError(Errc::TooLarge, "name of more than 64 characters");
    return {};
}

Result<void> checkOwnAlias(std::string_view name) {
    const auto refuse = [](std::string why) { return makeError(Errc::InvalidArgument, "a name " + std::move(why)); };
    if (name.empty()) return refuse("has at least one character");
    if (!isUtf8(name)) return refuse("is UTF-8 text");
    if (characters(name) > kMaxAliasCharacters) return refuse("has at most 64 characters");
    if (anyCharacter(name, isInvisible)) return refuse("has no control characters or others that cannot be seen");
    const std::string key = nameKey(name);
    if (key.empty() || isSpace(*readUtf8(name).character) || nameKey(std::string(name) + "x") != key + "x")
        return refuse("neither begins nor ends with a space");
    if (looksLikeTarget(name)) return refuse("must not look like an address, a key, a ticket or an option");
    return {};
}

} // namespace wherry::peers
