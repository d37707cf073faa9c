#include "gateway/control_server.h"

#include "base/overloaded.h"
#include "gateway/control_path.h"
#include "gateway/gateway_limits.h"
#include "gateway/line_reader.h"
#include "runtime/local_peer.h"

#include <QElapsedTimer>
#include <QLocalSocket>

namespace wherry::gateway {

using std::chrono::milliseconds;

struct ControlServer::Guest {
    explicit Guest(QLocalSocket* its) : socket(its) {}
    ~Guest() {
        socket->disconnect(); // no signal of it finds its way here any more
        socket->abort();
        socket->deleteLater(); // this may be the call of one
    }

    QLocalSocket* socket;
    LineReader reader{kMaxLine};
    QElapsedTimer partSince; ///< valid while a line is half
};

ControlServer::ControlServer(Submit submit, OnReport onLocal, const Log& log)
    : m_submit(std::move(submit)),
      m_onLocal(std::move(onLocal)),
      m_log(log) {
    while (m_ids.take() != kLocalClient) {
    }
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    m_server.setMaxPendingConnections(static_cast<int>(kMaxClients));
    connect(&m_server, &QLocalServer::newConnection, this, &ControlServer::onConnection);
    m_sweep.setInterval(std::chrono::seconds(1));
    connect(&m_sweep, &QTimer::timeout, this, &ControlServer::onSweep);
}

ControlServer::~ControlServer() = default;

Result<void> ControlServer::listen(const std::string& home, Greeting greeting) {
    const QString path = QString::fromStdString(controlPath(home));
    m_greeting = encodeGreeting(greeting);
    m_desk.setHost(greeting.who + " (process " + std::to_string(greeting.process) + ")");
    QLocalServer::removeServer(path);
    if (m_server.listen(path)) return {};
    return makeError(Errc::Io, "opening the control socket '" + path.toStdString() +
                                   "': " + m_server.errorString().toStdString());
}

void ControlServer::ask(node::RequestId id, node::Command command) {
    m_desk.ask(kLocalClient, id, std::move(command));
    settle();
}

void ControlServer::onEvent(const node::Event& event) {
    m_desk.onEvent(event);
    settle();
}

void ControlServer::stopListening() {
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
        if (m_guests.size() >= kMaxClients || !runtime::isSameUser(socket->socketDescriptor())) {
            LOG(m_log, Warning, "gateway", "a program was turned away from the control socket");
            socket->abort();
            socket->deleteLater();
            continue;
        }
        const ClientId client = m_ids.take();
        socket->setReadBufferSize(static_cast<qint64>(kReadChunk));
        m_guests[client] = std::make_unique<Guest>(socket);
        connect(socket, &QLocalSocket::readyRead, this, [this, client] { onReadable(client); });
        connect(socket, &QLocalSocket::disconnected, this, [this, client] { onGone(client); });
        send(client, m_greeting);
        m_desk.join(client);
        settle();
        onReadable(client); // what came with the connection is not told again
    }
}

void ControlServer::onReadable(ClientId client) {
    const auto found = m_guests.find(client);
    if (found == m_guests.end()) return;
    Guest& guest = *found->second;
    const QByteArray bytes = guest.socket->readAll();
    if (const auto added = guest.reader.add({bytes.constData(), static_cast<size_t>(bytes.size())}); !added)
        return drop(client, added.error().context);
    while (auto line = guest.reader.take()) {
        guest.partSince.invalidate(); // what is left of it now has just begun
        onLine(client, *line);
        if (!m_guests.contains(client)) return;
    }
    if (!guest.reader.hasPart())
        guest.partSince.invalidate();
    else if (!guest.partSince.isValid())
        guest.partSince.start();
    if (guest.partSince.isValid() && !m_sweep.isActive()) m_sweep.start();
}

void ControlServer::onLine(ClientId client, const std::string& line) {
    auto read = decodeRequest(line);
    if (auto* request = std::get_if<Request>(&read)) {
        m_desk.ask(client, request->id, std::move(request->wish));
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
    settle();
}

void ControlServer::drop(ClientId client, const std::string& why) {
    const auto found = m_guests.find(client);
    if (found == m_guests.end()) return;
    LOG(m_log, Warning, "gateway", "a program at the control socket was dropped: " << why);
    found->second->socket->flush();
    onGone(client);
}

void ControlServer::onSweep() {
    std::vector<ClientId> late;
    bool waiting = false;
    for (const auto& [client, guest] : m_guests) {
        if (!guest->partSince.isValid()) continue;
        waiting = true;
        if (milliseconds(guest->partSince.elapsed()) >= kHalfLineTimeout) late.push_back(client);
    }
    for (const ClientId client : late) drop(client, "half a line, and no more of it");
    if (!waiting) m_sweep.stop();
}

void ControlServer::send(ClientId client, std::string line) {
    const auto found = m_guests.find(client);
    if (found == m_guests.end()) return;
    QLocalSocket& socket = *found->second->socket;
    line += '\n';
    const auto waiting = static_cast<size_t>(socket.bytesToWrite());
    if (waiting + line.size() > kMaxOutgoing) return drop(client, "it does not read what it is sent");
    socket.write(line.data(), static_cast<qint64>(line.size()));
}

/// A program that is told something may ask for more at once; that is carried out by the loop that is under way.
void ControlServer::settle() {
    if (m_settling) return;
    m_settling = true;
    while (auto action = m_desk.poll()) {
        std::visit(Overloaded{[&](SubmitCommand& submit) { m_submit(submit.request, std::move(submit.command)); },
                              [&](DeliverReport& delivery) {
                                  if (delivery.client == kLocalClient) return m_onLocal(delivery.report);
                                  if (auto line = encodeReport(delivery.report))
                                      send(delivery.client, std::move(*line));
                              }},
                   *action);
    }
    m_settling = false;
}

} // namespace wherry::gateway
