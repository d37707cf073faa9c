#include "node/history_record.h"

#include "node/node_limits.h"
#include "wire/decode.h"
#include "wire/history_record.pb.h"

#include <algorithm>
#include <cmath>

namespace wherry::node {

namespace {

/// A folder is a path of this system; everything else in a row is bounded by the limits of its part.
constexpr size_t kMaxFolderBytes = 16 * 1024;
constexpr size_t kMaxRowBytes = kMaxRetryPathBytes + kMaxFolderBytes + (8 + kMaxHistoryNames) * kMaxHistoryText +
                                kMaxAddressesPerPeer * 256 + kMaxRetryPaths * 4 + 1024;
constexpr size_t kMaxRowFields = kMaxRetryPaths + kMaxAddressesPerPeer + kMaxHistoryNames + 32;

std::string cut(const std::string& text) {
    return text.substr(0, kMaxHistoryText);
}

bool isKept(const RetryOrder& retry) {
    size_t bytes = 0;
    for (const std::string& path : retry.paths) bytes += path.size();
    return retry.paths.size() <= kMaxRetryPaths && bytes <= kMaxRetryPathBytes;
}

void writeFigures(wire::HistoryRecord& record, const transfer::TransferFigures& figures) {
    record.set_bytes_total(figures.bytesTotal);
    record.set_bytes_verified(figures.bytesVerified);
    record.set_bytes_sent(figures.bytesSent);
    record.set_files_total(figures.filesTotal);
    record.set_files_done(figures.filesDone);
    record.set_files_skipped(figures.filesSkipped);
}

transfer::TransferFigures readFigures(const wire::HistoryRecord& record) {
    transfer::TransferFigures figures;
    figures.bytesTotal = record.bytes_total();
    figures.bytesVerified = record.bytes_verified();
    figures.bytesSent = record.bytes_sent();
    figures.filesTotal = record.files_total();
    figures.filesDone = record.files_done();
    figures.filesSkipped = record.files_skipped();
    return figures;
}

/// A name that this version does not know is an error all the same.
Errc errcNamed(std::string_view name) {
    for (int code = 0; code <= static_cast<int>(Errc::Internal); ++code)
        if (errcName(static_cast<Errc>(code)) == name) return static_cast<Errc>(code);
    return Errc::Internal;
}

} // namespace

Bytes encodeHistoryRecord(const HistoryRecord& from) {
    const HistoryEntry& entry = from.entry;
    wire::HistoryRecord record;
    record.set_peer(std::string(asText(entry.peer.multihash())));
    record.set_incoming(entry.incoming);
    record.set_label(cut(entry.label));
    record.set_begun_ns(entry.begun.nanoseconds);
    record.set_ended_ns(entry.ended.nanoseconds);
    record.set_seconds(entry.seconds);
    record.set_bytes_already(entry.bytesAlready);
    record.set_left_out(entry.leftOut);
    record.set_outcome(static_cast<uint32_t>(entry.outcome));
    if (entry.error) {
        record.set_error_code(std::string(errcName(entry.error->code)));
        record.set_error_text(cut(entry.error->context));
    }
    record.set_file(cut(entry.file));
    record.set_by_peer(entry.byPeer);
    record.set_folder(entry.folder.substr(0, kMaxFolderBytes));
    for (size_t i = 0; i < std::min(entry.names.size(), kMaxHistoryNames); ++i) record.add_names(cut(entry.names[i]));
    record.set_path_kind(entry.path ? static_cast<uint32_t>(*entry.path) + 1 : 0);
    writeFigures(record, entry.figures);
    if (!isKept(from.retry)) return wire::encode(record);
    for (const std::string& path : from.retry.paths) record.add_paths(path);
    for (size_t i = 0; i < std::min(from.retry.addresses.size(), kMaxAddressesPerPeer); ++i)
        record.add_addresses(std::string(asText(from.retry.addresses[i].encode())));
    record.set_wait_ns(from.retry.wait.count());
    return wire::encode(record);
}

Result<HistoryRecord> decodeHistoryRecord(ByteView in) {
    TRY(const auto record, wire::decode<wire::HistoryRecord>(in, {"history record", kMaxRowBytes, kMaxRowFields}));
    HistoryRecord to;
    HistoryEntry& entry = to.entry;
    if (record.outcome() > static_cast<uint32_t>(TransferOutcome::Unanswered))
        return makeError(Errc::Malformed, "history record: outcome");
    if (record.path_kind() > static_cast<uint32_t>(PathKind::Routed) + 1)
        return makeError(Errc::Malformed, "history record: path");
    if (!record.peer().empty()) {
        TRY(entry.peer, crypto::PeerId::fromMultihash(asBytes(record.peer())));
    }
    entry.incoming = record.incoming();
    entry.outcome = static_cast<TransferOutcome>(record.outcome());
    entry.label = record.label();
    entry.figures = readFigures(record);
    entry.begun = {record.begun_ns()};
    entry.ended = {record.ended_ns()};
    entry.seconds = std::isfinite(record.seconds()) ? record.seconds() : 0;
    entry.bytesAlready = record.bytes_already();
    entry.leftOut = record.left_out();
    if (!record.error_code().empty()) entry.error = makeError(errcNamed(record.error_code()), record.error_text());
    entry.file = record.file();
    entry.byPeer = record.by_peer();
    entry.folder = record.folder();
    entry.names.assign(record.names().begin(), record.names().end());
    if (record.path_kind() > 0) entry.path = static_cast<PathKind>(record.path_kind() - 1);
    to.retry.paths.assign(record.paths().begin(), record.paths().end());
    for (const std::string& raw : record.addresses())
        if (auto address = codec::Multiaddr::decode(asBytes(raw))) to.retry.addresses.push_back(std::move(*address));
    to.retry.wait = Duration(std::max<int64_t>(record.wait_ns(), 0));
    entry.retryable = !to.retry.paths.empty() && !entry.incoming && entry.outcome != TransferOutcome::Delivered;
    return to;
}

} // namespace wherry::node
