#include "bytepipe/yamux_frame.h"

#include "base/assert.h"

namespace wherry::bytepipe {

void appendYamuxHeader(Bytes& out, const YamuxHeader& header) {
    const size_t begin = out.size();
    out.resize(begin + kYamuxHeaderBytes);
    const MutableBytes to = MutableBytes(out).subspan(begin);
    to[0] = 0; // version
    to[1] = static_cast<uint8_t>(header.type);
    putBigEndian(to.subspan(2), header.flags);
    putBigEndian(to.subspan(4), header.stream);
    putBigEndian(to.subspan(8), header.length);
}

Result<YamuxHeader> readYamuxHeader(ByteView in) {
    ASSERT(in.size() == kYamuxHeaderBytes);
    if (in[0] != 0) return makeError(Errc::ProtocolViolation, "Yamux version " + std::to_string(in[0]));
    if (in[1] > static_cast<uint8_t>(YamuxType::GoAway))
        return makeError(Errc::ProtocolViolation, "a Yamux frame of type " + std::to_string(in[1]));
    YamuxHeader header;
    header.type = static_cast<YamuxType>(in[1]);
    header.flags = getBigEndian<uint16_t>(in.subspan(2, 2));
    header.stream = getBigEndian<uint32_t>(in.subspan(4, 4));
    header.length = getBigEndian<uint32_t>(in.subspan(8, 4));
    const bool ofStream = header.type == YamuxType::Data || header.type == YamuxType::WindowUpdate;
    if (ofStream != (header.stream != 0))
        return makeError(Errc::ProtocolViolation, "a Yamux frame for stream " + std::to_string(header.stream));
    const bool asks = header.has(yamux_flag::kSyn), answers = header.has(yamux_flag::kAck);
    if (header.type == YamuxType::Ping && asks == answers)
        return makeError(Errc::ProtocolViolation, "a Yamux ping that neither asks nor answers");
    return header;
}

} // namespace wherry::bytepipe
