#pragma once

#include "unit/bytepipe/pipe_wire.h"

/// One end that answers and one that asks, over the pipes of a PipeWire.
namespace wherry::bytepipe::test {

/// Sends back what comes, and its own end after the peer's.
inline void echo(PipeNode& node) {
    node.onEvent = [&node](const link::LinkEvent& event) {
        Endpoint& io = node.endpoint;
        link::StreamKey key;
        if (const auto* readable = std::get_if<link::StreamReadable>(&event)) key = readable->key;
        if (const auto* writable = std::get_if<link::StreamWritable>(&event)) key = writable->key;
        if (!key.link) return;
        while (io.available(key) > 0) {
            const size_t count = std::min({io.front(key).size(), io.writable(key), size_t(10000)});
            if (count == 0) return; // asked, so told later
            io.write(key, Slice::copyOf(io.front(key).first(count)), link::Fin::No);
            io.consume(key, count);
        }
        if (io.atEnd(key)) io.write(key, {}, link::Fin::Yes);
    };
}

/// Writes `bytes` as room comes, ends, and reads what comes back.
struct Asker {
    Asker(PipeNode& owner, link::StreamKey stream, Bytes toSend) : node(owner), key(stream), bytes(std::move(toSend)) {
        write();
        node.onEvent = [this](const link::LinkEvent& event) {
            if (std::holds_alternative<link::StreamWritable>(event)) write();
            if (std::holds_alternative<link::StreamReadable>(event)) read();
        };
    }
    void write() {
        while (sent < bytes.size()) {
            const size_t count = std::min(node.endpoint.writable(key), bytes.size() - sent);
            if (count == 0) return;
            node.endpoint.write(key, Slice::copyOf(ByteView(bytes).subspan(sent, count)), link::Fin::No);
            sent += count;
        }
        if (!std::exchange(ended, true)) node.endpoint.write(key, {}, link::Fin::Yes);
    }
    void read() {
        const Slices slices = node.endpoint.take(key, node.endpoint.available(key));
        const size_t begin = answer.size();
        answer.resize(begin + totalLength(slices));
        copyTo(slices, MutableBytes(answer).subspan(begin));
        node.endpoint.credit(key, answer.size() - begin);
        atEnd = node.endpoint.atEnd(key);
    }
    PipeNode& node;
    link::StreamKey key;
    Bytes bytes, answer;
    size_t sent = 0;
    bool ended = false, atEnd = false;
};

} // namespace wherry::bytepipe::test
