#include "codec/frame.h"

#include <QtTest>
#include <vector>

using namespace wherry;
using namespace wherry::codec;

namespace {

constexpr size_t kBound = 1000;

/// Hands out its bytes in pieces of the given size, as a stream does.
struct Pieces {
    Bytes bytes;
    size_t size;
    size_t at = 0;

    ByteView front() const { return ByteView(bytes).subspan(at).first(std::min(size, bytes.size() - at)); }
    void consume(size_t count) { at += count; }
};

std::vector<Bytes> someMessages() {
    std::vector<Bytes> messages;
    for (const size_t length : {size_t{0}, size_t{1}, size_t{127}, size_t{128}, size_t{0}, kBound, size_t{300}}) {
        messages.emplace_back(length, static_cast<uint8_t>(messages.size()));
    }
    return messages;
}

Bytes framed(const std::vector<Bytes>& messages) {
    Bytes out;
    for (const Bytes& message : messages) appendFrame(out, message);
    return out;
}

} // namespace

class FrameTest : public QObject {
    Q_OBJECT
  private slots:
    void messagesComeOutWhateverTheSizeOfThePieces();
    void severalMessagesInOnePieceAreToldApart();
    void bytesBehindAMessageAreNotTouched();
    void aMessageAtTheBoundPassesAndOneBeyondIsRefusedUnread();
    void anAnnouncedLengthAllocatesNothing();
    void badLengthsAreRefusedWhereverTheyAreCut();
    void theReaderKnowsWhetherItIsInsideAMessage();
};

void FrameTest::messagesComeOutWhateverTheSizeOfThePieces() {
    const std::vector<Bytes> messages = someMessages();
    for (const size_t size : {1, 2, 3, 7, 64, 129, 130, 1001, 1002, 1003, 100000}) {
        Pieces source{framed(messages), size};
        FrameReader reader(kBound);
        std::vector<Bytes> read;
        for (;;) {
            auto next = reader.next(source);
            QVERIFY(next);
            if (!*next) break;
            read.push_back(std::move(**next));
        }
        QCOMPARE(read, messages);
        QVERIFY(!reader.midMessage());
    }
}

void FrameTest::severalMessagesInOnePieceAreToldApart() {
    const Bytes bytes = framed({toBytes(asBytes("first")), toBytes(asBytes("second"))});
    FrameReader reader(kBound);
    const auto first = reader.push(bytes);
    QVERIFY(first && first->message);
    QCOMPARE(asText(*first->message), std::string_view("first"));
    QCOMPARE(first->consumed, size_t{6});
    const auto second = reader.push(ByteView(bytes).subspan(first->consumed));
    QVERIFY(second && second->message);
    QCOMPARE(asText(*second->message), std::string_view("second"));
}

void FrameTest::bytesBehindAMessageAreNotTouched() {
    // One control message, then raw bytes of another protocol: they must stay in the source.
    Bytes bytes = framed({toBytes(asBytes("go"))});
    append(bytes, asBytes("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff raw"));
    Pieces source{bytes, 100};
    FrameReader reader(kBound);
    QVERIFY(*reader.next(source));
    QCOMPARE(source.at, size_t{3});
}

void FrameTest::aMessageAtTheBoundPassesAndOneBeyondIsRefusedUnread() {
    Pieces fits{framed({Bytes(kBound)}), 4096};
    FrameReader reader(kBound);
    QCOMPARE((**reader.next(fits)).size(), kBound);
    Bytes length;
    appendVarint(length, kBound + 1);
    QCOMPARE(reader.push(length).error().code, Errc::TooLarge);
    // The reader has lost its place, and says so from then on.
    QCOMPARE(reader.push(framed({Bytes(1)})).error().code, Errc::TooLarge);
}

void FrameTest::anAnnouncedLengthAllocatesNothing() {
    // With a bound near 2^63 the length itself must not be reserved: that would throw or exhaust memory.
    FrameReader reader(kMaxVarint);
    Bytes bytes;
    appendVarint(bytes, kMaxVarint);
    bytes.push_back(1);
    const auto step = reader.push(bytes);
    QVERIFY(step);
    QVERIFY(!step->message);
    QCOMPARE(step->consumed, bytes.size());
    QVERIFY(reader.midMessage());
}

void FrameTest::badLengthsAreRefusedWhereverTheyAreCut() {
    for (const char* hex : {"8000", "ff00", "ffffffffffffffffff01", "80808080808080808080"}) {
        const Bytes bytes = fromHex(hex);
        for (size_t cut = 0; cut < bytes.size(); ++cut) {
            FrameReader reader(kMaxVarint);
            auto step = reader.push(ByteView(bytes).first(cut));
            if (step) step = reader.push(ByteView(bytes).subspan(cut));
            QVERIFY2(!step && step.error().code == Errc::Malformed, hex);
        }
    }
}

void FrameTest::theReaderKnowsWhetherItIsInsideAMessage() {
    const Bytes bytes = framed({Bytes(200)});
    FrameReader reader(kBound);
    QVERIFY(!reader.midMessage());
    for (size_t i = 0; i + 1 < bytes.size(); ++i) {
        QVERIFY(reader.push(ByteView(bytes).subspan(i, 1)));
        QVERIFY(reader.midMessage());
    }
    QVERIFY(reader.push(ByteView(bytes).last(1))->message);
    QVERIFY(!reader.midMessage());
}

QTEST_APPLESS_MAIN(FrameTest)
#include "frame_test.moc"
