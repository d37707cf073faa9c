#include "codec/multiaddr.h"
#include "quic/endpoint.h"
#include "runtime/clock.h"
#include "runtime/system_random.h"
#include "runtime/udp_socket.h"

#include <poll.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace wherry;

namespace {

/// What has happened so far.
struct Tally {
    size_t begun = 0;   ///< dials
    size_t retries = 0; ///< answers that were Retry packets, by their first byte (RFC 9000 17.2.5)
    size_t others = 0;  ///< other answers
};

/// One address from which handshakes begin that never end: of what the server answers, its dialler hears Retry alone
/// (with `proves`), or nothing.
class Staller {
  public:
    static Result<std::unique_ptr<Staller>> create(uint8_t number, bool proves, Random& random, const Log& log) {
        auto self = std::make_unique<Staller>();
        self->m_proves = proves;
        runtime::SocketBinding binding;
        binding.families = runtime::SocketFamilies::Ipv4;
        binding.ip = codec::IpAddress::v4({127, 0, 1, number});
        TRY(self->m_socket, runtime::UdpSocket::open(binding));
        quic::EndpointConfig config;
        config.listen = false;
        config.localPort = self->m_socket->localAddress().port;
        const auto identity = crypto::Identity::generate(random);
        TRY(self->m_endpoint, quic::Endpoint::create(config, identity, random, std::make_shared<BlockPool>(4), log));
        return self;
    }

    /// Begins anew what has run into its time limit, and sends what is due.
    Result<void> turn(const codec::Multiaddr& victim, size_t dials, Tally& tally, Now now) {
        while (const auto batch = m_socket->receive()) hear(*batch, tally, now);
        if (m_endpoint->deadline() <= now.mono) m_endpoint->onDeadline(now);
        while (const auto event = m_endpoint->poll())
            if (std::holds_alternative<link::LinkClosed>(*event)) --m_dialling;
        for (; m_dialling < dials; ++m_dialling, ++tally.begun) TRY_OK(m_endpoint->dial(victim, {}, now));
        while (const auto batch = m_endpoint->nextBatch(m_buffer, now)) {
            size_t sent = 0;
            m_socket->send(batch->path, batch->ecn, ByteView(m_buffer).first(batch->length), batch->segmentSize, sent);
        }
        return {};
    }

  private:
    void hear(const runtime::ReceivedBatch& batch, Tally& tally, Now now) {
        for (ByteView rest = batch.bytes; !rest.empty();) {
            const ByteView one = rest.first(std::min(rest.size(), batch.segmentSize));
            rest = rest.subspan(one.size());
            constexpr uint8_t kTypeMask = 0xf0, kRetry = 0xf0;
            const bool retry = (one[0] & kTypeMask) == kRetry;
            ++(retry ? tally.retries : tally.others);
            if (retry && m_proves) m_endpoint->onDatagram(batch.path, batch.ecn, one, now);
        }
    }

    bool m_proves = false;
    std::unique_ptr<runtime::UdpSocket> m_socket;
    std::unique_ptr<quic::Endpoint> m_endpoint;
    size_t m_dialling = 0;
    Bytes m_buffer = Bytes(quic::kBatchBuffer);
};

int besiege(const codec::Multiaddr& victim, uint8_t addresses, size_t dials, bool proves) {
    runtime::SystemRandom random;
    const Log log;
    std::vector<std::unique_ptr<Staller>> crowd;
    for (uint8_t number = 1; number <= addresses; ++number) {
        auto staller = Staller::create(number, proves, random, log);
        if (!staller) {
            std::cerr << staller.error().text() << std::endl;
            return 1;
        }
        crowd.push_back(std::move(*staller));
    }
    Tally tally;
    bool saidAnswered = false, saidRenewed = false;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    constexpr int kTurnMs = 5;
    while (poll(&input, 1, kTurnMs) == 0) {
        for (auto& staller : crowd) {
            const auto turned = staller->turn(victim, dials, tally, runtime::readClocks());
            if (turned) continue;
            std::cerr << turned.error().text() << std::endl;
            return 1;
        }
        if (tally.retries + tally.others > 0 && !std::exchange(saidAnswered, true))
            std::cout << "answered" << std::endl;
        if (tally.begun >= 2 * addresses * dials && !std::exchange(saidRenewed, true))
            std::cout << "renewed" << std::endl;
    }
    std::cout << tally.retries << " " << tally.others << std::endl;
    return 0;
}

} // namespace

/// Begins handshakes and never ends one, for the end-to-end tests: `stalled_dials ADDRESS ADDRESSES DIALS mute|prove`
/// dials ADDRESS from so many addresses of 127.0.1.0/24, with so many handshakes of each at once, until standard input
/// says something or ends. Prints "answered" at the first answer, "renewed" when each handshake has run into its time
/// limit and begun anew, and at the end how many answers were Retry packets and how many were not.
int main(int count, char** words) {
    const std::string_view mode = count == 5 ? words[4] : "";
    const auto victim = codec::Multiaddr::parse(count == 5 ? words[1] : "");
    if (!victim || (mode != "mute" && mode != "prove")) {
        std::cerr << "usage: " << words[0] << " ADDRESS ADDRESSES DIALS mute|prove" << std::endl;
        return 2;
    }
    return besiege(*victim, static_cast<uint8_t>(std::stoul(words[2])), std::stoul(words[3]), mode == "prove");
}
