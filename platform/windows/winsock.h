#pragma once

#include "base/result.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// What TCP and UDP sockets of Windows have in common.
namespace wherry::platform {

inline Error socketError(int number, std::string_view doing, std::string_view what) {
    Errc code = Errc::Io;
    if (number == WSAEADDRINUSE)
        code = Errc::Busy;
    else if (number == WSAEADDRNOTAVAIL || number == WSAEINVAL)
        code = Errc::InvalidArgument;
    else if (number == WSAEACCES)
        code = Errc::PermissionDenied;
    else if (number == WSAEAFNOSUPPORT)
        code = Errc::Unsupported;
    else if (number == WSAEMFILE || number == WSAENOBUFS)
        code = Errc::LimitReached;
    return makeError(code,
                     std::string(doing) + " '" + std::string(what) + "': " + std::system_category().message(number));
}

template <typename Value> bool setOption(SOCKET socket, int level, int option, Value value) {
    return setsockopt(socket, level, option, reinterpret_cast<const char*>(&value), sizeof(value)) == 0;
}

/// Keeps Winsock up for as long as a socket lives.
class Winsock {
  public:
    Winsock() {
        WSADATA data;
        m_up = WSAStartup(MAKEWORD(2, 2), &data) == 0;
    }
    ~Winsock() {
        if (m_up) WSACleanup();
    }
    Winsock(const Winsock&) = delete;
    Winsock& operator=(const Winsock&) = delete;

  private:
    bool m_up = false;
};

/// A socket that is closed when its owner goes. Made before the socket is: it brings Winsock up.
class SocketHandle {
  public:
    SocketHandle() : m_winsock(std::make_unique<Winsock>()) {}
    SocketHandle(SocketHandle&& other) noexcept
        : m_winsock(std::move(other.m_winsock)),
          m_socket(std::exchange(other.m_socket, INVALID_SOCKET)) {}
    SocketHandle& operator=(SocketHandle&& other) = delete;
    ~SocketHandle() {
        if (isOpen()) closesocket(m_socket);
    }

    void adopt(SOCKET socket) { m_socket = socket; }
    bool isOpen() const { return m_socket != INVALID_SOCKET; }
    SOCKET native() const { return m_socket; }

  private:
    std::unique_ptr<Winsock> m_winsock; // first: it outlives the socket
    SOCKET m_socket = INVALID_SOCKET;
};

} // namespace wherry::platform
