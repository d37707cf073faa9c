#include "protocols/identify/statement.h"

#include "codec/frame.h"
#include "crypto/peer_record.h"
#include "crypto/public_key.h"
#include "protocols/identify/identify_limits.h"
#include "wire/decode.h"
#include "wire/identify.pb.h"

#include <algorithm>
#include <utility>

namespace wherry::identify {

namespace {
/// Addresses that do not parse are dropped, never the message; a trailing /p2p of the peer itself says nothing new.
void addAddress(std::vector<codec::Multiaddr>& to, ByteView binary) {
    if (to.size() >= kMaxAddresses) return;
    if (auto address = codec::Multiaddr::decode(binary); address && !address->empty()) {
        auto plain = address->withoutPeer();
        if (std::find(to.begin(), to.end(), plain) == to.end()) to.push_back(std::move(plain));
    }
}
} // namespace

Result<void> StatementReader::add(ByteView bytes) {
    if (++m_messages > kMaxMessages) return makeError(Errc::TooLarge, "identify in more than ten messages");
    TRY(const auto message, wire::decode<wire::Identify>(bytes, {"identify", kMaxMessageBytes, kMaxFields}));
    if (message.has_public_key()) TRY_OK(checkKey(asBytes(message.public_key())));
    Statement& all = m_statement;
    if (message.listen_addrs_size() > 0 && !all.listenAddresses) all.listenAddresses.emplace();
    for (const auto& address : message.listen_addrs()) addAddress(*all.listenAddresses, asBytes(address));
    if (message.protocols_size() > 0 && !all.protocols) all.protocols.emplace();
    for (const auto& id : message.protocols())
        if (all.protocols->size() < kMaxProtocols && id.size() <= kMaxTextBytes) all.protocols->push_back(id);
    if (message.has_agent_version()) all.agent = message.agent_version().substr(0, kMaxTextBytes);
    if (message.has_protocol_version()) all.protocolVersion = message.protocol_version().substr(0, kMaxTextBytes);
    if (message.has_observed_addr())
        if (auto seen = codec::Multiaddr::decode(asBytes(message.observed_addr()))) all.observed = seen->withoutPeer();
    if (message.has_signed_peer_record()) TRY_OK(addRecord(asBytes(message.signed_peer_record())));
    return {};
}

Result<void> StatementReader::checkKey(ByteView publicKey) {
    if (!m_key.empty() && std::ranges::equal(m_key, publicKey)) return {};
    if (!m_key.empty()) return makeError(Errc::VerificationFailed, "identify with two public keys");
    TRY(const auto key, crypto::PublicKey::decode(publicKey));
    if (key.peerId() != m_peer)
        return makeError(Errc::VerificationFailed, "identify with the public key of another peer");
    m_key = toBytes(publicKey);
    return {};
}

/// A record that cannot be read is no record; one that lies is an attack.
Result<void> StatementReader::addRecord(ByteView envelope) {
    if (std::exchange(m_hasRecord, true)) return makeError(Errc::Malformed, "identify with two signed records");
    const auto record = crypto::openPeerRecord(envelope);
    if (!record) return record.error().code == Errc::VerificationFailed ? Result<void>(record.error()) : Result<void>();
    if (record->peer != m_peer)
        return makeError(Errc::VerificationFailed, "identify with the signed record of another peer");
    m_statement.recordSeq = record->seq;
    m_statement.record = toBytes(envelope);
    if (record->whole) m_statement.recordFarthest = codec::farthestFor(record->addresses);
    m_statement.recordAddresses.emplace();
    for (const auto& address : record->addresses) addAddress(*m_statement.recordAddresses, address.encode());
    return {};
}

Bytes encodeStatement(const crypto::Identity& identity, const OwnStatement& own, const codec::Multiaddr& observed) {
    wire::Identify first;
    first.mutable_public_key()->assign(asText(crypto::PublicKey::ofEd25519(identity.publicKey()).encode()));
    for (const auto& address : own.listenAddresses) first.add_listen_addrs()->assign(asText(address.encode()));
    for (const auto& id : own.protocols) first.add_protocols()->assign(id);
    if (!observed.empty()) first.mutable_observed_addr()->assign(asText(observed.encode()));
    first.mutable_protocol_version()->assign(own.protocolVersion);
    first.mutable_agent_version()->assign(own.agent);
    wire::Identify second;
    if (!own.signedRecord.empty()) {
        const bool split = first.ByteSizeLong() + own.signedRecord.size() + 4 > kSplitBytes;
        (split ? second : first).mutable_signed_peer_record()->assign(asText(own.signedRecord));
    }
    Bytes out;
    codec::appendFrame(out, wire::encode(first));
    if (second.has_signed_peer_record()) codec::appendFrame(out, wire::encode(second));
    return out;
}

} // namespace wherry::identify
