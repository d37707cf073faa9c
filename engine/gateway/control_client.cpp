#include "gateway/control_client.h"

#include "gateway/control_path.h"
#include "gateway/gateway_limits.h"
#include "runtime/local_peer.h"

#include <QDeadlineTimer>

namespace wherry::gateway {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

Result<std::unique_ptr<ControlClient>> ControlClient::connectTo(const std::string& home) {
    auto client = std::unique_ptr<ControlClient>(new ControlClient());
    const ControlPath path(home);
    client->m_socket.connectToServer(QString::fromStdString(path.address()));
    if (!client->m_socket.waitForConnected(static_cast<int>(duration_cast<milliseconds>(kGreetingTimeout).count())))
        return makeError(Errc::NotFound, "nothing answers at '" + path.shown() + "'");
    if (!runtime::isSameUser(client->m_socket.socketDescriptor()))
        return makeError(Errc::PermissionDenied, "the program at '" + path.shown() + "' belongs to another user");
    TRY(const std::string line, client->firstLine());
    TRY(client->m_greeting, decodeGreeting(line));
    return client;
}

ControlClient::~ControlClient() {
    m_socket.disconnect(this); // its end is not told to an object that is half gone
    m_socket.flush();
    m_socket.abort();
}

Result<std::string> ControlClient::firstLine() {
    const QDeadlineTimer deadline(duration_cast<milliseconds>(kGreetingTimeout));
    while (true) {
        const QByteArray bytes = m_socket.readAll();
        TRY_OK(m_reader.add({bytes.constData(), static_cast<size_t>(bytes.size())}));
        if (auto line = m_reader.take()) return std::move(*line);
        if (m_socket.bytesAvailable() > 0 || m_socket.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
            continue;
        if (m_socket.state() == QLocalSocket::UnconnectedState)
            return makeError(Errc::Busy, "busy: " + std::to_string(kMaxClients) +
                                             " programs are connected to the wherry that runs with this home");
        return makeError(Errc::NotFound, "the wherry that runs with this home does not answer");
    }
}

void ControlClient::start(OnReport onReport, OnLost onLost) {
    m_onReport = std::move(onReport);
    m_onLost = std::move(onLost);
    connect(&m_socket, &QLocalSocket::readyRead, this, &ControlClient::onReadable);
    connect(&m_socket, &QLocalSocket::disconnected, this, &ControlClient::onGone);
    // What came with the greeting, and an end that nobody has seen, are not told again.
    QMetaObject::invokeMethod(
        this,
        [this] {
            onReadable();
            if (m_socket.state() == QLocalSocket::UnconnectedState) onGone();
        },
        Qt::QueuedConnection);
}

Result<void> ControlClient::ask(node::RequestId id, Wish wish) {
    TRY(std::string line, encodeRequest({id, std::move(wish)}));
    if (line.size() > kMaxLine)
        return makeError(Errc::TooLarge, "too much for one request to the wherry that runs: at most " +
                                             std::to_string(kMaxLine) + " bytes");
    line += '\n';
    m_socket.write(line.data(), static_cast<qint64>(line.size()));
    return {};
}

void ControlClient::onReadable() {
    const QByteArray bytes = m_socket.readAll();
    if (const auto added = m_reader.add({bytes.constData(), static_cast<size_t>(bytes.size())}); !added)
        return lose(Farewell::Gone, added.error());
    while (m_onReport) {
        const auto line = m_reader.take();
        if (!line) return;
        if (*line == kHandOverLine) return lose(Farewell::HandOver, {});
        auto report = decodeReport(*line);
        // An event that only a later version knows is not for this one.
        if (report)
            m_onReport(std::move(*report));
        else if (report.error().code != Errc::Unsupported)
            return lose(Farewell::Gone, report.error());
    }
}

void ControlClient::onGone() {
    if (!m_onLost) return;
    onReadable(); // its last words
    const std::string who = m_greeting.who + " (process " + std::to_string(m_greeting.process) + ")";
    lose(Farewell::Gone, makeError(Errc::ConnectionLost, "the " + who + " that did the work has ended"));
}

/// The owner may destroy this object once it has been told, but not before the call has returned.
void ControlClient::lose(Farewell how, const Error& error) {
    m_onReport = nullptr;
    const OnLost told = std::exchange(m_onLost, nullptr);
    if (!told) return;
    m_socket.disconnect(this);
    told(how, error);
}

} // namespace wherry::gateway
