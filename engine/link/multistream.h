#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// multistream-select 1.0 (libp2p/specs connections): agreeing on the protocol of a stream or of
/// a pipe. Sans-I/O and one per stream; a negotiator never takes a byte beyond its own last message, so what follows is
/// the protocol's.
namespace wherry::link {

/// varint(length of text + 1) || text || '\n'; text of at most kMaxMultistreamMessage - 1 bytes.
void appendMultistream(Bytes& out, std::string_view text);

/// Collects one message after another from pieces of any size.
class MultistreamReader {
  public:
    /// Takes bytes from the front of `in` up to the end of a message at most; `used` says how many. The text without
    /// newline when a message is complete. Malformed, TooLarge: the stream is not multistream; nothing more can be
    /// read.
    Result<std::optional<std::string>> read(ByteView in, size_t& used);
    /// A message has begun and is not complete.
    bool inMiddle() const { return !m_length.empty(); }

  private:
    Bytes m_length;
    Bytes m_text;
    size_t m_expected = 0;
};

enum class Negotiation : uint8_t { Going, Agreed, Failed };

/// Our side of a stream that we opened: header and first proposal at once, the next proposal after each `na`.
class MultistreamInitiator {
  public:
    /// 1 to kMaxProposals ids in order of preference.
    explicit MultistreamInitiator(std::vector<std::string> protocolIds);

    /// Takes bytes from the front of `in`; returns how many. Stops taking when the state is no longer Going.
    size_t onBytes(ByteView in);
    /// What is to be sent now: the header and first proposal at first; empty when nothing is.
    Bytes takeOutput();

    Negotiation state() const { return m_state; }
    /// The agreed protocol, or the one proposed at present.
    const std::string& protocolId() const { return m_ids[m_proposed]; }
    /// After Failed: Unsupported when the peer refused every protocol, else ProtocolViolation.
    const Error& error() const { return m_error; }

  private:
    void onMessage(const std::string& text);
    void fail(Errc code, std::string context);

    std::vector<std::string> m_ids;
    size_t m_proposed = 0;
    bool m_headerSeen = false;
    Negotiation m_state = Negotiation::Going;
    Error m_error;
    MultistreamReader m_reader;
    Bytes m_output;
};

/// Our side of a stream that the peer opened: answers `na` (to `ls` too) until a protocol is proposed that is served.
class MultistreamResponder {
  public:
    using Serves = std::function<bool(std::string_view)>;

    explicit MultistreamResponder(Serves serves) : m_serves(std::move(serves)) {}

    size_t onBytes(ByteView in);
    Bytes takeOutput() { return std::exchange(m_output, {}); }

    Negotiation state() const { return m_state; }
    /// After Agreed.
    const std::string& protocolId() const { return m_agreed; }
    const Error& error() const { return m_error; }

  private:
    void onMessage(const std::string& text);
    void fail(Errc code, std::string context);

    Serves m_serves;
    size_t m_refused = 0;
    bool m_headerSeen = false;
    Negotiation m_state = Negotiation::Going;
    std::string m_agreed;
    Error m_error;
    MultistreamReader m_reader;
    Bytes m_output;
};

} // namespace wherry::link
