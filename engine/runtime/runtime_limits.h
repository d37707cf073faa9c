#pragma once

#include "base/time.h"

#include <cstddef>
#include <cstdint>

/// Every bound of the impure floor, with its unit and where it comes from.
namespace wherry::runtime {

/// Bytes of a key file that are read: an Ed25519 key takes 68.
inline constexpr uint64_t kMaxKeyFile = 4096;
/// Store operations that wait for the database: 25 000 of about 250 bytes with what the allocator adds, a second of small
/// files.
inline constexpr size_t kMaxWaitingStoreOps = 25'000;
/// Operations of one transaction: some 50 ms of work, so that a scan does not wait much longer.
inline constexpr size_t kMaxStoreBatch = 10'000;
/// How often rows whose time has come are removed.
inline constexpr Duration kExpiryInterval = std::chrono::hours(1);
/// Bytes. A database up to this size is checked as a whole when it is opened (about 0.2 s); a larger one only as it is
/// used.
inline constexpr int64_t kMaxCheckedDatabase = 64 * 1024 * 1024;
/// Rows that one scan answers: the entries of the largest transfer.
inline constexpr size_t kMaxScanRows = 1'100'000;

/// Names in a folder of a person that is gone through: twice what one offer may hold, since some are not sent. Of 255
/// bytes each they take 512 MiB.
inline constexpr size_t kMaxFolderNames = 2'000'000;
/// Names of a folder that are looked at together: what is known of each takes some 120 bytes.
inline constexpr size_t kLookAtOnce = 256;

/// Worker threads: two, so that one file's read does not stop another's hash; above eight QUIC on its one thread is the
/// bound.
inline constexpr size_t kMinWorkers = 2;
inline constexpr size_t kMaxWorkers = 8;

/// Bytes. One receive takes the largest UDP datagram, or what the system has joined into one of that size.
inline constexpr size_t kReceiveBuffer = 64 * 1024;
/// Bytes asked for as the system's send and receive buffers: 30 ms at 1 Gbit/s, while the network thread does something
/// else. Systems cap it (Linux: net.core.rmem_max); it is not forced.
inline constexpr int kSocketBuffer = 4 * 1024 * 1024;
/// Receive calls and failed receive calls per socket and wake; more work waits for the next turn of the loop.
inline constexpr int kReceivesPerWake = 16;
inline constexpr int kReceiveErrorsPerWake = 16;

/// GSO batches sent before sockets are read again: 8 of 64 KiB are half a millisecond at 1 GB/s.
inline constexpr int kBatchesPerTurn = 8;
/// Bytes that the system keeps of one TCP connection and has not sent yet: 2 ms at 1 Gbit/s. More would only make what
/// comes next wait.
inline constexpr int kTcpUnsent = 256 * 1024;
/// Connections that wait to be accepted: those of a second; the system may cap it (Linux: net.core.somaxconn).
inline constexpr int kTcpBacklog = 256;
/// Connections accepted per listener and wake.
inline constexpr int kAcceptsPerWake = 16;
/// How long a listener is not looked at when the process has no descriptor left for whoever waits there.
inline constexpr Duration kAcceptPause = std::chrono::seconds(1);
/// Bytes of one read of a TCP connection, and such reads per wake: half of what a UDP socket may bring in one.
inline constexpr size_t kTcpReadBuffer = 128 * 1024;
inline constexpr int kTcpReadsPerWake = 4;
/// Writes to TCP connections, of up to 64 KiB each, before sockets are read again.
inline constexpr int kTcpWritesPerTurn = 16;
/// How long a connection that is over here may take to send what it was told last and to hear the other side's end;
/// and how many such there may be: those that are oldest go at once.
inline constexpr Duration kTcpFarewell = std::chrono::seconds(2);
inline constexpr size_t kMaxTcpFarewells = 256;
/// Descriptors that connections leave for everything else: those that say farewell, 256 programs at the control socket,
/// and 128 for other sockets, files under way and the database.
inline constexpr size_t kDescriptorReserve = kMaxTcpFarewells + 256 + 128;
/// Sockets of one node: people name one or two listen addresses, servers a few.
inline constexpr size_t kMaxSockets = 16;
/// The timer is set for no longer than this; a far deadline is looked at again then.
inline constexpr Duration kLongestSleep = std::chrono::hours(1);
/// How long peers are told goodbye before the threads end regardless; the closing packets leave within milliseconds.
inline constexpr Duration kShutdownGrace = std::chrono::seconds(3);
/// Address changes are looked at so long after the first report of a flock; and so often where nothing reports them.
inline constexpr Duration kAddressSettleTime = std::chrono::milliseconds(300);
inline constexpr Duration kAddressPollInterval = std::chrono::seconds(5);
/// Names looked up at once (the system's resolver has five threads), for how long, and addresses kept of one request.
inline constexpr size_t kMaxNameLookups = 32;
inline constexpr Duration kNameLookupTimeout = std::chrono::seconds(10);
inline constexpr size_t kMaxResolvedAddresses = 32;

/// Space for a part file is reserved from this many bytes on; below it the write itself follows at once and finds out.
inline constexpr uint64_t kReserveFrom = 1024 * 1024;
/// Parts of one download folder of which it is known how we have left them: three times what one transfer has under
/// way (4096 that go on from an earlier attempt, 5120 small files without their names), 5 MB. One that is not known is
/// hashed before it gets its name.
inline constexpr size_t kMaxKnownParts = 16'384;
/// Download folders that are remembered, to notice when another gets the place of one: a person has a handful in the
/// life of a process.
inline constexpr size_t kMaxKnownFolders = 64;
/// Volumes that hang below one download folder (mounts inside it) and are synced with it. People have one or two.
inline constexpr size_t kMaxVolumes = 16;

/// Bytes of a settings file that are read: the documented one with every comment takes 4 kB.
inline constexpr uint64_t kMaxSettingsFile = 64 * 1024;
/// Bytes of one line of it. A key of dots alone nests once for two bytes; this many levels cost the parser's stack
/// little.
inline constexpr size_t kMaxSettingsLine = 1024;
/// Arrays and inline tables inside each other: ours have one level.
inline constexpr int kMaxSettingsNesting = 8;
/// Addresses to listen at: several for each of a server's interfaces.
inline constexpr uint64_t kMaxListenAddresses = 32;
/// Bytes of the name that others are shown for this device.
inline constexpr uint64_t kMaxAlias = 64;
/// Bytes of a folder's path: PATH_MAX of Linux.
inline constexpr uint64_t kMaxFolderPath = 4096;
/// Connections: at about 50 kB each, half a gigabyte.
inline constexpr uint64_t kMaxConnectionsSetting = 10'000;

/// Relays that a person names: two would do, and each is a connection that stays open.
inline constexpr uint64_t kMaxRelaySettings = 8;
/// Servers of a hash table to meet first: a handful is enough, and each is dialled at the start.
inline constexpr uint64_t kMaxBootstrapAddresses = 32;

} // namespace wherry::runtime
