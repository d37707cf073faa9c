#pragma once

#include "transfer/arriving_file.h"
#include "transfer/receive_task.h"

#include <map>
#include <set>

namespace wherry::transfer {

/// The chunked files of a transfer that are under way, the frames that wait until their parts are open, and what of
/// them is not on record yet. Invariants: held() is the sum of all waiting frames; every entry in here is
/// EntryState::Arriving.
class ArrivingFiles {
  public:
    explicit ArrivingFiles(const ReceiveTask& task) : m_task(task) {}

    /// nullptr: it is not under way.
    ArrivingFile* find(uint32_t entry);
    /// Begins with it if it is not under way yet; true: it is new.
    std::pair<ArrivingFile*, bool> open(uint32_t entry);
    /// Frames that waited are returned, for the credit.
    std::vector<ArrivedFrame> close(uint32_t entry);

    /// The part of the file is not open yet.
    void hold(uint32_t entry, ArrivedFrame frame);
    /// It is: what has waited.
    std::vector<ArrivedFrame> takeHeld(uint32_t entry);
    /// All of all files.
    std::vector<ArrivedFrame> takeAllHeld();
    size_t held() const { return m_held; }

    /// Chunks of it have been verified, or found missing.
    void touch(uint32_t entry) { m_changed.insert(entry); }
    /// Puts the bitmaps that have changed on record.
    void flush(UnixTime expires);

  private:
    const ReceiveTask& m_task;
    std::map<uint32_t, ArrivingFile> m_files;
    std::set<uint32_t> m_changed;
    size_t m_held = 0;
};

} // namespace wherry::transfer
