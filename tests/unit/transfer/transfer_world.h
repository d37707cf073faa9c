#pragma once

#include "crypto/identity.h"
#include "support/memory_storage.h"
#include "support/pair_carrier.h"
#include "support/seeded_random.h"
#include "transfer/transfers.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace wherry::test {

using namespace wherry::transfer;
using wherry::testing::MemoryStorage;

/// What survives a process: its disk and its database.
struct Host {
    MemoryStorage disk;
    struct Row {
        Bytes value;
        UnixTime expires{};
    };
    using Rows = std::map<std::pair<Space, Bytes>, Row>;
    Rows store;
    Rows synced;                   ///< what of it a power cut cannot take back
    std::vector<StoreOp> unsynced; ///< what has changed since

    void change(const StoreOp& op) {
        apply(op);
        unsynced.push_back(op);
        const auto* put = std::get_if<StorePut>(&op);
        const auto* erase = std::get_if<StoreErase>(&op);
        if (!(put && put->durable == Durable::Yes) && !(erase && erase->durable == Durable::Yes)) return;
        synced = store;
        unsynced.clear();
    }
    /// Any number of the latest changes are lost.
    void cutStore(uint64_t seed) {
        store = synced;
        const std::vector<StoreOp> changes = std::exchange(unsynced, {});
        for (size_t i = 0; i < seed % (changes.size() + 1); ++i) apply(changes[i]);
    }
    static bool begins(const Rows::value_type& row, Space space, const Bytes& prefix) {
        return row.first.first == space && row.first.second.size() >= prefix.size() &&
               std::equal(prefix.begin(), prefix.end(), row.first.second.begin());
    }
    size_t rowsIn(Space space) const {
        return static_cast<size_t>(
            std::count_if(store.begin(), store.end(), [&](const auto& row) { return row.first.first == space; }));
    }

  private:
    void apply(const StoreOp& op) {
        if (const auto* put = std::get_if<StorePut>(&op)) store[{put->space, put->key}] = {put->value, put->expires};
        const auto* erase = std::get_if<StoreErase>(&op);
        if (!erase) return;
        for (auto it = store.lower_bound({erase->space, erase->prefix});
             it != store.end() && begins(*it, erase->space, erase->prefix);)
            it = store.erase(it);
    }
};

/// One process: Transfers on a PairCarrier, without swarm. Jobs and scans wait until the world runs them.
class TransferPeer {
  public:
    TransferPeer(PairNetwork& network, Host& theHost, uint8_t number, uint64_t seed)
        : host(theHost),
          random(seed),
          id(idOf(number)),
          carrier(network, id, {addressOf(number)}),
          transfers({2, pool}, random, log) {}

    static codec::Multiaddr addressOf(uint8_t number) {
        return codec::Multiaddr::parse("/ip4/10.0.0." + std::to_string(number) + "/udp/4001/quic-v1").value();
    }
    static crypto::PeerId idOf(uint8_t number) {
        crypto::Ed25519Public key{};
        key.fill(number);
        return crypto::peerIdOf(key);
    }

    /// Carries events, requests and orders around until nothing moves by itself.
    void settle(Now now) {
        bool moved = true;
        while (moved) {
            moved = false;
            while (auto event = carrier.poll())
                std::visit([&](const auto& one) { on(one, now); }, *event), moved = true;
            while (auto request = transfers.pollRequest()) on(*request, now), moved = true;
            while (auto want = transfers.pollWant()) dial(want->peer, now), moved = true;
            while (auto op = transfers.pollStore()) on(*op, now);
            while (auto job = transfers.pollJob()) {
                ++jobsSeen;
                jobs.push_back(std::move(*job));
            }
            while (auto event = transfers.pollEvent()) events.push_back(std::move(*event));
            while (auto one = transfers.pollPlaced()) placed.push_back(std::move(*one));
        }
        most = std::max(most, jobs.size());
    }
    void runJob(size_t index, Now now) {
        const Job job = std::move(jobs[index]);
        jobs.erase(jobs.begin() + static_cast<ptrdiff_t>(index));
        JobDone done = transfer::runJob(job, host.disk, *pool);
        if (tamper) tamper(job, done);
        transfers.onJobDone(std::move(done), carrier, now);
        settle(now);
    }
    void carryOut(const StoreOp& op, Now now) {
        const auto* scan = std::get_if<StoreScan>(&op);
        if (!scan) return host.change(op);
        std::vector<std::pair<Bytes, Bytes>> rows;
        for (auto it = host.store.lower_bound({scan->space, scan->prefix});
             it != host.store.end() && Host::begins(*it, scan->space, scan->prefix); ++it)
            if (it->second.expires.nanoseconds == 0 || it->second.expires > now.wall)
                rows.emplace_back(it->first.second, it->second.value);
        scans.push_back({scan->id, std::move(rows)});
    }
    void carryOutOne(Now now) {
        const StoreOp op = std::move(storeOps.front());
        storeOps.pop_front();
        carryOut(op, now);
    }
    void answerScan(Now now) {
        StoreScanned scanned = std::move(scans.front());
        scans.pop_front();
        transfers.onStoreScanned(std::move(scanned), carrier, now);
        settle(now);
    }

    /// Of a link of ours; through a relay when all of them are.
    swarm::PeerInfo info(const crypto::PeerId& peer, link::LinkId link) const {
        static const codec::Multiaddr circuit =
            codec::Multiaddr::parse("/ip4/10.9.9.9/udp/4001/quic-v1/p2p/" + idOf(99).text() + "/p2p-circuit").value();
        return {peer, link, link::Side::Dialer, {}, relayed ? circuit : addressOf(99)};
    }
    void moveTo(const crypto::PeerId& peer, link::LinkId link, Now now) {
        links[peer] = link;
        transfers.onPeerMoved({peer, link, link::Side::Dialer, {}, {}}, now);
    }
    /// A link ends; if it was the one in use, what is under way goes over to another one that is open.
    void loseLink(const crypto::PeerId& peer, link::LinkId lost, Now now) {
        all.erase(lost);
        for (const auto& [other, whose] : all)
            if (whose == peer && links.at(peer) == lost) moveTo(peer, other, now);
        carrier.breakLink(lost, makeError(Errc::Timeout, "idle"));
        settle(now);
    }

    template <typename Event> std::vector<Event> eventsOf() const {
        std::vector<Event> found;
        for (const TransferEvent& event : events)
            if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
        return found;
    }

    Host& host;
    SeededRandom random;
    Log log;
    std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();
    crypto::PeerId id;
    PairCarrier carrier;
    Transfers transfers;
    std::deque<Job> jobs;
    std::deque<StoreScanned> scans;
    std::deque<StoreOp> storeOps; ///< that wait, with a slow store
    bool slowStore = false;
    std::vector<TransferEvent> events;
    std::vector<OfferPlaced> placed;
    std::map<crypto::PeerId, link::LinkId> links; ///< in use
    std::map<link::LinkId, crypto::PeerId> all;   ///< that are open
    bool relayed = false;                         ///< all of them
    bool moves = false;                           ///< a second link takes the place of the first, as the swarm decides
    std::map<crypto::PeerId, codec::Multiaddr> addresses;
    std::map<link::LinkId, crypto::PeerId> dials;
    std::set<link::StreamKey> streams; ///< that are open
    std::function<void(const Job&, JobDone&)> tamper;
    size_t jobsSeen = 0;
    size_t most = 0;

  private:
    void on(const link::LinkOpened& opened, Now now) {
        dials.erase(opened.link);
        all[opened.link] = opened.peer;
        if (moves && links.contains(opened.peer)) return moveTo(opened.peer, opened.link, now);
        links[opened.peer] = opened.link;
        transfers.onPeerConnected(info(opened.peer, opened.link), carrier, now);
    }
    void on(const link::LinkClosed& closed, Now now) {
        if (const auto dialled = dials.find(closed.link); dialled != dials.end()) {
            const crypto::PeerId peer = dialled->second;
            dials.erase(dialled);
            transfers.onPeerUnreachable(peer, closed.error, now);
        }
        if (const auto lost = all.extract(closed.link); lost && !closed.byPeer)
            transfers.onLinkLost(info(lost.mapped(), closed.link), closed.error);
        for (const link::StreamKey key : std::set(streams))
            if (key.link == closed.link) on(link::StreamClosed{key}, now);
        for (auto it = links.begin(); it != links.end(); ++it) {
            if (it->second != closed.link) continue;
            const crypto::PeerId peer = it->first;
            links.erase(it);
            transfers.onPeerGone(peer, closed.error, now);
            break;
        }
    }
    void on(const link::LinkMoved&, Now) {}
    void on(const link::StreamOpened& opened, Now now) {
        const auto from = all.find(opened.key.link);
        if (from == all.end()) return;
        streams.insert(opened.key);
        const swarm::PeerInfo over = info(from->second, opened.key.link);
        transfers.onStream({opened.key, from->second, transfers.protocolIds()[0], false, 0, &over}, carrier, now);
    }
    void on(const link::StreamReadable& event, Now now) { transfers.onReadable(event.key, carrier, now); }
    void on(const link::StreamWritable& event, Now now) { transfers.onWritable(event.key, carrier, now); }
    void on(const link::StreamReset& event, Now now) { transfers.onReset(event.key, event.code, carrier, now); }
    void on(const link::StreamStopped& event, Now now) { transfers.onStopped(event.key, event.code, carrier, now); }
    void on(const link::StreamClosed& event, Now now) {
        streams.erase(event.key);
        transfers.onClosed(event.key, carrier, now);
    }
    void on(const swarm::SwarmRequest& request, Now now) {
        const auto& open = std::get<swarm::OpenStream>(request);
        const auto linked = links.find(open.peer);
        if (linked == links.end())
            return transfers.onStreamFailed(open.tag, open.peer, makeError(Errc::Unreachable), carrier, now);
        const auto key = carrier.openStream(linked->second);
        if (!key) return transfers.onStreamFailed(open.tag, open.peer, key.error(), carrier, now);
        streams.insert(*key);
        transfers.onStream({*key, open.peer, transfers.protocolIds()[0], true, open.tag}, carrier, now);
    }
    void on(const StoreOp& op, Now now) {
        if (slowStore)
            storeOps.push_back(op);
        else
            carryOut(op, now);
    }
    void dial(const crypto::PeerId& peer, Now now) {
        for (const auto& [linkId, dialled] : dials)
            if (dialled == peer) return;
        if (links.contains(peer)) return;
        const auto linkId = carrier.dial(addresses.at(peer), peer, now);
        if (linkId) dials[*linkId] = peer;
    }
};

/// A sender and a receiver, their disks, and one clock. Every step is chosen by the seed: a delivery, a job of either,
/// a scan's answer; when nothing else is left, time moves to the next deadline.
class TransferWorld {
  public:
    explicit TransferWorld(uint64_t seed = 1, PairOptions options = {}) : network(options), random(seed), m_seed(seed) {
        now.wall = UnixTime::fromSeconds(1'800'000'000);
        startSender();
        startReceiver();
    }

    void startSender() {
        sender.reset();
        sender = std::make_unique<TransferPeer>(network, senderHost, 1, ++m_seed * 7919);
        sender->addresses[TransferPeer::idOf(2)] = TransferPeer::addressOf(2);
    }
    void startReceiver() {
        receiver.reset();
        receiver = std::make_unique<TransferPeer>(network, receiverHost, 2, ++m_seed * 104729);
        receiver->addresses[TransferPeer::idOf(1)] = TransferPeer::addressOf(1);
        receiver->slowStore = slowStore;
        receiver->transfers.setReceivePolicy(policy, now);
    }
    void setSlowStore() { receiver->slowStore = slowStore = true; }
    void setPolicy(ReceivePolicy next) {
        policy = std::move(next);
        receiver->transfers.setReceivePolicy(policy, now);
    }
    TransferId send(std::vector<std::string> paths, Duration wait = std::chrono::seconds(30)) {
        const TransferId id = sender->transfers.send(receiver->id, {std::move(paths), wait, {}}, now);
        sender->settle(now);
        return id;
    }

    /// False: nothing is left to do but wait for nothing.
    bool step() {
        ++steps;
        const size_t choices[] = {network.waiting() > 0 ? size_t(3) : 0,
                                  sender->jobs.size(),
                                  receiver->jobs.size(),
                                  sender->scans.size(),
                                  receiver->scans.size(),
                                  receiver->storeOps.empty() ? size_t(0) : size_t(1)};
        size_t total = 0;
        for (const size_t count : choices) total += count;
        if (total == 0) return wait();
        size_t pick = random.below(total);
        if (pick < choices[0]) {
            network.deliverOne();
            sender->settle(now);
            receiver->settle(now);
            return true;
        }
        pick -= choices[0];
        if (pick < choices[1]) return sender->runJob(pick, now), settled();
        pick -= choices[1];
        if (pick < choices[2]) return receiver->runJob(pick, now), settled();
        pick -= choices[2];
        if (pick < choices[3]) return sender->answerScan(now), settled();
        pick -= choices[3];
        if (pick >= choices[4]) return receiver->carryOutOne(now), settled();
        return receiver->answerScan(now), settled();
    }
    bool wait() {
        const Instant next = std::min(sender->transfers.deadline(), receiver->transfers.deadline());
        if (next == kNever) return false;
        const Duration ahead = std::max(next - now.mono, Duration(1));
        passTime(ahead);
        sender->transfers.onDeadline(sender->carrier, now);
        receiver->transfers.onDeadline(receiver->carrier, now);
        return settled();
    }
    void passTime(Duration duration) {
        now.mono += duration;
        now.wall.nanoseconds += duration.count();
    }
    bool settled() {
        sender->settle(now);
        receiver->settle(now);
        return true;
    }
    /// Until nothing happens any more, or too much has.
    bool run(size_t limit = 200'000) {
        for (size_t i = 0; i < limit; ++i)
            if (!step()) return true;
        return false;
    }
    /// The process is gone at once; the other end notices by time-out.
    void killSender() {
        startSender();
        drop(*receiver, sender->id);
    }
    void killReceiver() {
        startReceiver();
        drop(*sender, receiver->id);
    }
    void breakLink() {
        drop(*sender, receiver->id);
        drop(*receiver, sender->id);
    }

    Now now{};
    PairNetwork network;
    SeededRandom random;
    Host senderHost;
    Host receiverHost;
    ReceivePolicy policy{true, Accept::All, Conflict::Rename, "/dst", false, {}};
    std::unique_ptr<TransferPeer> sender;
    std::unique_ptr<TransferPeer> receiver;
    size_t steps = 0;

  private:
    bool slowStore = false; ///< of the receiver, in every process
    void drop(TransferPeer& peer, const crypto::PeerId& other) {
        const auto found = peer.links.find(other);
        const Error error = makeError(Errc::ConnectionLost, "idle");
        if (found != peer.links.end()) peer.carrier.breakLink(found->second, error);
        const auto dials = peer.dials;
        for (const auto& [linkId, dialled] : dials) peer.carrier.breakLink(linkId, error);
        settled();
    }
    uint64_t m_seed;
};

inline Bytes pattern(uint64_t seed, size_t size) {
    return SeededRandom(seed).bytes(size);
}

/// Folders, an empty one, no bytes, small files, files of one chunk, of several, of exactly a chunk, text that shrinks.
inline void addMixedTree(MemoryStorage& disk, const std::string& at, size_t scale = 1) {
    disk.addFolder(at + "/empty", 1'600'000'000'000'000'000);
    disk.addFile(at + "/zero", {});
    for (size_t i = 0; i < 20 * scale; ++i)
        disk.addFile(at + "/small/f" + std::to_string(i), pattern(i, 100 + 997 * (i % 20)),
                     1'650'000'000'000'000'000 + int64_t(i), i % 3 == 0);
    disk.addFile(at + "/medium", pattern(100, 100'000));
    disk.addFile(at + "/chunk", pattern(101, kChunkSize));
    disk.addFile(at + "/deep/er/large", pattern(102, 3 * kChunkSize + 17), 1'610'000'000'000'000'123);
    disk.addFile(at + "/text", Bytes(700'000, 'x'));
    disk.addFile(at + "/\xc3\xa9t\xc3\xa9 \xe6\x97\xa5", pattern(103, 5000));
}

} // namespace wherry::test
