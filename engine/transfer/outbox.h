#pragma once

#include "base/log.h"
#include "base/random.h"
#include "base/store.h"
#include "swarm/protocol.h"
#include "transfer/job.h"
#include "transfer/transfer_types.h"
#include "transfer/transfers.h"

#include <deque>
#include <unordered_map>

namespace wherry::transfer {

/// What the machines of one node hand out, in order; Transfers' poll functions drain it. Knows which transfer each
/// request is of, so that its outcome finds the machine.
class Outbox {
  public:
    JobId submit(TransferId owner, JobLane lane, JobWork work);
    StoreRequestId scan(TransferId owner, Space space, Bytes prefix);
    void put(Space space, Bytes key, Bytes value, UnixTime expires, Durable durable = Durable::No);
    void erase(Space space, Bytes prefix, Durable durable = Durable::No);
    swarm::RequestTag openStream(TransferId owner, const crypto::PeerId& peer);
    void want(TransferId owner, const crypto::PeerId& peer);
    void event(TransferEvent event) { m_events.push_back(std::move(event)); }
    void placed(OfferPlaced placed) { m_placed.push_back(std::move(placed)); }

    /// Whose outcome it is; forgets it. A zero id: nobody's (any more).
    TransferId ownerOfJob(JobId id);
    TransferId ownerOfScan(StoreRequestId id);
    TransferId ownerOfStream(swarm::RequestTag tag);

    std::optional<Job> pollJob();
    std::optional<StoreOp> pollStore();
    std::optional<WantPeer> pollWant();
    std::optional<TransferEvent> pollEvent();
    std::optional<OfferPlaced> pollPlaced();
    std::optional<swarm::SwarmRequest> pollRequest();

  private:
    std::deque<Job> m_jobs;
    std::deque<StoreOp> m_store;
    std::deque<WantPeer> m_wants;
    std::deque<TransferEvent> m_events;
    std::deque<OfferPlaced> m_placed;
    std::deque<swarm::SwarmRequest> m_requests;
    IdSource<JobId> m_jobIds;
    IdSource<StoreRequestId> m_scanIds;
    swarm::RequestTag m_lastTag = 0;
    std::unordered_map<JobId, TransferId> m_jobOwners;
    std::unordered_map<StoreRequestId, TransferId> m_scanOwners;
    std::unordered_map<swarm::RequestTag, TransferId> m_streamOwners;
};

/// What every machine works with; lives as long as Transfers.
struct MachineContext {
    TransfersConfig config;
    Random& random;
    const Log& log;
    Outbox out;
    /// The relayed link that has ended last, and why; its streams close after that.
    std::optional<std::pair<link::LinkId, Error>> lastLoss{};

    /// Why a stream of this link has gone, as far as somebody else than the peer is known to have ended the link.
    Error lossOf(link::LinkId link, std::string otherwise) const {
        return lastLoss && lastLoss->first == link ? lastLoss->second
                                                   : makeError(Errc::ConnectionLost, std::move(otherwise));
    }
    /// Jobs that one transfer may have under way.
    size_t jobBudget() const;
};

/// The ids that streams of this protocol are negotiated with.
std::span<const std::string> transferProtocolIds();

} // namespace wherry::transfer
