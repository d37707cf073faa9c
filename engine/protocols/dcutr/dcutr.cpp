#include "protocols/dcutr/dcutr.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/stream_source.h"
#include "swarm/error_codes.h"

#include <algorithm>
#include <set>

namespace wherry::dcutr {

using codec::Multiaddr;
using crypto::PeerId;
using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {
const std::string kIds[] = {"/libp2p/dcutr"};
} // namespace

std::span<const std::string> DcutrProtocol::protocolIds() const {
    return kIds;
}

std::optional<Action> DcutrProtocol::poll() {
    return takeFront(m_actions);
}

std::optional<swarm::SwarmRequest> DcutrProtocol::pollRequest() {
    return takeFront(m_requests);
}

/// Of what a peer says, the first few that may be tried, at a few hosts.
std::vector<Multiaddr> DcutrProtocol::plausible(const std::vector<Multiaddr>& said, const PeerId& peer) const {
    std::vector<Multiaddr> good;
    std::set<codec::IpAddress> hosts;
    for (size_t i = 0; i < std::min(said.size(), kMaxSaid) && good.size() < kMaxCandidates; ++i) {
        const auto at = said[i].transportAddress();
        if (!at || said[i].isCircuit() || !m_mayTry(said[i], peer)) continue;
        if (!hosts.contains(at->socket.ip) && hosts.size() >= kMaxHosts) continue;
        Multiaddr bare = said[i].withoutPeer();
        if (std::ranges::find(good, bare) != good.end()) continue;
        hosts.insert(at->socket.ip);
        good.push_back(std::move(bare));
    }
    return good;
}

/// A few bytes on a stream that has room for them, or it is no stream.
bool DcutrProtocol::write(StreamKey key, const Message& message, Fin fin, StreamIo& io) {
    Bytes frame;
    codec::appendFrame(frame, encode(message));
    if (io.writable(key) < frame.size()) return false;
    io.write(key, Slice::copyOf(frame), fin);
    return true;
}

// --- B ------------------------------------------------------------------------------------------------------------

bool DcutrProtocol::begin(const PeerId& peer, const std::vector<Multiaddr>& addresses, Now now) {
    if (m_attempts.contains(peer) || m_attempts.size() >= kMaxAttempts || !m_rates.allow(peer, now.mono)) return false;
    Attempt& attempt = m_attempts[peer];
    attempt.began = now.mono;
    auto reachable = plausible(addresses, peer);
    if (reachable.empty()) {
        askWhenSeen(peer, attempt, now);
        return true;
    }
    attempt.stage = Stage::Dialling;
    attempt.next = now.mono + kUnilateral;
    m_actions.push_back(DialNow{peer, std::move(reachable)});
    return true;
}

void DcutrProtocol::onDialFailed(const PeerId& peer, Now now) {
    const auto found = m_attempts.find(peer);
    if (found != m_attempts.end() && found->second.stage == Stage::Dialling) askWhenSeen(peer, found->second, now);
}

/// A try without an address of ours could only find a peer that a dial finds as well.
void DcutrProtocol::askWhenSeen(const PeerId& peer, Attempt& attempt, Now now) {
    if (!m_own.empty()) return ask(peer, attempt, now);
    attempt.stage = Stage::Lacking;
    attempt.next = now.mono + kOwnAddressWait;
}

void DcutrProtocol::setOwnAddresses(std::vector<Multiaddr> addresses, Now now) {
    m_own = std::move(addresses);
    if (m_own.empty()) return;
    for (auto& [peer, attempt] : m_attempts)
        if (attempt.stage == Stage::Lacking) ask(peer, attempt, now);
}

void DcutrProtocol::ask(const PeerId& peer, Attempt& attempt, Now now) {
    attempt.stage = Stage::Asking;
    attempt.next = now.mono + kExchange;
    attempt.stream.reset();
    attempt.frames = codec::FrameReader(kMaxMessageBytes);
    attempt.tag = ++m_lastTag;
    ++attempt.tries;
    m_requests.push_back(swarm::OpenStream{peer, {kIds[0]}, attempt.tag});
}

void DcutrProtocol::readAttempt(const PeerId& peer, StreamIo& io, Now now) {
    Attempt& attempt = m_attempts.at(peer);
    const StreamKey key = *attempt.stream;
    link::StreamSource source{io, key};
    const auto frame = attempt.frames.next(source);
    if (!frame) return tryAgain(peer, frame.error().text(), &io, now);
    if (!*frame) {
        if (io.atEnd(key)) tryAgain(peer, "the peer ended the exchange", &io, now);
        return;
    }
    const auto message = decode(**frame);
    const auto* connect = message ? std::get_if<Connect>(&message.value()) : nullptr;
    if (!connect) return tryAgain(peer, "the peer answered with something else than CONNECT", &io, now);
    onConnect(peer, attempt, *connect, io, now);
}

void DcutrProtocol::onConnect(const PeerId& peer, Attempt& attempt, const Connect& said, StreamIo& io, Now now) {
    attempt.theirs = plausible(said.addresses, peer);
    if (attempt.theirs.empty()) return tryAgain(peer, "the peer names no public address of its own", &io, now);
    const StreamKey key = *attempt.stream;
    if (!write(key, Sync{}, Fin::Yes, io)) return tryAgain(peer, "the relayed link takes nothing", &io, now);
    io.stop(key, link::kNoError);
    m_asking.erase(key);
    attempt.stream.reset();
    LOG(m_log, Debug, "dcutr",
        peer.shortText() << ", try " << attempt.tries << ": answered after "
                         << std::chrono::duration_cast<std::chrono::milliseconds>(now.mono - attempt.asked).count()
                         << " ms, names " << attempt.theirs.size() << " addresses");
    attempt.synced = true;
    attempt.stage = Stage::Waiting;
    attempt.next = now.mono + std::min((now.mono - attempt.asked) / 2, kMaxHalfRoundTrip);
}

/// The try is over; nullptr: so is its stream, or there is none.
void DcutrProtocol::tryAgain(const PeerId& peer, std::string why, StreamIo* io, Now now) {
    Attempt& attempt = m_attempts.at(peer);
    LOG(m_log, Debug, "dcutr", peer.shortText() << ", try " << attempt.tries << ": " << why);
    if (attempt.stream) {
        m_asking.erase(*attempt.stream);
        if (io) link::abandon(*io, *attempt.stream, link::kNoError);
        attempt.stream.reset();
    }
    if (attempt.tries >= kTries) return end(peer, std::move(why), now);
    ask(peer, attempt, now);
}

void DcutrProtocol::end(const PeerId& peer, std::string why, Now now) {
    const auto attempt = m_attempts.extract(peer);
    if (!attempt) return;
    if (attempt.mapped().stream) m_asking.erase(*attempt.mapped().stream);
    const bool counts = attempt.mapped().synced || !why.empty();
    m_actions.push_back(StopNow{peer});
    m_actions.push_back(
        Ended{peer, std::move(why), counts ? attempt.mapped().tries : 0, now.mono - attempt.mapped().began});
}

// --- A ------------------------------------------------------------------------------------------------------------

void DcutrProtocol::readAnswer(StreamKey key, StreamIo& io, Now now) {
    const auto found = m_answers.find(key);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    const auto refuse = [&] {
        m_answers.erase(found);
        link::abandon(io, key, swarm::kStreamProtocolViolation);
    };
    link::StreamSource source{io, key};
    for (;;) {
        const auto frame = answer.frames.next(source);
        if (!frame) return refuse();
        if (!*frame) {
            if (io.atEnd(key)) refuse();
            return;
        }
        const auto message = decode(**frame);
        if (!message) return refuse();
        if (const auto* connect = std::get_if<Connect>(&message.value())) {
            if (answer.theirs || !write(key, Connect{m_own}, Fin::No, io)) return refuse();
            answer.theirs = plausible(connect->addresses, answer.peer);
            answer.giveUp = now.mono + kExchange;
            continue;
        }
        if (!answer.theirs) return refuse();
        const Answer done = std::move(answer);
        m_answers.erase(found);
        io.write(key, {}, Fin::Yes);
        io.stop(key, link::kNoError);
        if (done.theirs->empty()) return;
        m_dialling[done.peer] = now.mono + kTry;
        m_actions.push_back(DialNow{done.peer, *done.theirs, true});
        return;
    }
}

// --- peers --------------------------------------------------------------------------------------------------------

void DcutrProtocol::onDirect(const PeerId& peer, Now now) {
    const bool dialled = m_dialling.erase(peer) > 0;
    if (m_attempts.contains(peer)) return end(peer, {}, now);
    if (!dialled) return;
    m_actions.push_back(StopNow{peer});
    m_actions.push_back(Ended{peer, {}, 1, {}});
}

void DcutrProtocol::onPeerConnected(const swarm::PeerInfo& info, StreamIo&, Now now) {
    if (!info.remote.isCircuit()) onDirect(info.peer, now);
}

void DcutrProtocol::onPeerMoved(const swarm::PeerInfo& info, Now now) {
    if (!info.remote.isCircuit()) onDirect(info.peer, now);
}

void DcutrProtocol::onPeerGone(const PeerId& peer, const Error&, Now) {
    const bool asked = m_attempts.erase(peer) > 0;
    const bool answered = m_dialling.erase(peer) > 0;
    std::erase_if(m_asking, [&](const auto& one) { return one.second == peer; });
    std::erase_if(m_answers, [&](const auto& one) { return one.second.peer == peer; });
    if (asked || answered) m_actions.push_back(StopNow{peer});
}

// --- streams ------------------------------------------------------------------------------------------------------

void DcutrProtocol::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    const bool relayed = stream.over && stream.over->remote.isCircuit();
    if (!stream.outbound) {
        if (!relayed || stream.over->side != link::Side::Dialer)
            return link::abandon(io, stream.key, swarm::kStreamProtocolViolation);
        const auto same = [&](const auto& one) { return one.second.peer == stream.peer; };
        if (m_answers.size() + m_dialling.size() >= kMaxAnswers || std::ranges::any_of(m_answers, same) ||
            !m_rates.allow(stream.peer, now.mono))
            return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
        Answer& answer = m_answers[stream.key];
        answer.peer = stream.peer;
        answer.giveUp = now.mono + kExchange;
        return;
    }
    const auto found = m_attempts.find(stream.peer);
    if (found == m_attempts.end() || found->second.tag != stream.tag || found->second.stage != Stage::Asking)
        return link::abandon(io, stream.key, link::kNoError);
    if (!relayed) {
        link::abandon(io, stream.key, link::kNoError);
        return onDirect(stream.peer, now);
    }
    Attempt& attempt = found->second;
    attempt.stream = stream.key;
    attempt.asked = now.mono;
    m_asking[stream.key] = stream.peer;
    if (!write(stream.key, Connect{m_own}, Fin::No, io))
        tryAgain(stream.peer, "the relayed link takes nothing", &io, now);
}

void DcutrProtocol::onStreamFailed(swarm::RequestTag tag, const PeerId& peer, const Error& error, StreamIo&, Now now) {
    const auto found = m_attempts.find(peer);
    if (found == m_attempts.end() || found->second.tag != tag || found->second.stage != Stage::Asking) return;
    if (error.code == Errc::Unsupported) return end(peer, "the peer does not punch", now);
    tryAgain(peer, error.text(), nullptr, now);
}

void DcutrProtocol::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (const auto asking = m_asking.find(key); asking != m_asking.end())
        return readAttempt(PeerId(asking->second), io, now);
    readAnswer(key, io, now);
}

void DcutrProtocol::onStreamLost(StreamKey key, std::string why, Now now) {
    m_answers.erase(key);
    const auto asking = m_asking.find(key);
    if (asking != m_asking.end()) tryAgain(PeerId(asking->second), std::move(why), nullptr, now);
}

void DcutrProtocol::onReset(StreamKey key, uint64_t, StreamIo& io, Now now) {
    if (m_answers.contains(key)) link::abandon(io, key, link::kNoError);
    if (const auto asking = m_asking.find(key); asking != m_asking.end())
        return tryAgain(PeerId(asking->second), "the peer reset the exchange", &io, now);
    m_answers.erase(key);
}

void DcutrProtocol::onStopped(StreamKey key, uint64_t, StreamIo& io, Now now) {
    onReset(key, link::kNoError, io, now);
}

void DcutrProtocol::onClosed(StreamKey key, StreamIo&, Now now) {
    onStreamLost(key, "the stream has ended", now);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant DcutrProtocol::deadline() const {
    Instant next = kNever;
    for (const auto& [peer, attempt] : m_attempts) next = std::min(next, attempt.next);
    for (const auto& [key, answer] : m_answers) next = std::min(next, answer.giveUp);
    for (const auto& [peer, until] : m_dialling) next = std::min(next, until);
    return next;
}

void DcutrProtocol::onDeadline(StreamIo& io, Now now) {
    std::vector<PeerId> due;
    for (const auto& [peer, attempt] : m_attempts)
        if (attempt.next <= now.mono) due.push_back(peer);
    for (const PeerId& peer : due) {
        Attempt& attempt = m_attempts.at(peer);
        switch (attempt.stage) {
        case Stage::Dialling: // it goes on meanwhile
            askWhenSeen(peer, attempt, now);
            break;
        case Stage::Lacking:
            end(peer, "nobody has told this device where it is seen from outside", now);
            break;
        case Stage::Asking:
            tryAgain(peer, "the peer did not answer in time", &io, now);
            break;
        case Stage::Waiting:
            attempt.stage = Stage::Punching;
            attempt.next = now.mono + kTry;
            m_actions.push_back(PunchNow{peer, attempt.theirs, attempt.next, attempt.tries});
            break;
        case Stage::Punching:
            m_actions.push_back(StopNow{peer});
            tryAgain(peer, "no packet of the peer came through", &io, now);
            break;
        }
    }
    for (auto each = m_answers.begin(); each != m_answers.end();) {
        const auto answer = each++;
        if (answer->second.giveUp > now.mono) continue;
        const StreamKey key = answer->first;
        m_answers.erase(answer);
        link::abandon(io, key, link::kNoError);
    }
    std::erase_if(m_dialling, [&](const auto& one) {
        if (one.second > now.mono) return false;
        m_actions.push_back(StopNow{one.first});
        return true;
    });
}

} // namespace wherry::dcutr
