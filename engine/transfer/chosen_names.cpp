#include "transfer/chosen_names.h"

#include "base/display_text.h"
#include "transfer/entry_name.h"
#include "transfer/machine_limits.h"
#include "transfer/name_folding.h"

#include <algorithm>
#include <map>
#include <set>

namespace wherry::transfer {

namespace {

std::string quoted(std::string_view name) {
    return "'" + displayText(name) + "'";
}

bool canHold(std::string_view name, const NameTraits& traits) {
    return name.size() <= traits.maxNameLength && (!traits.refusesWindowsNames || isWindowsName(name));
}

/// No two entries of a folder in which something is renamed may end under one name.
Result<void> checkSiblings(const std::map<uint32_t, std::string>& chosen, const Manifest& manifest,
                           const NameTraits& traits, const LandedNames& names) {
    std::set<uint32_t> folders;
    for (const auto& [entry, name] : chosen) folders.insert(manifest.parent(entry));
    std::set<std::pair<uint32_t, std::string>> taken;
    for (uint32_t i = 0; !folders.empty() && i < manifest.count(); ++i) {
        if (!folders.contains(manifest.parent(i))) continue;
        const std::string name = names.of(manifest, i);
        if (name.empty()) continue; // it lands nowhere
        if (!taken.emplace(manifest.parent(i), traits.foldsNames ? collisionKey(name) : name).second)
            return makeError(Errc::Exists, "two things in this offer would be called " + quoted(name));
    }
    return {};
}

} // namespace

Result<void> checkChosenName(std::string_view name) {
    TRY_OK(validateName(name));
    // What is written otherwise than it is cannot be seen; a backslash is refused already.
    if (displayText(name, kMaxNameLength) != name)
        return makeError(Errc::UnportableName, "a name with characters that cannot be seen: " + quoted(name));
    if (name.front() == ' ') return makeError(Errc::UnportableName, "a name that begins with a space");
    if (name.back() == ' ' || name.back() == '.')
        return makeError(Errc::UnportableName, "a name that ends with a space or a dot: " + quoted(name));
    if (!isWindowsName(name))
        return makeError(Errc::UnportableName, "a name that not every system can hold: " + quoted(name));
    return {};
}

Result<VolumeNames> namesWith(const std::vector<OfferName>& chosen, const Manifest& manifest,
                              const NameTraits& traits) {
    if (chosen.size() > kMaxChosenByPerson)
        return makeError(Errc::LimitReached,
                         "at most " + std::to_string(kMaxChosenByPerson) + " things of an offer can be renamed");
    VolumeNames out = volumeNames(manifest, traits);
    std::map<uint32_t, std::string> wanted;
    for (const OfferName& one : chosen) {
        if (one.entry >= manifest.count())
            return makeError(Errc::InvalidArgument, "no entry " + std::to_string(one.entry));
        TRY_OK(checkChosenName(one.name));
        if (!canHold(one.name, traits))
            return makeError(Errc::UnportableName, "the folder's volume cannot hold " + quoted(one.name));
        wanted[one.entry] = one.name;
    }
    for (const auto& [entry, name] : wanted) {
        std::erase(out.renamed, entry);
        out.names.set(entry, name);
    }
    TRY_OK(checkSiblings(wanted, manifest, traits, out.names));
    return out;
}

} // namespace wherry::transfer
