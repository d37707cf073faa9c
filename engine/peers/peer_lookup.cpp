#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "peers/alias.h"
#include "peers/peer_book.h"
#include "peers/peers_limits.h"

#include <algorithm>

namespace wherry::peers {

using crypto::PeerId;

namespace {

/// Hexadecimal digits of an I6P id: SHA-256 of the public key.
constexpr size_t kI6pIdDigits = 64;
constexpr std::string_view kRegistryPrefix = "key_";

bool isI6pId(std::string_view word) {
    return word.size() == kI6pIdDigits && !fromHex(word).empty();
}

/// Peer ids of Ed25519 keys hold the key itself: an identity multihash (code 0, one byte of length) of the PublicKey
/// message.
std::optional<std::string> i6pIdOf(const PeerId& peer) {
    const ByteView multihash = peer.multihash();
    if (multihash.size() < 2 || multihash[0] != 0) return std::nullopt;
    const auto key = crypto::PublicKey::decode(multihash.subspan(2));
    crypto::Ed25519Public raw{};
    if (!key || key->type() != crypto::KeyType::Ed25519 || key->data().size() != raw.size()) return std::nullopt;
    std::copy(key->data().begin(), key->data().end(), raw.begin());
    return crypto::keyNames(raw).i6pId;
}

std::string lowerCase(std::string_view hex) {
    std::string lower(hex);
    for (char& digit : lower)
        if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit + 32);
    return lower;
}

} // namespace

const KnownPeer* PeerBook::find(const PeerId& peer) const {
    const auto found = m_peers.find(peer);
    return found == m_peers.end() ? nullptr : &found->second.known;
}

Trust PeerBook::trustOf(const PeerId& peer) const {
    const KnownPeer* known = find(peer);
    return known ? known->trust : Trust::Unknown;
}

std::vector<const KnownPeer*> PeerBook::all() const {
    std::vector<const KnownPeer*> peers;
    peers.reserve(m_peers.size());
    for (const auto& [peer, entry] : m_peers) peers.push_back(&entry.known);
    return peers;
}

std::vector<PeerId> PeerBook::named(const NameIndex& names, const std::string& key) const {
    std::vector<PeerId> peers;
    if (key.empty()) return peers;
    for (auto name = names.lower_bound({key, PeerId()}); name != names.end() && name->first == key; ++name)
        peers.push_back(name->second);
    return peers;
}

Result<Found> PeerBook::resolve(std::string_view word) const {
    if (word.starts_with(kRegistryPrefix) || isI6pId(word)) return resolveKey(word);
    if (const auto peer = PeerId::parse(word)) return Found{*peer, FoundBy::Key};
    if (const auto mine = named(m_aliases, nameKey(word)); !mine.empty()) return Found{mine.front(), FoundBy::Alias};
    return resolveClaim(word);
}

Result<Found> PeerBook::resolveKey(std::string_view word) const {
    if (word.starts_with(kRegistryPrefix)) {
        TRY(const auto key, crypto::parseRegistryKey(word));
        return Found{crypto::peerIdOf(key), FoundBy::Key};
    }
    const std::string wanted = lowerCase(word);
    for (const auto& [peer, entry] : m_peers)
        if (i6pIdOf(peer) == wanted) return Found{peer, FoundBy::Key};
    return makeError(Errc::NotFound, "no device with this I6P id has been met");
}

Result<Found> PeerBook::resolveClaim(std::string_view word) const {
    std::vector<PeerId> claimants = named(m_claims, nameKey(word));
    std::erase_if(claimants, [&](const PeerId& peer) { return trustOf(peer) == Trust::Blocked; });
    const auto trusted = [&](const PeerId& peer) { return trustOf(peer) == Trust::Trusted; };
    if (std::any_of(claimants.begin(), claimants.end(), trusted))
        std::erase_if(claimants, [&](const PeerId& peer) { return !trusted(peer); });
    if (claimants.empty()) return makeError(Errc::NotFound, "no device is known by this name");
    if (claimants.size() == 1) return Found{claimants.front(), FoundBy::Claim};
    std::string names;
    for (size_t i = 0; i < std::min(claimants.size(), kMaxCandidatesNamed); ++i)
        names += (i > 0 ? ", " : "") + claimants[i].text();
    if (claimants.size() > kMaxCandidatesNamed) names += ", ...";
    return makeError(Errc::InvalidArgument, std::to_string(claimants.size()) + " devices call themselves so: " + names +
                                                ". Use the id, or give the right one a name of your own");
}

bool PeerBook::claimsAnothersName(const PeerId& peer) const {
    const auto found = m_peers.find(peer);
    if (found == m_peers.end()) return false;
    const Entry& entry = found->second;
    for (const PeerId& other : named(m_aliases, entry.claimKey))
        if (other != peer) return true;
    if (entry.known.trust == Trust::Trusted) return false;
    for (const PeerId& other : named(m_claims, entry.claimKey))
        if (other != peer && trustOf(other) == Trust::Trusted) return true;
    return false;
}

} // namespace wherry::peers
