#pragma once

#include "sim/sim_endpoint.h"

#include <optional>

namespace wherry::sim {

/// Sends `size` bytes of a known pattern from one endpoint to another over one stream and checks every byte on the
/// other side.
class BulkFlow {
  public:
    BulkFlow(Simulation& simulation, SimEndpoint& from, SimEndpoint& to, size_t size);

    void start();
    bool done() const { return m_atEnd; }
    bool closed() const { return m_closed; }
    size_t received() const { return m_received; }
    size_t moves() const { return m_moves; }
    std::optional<Error> error() const { return m_error; }
    link::LinkId link() const { return m_link; }
    /// From the first to the last received byte.
    double goodputMbit() const;

  private:
    void onSender(const link::LinkEvent& event);
    void onReceiver(const link::LinkEvent& event);
    void fill();
    void drain(link::StreamKey key);

    Simulation& m_simulation;
    SimEndpoint& m_from;
    SimEndpoint& m_to;
    size_t m_size;
    size_t m_written = 0;
    size_t m_received = 0;
    size_t m_moves = 0;
    bool m_atEnd = false;
    bool m_closed = false;
    link::LinkId m_link;
    std::optional<link::StreamKey> m_stream;
    std::optional<Error> m_error;
    Instant m_first{};
    Instant m_last{};
    BlockPtr m_pattern;
};

} // namespace wherry::sim
