#include "bytepipe/upgrade.h"

#include "base/assert.h"
#include "bytepipe/bytepipe_limits.h"

#include <algorithm>

namespace wherry::bytepipe {

using link::Negotiation;
using link::Side;

Upgrade::Upgrade(Side side, const Credentials& credentials, const std::vector<std::string>& securities,
                 crypto::PeerId expected, Random& random)
    : m_side(side),
      m_credentials(credentials),
      m_expected(std::move(expected)),
      m_random(random) {
    negotiate(securities);
}

const crypto::ProvenPeer* Upgrade::peer() const {
    return m_channel && m_channel->proof() ? &m_channel->proof()->peer : nullptr;
}

/// Begins to agree on one of `protocols`, in the clear or inside the channel.
void Upgrade::negotiate(const std::vector<std::string>& protocols) {
    if (m_side == Side::Listener) {
        m_negotiator = link::MultistreamResponder([protocols](std::string_view id) {
            return std::find(protocols.begin(), protocols.end(), id) != protocols.end();
        });
        return;
    }
    link::MultistreamInitiator initiator(protocols);
    const Bytes first = initiator.takeOutput();
    if (m_channel)
        m_channel->seal(first, m_output);
    else
        append(m_output, first);
    m_negotiator = std::move(initiator);
}

/// Takes the bytes of the negotiation from the front of `in`. Whether both have agreed.
Result<bool> Upgrade::onNegotiation(ByteView& in) {
    const auto advance = [&](auto& negotiator) -> Result<bool> {
        in = in.subspan(negotiator.onBytes(in));
        const Bytes answer = negotiator.takeOutput();
        if (m_channel)
            m_channel->seal(answer, m_output);
        else
            append(m_output, answer);
        if (negotiator.state() == Negotiation::Failed) return negotiator.error();
        return negotiator.state() == Negotiation::Agreed;
    };
    if (auto* initiator = std::get_if<link::MultistreamInitiator>(&m_negotiator)) return advance(*initiator);
    return advance(std::get<link::MultistreamResponder>(m_negotiator));
}

const std::string& Upgrade::agreed() const {
    if (const auto* initiator = std::get_if<link::MultistreamInitiator>(&m_negotiator)) return initiator->protocolId();
    return std::get<link::MultistreamResponder>(m_negotiator).protocolId();
}

Result<void> Upgrade::receive(ByteView in, Bytes& plain, Now now) {
    ASSERT(!done());
    if (!peer()) m_unproven += in.size();
    if (m_stage == Stage::Security) {
        TRY(const bool over, onNegotiation(in));
        if (over) {
            TRY(m_channel, m_credentials.channel(agreed(), m_side, m_expected, m_random));
            append(m_output, m_channel->takeOutput());
            m_stage = Stage::Handshake;
        }
    }
    if (m_channel && !in.empty()) {
        Bytes opened;
        const auto received = m_channel->receive(in, opened, now);
        append(m_output, m_channel->takeOutput());
        TRY_OK(received);
        TRY_OK(onSecured(opened, plain, now));
    }
    if (!peer() && m_unproven > kMaxUnprovenBytes)
        return makeError(Errc::TooLarge, "a handshake of more than " + std::to_string(kMaxUnprovenBytes) + " bytes");
    return {};
}

Result<void> Upgrade::onSecured(ByteView in, Bytes& plain, Now) {
    if (m_stage == Stage::Handshake) {
        if (!m_channel->proof()) return {};
        const std::string& muxer = m_channel->proof()->muxer;
        m_stage = muxer.empty() ? Stage::Muxer : Stage::Done;
        if (muxer.empty()) negotiate({std::string(kYamuxId)});
    }
    if (m_stage == Stage::Muxer) {
        TRY(const bool over, onNegotiation(in));
        if (over) m_stage = Stage::Done;
    }
    append(plain, in);
    return {};
}

} // namespace wherry::bytepipe
