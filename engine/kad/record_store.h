#pragma once

#include "base/result.h"
#include "base/time.h"
#include "kad/validator.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace wherry::kad {

/// The values that we keep for others, in memory (libp2p/specs kad-dht, "Value storage and retrieval"). A key has one
/// record for each publisher, so that nobody can push another's out; the one that isBetter than all is what a get is
/// answered with.
///
/// A server does not pass on what it keeps when others come closer to a key: the specification leaves that to whoever
/// publishes, who puts it anew, and to whoever gets it, who puts it where it is missing ("Entry correction"). So nobody
/// makes servers write to servers, with their rates and their work, by coming and going.
///
/// Bounded in all, in bytes, for the peer that has put it and for the publishers of a key. A full store refuses; before
/// that, the work it asks for grows (requiredWork), so that filling it costs more the fuller it is.
class RecordStore {
  public:
    /// Keeps a validated record that `from` has put. Exists: there is as good a one of its publisher. Busy: the key has
    /// as many publishers as it may, all with better ones. LimitReached: no room, in all or for this peer.
    Result<void> put(const crypto::PeerId& from, ValidRecord record, Now now);
    using Slot = std::pair<Bytes, crypto::PeerId>; ///< key and publisher
    /// Those that are not here any more since the last time: expired, or pushed out by another publisher. The owner
    /// asks after each put() and expire().
    std::vector<Slot> takeGone() { return std::exchange(m_gone, {}); }
    /// The best record of a key that has not expired; `publisher`: only of that one.
    std::optional<ValidRecord> get(ByteView key, Now now, const std::optional<crypto::PeerId>& publisher = {}) const;
    /// Bits of work to ask for now: kMinWorkBits up to a quarter of the bounds, then rising evenly to kMaxWorkBits.
    unsigned requiredWork() const;

    size_t size() const { return m_records.size(); }
    size_t bytes() const { return m_bytes; }
    size_t putBy(const crypto::PeerId& peer) const;
    /// Expired records go; the owner calls it at deadline(), which is wall time.
    void expire(Now now);
    std::optional<UnixTime> deadline() const;

  private:
    struct Kept {
        ValidRecord valid;
        crypto::PeerId from;
    };
    using Records = std::map<Slot, Kept>;

    Result<Records::iterator> victimOf(const Slot& slot, const ValidRecord& record);
    void erase(Records::iterator kept);

    Records m_records;
    std::set<std::pair<UnixTime, Slot>> m_expiries;
    std::map<crypto::PeerId, size_t> m_putBy;
    size_t m_bytes = 0;
    std::vector<Slot> m_gone;
};

} // namespace wherry::kad
