#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/websocket.h"
#include "support/seeded_random.h"
#include "unit/bytepipe/talk.h"

#include <QtTest>
#include <algorithm>

using namespace wherry;
using namespace wherry::bytepipe;
using link::Side;

namespace {

constexpr std::string_view kRequest = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: WebSocket\r\n"
                                      "Connection: keep-alive, Upgrade\r\nOrigin: http://example.com\r\n"
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                      "Sec-WebSocket-Version: 13\r\n\r\n";

struct End {
    explicit End(Side side, uint64_t seed = 1) : random(seed), socket(side, "192.0.2.1:4001", random) {}
    void receive(ByteView in) {
        if (failed) return;
        const auto result = socket.receive(in, payload);
        if (!result) error = result.error();
        failed = !result;
    }
    Bytes takeOutput() { return socket.takeOutput(); }
    wherry::test::SeededRandom random;
    WebSocket socket;
    Bytes payload;
    Error error;
    bool failed = false;
};

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
    std::string out(text);
    return out.replace(out.find(what), what.size(), by);
}

/// A listener with the opening behind it.
struct OpenListener : End {
    OpenListener() : End(Side::Listener) {
        receive(asBytes(kRequest));
        socket.takeOutput();
    }
};

/// A frame of a client whose mask is zero, so that its payload can be read in the test.
Bytes frame(uint8_t first, ByteView payload, std::optional<uint8_t> length = {}) {
    Bytes out{first, uint8_t(0x80 | length.value_or(uint8_t(payload.size()))), 0, 0, 0, 0};
    append(out, payload);
    return out;
}

} // namespace

class WebSocketTest : public QObject {
    Q_OBJECT
  private slots:
    void theOpeningOfRfc6455IsAnswered();
    void framesAreThoseOfRfc6455();
    void bytesArriveHoweverTheyAreCut_data();
    void bytesArriveHoweverTheyAreCut();
    void fragmentsAndEmptyFramesAreOneStream();
    void pingsAreAnsweredAndOnlyTheLastOfMany();
    void aCloseIsAnsweredAndEndsThePipe();
    void requestsForSomethingElseAreRefusedPolitely_data();
    void requestsForSomethingElseAreRefusedPolitely();
    void answersOfSomethingElseAreRefused_data();
    void answersOfSomethingElseAreRefused();
    void aHeadAtTheBoundIsTakenAndOneAboveIsRefused();
    void framesThatBreakTheRulesAreRefused_data();
    void framesThatBreakTheRulesAreRefused();
    void aControlFrameAtTheBoundIsTaken();
};

void WebSocketTest::theOpeningOfRfc6455IsAnswered() {
    End listener(Side::Listener);
    listener.receive(asBytes(kRequest)); // RFC 6455 1.2 and 4.2.2
    const Bytes answer = listener.socket.takeOutput();
    QVERIFY(asText(answer).starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    QVERIFY(asText(answer).find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string_view::npos);
    QVERIFY(asText(answer).ends_with("\r\n\r\n") && listener.socket.open());
    End dialer(Side::Dialer);
    const Bytes request = dialer.socket.takeOutput();
    QVERIFY(asText(request).starts_with("GET / HTTP/1.1\r\nHost: 192.0.2.1:4001\r\n"));
    QVERIFY(!dialer.socket.open());
}

void WebSocketTest::framesAreThoseOfRfc6455() {
    // RFC 6455 5.7, binary instead of text.
    wherry::test::SeededRandom random(1);
    Bytes out;
    appendWebSocketFrame(WebSocketOpcode::Binary, asBytes("Hello"), WebSocketMask::No, random, out);
    QCOMPARE(toHex(out), std::string("820548656c6c6f"));
    WebSocketReader reader(WebSocketMask::Yes);
    Bytes payload;
    QVERIFY(reader.receive(fromHex("828537fa213d7f9f4d5158"), payload));
    QCOMPARE(asText(payload), std::string_view("Hello"));
    out.clear();
    appendWebSocketFrame(WebSocketOpcode::Binary, Bytes(256), WebSocketMask::No, random, out);
    QCOMPARE(toHex(ByteView(out).first(4)), std::string("827e0100"));
    out.clear();
    appendWebSocketFrame(WebSocketOpcode::Binary, Bytes(65536), WebSocketMask::No, random, out);
    QCOMPARE(toHex(ByteView(out).first(10)), std::string("827f0000000000010000"));
}

void WebSocketTest::bytesArriveHoweverTheyAreCut_data() {
    QTest::addColumn<int>("piece");
    QTest::addColumn<int>("length");
    for (const int piece : {1, 2, 7, 1000, 1 << 20})
        for (const int length : {1, 125, 126, 65535, 65536, 200000})
            if (length < 1000 || piece > 2) QTest::addRow("%d in pieces of %d", length, piece) << piece << length;
}

void WebSocketTest::bytesArriveHoweverTheyAreCut() {
    QFETCH(int, piece);
    QFETCH(int, length);
    End dialer(Side::Dialer, 1), listener(Side::Listener, 2);
    talk(dialer, listener, size_t(piece));
    QVERIFY(dialer.socket.open() && listener.socket.open());
    for (auto [from, to] : {std::pair(&dialer, &listener), std::pair(&listener, &dialer)}) {
        const Bytes sent = from->random.bytes(size_t(length));
        Bytes out;
        from->socket.wrap(sent, out);
        for (size_t at = 0; at < out.size(); at += size_t(piece))
            to->receive(ByteView(out).subspan(at, std::min(size_t(piece), out.size() - at)));
        QVERIFY(to->payload == sent);
    }
    Bytes none;
    dialer.socket.wrap({}, none);
    QVERIFY(none.empty());
}

void WebSocketTest::fragmentsAndEmptyFramesAreOneStream() {
    OpenListener end;
    end.receive(frame(0x02, asBytes("one ")));
    end.receive(frame(0x00, {}));
    end.receive(frame(0x89, asBytes("between")));
    end.receive(frame(0x00, asBytes("two ")));
    end.receive(frame(0x80, asBytes("three")));
    end.receive(frame(0x82, {}));
    end.receive(frame(0x82, asBytes(" four")));
    QVERIFY(!end.failed);
    QCOMPARE(asText(end.payload), std::string_view("one two three four"));
}

void WebSocketTest::pingsAreAnsweredAndOnlyTheLastOfMany() {
    OpenListener end;
    end.receive(frame(0x89, asBytes("hello")));
    QCOMPARE(toHex(end.socket.takeOutput()), std::string("8a05") + toHex(asBytes("hello")));
    Bytes many;
    for (uint8_t i = 0; i < 200; ++i) append(many, frame(0x89, {&i, 1}));
    end.receive(many);
    QCOMPARE(toHex(end.socket.takeOutput()), std::string("8a01c7"));
    for (uint8_t i = 0; i < 200; ++i) end.receive(frame(0x89, {&i, 1})); // of somebody who does not read
    QVERIFY(end.socket.hasOutput());
    QCOMPARE(toHex(end.socket.takeOutput()), std::string("8a01c7"));
    end.receive(frame(0x8a, asBytes("unasked"))); // a pong that nobody asked for says nothing
    QVERIFY(!end.failed && !end.socket.hasOutput());
}

void WebSocketTest::aCloseIsAnsweredAndEndsThePipe() {
    OpenListener end;
    Bytes in = frame(0x82, asBytes("last"));
    append(in, frame(0x88, fromHex("03e9")));
    append(in, frame(0x82, asBytes("never")));
    end.receive(in);
    QCOMPARE(end.error.code, Errc::ConnectionLost);
    QCOMPARE(asText(end.payload), std::string_view("last"));
    QCOMPARE(toHex(end.socket.takeOutput()), std::string("880203e8"));
}

void WebSocketTest::requestsForSomethingElseAreRefusedPolitely_data() {
    QTest::addColumn<QString>("request");
    QTest::addColumn<QString>("status");
    const auto row = [](const char* name, const std::string& request, const char* status) {
        QTest::newRow(name) << QString::fromStdString(request) << QString(status);
    };
    row("a page", replaced(kRequest, "Upgrade: WebSocket\r\n", ""), "400");
    row("a POST", replaced(kRequest, "GET ", "POST "), "400");
    row("HTTP/1.0", replaced(kRequest, "HTTP/1.1", "HTTP/1.0"), "400");
    row("no connection field", replaced(kRequest, "keep-alive, Upgrade", "keep-alive"), "400");
    row("another version", replaced(kRequest, "Version: 13", "Version: 8"), "426");
    row("no key", replaced(kRequest, "Sec-WebSocket-Key", "Sec-Key"), "400");
    row("a short key", replaced(kRequest, "dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), "400");
}

void WebSocketTest::requestsForSomethingElseAreRefusedPolitely() {
    QFETCH(QString, request);
    QFETCH(QString, status);
    End end(Side::Listener);
    end.receive(asBytes(request.toStdString()));
    QCOMPARE(end.error.code, Errc::Unsupported);
    QVERIFY(!end.socket.open());
    const Bytes answer = end.socket.takeOutput();
    QVERIFY(asText(answer).starts_with("HTTP/1.1 " + status.toStdString()));
    QVERIFY(asText(answer).ends_with("\r\n\r\n"));
}

void WebSocketTest::answersOfSomethingElseAreRefused_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<int>("code");
    QTest::newRow("a page") << "101 Switching Protocols"
                            << "200 OK" << int(Errc::Unsupported);
    QTest::newRow("another upgrade") << "websocket"
                                     << "h2c" << int(Errc::Unsupported);
    QTest::newRow("another key") << "Accept: "
                                 << "Accept: x" << int(Errc::ProtocolViolation);
    QTest::newRow("a subprotocol") << "\r\n\r\n"
                                   << "\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
                                   << int(Errc::ProtocolViolation);
    QTest::newRow("compression") << "\r\n\r\n"
                                 << "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
                                 << int(Errc::ProtocolViolation);
}

void WebSocketTest::answersOfSomethingElseAreRefused() {
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(int, code);
    End dialer(Side::Dialer, 1), listener(Side::Listener, 2);
    listener.receive(dialer.socket.takeOutput());
    const Bytes answer = listener.socket.takeOutput();
    dialer.receive(asBytes(replaced(asText(answer), from.toStdString(), to.toStdString())));
    QVERIFY(dialer.failed && !dialer.socket.open());
    QCOMPARE(int(dialer.error.code), code);
}

void WebSocketTest::aHeadAtTheBoundIsTakenAndOneAboveIsRefused() {
    const auto request = [](size_t total) {
        const std::string field = "\r\nX-Filler: ";
        return replaced(kRequest, "\r\nOrigin",
                        field + std::string(total - kRequest.size() - field.size(), 'x') + "\r\nOrigin");
    };
    QCOMPARE(request(kMaxHttpHead).size(), kMaxHttpHead);
    End end(Side::Listener);
    end.receive(asBytes(request(kMaxHttpHead)));
    QVERIFY(end.socket.open());
    End other(Side::Listener);
    other.receive(asBytes(request(kMaxHttpHead + 1)));
    QCOMPARE(other.error.code, Errc::TooLarge);
    End binary(Side::Listener);
    binary.receive(fromHex("13"));
    QCOMPARE(binary.error.code, Errc::Malformed);
    for (const char* half : {"\n", "\r", "\n\r", "\r\r\n"}) { // what one reader ends a line at, another does not
        End torn(Side::Listener);
        torn.receive(asBytes(replaced(kRequest, "\r\nOrigin", std::string(half) + "Origin")));
        QCOMPARE(torn.error.code, Errc::Malformed);
    }
}

void WebSocketTest::framesThatBreakTheRulesAreRefused_data() {
    QTest::addColumn<QByteArray>("hex");
    const auto row = [](const char* name, const Bytes& bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(toHex(bytes));
    };
    row("no mask", fromHex("820568656c6c6f"));
    row("a reserved bit", frame(0xc2, asBytes("x")));
    row("text", frame(0x81, asBytes("x")));
    row("an unknown kind", frame(0x83, asBytes("x")));
    row("an unknown control kind", frame(0x8b, {}));
    row("a continuation of nothing", frame(0x80, asBytes("x")));
    Bytes nested = frame(0x02, asBytes("x"));
    append(nested, frame(0x82, asBytes("y")));
    row("a message inside another", nested);
    row("a ping in fragments", frame(0x09, asBytes("x")));
    row("a long ping", frame(0x89, Bytes(130), 126));
    row("16 bits for a short length", fromHex("82fe007d00000000"));
    row("64 bits for a short length", fromHex("82ff000000000000ffff00000000"));
    row("a length with the highest bit", fromHex("82ffffffffffffffffff00000000"));
}

void WebSocketTest::framesThatBreakTheRulesAreRefused() {
    QFETCH(QByteArray, hex);
    OpenListener end;
    end.receive(fromHex(hex.toStdString()));
    QCOMPARE(end.error.code, Errc::ProtocolViolation);
    OpenListener cut;
    for (const uint8_t byte : fromHex(hex.toStdString())) cut.receive({&byte, 1});
    QCOMPARE(cut.error.code, Errc::ProtocolViolation);
    // A server's frames carry no mask.
    WebSocketReader fromServer(WebSocketMask::No);
    Bytes payload;
    QVERIFY(!fromServer.receive(frame(0x82, asBytes("x")), payload));
}

void WebSocketTest::aControlFrameAtTheBoundIsTaken() {
    OpenListener end;
    end.receive(frame(0x89, Bytes(kMaxWebSocketControl, 'x')));
    QVERIFY(!end.failed);
    QCOMPARE(end.socket.takeOutput().size(), 2 + kMaxWebSocketControl);
}

QTEST_APPLESS_MAIN(WebSocketTest)
#include "websocket_test.moc"
