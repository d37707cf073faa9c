#include "gateway/control_server.h"

#include "base/overloaded.h"
#include "gateway/gateway_limits.h"
#include "gateway/line_reader.h"
#include "gateway/open_requests.h"
#include "runtime/local_peer.h"

#include <QElapsedTimer>
#include <QLocalSocket>
#include <algorithm>
#include <utility>

namespace wherry::gateway {

using std::chrono::milliseconds;

struct ControlServer::Guest {
    explicit Guest(QLocalSocket* its) : socket(its) { heardSince.start(); }
    ~Guest() {
        socket->disconnect(); // no signal of it finds its way here any more
        socket->abort();
        socket->deleteLater(); // this may be the call of one
    }

    QLocalSocket* socket;
    LineReader reader{kMaxLine};
    QElapsedTimer partSince;  ///< valid while a line is half
    QElapsedTimer heardSince; ///< it asked for something, or was answered
};

ControlServer::ControlServer(Submit submit, OnReport onLocal, const Log& log)
    : m_submit(std::move(submit)),
      m_onLocal(std::move(onLocal)),
      m_log(log),
      m_complaints(kComplaintInterval, kComplaintBurst) {
    m_clock.start();
    while (m_ids.take() != kLocalClient) {
    }
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    m_server.setMaxPendingConnections(static_cast<int>(kMaxClients));
    connect(&m_server, &QLocalServer::newConnection, this, &ControlServer::onConnection);
    m_sweep.setInterval(std::chrono::seconds(1));
    connect(&m_sweep, &QTimer::timeout, this, &ControlServer::onSweep);
    m_look.setInterval(std::chrono::duration_cast<milliseconds>(kSocketFileInterval));
    connect(&m_look, &QTimer::timeout, this, &ControlServer::lookForSocket);
}

ControlServer::~ControlServer() = default;

Result<void> ControlServer::listen(const std::string& home, Greeting greeting) {
    m_path.emplace(home);
    m_greeting = encodeGreeting(greeting);
    m_desk.setHost(greeting.who + " (process " + std::to_string(greeting.process) + ")");
    m_look.start();
    if (open()) return {};
    return makeError(Errc::Io,
                     "opening the control socket '" + m_path->shown() + "': " + m_server.errorString().toStdString());
}

bool ControlServer::open() {
    const QString address = QString::fromStdString(m_path->address());
    QLocalServer::removeServer(address);
    const bool listening = m_server.listen(address);
    m_file = runtime::localSocketFile(m_path->address());
    return listening;
}

/// Programs that tidy up take it away, with all that is connected staying connected.
void ControlServer::lookForSocket() {
    if (m_server.isListening() && m_file && runtime::localSocketFile(m_path->address()) == m_file) return;
    m_server.close();
    if (open()) LOG(m_log, Warning, "gateway", "the control socket was gone or another's; it is there again");
}

/// A few lines, however often somebody tries.
void ControlServer::complain(const std::string& what) {
    if (!m_complaints.allow(Instant(std::chrono::nanoseconds(m_clock.nsecsElapsed())))) {
        ++m_complaintsKept;
        return;
    }
    const uint64_t kept = std::exchange(m_complaintsKept, 0);
    LOG(m_log, Warning, "gateway", what << (kept > 0 ? "; " + std::to_string(kept) + " more were not logged" : ""));
}

void ControlServer::ask(node::RequestId id, node::Command command) {
    m_desk.ask(kLocalClient, id, std::move(command));
    settle();
}

void ControlServer::subscribeLocally() {
    m_desk.subscribe(kLocalClient);
}

void ControlServer::onEvent(const node::Event& event) {
    m_desk.onEvent(event);
    settle();
}

void ControlServer::stopListening() {
    m_look.stop();
    m_server.close();
    for (auto& [client, guest] : m_guests) guest->socket->disconnect(this);
}

void ControlServer::farewell(Farewell how) {
    for (auto& [client, guest] : m_guests) {
        if (how == Farewell::HandOver) guest->socket->write((std::string(kHandOverLine) + "\n").c_str());
        guest->socket->flush();
    }
    m_guests.clear();
}

// --- guests -------------------------------------------------------------------------------------------------------

void ControlServer::onConnection() {
    while (QLocalSocket* socket = m_server.nextPendingConnection()) {
        const bool full = m_guests.size() >= kMaxClients;
        if (full || !runtime::isSameUser(socket->socketDescriptor())) {
            complain(full ? "a program was turned away from the control socket: " + std::to_string(kMaxClients) +
                                " are connected"
                          : "a program of another user was turned away from the control socket");
            socket->abort();
            socket->deleteLater();
            continue;
        }
        const ClientId client = m_ids.take();
        socket->setReadBufferSize(static_cast<qint64>(kReadChunk));
        m_guests[client] = std::make_unique<Guest>(socket);
        connect(socket, &QLocalSocket::readyRead, this, [this, client] { onReadable(client); });
        connect(socket, &QLocalSocket::disconnected, this, [this, client] { onGone(client); });
        connect(socket, &QLocalSocket::bytesWritten, this, [this, client] {
            settle();
            onReadable(client); // it may have had to read before it was read from
        });
        if (m_guests.size() >= kMaxClients && !m_sweep.isActive()) m_sweep.start();
        send(client, m_greeting);
        m_desk.join(client);
        settle();
        onReadable(client); // what came with the connection is not told again
    }
}

/// Who does not read its answers is not read from: it holds up itself and nobody else.
bool ControlServer::readsItsAnswers(ClientId client) const {
    const auto found = m_guests.find(client);
    return found != m_guests.end() && found->second->socket->bytesToWrite() < static_cast<qint64>(kListRoom);
}

void ControlServer::onReadable(ClientId client) {
    if (!readsItsAnswers(client)) return;
    Guest& guest = *m_guests.at(client);
    const QByteArray bytes = guest.socket->readAll();
    if (const auto added = guest.reader.add({bytes.constData(), static_cast<size_t>(bytes.size())}); !added)
        return drop(client, added.error().context);
    while (auto line = guest.reader.take()) {
        guest.partSince.invalidate(); // what is left of it now has just begun
        onLine(client, *line);
        if (!readsItsAnswers(client)) return; // gone, or later
    }
    if (!guest.reader.hasPart())
        guest.partSince.invalidate();
    else if (!guest.partSince.isValid())
        guest.partSince.start();
    if (guest.partSince.isValid() && !m_sweep.isActive()) m_sweep.start();
    boundHalfLines();
}

void ControlServer::onLine(ClientId client, const std::string& line) {
    auto read = decodeRequest(line);
    m_guests.at(client)->heardSince.start();
    if (auto* request = std::get_if<Request>(&read)) {
        if (!isList(request->wish)) {
            m_desk.ask(client, request->id, std::move(request->wish));
        } else if (const node::RequestId id = request->id; !m_lists.add(client, std::move(*request))) {
            const auto full =
                makeError(Errc::LimitReached, "at most " + std::to_string(kMaxRequestsPerClient) + " requests at once");
            send(client, encodeReport({id, node::RequestFailed{id, full}}).value());
        }
        return settle();
    }
    const auto& bad = std::get<BadRequest>(read);
    const node::RequestFailed answer{bad.id, bad.error};
    send(client, encodeReport({bad.id, answer}).value());
    // Whoever does not speak this language at all is not listened to further.
    if (!bad.id) drop(client, bad.error.context);
}

void ControlServer::onGone(ClientId client) {
    if (m_guests.erase(client) == 0) return;
    m_desk.leave(client);
    m_lists.leave(client);
    settle();
}

void ControlServer::drop(ClientId client, const std::string& why) {
    const auto found = m_guests.find(client);
    if (found == m_guests.end()) return;
    complain("a program at the control socket was dropped: " + why);
    found->second->socket->flush();
    onGone(client);
}

void ControlServer::onSweep() {
    const bool full = m_guests.size() >= kMaxClients;
    std::vector<std::pair<ClientId, const char*>> late;
    bool waiting = full;
    for (const auto& [client, guest] : m_guests) {
        const bool half = guest->partSince.isValid();
        waiting = waiting || half;
        if (!m_desk.isIdle(client) || m_lists.waits(client)) guest->heardSince.start();
        if (half && milliseconds(guest->partSince.elapsed()) >= kHalfLineTimeout)
            late.push_back({client, "half a line, and no more of it"});
        else if (full && milliseconds(guest->heardSince.elapsed()) >= kIdleTimeout)
            late.push_back({client, "it asks for nothing, and others want its place"});
    }
    for (const auto& [client, why] : late) drop(client, why);
    if (!waiting) m_sweep.stop();
}

void ControlServer::boundHalfLines() {
    size_t bytes = 0;
    for (const auto& [client, guest] : m_guests) bytes += guest->reader.size();
    if (bytes <= kMaxHalfLines) return;
    const auto longest =
        std::ranges::max_element(m_guests, {}, [](const auto& one) { return one.second->reader.size(); });
    drop(longest->first, "long half lines of several programs");
}

void ControlServer::boundOutgoing() {
    const auto waiting = [](const auto& one) { return one.second->socket->bytesToWrite(); };
    qint64 bytes = 0;
    for (const auto& one : m_guests) bytes += waiting(one);
    if (bytes <= static_cast<qint64>(kMaxOutgoingInAll)) return;
    drop(std::ranges::max_element(m_guests, {}, waiting)->first, "it does not read what it is sent");
}

void ControlServer::send(ClientId client, std::string line) {
    const auto found = m_guests.find(client);
    if (found == m_guests.end()) return;
    QLocalSocket& socket = *found->second->socket;
    line += '\n';
    const auto waiting = static_cast<size_t>(socket.bytesToWrite());
    if (waiting + line.size() > kMaxOutgoing) return drop(client, "it does not read what it is sent");
    socket.write(line.data(), static_cast<qint64>(line.size()));
    if (waiting > 0) boundOutgoing();
}

/// The oldest list of a client that has read its last one; false: nobody's turn.
bool ControlServer::beginList() {
    auto turn = m_lists.next([this](ClientId client) { return readsItsAnswers(client); });
    if (turn) m_desk.ask(turn->client, turn->request.id, std::move(turn->request.wish));
    return turn.has_value();
}

/// A program that is told something may ask for more at once; that is carried out by the loop that is under way.
void ControlServer::settle() {
    if (m_settling) return;
    m_settling = true;
    auto action = m_desk.poll();
    while (action || beginList()) {
        if (!action) {
            action = m_desk.poll();
            continue;
        }
        std::visit(Overloaded{[&](SubmitCommand& submit) { m_submit(submit.request, std::move(submit.command)); },
                              [&](DeliverReport& delivery) {
                                  if (delivery.client == kLocalClient) return m_onLocal(delivery.report);
                                  if (auto line = encodeReport(delivery.report))
                                      send(delivery.client, std::move(*line));
                                  if (isLastAnswer(delivery.report.event))
                                      m_lists.onAnswered(delivery.client, delivery.report.id);
                              }},
                   *action);
        action = m_desk.poll();
    }
    m_settling = false;
}

} // namespace wherry::gateway
