#pragma once

#include "quic/path.h"

#include <ngtcp2/ngtcp2.h>

/// Between our addresses and the C structures that ngtcp2 compares and copies. Nothing here reaches a socket.
namespace wherry::quic {

/// Writes `address` to `out`; returns the length that is used.
ngtcp2_socklen toSockaddr(const codec::SocketAddress& address, ngtcp2_sockaddr_union& out);
codec::SocketAddress fromSockaddr(const ngtcp2_addr& address);

/// A Path in ngtcp2's form. Not copyable: `path` points into the object.
class NativePath {
  public:
    NativePath() { ngtcp2_path_storage_zero(&m_storage); }
    explicit NativePath(const Path& path);
    NativePath(const NativePath&) = delete;
    NativePath& operator=(const NativePath&) = delete;

    ngtcp2_path* get() { return &m_storage.path; }
    const ngtcp2_path* get() const { return &m_storage.path; }

  private:
    ngtcp2_path_storage m_storage;
};

Path fromNative(const ngtcp2_path& path);

} // namespace wherry::quic
