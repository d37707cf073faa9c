#include "sim/transfer_world.h"

#include <algorithm>

namespace wherry::sim {

using namespace transfer;

TransferWorld::TransferWorld(Simulation& simulation, TransferWorldConfig settings)
    : world(simulation),
      senderHost(simulation.network().host("alice", {"192.0.2.1", "2001:db8::1"})),
      receiverHost(simulation.network().host("bob", {"192.0.2.2", "2001:db8::2"})),
      link(simulation.network().connect(senderHost, receiverHost, settings.link)),
      sender(simulation, senderHost, "alice", sourceDisk, settings.sender),
      receiver(simulation, receiverHost, "bob", targetDisk, settings.receiver),
      config(settings),
      m_content(simulation.random("content")) {
    sourceDisk.addFolder("/src/in");
    targetDisk.addFolder("/dst");
    sender.onEvent = [this](const node::Event& event) { watch(event); };
}

// --- what is sent -----------------------------------------------------------------------------------------------

void TransferWorld::addFile(const std::string& path, size_t size) {
    const int64_t modified = 1'700'000'000'000'000'000 + static_cast<int64_t>(++m_clock * 1'000'000'007);
    sourceDisk.addFile("/src/in/" + path, m_content.bytes(size), modified, path.ends_with(".sh"));
}

void TransferWorld::addText(const std::string& path, size_t size) {
    Bytes text;
    text.reserve(size + 64);
    while (text.size() < size)
        append(text, asBytes("line " + std::to_string(m_content.below(1000)) + " of a text that repeats itself\n"));
    text.resize(size);
    sourceDisk.addFile("/src/in/" + path, std::move(text));
}

void TransferWorld::addMixedTree(size_t bytes) {
    addFile("big.bin", bytes / 2);
    addText("notes.txt", bytes / 8);
    for (int i = 0; i < 3; ++i) addFile("photos/" + std::to_string(i) + ".jpg", bytes / 16 + static_cast<size_t>(i));
    for (size_t i = 0; i < 60; ++i)
        addFile("src/deep/er/" + std::to_string(i) + ".c", m_content.below(bytes / 400 + 2));
    addFile("empty.dat", 0);
    addFile("run.sh", 321);
    addFile("Übung/日本語/файл.txt", 4000);
    addFile("exactly-a-chunk", kChunkSize);
    sourceDisk.addFolder("/src/in/empty/folder");
}

uint64_t TransferWorld::sourceBytes() const {
    uint64_t sum = 0;
    for (const auto& [path, entry] : sourceDisk.tree("/src/in")) sum += entry.content.size();
    return sum;
}

// --- what happens -----------------------------------------------------------------------------------------------

void TransferWorld::startSender() {
    sender.start();
}

void TransferWorld::startReceiver() {
    receiver.start();
    receiver.submit(node::SetReceive{
        {.enabled = true, .accept = Accept::All, .conflict = config.conflict, .folder = "/dst", .trusted = {}}});
}

void TransferWorld::send() {
    ++m_attempt;
    m_finished = false;
    m_request = sender.submit(node::SendFiles{receiver.target(), {"/src/in"}, config.wait});
}

void TransferWorld::crashSender(Duration pause) {
    if (m_finished) return;
    sender.kill();
    world.after(pause, [this] {
        startSender();
        send();
    });
}

void TransferWorld::crashReceiver(Duration pause) {
    receiver.kill();
    world.after(pause, [this] { startReceiver(); });
}

void TransferWorld::watch(const node::Event& event) {
    const auto note = [&](const auto* known) {
        if (known) m_figures[{m_attempt, known->transfer}] = known->figures;
    };
    note(SimNode::as<TransferProgress>(event));
    note(SimNode::as<TransferDelivered>(event));
    note(SimNode::as<TransferFailed>(event));
    m_finished |= SimNode::as<TransferDelivered>(event) || SimNode::as<TransferFailed>(event) ||
                  SimNode::as<OfferDeclined>(event) || SimNode::as<node::RequestFailed>(event);
}

// --- how it went ------------------------------------------------------------------------------------------------

bool TransferWorld::finished() const {
    return m_finished;
}

void TransferWorld::runToDelivery(Duration limit) {
    const bool ended = world.runUntil([this] { return m_finished; }, limit);
    world.require(ended, "not delivered in time");
    const auto* failed = sender.last<TransferFailed>();
    const auto* delivered = sender.last<TransferDelivered>();
    world.require(delivered,
                  failed ? "failed: " + failed->error.text() + " file " + failed->file : "ended without delivery");
    world.runFor(std::chrono::seconds(1));
    requireEqualTrees();
    world.require(receiver.last<TransferDelivered>(), "the receiver says delivered too");
    const auto parts = targetDisk.parts(landingPlace());
    world.require(parts.empty(), parts.empty() ? "" : "a part is left: " + parts.front());
}

std::string TransferWorld::landingPlace() const {
    const auto* delivered = receiver.last<TransferDelivered>();
    if (!m_mayLandBeside || !delivered || delivered->names.empty()) return "/dst/in";
    return "/dst/" + delivered->names.front();
}

void TransferWorld::requireEqualTrees() const {
    const auto sent = sourceDisk.tree("/src/in");
    const auto landed = targetDisk.tree(landingPlace());
    for (const auto& [path, entry] : sent) {
        const auto found = landed.find(path);
        world.require(found != landed.end(), path + " is missing");
        world.require(found->second.kind == entry.kind, path + " is of another kind");
        world.require(found->second.content == entry.content, path + " differs in content");
        world.require(found->second.modifiedNs == entry.modifiedNs && found->second.executable == entry.executable,
                      path + " differs in its marks");
    }
    for (const auto& [path, entry] : landed) world.require(sent.contains(path), path + " was never sent");
}

uint64_t TransferWorld::bytesSentInAll() const {
    uint64_t sum = 0;
    for (const auto& [key, figures] : m_figures) sum += figures.bytesSent;
    return sum;
}

const TransferFigures& TransferWorld::figures() const {
    const auto* delivered = sender.last<TransferDelivered>();
    ASSERT(delivered);
    return delivered->figures;
}

} // namespace wherry::sim
