#include "runtime/datagram_sender.h"

#include <QTest>

using namespace wherry;
using namespace wherry::runtime;
using codec::IpAddress;
using codec::SocketAddress;

namespace {

/// A socket in memory with room for so many bytes.
class FakeSocket final : public UdpSocket {
  public:
    explicit FakeSocket(SocketAddress at) : address(at) {}

    NativeSocket native() const override { return {}; }
    SocketAddress localAddress() const override { return address; }
    SocketFamilies families() const override { return SocketFamilies::Ipv4; }
    std::optional<ReceivedBatch> receive() override { return std::nullopt; }
    bool joinsSends() const override { return false; }
    SendOutcome send(const quic::Path&, uint8_t, ByteView bytes, size_t segmentSize, size_t& sent) override {
        for (sent = 0; sent < bytes.size();) {
            const size_t length = std::min(segmentSize, bytes.size() - sent);
            if (failure) return *failure;
            if (length > room) return SendOutcome::WouldBlock;
            room -= length;
            out.append(asText(bytes.subspan(sent, length))).append("|");
            sent += length;
        }
        return SendOutcome::Sent;
    }

    SocketAddress address;
    size_t room = 1000;
    std::optional<SendOutcome> failure;
    std::string out;
};

struct Sockets {
    BoundSockets bound;
    FakeSocket* first = add(1);
    FakeSocket* second = add(2);
    DatagramSender sender{bound};

    FakeSocket* add(uint8_t host) {
        auto socket = std::make_unique<FakeSocket>(SocketAddress{IpAddress::v4({10, 0, 0, host}), 4001, 0});
        FakeSocket* raw = socket.get();
        bound.sockets.push_back(std::move(socket));
        return raw;
    }
    static quic::Path from(const FakeSocket& socket) {
        return {socket.address, {IpAddress::v4({10, 0, 0, 9}), 4001, 0}};
    }
    auto send(const FakeSocket& socket, std::string_view text, size_t segment) {
        return sender.send({from(socket), 0, segment, text.size(), false}, asBytes(text));
    }
};

} // namespace

class DatagramSenderTest : public QObject {
    Q_OBJECT

  private slots:
    void aFullSocketKeepsTheRestOfItsBatchAndTheOthersGoOn() {
        Sockets sockets;
        sockets.first->room = 4;
        QVERIFY(!sockets.send(*sockets.first, "aabbccd", 2));
        QCOMPARE(sockets.first->out, std::string("aa|bb|"));
        QVERIFY(sockets.sender.isFull(*sockets.first));
        QVERIFY(!sockets.sender.canSend(Sockets::from(*sockets.first)));
        QVERIFY(sockets.sender.canSend(Sockets::from(*sockets.second)));
        QVERIFY(!sockets.send(*sockets.second, "xxyy", 2));
        QCOMPARE(sockets.second->out, std::string("xx|yy|"));
    }

    void theRestGoesOutWhenThereIsRoomInAsManyStepsAsItTakes() {
        Sockets sockets;
        sockets.first->room = 2;
        sockets.send(*sockets.first, "aabbccd", 2);
        sockets.first->room = 2;
        QVERIFY(!sockets.sender.onWritable(*sockets.first));
        QVERIFY(sockets.sender.isFull(*sockets.first));
        sockets.first->room = 100;
        QVERIFY(!sockets.sender.onWritable(*sockets.first));
        QVERIFY(!sockets.sender.anyFull());
        QCOMPARE(sockets.first->out, std::string("aa|bb|cc|d|"));
        QVERIFY(!sockets.sender.onWritable(*sockets.first)); // a wake for nothing
    }

    void whatIsMeantForAFullSocketIsDroppedLikeOnTheNetwork() {
        Sockets sockets;
        sockets.first->room = 0;
        sockets.send(*sockets.first, "aa", 2);
        QVERIFY(!sockets.send(*sockets.first, "late", 4));
        sockets.first->room = 100;
        sockets.sender.onWritable(*sockets.first);
        QCOMPARE(sockets.first->out, std::string("aa|"));
    }

    void failuresNameThePathAndFreeTheSocket() {
        Sockets sockets;
        const std::pair<SendOutcome, quic::SendFailure> cases[] = {
            {SendOutcome::MessageTooBig, quic::SendFailure::MessageTooBig},
            {SendOutcome::Unreachable, quic::SendFailure::Unreachable},
            {SendOutcome::Failed, quic::SendFailure::Other}};
        for (const auto& [outcome, reason] : cases) {
            sockets.first->failure.reset();
            sockets.first->room = 0;
            sockets.send(*sockets.first, "aa", 2);
            sockets.first->failure = outcome;
            const auto failed = sockets.sender.onWritable(*sockets.first);
            QVERIFY(failed && failed->reason == reason && failed->path == Sockets::from(*sockets.first));
            QVERIFY(!sockets.sender.anyFull());
        }
    }

    void aPathThatNoSocketServesIsUnreachable() {
        Sockets sockets;
        const quic::Path path{{}, {IpAddress::v6({1}), 4001, 0}};
        QVERIFY(sockets.sender.canSend(path));
        const auto failed = sockets.sender.send({path, 0, 2, 2, false}, asBytes("aa"));
        QVERIFY(failed && failed->reason == quic::SendFailure::Unreachable);
    }
};

QTEST_APPLESS_MAIN(DatagramSenderTest)
#include "datagram_sender_test.moc"
