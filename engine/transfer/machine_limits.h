#pragma once

#include "base/time.h"
#include "transfer/transfer_limits.h"

#include <cstddef>
#include <cstdint>

/// Bounds of the machines that run transfers (transfer_limits.h has those of the format).
namespace wherry::transfer {

// --- offers and transfers of one node ---

/// Offers of one peer that are being received or wait for an answer: a person sends one or two things at a time.
inline constexpr size_t kMaxOffersPerPeer = 4;
/// The same over all peers: more prompts than that no person answers.
inline constexpr size_t kMaxOffersInAll = 64;
/// Accepted transfers under way from one peer, and over all peers: each may hold parts open and jobs under way. With
/// all their streams they stay below what the swarm allows one peer (node_limits.h compares them).
inline constexpr size_t kMaxReceivesPerPeer = 12;
inline constexpr size_t kMaxReceivesInAll = 64;
/// Of those the content of so many comes at once, unless configured otherwise; the others wait for their turn. One peer
/// may have all that it can have under way, and four turns are left for the others.
inline constexpr uint32_t kReceivesAtOnce = kMaxReceivesPerPeer + 4;
/// Whoever has a turn and lets nothing come for so long gives it to one that waits: several retransmissions over any
/// path.
inline constexpr Duration kReceivePatience = std::chrono::seconds(10);
/// Bytes that may still come after the sender was asked to wait: twice the largest window of a connection.
inline constexpr uint64_t kMaxAfterHold = uint64_t(32) * 1024 * 1024;
/// Holds that the other side may say, each of which somebody may be told of: a person or a queue says a few in a minute.
inline constexpr uint64_t kHoldsPerSecond = 10;
inline constexpr uint64_t kHoldBurst = 100;
/// Incoming transfers that are paused at once: several times what may be under way, 100 bytes each.
inline constexpr size_t kMaxPausedReceives = 256;
/// For how long a sender that comes back is told that its transfer was cancelled meanwhile: longer than it tries by
/// itself unless it was told to be patient.
inline constexpr int64_t kCancelledMemorySeconds = 10 * 60;
/// Memory of manifests that nobody has accepted yet, bytes, of all peers and of one: a share holds a million entries
/// with names of 60 bytes, and no peer alone can keep the others' offers out.
inline constexpr size_t kMaxPendingManifestBytes = size_t(512) * 1024 * 1024;
inline constexpr size_t kMaxPendingManifestBytesPerPeer = kMaxPendingManifestBytes / 4;
/// The same of the entries as they are shown to whoever is asked: a million with paths of 170 bytes in one offer.
inline constexpr size_t kMaxShownBytes = size_t(512) * 1024 * 1024;
inline constexpr size_t kMaxShownBytesPerPeer = kMaxShownBytes / 2;
/// An offer must be complete within this time; a million entries at 1 Mbit/s take less.
inline constexpr Duration kOfferTimeout = std::chrono::minutes(5);
/// Inbound streams of one peer whose StreamHello has not come yet: the data streams of two transfers and their control
/// streams.
inline constexpr size_t kMaxNewStreamsPerPeer = 2 * kDataStreams + 4;
/// Bytes of a StreamHello: kind and 16 bytes of id take 20.
inline constexpr size_t kMaxStreamHello = 64;
/// Bytes of the id of an attempt and of the key of an offer (wire/transfer.proto).
inline constexpr size_t kAttemptIdSize = 16;
inline constexpr size_t kOfferKeySize = 32;
/// Characters of a reason that goes to the other side or comes from it.
inline constexpr size_t kMaxReason = 256;

// --- control stream ---

/// Bytes of control messages that wait for room on the stream before the machine makes more: one page and something
/// small.
inline constexpr size_t kControlQueueRefill = kMaxControlMessage;
/// Bytes of control messages that are kept in case the transfer goes over to another connection: the hashes of 8 GB,
/// and a receiver says ten times a second which ones it has heard.
inline constexpr size_t kMaxControlKept = 1024 * 1024;
/// Payload whose frames are remembered of a data stream in case it ends with its connection: what two transports hold
/// between them, 16 MiB in flight and as much unread, and half as much again.
inline constexpr uint64_t kMaxUndelivered = 48 * 1024 * 1024;
/// How long a receiver waits for a sender to come over after the connection before has ended: until that one has
/// noticed it, too.
inline constexpr Duration kMoveTimeout = std::chrono::seconds(40);
/// Data streams of one attempt with those of earlier connections that have not come to their end.
inline constexpr size_t kMaxFormerStreams = 64;
/// Runs of entries and claims in one Accept: 16 bytes and 32 bytes at most each, together below kMaxControlMessage.
inline constexpr size_t kMaxRunsPerAccept = 4096;
inline constexpr size_t kMaxClaimsPerAccept = 4096;
/// Progress messages and events: 10 a second (CLI.md).
inline constexpr Duration kProgressInterval = std::chrono::milliseconds(100);
/// Whatever does not move for so long has no rate: as long as somebody believes a figure that does not change.
inline constexpr Duration kStillAfter = std::chrono::milliseconds(1500);
/// Cells of the map of what is verified, a byte each: a column for every few pixels of a window.
inline constexpr size_t kMapCells = 256;
/// Between two maps: as often as somebody sees the difference.
inline constexpr Duration kMapInterval = std::chrono::milliseconds(500);
/// A stream that has nothing more to say is given this long to deliver its last message.
inline constexpr Duration kCloseTimeout = std::chrono::seconds(10);

/// A receiver says at least this often that it is still there, also while it only syncs.
inline constexpr Duration kProgressHeartbeat = std::chrono::seconds(10);
/// The attempt is over when nothing has been heard for so long while the other side has something to say: of a receiver
/// from its Accept on, twelve heartbeats; of a sender after SendEnd, when content is still missing, which it reads
/// again in seconds.
inline constexpr Duration kSilenceTimeout = std::chrono::minutes(2);

// --- through relays ---

/// Data streams over a relayed connection, which carries them all on one stream anyway: what a relay cuts off is of one
/// chunk.
inline constexpr size_t kRelayedStreams = 1;
/// Content of small files in one batch there, bytes: what is cut off of a batch comes again as a whole, and the
/// circuits of many relays carry no more than 128 KiB. A larger file is a batch of its own.
inline constexpr uint64_t kRelayedBatchBytes = 32 * 1024;
/// Beginnings of chunks that one transfer claims (wire/transfer.proto).
inline constexpr size_t kMaxBeginnings = 8;
/// And that a receiver keeps of one: a stream brings one, and the network thread hashes them when it claims them.
inline constexpr size_t kMaxBeginningsKept = 2 * kRelayedStreams;
/// Bytes of such beginnings that wait for another attempt: of as many transfers as may be under way.
inline constexpr size_t kMaxBeginningsHeld = kMaxReceivesInAll * kChunkSize;
/// And for how long: several times what a sender that comes back by itself waits at most.
inline constexpr Duration kBeginningsLifetime = std::chrono::minutes(10);
/// Circuits in a row of which the relay's limit is used up without more of the transfer being there than before: two
/// may be bad luck.
inline constexpr uint32_t kMaxFruitlessCircuits = 5;

// --- work ---

/// Jobs of one transfer at once whatever the number of workers: keeps the Blocks of reading and written frames
/// below 32.
inline constexpr size_t kMaxJobsInFlight = 24;
/// Frames that are read ahead of the streams, beyond the jobs under way.
inline constexpr size_t kReadyFrames = 4;
/// Groups that are hashed or being hashed ahead of reading: in bytes (the next one while this one is sent) and in
/// number (files of one chunk keep the workers busy too).
inline constexpr uint64_t kHashAheadBytes = 2 * kGroupSize;
inline constexpr size_t kHashAheadGroups = 32;
/// Times that a chunk may fail verification before the transfer ends.
inline constexpr uint8_t kMaxChunkFailures = 3;
/// Different chunks that may fail at all before the transfer ends: a disk or a peer that fails that often is broken.
inline constexpr size_t kMaxFailedChunks = 4096;
/// Folders of one MakeFolders job, names of one Look job, part names of one RemoveParts job.
inline constexpr size_t kPathsPerJob = 1000;
/// Content of small files written and not yet published, bytes: what a kill can cost beyond the frames under way.
inline constexpr uint64_t kPublishGroupBytes = 4 * 1024 * 1024;
/// The same with the group that is being published, before the receiver takes no more frames.
inline constexpr uint64_t kMaxUnpublishedBytes = 2 * kPublishGroupBytes;
/// The same in files, for those that have next to no content: one group on its way and three behind it, 2 MB of names.
inline constexpr size_t kMaxUnpublishedFiles = 4 * kPublishGroupFiles;
/// Names of a part that are tried, each when a folder has the one before: nobody makes those by accident.
inline constexpr uint8_t kMaxPartNames = 3;
/// Chunked files up to so many bytes are published in groups too: a sync of their own costs more than their content.
/// They add nothing to what a kill can cost, because their chunks are on record.
inline constexpr uint64_t kGroupedFileMax = 4 * 1024 * 1024;
/// FinishFile jobs under way: the disk thread does them one by one; the rest waits in the machine.
inline constexpr size_t kFinishJobs = 4;
/// Names "x (1)", "x (2)", ... that are tried for a root or file whose name is taken: above that a folder is not being
/// used by a person.
inline constexpr uint32_t kMaxRenameTries = 1000;
/// Files of one transfer that may have got such a name because somebody else's had theirs: more than a person edits
/// within a week, 20 MB in the store.
inline constexpr size_t kMaxChosenNames = 100'000;
/// Names that one Look job asks about while such a name is sought.
inline constexpr uint32_t kRenameTriesPerLook = 20;

/// Roots of an offer that are looked at before anybody is asked, and entries of folders that would be merged: four looks of
/// each, a few ten milliseconds. And names that the question tells of, in all more than a person reads.
inline constexpr size_t kMaxRootsLooked = 4 * kPathsPerJob;
inline constexpr size_t kMaxEntriesLooked = 4 * kPathsPerJob;
inline constexpr size_t kMaxTakenTold = 100;
/// Entries of one offer that a person gives other names: by hand, some; 4 MB in the store at worst.
inline constexpr size_t kMaxChosenByPerson = 1000;
/// Bytes of the path of a folder that a person chooses (Linux PATH_MAX).
inline constexpr size_t kMaxFolderPath = 4096;

// --- reaching the peer again ---

inline constexpr Duration kFirstRetry = std::chrono::milliseconds(250);
inline constexpr Duration kLastRetry = std::chrono::seconds(4);
/// An offer that stood for so long has been read by the peer, because no stream takes as long to negotiate: the wait
/// for a peer that is lost then begins anew. One that is dropped sooner uses up the wait that has begun.
inline constexpr Duration kOfferStands = std::chrono::seconds(15);

// --- records ---

/// How long an unfinished or finished transfer is remembered: a week, so that a weekend does not cost a resume.
inline constexpr int64_t kRecordLifetimeSeconds = 7 * 24 * 3600;
/// How long after the delivery the same offer needs no new yes as long as all of it is still there, untouched: a sender
/// that has not got its receipt is back within seconds. Later an answer is about something that the person has
/// forgotten.
inline constexpr int64_t kReceiptRetrySeconds = 30;
/// How long the names of parts outlive that, so that they can be removed when something is received into their folder
/// again: a quarter of a year; a folder that nobody uses for longer keeps them.
inline constexpr int64_t kPartsLifetimeSeconds = 90 * 24 * 3600;
/// Expired transfers that one sweep of a folder clears away, and how soon the next sweep may follow.
inline constexpr size_t kMaxRecordsPerSweep = 16;
inline constexpr Duration kSweepInterval = std::chrono::hours(1);

} // namespace wherry::transfer
