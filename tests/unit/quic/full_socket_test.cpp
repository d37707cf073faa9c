#include "unit/quic/wire.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::quic;
using namespace wherry::quic::test;

namespace {

/// One client with a link to each of two servers; the socket that serves the first can be full.
struct TwoSockets {
    Wire wire;
    Node& client = wire.add();
    Node& first = wire.add();
    Node& second = wire.add();
    link::LinkId toFirst{};
    link::LinkId toSecond{};
    bool firstIsFull = false;
    size_t asked = 0;

    bool connect() {
        client.canSend = [this](const Path& path) {
            ++asked;
            return !firstIsFull || path.remote != first.address;
        };
        toFirst = *client.endpoint->dial(first.dialAddress(), first.identity.peerId(), wire.now);
        toSecond = *client.endpoint->dial(second.dialAddress(), second.identity.peerId(), wire.now);
        return wire.run(5s, [&] { return client.all<link::LinkOpened>().size() == 2; });
    }
    link::StreamKey say(link::LinkId link, std::string_view text) {
        const link::StreamKey key = *client.endpoint->openStream(link);
        client.endpoint->write(key, Slice::copyOf(asBytes(text)), link::Fin::Yes);
        return key;
    }
};

} // namespace

class FullSocketTest : public QObject {
    Q_OBJECT

  private slots:
    void aFullSocketHoldsUpOnlyWhatUsesIt() {
        TwoSockets world;
        QVERIFY(world.connect());
        world.firstIsFull = true;
        world.say(world.toFirst, "one");
        world.say(world.toSecond, "two");
        QVERIFY(world.wire.run(1s, [&] { return world.second.has<link::StreamReadable>(); }));
        QVERIFY(!world.wire.run(2s, [&] { return world.first.has<link::StreamOpened>(); }));
        QVERIFY(world.client.endpoint->holdsBack());

        world.firstIsFull = false;
        world.client.endpoint->resume();
        QVERIFY(world.wire.run(1s, [&] { return world.first.has<link::StreamReadable>(); }));
        QVERIFY(!world.client.endpoint->holdsBack());
    }

    void whatIsHeldBackWaitsWithoutSpinning() {
        TwoSockets world;
        QVERIFY(world.connect());
        world.firstIsFull = true;
        world.say(world.toFirst, "one");
        world.wire.run(1ms); // asked, and put aside
        world.asked = 0;
        size_t wakes = 0;
        world.wire.run(20s, [&] {
            if (world.client.endpoint->deadline() <= world.wire.now.mono) ++wakes;
            return false;
        });
        QCOMPARE(wakes, 0u); // no deadline is overdue once it has been dealt with
        QVERIFY2(world.asked < 50, qPrintable(QString::number(world.asked)));
    }

    void aLinkWhoseSocketStaysFullStillEndsAtItsIdleTimeout() {
        TwoSockets world;
        QVERIFY(world.connect());
        world.firstIsFull = true;
        world.say(world.toFirst, "one");
        // The peer repeats what is not acknowledged, which keeps the link alive for a while.
        QVERIFY(world.wire.run(3 * kDefaultIdleTimeout, [&] {
            for (const auto& closed : world.client.all<link::LinkClosed>())
                if (closed.link == world.toFirst) return closed.error.code == Errc::Timeout;
            return false;
        }));
        world.client.endpoint->resume();
        world.wire.run(1s);
        QVERIFY(!world.client.endpoint->holdsBack());
    }

    void closingPacketsWaitForRoomToo() {
        TwoSockets world;
        QVERIFY(world.connect());
        world.firstIsFull = true;
        world.client.endpoint->shutdown(world.wire.now);
        QVERIFY(world.wire.run(1s, [&] { return world.second.has<link::LinkClosed>(); }));
        QVERIFY(!world.first.has<link::LinkClosed>());
        QVERIFY(world.client.endpoint->holdsBack());
        world.firstIsFull = false;
        world.client.endpoint->resume();
        QVERIFY(world.wire.run(1s, [&] { return world.first.has<link::LinkClosed>(); }));
    }

    void answersThatAreHeldBackAreBounded() {
        Wire wire;
        Node& server = wire.add();
        server.canSend = [](const Path&) { return false; };
        // Version negotiation is answered without state; each asker has another address.
        size_t released = 0;
        Bytes hello(kMinInitialDatagram);
        hello[0] = 0xc0;
        hello[1] = 0x7a; // no version that anybody knows
        hello[5] = 8;
        hello[14] = 8;
        for (uint16_t i = 0; i < 3 * kMaxOutbox; ++i) {
            wire.inject(v4(77, static_cast<uint16_t>(1000 + i)), server.address, hello);
            wire.run(20ms);
        }
        QVERIFY(server.endpoint->holdsBack());
        server.canSend = {};
        wire.filter = [&](Flight&) {
            ++released;
            return false;
        };
        server.endpoint->resume();
        wire.run(1s);
        QCOMPARE(released, kMaxOutbox);
    }
};

QTEST_APPLESS_MAIN(FullSocketTest)
#include "full_socket_test.moc"
