#include "protocols/autonat/autonat_client.h"

#include "base/take_front.h"
#include "link/abandon.h"
#include "link/send_part.h"
#include "link/stream_source.h"
#include "protocols/autonat/dial_policy.h"
#include "swarm/error_codes.h"

#include <algorithm>

namespace wherry::autonat {

using link::Fin;
using link::StreamIo;
using link::StreamKey;

namespace {
const std::string kAskIds[] = {"/libp2p/autonat/1.0.0", "/libp2p/autonat/2/dial-request"};
const std::string kServedIds[] = {"/libp2p/autonat/2/dial-back"};

/// Whether a connection that came in at `local` can have been made to `asked`: a NAT changes address and port, but
/// neither family nor transport.
bool canBe(const codec::Multiaddr& local, const codec::Multiaddr& asked) {
    const auto ours = socketAddressOf(local), theirs = socketAddressOf(asked);
    return ours && theirs && ours->ip.isV4() == theirs->ip.isV4() &&
           local.quicAddress().has_value() == asked.quicAddress().has_value();
}
} // namespace

std::span<const std::string> AutonatClient::protocolIds() const {
    return kServedIds;
}

std::optional<ProbeDone> AutonatClient::poll() {
    return takeFront(m_done);
}

std::optional<swarm::SwarmRequest> AutonatClient::pollRequest() {
    return takeFront(m_requests);
}

// --- asking -------------------------------------------------------------------------------------------------------

ProbeId AutonatClient::ask(const crypto::PeerId& peer, const codec::Multiaddr& address, Version version) {
    const ProbeId id = m_ids.take();
    ProbeDone result{id, peer, address, version, ProbeOutcome::Inconclusive, {}};
    if (m_probes.size() >= kMaxProbes) {
        result.why = "too many questions at once";
        m_done.push_back(std::move(result));
        return id;
    }
    Probe& probe = m_probes[id];
    probe.result = std::move(result);
    if (version == Version::V2) {
        probe.nonce = m_random.next64();
        codec::appendFrame(probe.unsent, encodeMessage2(DialRequest{{address}, probe.nonce}));
    } else {
        codec::appendFrame(probe.unsent, encodeMessage1(Dial1{m_self, {address}}));
    }
    m_requests.push_back(swarm::OpenStream{peer, {kAskIds[version == Version::V2 ? 1 : 0]}, id.value});
    return id;
}

void AutonatClient::onStream(const swarm::NegotiatedStream& stream, StreamIo& io, Now now) {
    if (!stream.outbound) {
        if (m_dialBacks.size() >= kMaxInboundDialBacks)
            return link::abandon(io, stream.key, swarm::kStreamResourceLimit);
        DialBack& dialBack = m_dialBacks[stream.key];
        dialBack.link = stream.over->link;
        dialBack.side = stream.over->side;
        dialBack.local = stream.over->local;
        dialBack.deadline = m_dialBackDeadlines.add(stream.key, stream.peer, now.mono + kDialBackTimeout);
        return;
    }
    const ProbeId id{stream.tag};
    const auto found = m_probes.find(id);
    if (found == m_probes.end()) return link::abandon(io, stream.key, link::kNoError);
    Probe& probe = found->second;
    probe.stream = stream.key;
    probe.giveUp = now.mono + kRequestTimeout;
    m_streams[stream.key] = id;
    send(probe, io);
}

/// Without FIN: the end of a question comes with its answer. Dial data follows in pieces as the stream takes them.
void AutonatClient::send(Probe& probe, StreamIo& io) {
    for (;;) {
        if (probe.unsent.empty() && probe.dataLeft > 0) {
            const auto piece = static_cast<size_t>(std::min<uint64_t>(probe.dataLeft, kMaxDataPerMessage));
            codec::appendFrame(probe.unsent, encodeMessage2(DialDataResponse{piece}));
            probe.dataLeft -= piece;
            m_dataSent += piece;
        }
        if (probe.unsent.empty()) return;
        if (!link::sendPart(io, *probe.stream, probe.unsent, Fin::No)) return;
    }
}

void AutonatClient::read(ProbeId id, StreamIo& io, Now now) {
    // Each message may end the question.
    for (auto found = m_probes.find(id); found != m_probes.end(); found = m_probes.find(id)) {
        Probe& probe = found->second;
        if (probe.answered) return; // whatever more it says, the nonce decides
        link::StreamSource source{io, *probe.stream};
        const auto frame = probe.frames.next(source);
        if (!frame) return finish(id, ProbeOutcome::Inconclusive, frame.error().text(), &io);
        if (!*frame) {
            if (io.atEnd(*probe.stream)) finish(id, ProbeOutcome::Inconclusive, "the peer gave no answer", &io);
            return;
        }
        if (probe.result.version == Version::V1) {
            const auto message = decodeMessage1(**frame);
            const auto* answer = message ? std::get_if<Response1>(&message.value()) : nullptr;
            if (!answer) return finish(id, ProbeOutcome::Inconclusive, "an answer that is none", &io);
            onAnswer(id, *answer, io);
            continue;
        }
        const auto message = decodeMessage2(**frame);
        if (!message) return finish(id, ProbeOutcome::Inconclusive, message.error().text(), &io);
        if (const auto* answer = std::get_if<DialResponse>(&message.value()))
            onAnswer(id, *answer, io, now);
        else if (const auto* request = std::get_if<DialDataRequest>(&message.value()))
            onDataRequest(id, *request, io);
        else
            finish(id, ProbeOutcome::Inconclusive, "an answer that is none", &io);
    }
}

void AutonatClient::onDataRequest(ProbeId id, const DialDataRequest& request, StreamIo& io) {
    Probe& probe = m_probes.at(id);
    if (probe.dataAsked || request.addressIndex != 0 || request.bytes > kMaxDialData)
        return finish(id, ProbeOutcome::Inconclusive, "the peer asks for more data than it may", &io);
    probe.dataAsked = true;
    probe.dataLeft = request.bytes;
    send(probe, io);
}

void AutonatClient::onAnswer(ProbeId id, const Response1& answer, StreamIo& io) {
    if (answer.status == status1::kOk) return finish(id, ProbeOutcome::Reachable, {}, &io);
    if (answer.status == status1::kDialError)
        return finish(id, ProbeOutcome::Unreachable, "the peer could not connect", &io);
    finish(id, ProbeOutcome::Inconclusive, "the peer did not try (status " + std::to_string(answer.status) + ")", &io);
}

void AutonatClient::onAnswer(ProbeId id, const DialResponse& answer, StreamIo& io, Now now) {
    Probe& probe = m_probes.at(id);
    const auto inconclusive = [&](std::string why) { finish(id, ProbeOutcome::Inconclusive, std::move(why), &io); };
    if (answer.status != status2::kOk)
        return inconclusive("the peer did not try (status " + std::to_string(answer.status) + ")");
    if (answer.addressIndex != 0) return inconclusive("an answer about an address that was not asked about");
    if (answer.dialStatus == dial_status::kDialError)
        return finish(id, ProbeOutcome::Unreachable, "the peer could not connect", &io);
    if (answer.dialStatus != dial_status::kOk) return inconclusive("the peer connected and could not speak");
    if (probe.nonceSeen) return finish(id, ProbeOutcome::Reachable, {}, &io);
    probe.answered = true;
    probe.giveUp = std::min(probe.giveUp, now.mono + kNonceGrace);
}

void AutonatClient::finish(ProbeId id, ProbeOutcome outcome, std::string why, StreamIo* io) {
    auto probe = m_probes.extract(id);
    if (!probe) return;
    if (const auto key = probe.mapped().stream) {
        m_streams.erase(*key);
        const bool clean = outcome == ProbeOutcome::Reachable || outcome == ProbeOutcome::Unreachable;
        if (io && clean) {
            io->write(*key, {}, Fin::Yes);
            io->stop(*key, link::kNoError);
        } else if (io) {
            link::abandon(*io, *key, link::kNoError);
        }
    }
    ProbeDone done = std::move(probe.mapped().result);
    done.outcome = outcome;
    done.why = std::move(why);
    LOG(m_log, Debug, "autonat",
        done.address.text() << " by " << done.peer.shortText() << ": "
                            << (outcome == ProbeOutcome::Reachable ? "reachable" : done.why));
    m_done.push_back(std::move(done));
}

// --- being dialled back -------------------------------------------------------------------------------------------

void AutonatClient::readDialBack(StreamKey key, StreamIo& io) {
    const auto found = m_dialBacks.find(key);
    if (found == m_dialBacks.end()) return;
    link::StreamSource source{io, key};
    const auto frame = found->second.frames.next(source);
    if (frame && !*frame && !io.atEnd(key)) return;
    const auto dialBack = std::move(m_dialBacks.extract(found).mapped());
    const auto nonce = frame && *frame ? decodeDialBack(**frame)
                                       : Result<uint64_t>(makeError(Errc::Malformed, "a dial back without a nonce"));
    // What it says must be settled before the question may end: the stream of the question is another one.
    Bytes answer;
    codec::appendFrame(answer, encodeDialBackResponse());
    if (!nonce || io.writable(key) < answer.size() || !takeNonce(dialBack, *nonce, io)) {
        LOG(m_log, Debug, "autonat", "a dial back that nobody waits for, over " << dialBack.local.text());
        return link::abandon(io, key, swarm::kStreamProtocolViolation);
    }
    io.write(key, Slice::copyOf(answer), Fin::Yes);
    io.stop(key, link::kNoError);
}

/// Whether the nonce is that of an open question, and the connection one that answers it.
bool AutonatClient::takeNonce(const DialBack& dialBack, uint64_t nonce, StreamIo& io) {
    const auto found = std::ranges::find_if(m_probes, [&](const auto& one) {
        const Probe& probe = one.second;
        return probe.result.version == Version::V2 && probe.stream && probe.nonce == nonce;
    });
    if (found == m_probes.end()) return false;
    Probe& probe = found->second;
    const bool fresh = dialBack.side == link::Side::Listener && dialBack.link != probe.stream->link;
    if (!fresh || !canBe(dialBack.local, probe.result.address)) return false;
    probe.nonceSeen = true;
    if (probe.answered) finish(found->first, ProbeOutcome::Reachable, {}, &io);
    return true;
}

// --- streams ------------------------------------------------------------------------------------------------------

void AutonatClient::onStreamFailed(swarm::RequestTag tag, const crypto::PeerId&, const Error& error, StreamIo&, Now) {
    finish(ProbeId{tag}, ProbeOutcome::Inconclusive, error.text(), nullptr);
}

void AutonatClient::onReadable(StreamKey key, StreamIo& io, Now now) {
    if (const auto found = m_streams.find(key); found != m_streams.end()) return read(found->second, io, now);
    readDialBack(key, io);
}

void AutonatClient::onWritable(StreamKey key, StreamIo& io, Now) {
    const auto found = m_streams.find(key);
    if (found != m_streams.end()) send(m_probes.at(found->second), io);
}

void AutonatClient::onReset(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (m_dialBacks.erase(key) > 0) return io.reset(key, link::kNoError);
    const auto found = m_streams.find(key);
    if (found == m_streams.end()) return;
    if (m_probes.at(found->second).answered) return; // it has said what it had to say
    finish(found->second, ProbeOutcome::Inconclusive, "the peer reset the stream", &io);
}

void AutonatClient::onStopped(StreamKey key, uint64_t, StreamIo& io, Now) {
    if (m_dialBacks.erase(key) > 0) return io.stop(key, link::kNoError);
    const auto found = m_streams.find(key);
    if (found == m_streams.end()) return;
    Probe& probe = m_probes.at(found->second); // its answer may still come
    probe.unsent.clear();
    probe.dataLeft = 0;
}

void AutonatClient::onClosed(StreamKey key, StreamIo&, Now) {
    m_dialBacks.erase(key);
    const auto found = m_streams.find(key);
    if (found == m_streams.end()) return;
    Probe& probe = m_probes.at(found->second);
    if (!probe.answered) return finish(found->second, ProbeOutcome::Inconclusive, "the stream has ended", nullptr);
}

// --- time ---------------------------------------------------------------------------------------------------------

Instant AutonatClient::deadline() const {
    Instant next = m_dialBackDeadlines.next();
    for (const auto& [id, probe] : m_probes) next = std::min(next, probe.giveUp);
    return next;
}

void AutonatClient::onDeadline(StreamIo& io, Now now) {
    std::vector<ProbeId> late;
    for (const auto& [id, probe] : m_probes)
        if (probe.giveUp <= now.mono) late.push_back(id);
    for (const ProbeId id : late) {
        const bool said = m_probes.at(id).answered;
        finish(id, ProbeOutcome::Inconclusive,
               said ? "the peer says that it has connected, and did not" : "no answer in time", &io);
    }
    for (const StreamKey key : m_dialBackDeadlines.due(now.mono)) {
        m_dialBacks.erase(key);
        link::abandon(io, key, swarm::kStreamResourceLimit);
    }
}

} // namespace wherry::autonat
