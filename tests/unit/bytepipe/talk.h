#pragma once

#include "base/bytes.h"

#include <algorithm>
#include <utility>

namespace wherry::bytepipe {

/// Lets both ends talk, in pieces of `piece` bytes, until nothing moves. An End has takeOutput() and receive().
template <typename End> void talk(End& a, End& b, size_t piece = 1 << 20) {
    for (bool moved = true; moved;) {
        moved = false;
        for (auto [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
            const Bytes out = from->takeOutput();
            for (size_t at = 0; at < out.size(); at += piece)
                to->receive(ByteView(out).subspan(at, std::min(piece, out.size() - at)));
            moved = moved || !out.empty();
        }
    }
}

} // namespace wherry::bytepipe
