#include "transfer/outbox.h"

#include "base/take_front.h"
#include "transfer/machine_limits.h"

#include <algorithm>

namespace wherry::transfer {

namespace {

template <typename Map> TransferId takeOwner(Map& owners, const typename Map::key_type& id) {
    const auto found = owners.find(id);
    if (found == owners.end()) return {};
    const TransferId owner = found->second;
    owners.erase(found);
    return owner;
}

} // namespace

JobId Outbox::submit(TransferId owner, JobLane lane, JobWork work) {
    const JobId id = m_jobIds.take();
    m_jobOwners.emplace(id, owner);
    m_jobs.push_back({id, lane, std::move(work)});
    return id;
}

StoreRequestId Outbox::scan(TransferId owner, Space space, Bytes prefix) {
    const StoreRequestId id = m_scanIds.take();
    m_scanOwners.emplace(id, owner);
    m_store.push_back(StoreScan{id, space, std::move(prefix)});
    return id;
}

void Outbox::put(Space space, Bytes key, Bytes value, UnixTime expires, Durable durable) {
    m_store.push_back(StorePut{space, std::move(key), std::move(value), expires, durable});
}

void Outbox::erase(Space space, Bytes prefix, Durable durable) {
    m_store.push_back(StoreErase{space, std::move(prefix), durable});
}

swarm::RequestTag Outbox::openStream(TransferId owner, const crypto::PeerId& peer) {
    const std::span<const std::string> ids = transferProtocolIds();
    const swarm::RequestTag tag = ++m_lastTag;
    m_streamOwners.emplace(tag, owner);
    m_requests.push_back(swarm::OpenStream{peer, {ids.begin(), ids.end()}, tag});
    return tag;
}

void Outbox::want(TransferId owner, const crypto::PeerId& peer) {
    m_wants.push_back({peer, owner});
}

TransferId Outbox::ownerOfJob(JobId id) {
    return takeOwner(m_jobOwners, id);
}

TransferId Outbox::ownerOfScan(StoreRequestId id) {
    return takeOwner(m_scanOwners, id);
}

TransferId Outbox::ownerOfStream(swarm::RequestTag tag) {
    return takeOwner(m_streamOwners, tag);
}

std::optional<Job> Outbox::pollJob() {
    return takeFront(m_jobs);
}

std::optional<StoreOp> Outbox::pollStore() {
    return takeFront(m_store);
}

std::optional<WantPeer> Outbox::pollWant() {
    return takeFront(m_wants);
}

std::optional<TransferEvent> Outbox::pollEvent() {
    return takeFront(m_events);
}

std::optional<OfferPlaced> Outbox::pollPlaced() {
    return takeFront(m_placed);
}

std::optional<swarm::SwarmRequest> Outbox::pollRequest() {
    return takeFront(m_requests);
}

size_t MachineContext::jobBudget() const {
    return std::clamp<size_t>(config.workers * kJobsPerWorker, 2, kMaxJobsInFlight);
}

std::span<const std::string> transferProtocolIds() {
    static const std::string kIds[] = {"/wherry/transfer/1"};
    return kIds;
}

} // namespace wherry::transfer
