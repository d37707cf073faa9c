#include "cli/event_json.h"

#include <algorithm>

namespace wherry::cli {

namespace {

std::string_view directionName(bool incoming) {
    return incoming ? "incoming" : "outgoing";
}

double inSeconds(api::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// 0 when no time has passed.
double perSecond(uint64_t bytes, api::Duration time) {
    return time.count() > 0 ? static_cast<double>(bytes) / inSeconds(time) : 0;
}

std::string_view nameFateName(api::NameFate fate) {
    switch (fate) {
    case api::NameFate::Renamed:
        return "renamed";
    case api::NameFate::Replaced:
        return "replaced";
    case api::NameFate::Skipped:
        return "skipped";
    }
    return "";
}

void addEntries(JsonLine& line, const api::OfferMade& event) {
    const size_t listed = event.needsAnswer ? event.entries.size() : std::min(event.entries.size(), kMaxListedEntries);
    std::vector<JsonLine> entries;
    entries.reserve(listed);
    for (size_t i = 0; i < listed; ++i) {
        const api::OfferEntry& entry = event.entries[i];
        JsonLine object;
        object.bytes("path", entry.path).text("type", entry.isFolder ? "folder" : "file").count("size", entry.size);
        if (!entry.warning.empty()) object.text("warning", entry.warning);
        entries.push_back(std::move(object));
    }
    line.objects("entries", entries).count("entriesOmitted", event.entries.size() - listed);
    std::vector<JsonLine> renames;
    for (const api::OfferRename& rename : event.renames) {
        JsonLine object;
        object.bytes("path", rename.path).bytes("landsAs", rename.landsAs);
        renames.push_back(std::move(object));
    }
    if (!renames.empty()) line.objects("renames", renames);
    std::vector<JsonLine> taken;
    for (const api::TakenName& name : event.taken) {
        JsonLine object;
        object.bytes("path", name.path).text("fate", std::string(nameFateName(name.fate)));
        if (!name.landsAs.empty()) object.bytes("landsAs", name.landsAs);
        taken.push_back(std::move(object));
    }
    if (event.needsAnswer)
        line.count("takenTotal", event.takenTotal).flag("takenMayBeMore", event.takenMayBeMore).objects("taken", taken);
}

} // namespace

std::string_view holdName(api::Hold hold) {
    switch (hold) {
    case api::Hold::None:
        return "none";
    case api::Hold::Paused:
        return "paused";
    case api::Hold::Queued:
        return "queued";
    }
    return "none";
}

static std::vector<std::string> textsOf(const std::vector<api::Multiaddr>& addresses) {
    std::vector<std::string> texts;
    for (const auto& address : addresses) texts.push_back(address.text());
    return texts;
}

JsonLine toJson(const api::Ready& event) {
    return JsonLine("ready").text("peerId", event.self.text()).texts("listen", textsOf(event.listen));
}

JsonLine toJson(const api::AddressesChanged& event) {
    return JsonLine("addresses").texts("listen", textsOf(event.listen));
}

JsonLine toJson(const api::OfferMade& event) {
    JsonLine line("offer");
    line.count("transfer", event.transfer.value)
        .text("peer", event.peer.text())
        .text("direction", directionName(event.incoming));
    line.bytes("label", event.label)
        .count("bytesTotal", event.bytesTotal)
        .count("filesTotal", event.filesTotal)
        .count("foldersTotal", event.foldersTotal);
    if (event.incoming) {
        line.flag("needsAnswer", event.needsAnswer);
        if (event.needsAnswer) line.bytes("folder", event.place.folder).count("freeBytes", event.freeBytes);
        addEntries(line, event);
    } else {
        line.count("skipped", event.skipped)
            .count("skippedFailures", event.skippedFailures)
            .texts("skippedReasons", event.skippedReasons);
    }
    return line;
}

JsonLine toJson(const api::OfferAccepted& event) {
    return JsonLine("accepted").count("transfer", event.transfer.value).text("peer", event.peer.text());
}

JsonLine toJson(const api::OfferDeclined& event) {
    return JsonLine("declined")
        .count("transfer", event.transfer.value)
        .text("peer", event.peer.text())
        .text("reason", event.reason);
}

JsonLine toJson(const api::TransferResumed& event) {
    return JsonLine("resumed").count("transfer", event.transfer.value).count("bytesAlready", event.bytesAlready);
}

JsonLine toJson(const api::TransferProgress& event) {
    const api::TransferFigures& figures = event.figures;
    return JsonLine("progress")
        .count("transfer", event.transfer.value)
        .count("bytes", figures.bytesVerified)
        .count("bytesTotal", figures.bytesTotal)
        .count("files", figures.filesDone)
        .count("filesTotal", figures.filesTotal)
        .count("bytesSent", figures.bytesSent)
        .decimal("rate", event.rate, 0)
        .decimal("eta", event.etaSeconds, 1);
}

JsonLine toJson(const api::TransferDelivered& event) {
    const api::TransferFigures& figures = event.figures;
    JsonLine line("delivered");
    line.count("transfer", event.transfer.value)
        .text("peer", event.peer.text())
        .count("bytesSent", figures.bytesSent)
        .count("bytesTotal", figures.bytesTotal)
        .count("files", figures.filesDone)
        .count("filesSkipped", figures.filesSkipped)
        .count("chunksResent", figures.chunksResent)
        .count("chunksCompressed", figures.chunksCompressed)
        .count("filesBatched", figures.filesBatched)
        .count("streamsUsed", figures.streamsUsed)
        .decimal("seconds", event.seconds);
    if (event.incoming) line.bytes("folder", event.folder).texts("names", event.names);
    return line;
}

JsonLine toJson(const api::TransferFailed& event) {
    return JsonLine("failed")
        .count("transfer", event.transfer.value)
        .text("code", api::errcName(event.error.code))
        .text("message", event.error.context)
        .bytes("file", event.file)
        .flag("byPeer", event.byPeer)
        .flag("restDelivered", event.restDelivered && event.figures.filesDone > 0)
        .count("files", event.figures.filesDone)
        .count("filesTotal", event.figures.filesTotal)
        .text("peer", event.peer.text())
        .count("bytesSent", event.figures.bytesSent)
        .count("bytesTotal", event.figures.bytesTotal);
}

JsonLine toJson(const api::TransferInterrupted& event) {
    return JsonLine("interrupted")
        .count("transfer", event.transfer.value)
        .text("code", api::errcName(event.error.code))
        .text("message", event.error.context)
        .text("peer", event.peer.text());
}

JsonLine toJson(const api::TransferHeld& event) {
    return JsonLine("held")
        .count("transfer", event.transfer.value)
        .text("peer", event.peer.text())
        .text("direction", directionName(event.incoming))
        .text("here", holdName(event.here))
        .text("there", holdName(event.there))
        .bytes("label", event.label);
}

JsonLine toJson(const api::PathChanged& event) {
    JsonLine line("path");
    line.text("peer", event.peer.text())
        .text("kind", pathKindName(event.kind))
        .text("address", event.address.text())
        .text("reason", pathReasonName(event.reason))
        .text("why", pathReasonText(event.reason));
    if (event.relay) line.text("relay", event.relay->text());
    return line;
}

JsonLine toJson(const api::PingReply& event) {
    return JsonLine("pong").count("index", event.index).decimal("ms", inSeconds(event.roundTrip) * 1000);
}

JsonLine toJson(const api::PerfDone& event) {
    return JsonLine("perf")
        .count("uploadBytes", event.uploadBytes)
        .decimal("uploadSeconds", inSeconds(event.uploadTime), 6)
        .decimal("uploadRate", perSecond(event.uploadBytes, event.uploadTime), 0)
        .count("downloadBytes", event.downloadBytes)
        .decimal("downloadSeconds", inSeconds(event.downloadTime), 6)
        .decimal("downloadRate", perSecond(event.downloadBytes, event.downloadTime), 0);
}

JsonLine failedJson(std::string_view code, std::string_view message) {
    return JsonLine("failed").text("code", code).text("message", message).text("file", "");
}

JsonLine toJson(const api::KeyNames& names) {
    return JsonLine()
        .text("peerId", names.peerId)
        .text("i6pId", names.i6pId)
        .text("registryKey", names.registryKey)
        .text("publicKey", names.publicKey);
}

} // namespace wherry::cli
