#pragma once

#include "codec/frame.h"
#include "support/recording_protocol.h"
#include "support/test_node.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wherry::test {

/// A peer whose side of a protocol the test plays by hand. `serves`: what it answers to; none: it lacks the protocol.
struct HandNode {
    HandNode(PairNetwork& network, uint8_t number, std::vector<std::string> serves,
             std::vector<codec::Multiaddr> listen = {})
        : node(network, number, std::move(listen)),
          protocol(std::move(serves)) {
        node.swarm.addProtocol(protocol);
    }
    /// Opens a stream with these bytes and its end.
    void say(const TestNode& to, const std::string& protocolId, ByteView bytes) {
        protocol.greeting = std::string(asText(bytes));
        protocol.endAtOnce = true;
        protocol.open(to.id(), {protocolId}, ++tag);
    }

    TestNode node;
    RecordingProtocol protocol;
    swarm::RequestTag tag = 0; ///< of the stream that say() has opened last
};

/// Takes what `source` has to tell into `events`, and gives all of one kind so far.
template <typename Kind, typename Source, typename Event>
std::vector<Kind> pollAll(Source& source, std::vector<Event>& events) {
    while (auto event = source.poll()) events.push_back(std::move(*event));
    std::vector<Kind> found;
    for (const auto& event : events)
        if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    return found;
}

/// A message behind its length.
inline Bytes framed(ByteView message) {
    Bytes out;
    codec::appendFrame(out, message);
    return out;
}

} // namespace wherry::test
