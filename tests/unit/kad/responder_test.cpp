#include "codec/reach.h"
#include "crypto/public_key.h"
#include "kad/responder.h"
#include "kad/signed_record.h"
#include "kad/stored_row.h"
#include "support/test_node.h"
#include "unit/kad/virtual_peers.h"

#include <QTest>

using namespace wherry;
using namespace wherry::kad;
using namespace wherry::test;
using namespace std::chrono_literals;

namespace {
const crypto::PeerId kAsker = virtualPeer(1'000'001);

struct Server {
    explicit Server(const Validator& validator, bool asksForWork, uint64_t contacts = 100, Bytes rows = {})
        : table(virtualPeer(0)),
          responder(
              {&validator, asksForWork, kIpfsProviderTtl, kMinWorkBits, std::move(rows)}, table,
              {[this](const crypto::PeerId& peer) { return peer == client ? seen : std::vector<codec::Multiaddr>(); },
               [this](const crypto::PeerId&) { return ipOf(asker); }}) {
        for (uint32_t i = 1; i <= contacts; ++i)
            table.onServer(virtualPeer(i), {farAddress(i)}, quicAt("10.0.0.1"), at(0s));
    }
    Message ask(MessageType type, Bytes key) {
        return responder.answer(kAsker, {type, std::move(key), {}, {}, {}, {}}, at(0s)).value().value();
    }
    RoutingTable table;
    crypto::PeerId client = virtualPeer(2'000'002);
    std::vector<codec::Multiaddr> seen = {farAddress(7)}; ///< where the client is
    codec::Multiaddr asker = quicAt("8.8.8.8");           ///< where everybody asks from
    Responder responder;
};
Message pkPut(uint8_t number) {
    const auto identity = identityOf(number);
    Bytes key = toBytes(asBytes("/pk/"));
    append(key, identity.peerId().multihash());
    return {MessageType::PutValue,
            key,
            Record{key, crypto::PublicKey::ofEd25519(identity.publicKey()).encode(), {}},
            {},
            {},
            {}};
}
Message ownPut(unsigned bits, const Bytes* value = nullptr) {
    const Key key = Key::of(asBytes("k"));
    const Bytes envelope = sealRecord(identityOf(1), {key, {1, 2}, 1, at(0s).wall.seconds(), 3600});
    uint64_t nonce = 0;
    while (workOf(envelope, nonce) < bits || (bits == 0 && workOf(envelope, nonce) >= kMinWorkBits)) ++nonce;
    const Bytes worked = withWork(envelope, nonce);
    return {
        MessageType::PutValue, toBytes(key.bits), Record{toBytes(key.bits), value ? *value : worked, {}}, {}, {}, {}};
}
Errc refusal(Server& server, const Message& request) {
    const auto answered = server.responder.answer(kAsker, request, at(0s));
    return answered ? Errc::Internal : answered.error().code;
}
/// What a server has had stored, as a store that forgets what is erased.
std::map<Bytes, Bytes> stored(Server& server, std::map<Bytes, Bytes> rows = {}) {
    while (const auto op = server.responder.pollStore()) {
        if (const auto* put = std::get_if<StorePut>(&*op))
            rows[put->key] = put->value;
        else
            rows.erase(std::get<StoreErase>(*op).prefix);
    }
    return rows;
}
Message provide(const Bytes& key) {
    return {MessageType::AddProvider, key, {}, {}, {{kAsker, {farAddress(9)}, Connection::Connected}}, {}};
}
Now later(Duration since) {
    Now now = at(since);
    now.wall.nanoseconds = at(0s).wall.nanoseconds + since.count();
    return now;
}
const Bytes kRows = rowPrefix("/a/network");
const IpfsValidator kIpfs;
const OwnValidator kOwn;
} // namespace

class ResponderTest : public QObject {
    Q_OBJECT
  private slots:
    void findNodeTellsTheTwentyClosest();
    void theAskerIsNotToldOfItself();
    void thePeerThatIsLookedForComesFirstThoughItIsAClient();
    void aPutIsEchoedAndGotBackWithItsTime();
    void aPutOfWhatIsHereAlreadyIsEchoedToo();
    void aPutThatDoesNotValidateIsRefused();
    void onOursAnUnsignedPutIsRefused();
    void onOursAPutWithTooLittleWorkIsToldHowMuchIsDue();
    void onTheIpfsNetworkNobodyTellsOfWork();
    void aProviderIsKeptWhenItSpeaksForItself();
    void aProviderThatSpeaksForAnotherIsRefused();
    void nobodyOnTheInternetHearsOfOurOwnNetwork();
    void whatAProviderTellsIsToldOnToWhomItMay();
    void aProviderThatKnowsNoAddressIsWhereWeSeeIt();
    void requestsOfOnePeerAreLimited();
    void writesOfOnePeerAreLimited();
    void whoHasSpentItsBurstHasTheRate();
    void whatOnePeerIsRefusedForCostsNobodyElse();
    void aRequestWithoutKeyIsMalformed();
    void whatIsKeptComesBackFromTheStore();
    void whatHasExpiredOrIsForgedGoesFromTheStore();
    void whoGivesWayUnderAKeyGoesFromTheStore();
    void whatHasExpiredIsNotStoredAnyMore();
    void whatWasPutBeforeItsRowWasReadStays();
    void aRowOfNoTimeAtAllIsNotKept();
    void whoPutsAllTheTimeWearsNoDisk();
    void whoIsToStoreNothingStoresNothing();
};

void ResponderTest::findNodeTellsTheTwentyClosest() {
    Server server(kIpfs, false);
    const auto target = virtualPeer(3'000'003);
    const auto reply = server.ask(MessageType::FindNode, toBytes(target.multihash()));
    const auto closest = server.table.closest(Key::ofPeer(target), kReplication);
    QCOMPARE(reply.closerPeers.size(), kReplication);
    for (size_t i = 0; i < kReplication; ++i) QCOMPARE(reply.closerPeers[i].peer, closest[i].peer);
}

void ResponderTest::theAskerIsNotToldOfItself() {
    Server server(kIpfs, false, 30);
    const auto asker = server.table.closest(Key(), 1).front();
    const auto reply = server.responder.answer(
        asker.peer, {MessageType::FindNode, toBytes(asker.peer.multihash()), {}, {}, {}, {}}, at(0s));
    QVERIFY(!std::ranges::count((*reply)->closerPeers, asker.peer, &PeerEntry::peer));
    QCOMPARE((*reply)->closerPeers.size(), kReplication);
}

void ResponderTest::thePeerThatIsLookedForComesFirstThoughItIsAClient() {
    Server server(kIpfs, false);
    const auto reply = server.ask(MessageType::FindNode, toBytes(server.client.multihash()));
    QCOMPARE(reply.closerPeers.size(), kReplication);
    QCOMPARE(reply.closerPeers[0].peer, server.client);
    QCOMPARE(reply.closerPeers[0].addresses, std::vector{farAddress(7)});
}

void ResponderTest::aPutIsEchoedAndGotBackWithItsTime() {
    Server server(kIpfs, false);
    const auto put = pkPut(1);
    QCOMPARE(server.responder.answer(kAsker, put, at(0s)).value().value(), put);
    const auto got = server.ask(MessageType::GetValue, put.key);
    QCOMPARE(got.record->value, put.record->value);
    QCOMPARE(got.record->timeReceived, rfc3339(at(0s).wall));
    QCOMPARE(got.closerPeers.size(), kReplication);
    QVERIFY(!server.ask(MessageType::GetValue, pkPut(2).key).record);
}

void ResponderTest::aPutOfWhatIsHereAlreadyIsEchoedToo() {
    Server server(kIpfs, false);
    QVERIFY(server.responder.answer(kAsker, pkPut(1), at(0s)));
    QCOMPARE(server.responder.answer(kAsker, pkPut(1), at(0s)).value().value(), pkPut(1));
    QCOMPARE(server.responder.records().size(), size_t(1));
}

void ResponderTest::aPutThatDoesNotValidateIsRefused() {
    Server server(kIpfs, false);
    auto put = pkPut(1);
    put.record->value = pkPut(2).record->value;
    QCOMPARE(refusal(server, put), Errc::VerificationFailed);
    put.key = put.record->key = toBytes(asBytes("/other/key"));
    QCOMPARE(refusal(server, put), Errc::Unsupported);
    put.record.reset();
    QCOMPARE(refusal(server, put), Errc::Malformed);
    QCOMPARE(server.responder.records().size(), size_t(0));
}

void ResponderTest::onOursAnUnsignedPutIsRefused() {
    Server server(kOwn, true);
    const Bytes plain = toBytes(asBytes("plain"));
    const auto answered = server.responder.answer(kAsker, ownPut(0, &plain), at(0s));
    QVERIFY(!answered);
    QCOMPARE(server.responder.records().size(), size_t(0));
}

void ResponderTest::onOursAPutWithTooLittleWorkIsToldHowMuchIsDue() {
    Server server(kOwn, true);
    const auto refused = server.responder.answer(kAsker, ownPut(0), at(0s)).value().value();
    QVERIFY(!refused.record);
    QCOMPARE(refused.workBits, std::optional(uint32_t(kMinWorkBits)));
    QCOMPARE(server.responder.records().size(), size_t(0));
    const auto kept = server.responder.answer(kAsker, ownPut(kMinWorkBits), at(0s)).value().value();
    QVERIFY(kept.record);
    QCOMPARE(server.responder.records().size(), size_t(1));
}

void ResponderTest::onTheIpfsNetworkNobodyTellsOfWork() {
    Server ipfs(kIpfs, false), own(kOwn, true);
    QVERIFY(!ipfs.ask(MessageType::Ping, {}).workBits);
    QVERIFY(own.ask(MessageType::Ping, {}).workBits);
}

void ResponderTest::aProviderIsKeptWhenItSpeaksForItself() {
    Server server(kIpfs, false);
    Message add{MessageType::AddProvider, {1, 2}, {}, {}, {{kAsker, {farAddress(5)}, Connection::CanConnect}}, {}};
    QVERIFY(!server.responder.answer(kAsker, add, at(0s)).value());
    const auto reply = server.ask(MessageType::GetProviders, {1, 2});
    QCOMPARE(reply.providerPeers.size(), size_t(1));
    QCOMPARE(reply.providerPeers[0].addresses, std::vector{farAddress(5)});
    QCOMPARE(reply.closerPeers.size(), kReplication);
    server.responder.expire(at(kIpfsProviderTtl));
    QCOMPARE(server.responder.providers().size(), size_t(0));
}

void ResponderTest::aProviderThatSpeaksForAnotherIsRefused() {
    Server server(kIpfs, false);
    Message add{MessageType::AddProvider, {1}, {}, {}, {{virtualPeer(9), {farAddress(5)}, Connection::CanConnect}}, {}};
    QCOMPARE(refusal(server, add), Errc::Malformed);
    add.providerPeers = {{kAsker, {}, Connection::CanConnect}};
    QCOMPARE(refusal(server, add), Errc::InvalidArgument);
    QCOMPARE(server.responder.providers().size(), size_t(0));
}

void ResponderTest::nobodyOnTheInternetHearsOfOurOwnNetwork() {
    Server server(kIpfs, false, 60);
    for (uint32_t i = 101; i <= 130; ++i)
        server.table.onServer(virtualPeer(i), {quicAt("192.168.1.9"), quicAt("fd00::9")}, quicAt("10.0.0.1"), at(0s));
    server.table.onServer(virtualPeer(131), {quicAt("192.168.1.9"), farAddress(131)}, quicAt("10.0.0.1"), at(0s));
    server.seen = {quicAt("192.168.1.7"), farAddress(7), quicAt("127.0.0.1")};
    const auto priv = [&](const std::string& asker) {
        server.asker = quicAt(asker);
        size_t found = 0;
        std::vector<Bytes> keys = {toBytes(server.client.multihash())};
        for (uint32_t i = 100; i <= 131; ++i) keys.push_back(toBytes(virtualPeer(i).multihash()));
        for (const Bytes& key : keys)
            for (const auto& peer : server.ask(MessageType::FindNode, key).closerPeers) {
                if (peer.addresses.empty()) return SIZE_MAX;
                found += size_t(
                    std::ranges::count_if(peer.addresses, [](const auto& one) { return ipOf(one)->isPrivate(); }));
            }
        return found;
    };
    QCOMPARE(priv("8.8.8.8"), size_t(0));
    QVERIFY(priv("192.168.1.5") > 0);
    // The client is still found, where everybody may know it to be.
    server.asker = quicAt("8.8.8.8");
    const auto reply = server.ask(MessageType::FindNode, toBytes(server.client.multihash()));
    QCOMPARE(reply.closerPeers[0].peer, server.client);
    QCOMPARE(reply.closerPeers[0].addresses, std::vector{farAddress(7)});
    QCOMPARE(reply.closerPeers.size(), kReplication);
}

void ResponderTest::whatAProviderTellsIsToldOnToWhomItMay() {
    Server server(kIpfs, false);
    server.asker = quicAt("192.168.1.5");
    Message add{MessageType::AddProvider, {1}, {}, {}, {}, {}};
    add.providerPeers = {{kAsker, {quicAt("192.168.1.5"), farAddress(5), quicAt("127.0.0.1")}, Connection::CanConnect}};
    QVERIFY(server.responder.answer(kAsker, add, at(0s)));
    const auto heard = [&] { return server.ask(MessageType::GetProviders, {1}).providerPeers.at(0).addresses; };
    QCOMPARE(heard(), (std::vector{quicAt("192.168.1.5"), farAddress(5)}));
    server.asker = quicAt("8.8.8.8");
    QCOMPARE(heard(), std::vector{farAddress(5)});
    // From there nobody puts private addresses in.
    add.key = {2};
    QVERIFY(server.responder.answer(kAsker, add, at(0s)));
    server.asker = quicAt("192.168.1.5");
    QCOMPARE(server.ask(MessageType::GetProviders, {2}).providerPeers.at(0).addresses, std::vector{farAddress(5)});
}

void ResponderTest::aProviderThatKnowsNoAddressIsWhereWeSeeIt() {
    Server server(kIpfs, false);
    Message add{
        MessageType::AddProvider, {1}, {}, {}, {{server.client, {quicAt("10.0.0.9")}, Connection::CanConnect}}, {}};
    QVERIFY(server.responder.answer(server.client, add, at(0s)));
    QCOMPARE(server.ask(MessageType::GetProviders, {1}).providerPeers.at(0).addresses, server.seen);
}

void ResponderTest::requestsOfOnePeerAreLimited() {
    Server server(kIpfs, false, 1);
    const Message ping{MessageType::Ping, {}, {}, {}, {}, {}};
    for (uint64_t i = 0; i < kRequestBurst; ++i) QVERIFY(server.responder.answer(kAsker, ping, at(0s)));
    QCOMPARE(refusal(server, ping), Errc::LimitReached);
    QVERIFY(server.responder.answer(virtualPeer(5), ping, at(0s)));
    QVERIFY(server.responder.answer(kAsker, ping, at(100ms)));
}

void ResponderTest::writesOfOnePeerAreLimited() {
    Server server(kIpfs, false, 1);
    for (uint64_t i = 0; i < kWriteBurst; ++i) QVERIFY(server.responder.answer(kAsker, pkPut(1), at(0s)));
    QCOMPARE(refusal(server, pkPut(1)), Errc::LimitReached);
    QVERIFY(!server.ask(MessageType::FindNode, {1}).closerPeers.empty());
}

void ResponderTest::whoHasSpentItsBurstHasTheRate() {
    const Message ping{MessageType::Ping, {}, {}, {}, {}, {}};
    const auto answered = [](Server& server, const Message& request, Duration when) {
        size_t count = 0;
        while (server.responder.answer(kAsker, request, at(when))) ++count;
        return count;
    };
    Server server(kIpfs, false, 1), keeper(kIpfs, false, 1);
    QCOMPARE(answered(server, ping, 0s), size_t(kRequestBurst));
    QCOMPARE(answered(server, ping, 1s), size_t(kRequestsPerSecond));
    QCOMPARE(answered(server, ping, 1h), size_t(kRequestBurst));
    QCOMPARE(answered(keeper, pkPut(1), 0s), size_t(kWriteBurst));
    QCOMPARE(answered(keeper, pkPut(1), 1s), size_t(kWritesPerSecond));
    // Provider records are writes as well.
    const Message add{MessageType::AddProvider, {1}, {}, {}, {{kAsker, {farAddress(5)}, Connection::CanConnect}}, {}};
    QCOMPARE(refusal(keeper, add), Errc::LimitReached);
    QCOMPARE(answered(keeper, add, 2s), size_t(kWritesPerSecond));
}

void ResponderTest::whatOnePeerIsRefusedForCostsNobodyElse() {
    Server server(kIpfs, false, 1);
    const Message ping{MessageType::Ping, {}, {}, {}, {}, {}};
    while (server.responder.answer(kAsker, ping, at(0s))) {
    }
    const auto spent = [&] { return !server.responder.answer(kAsker, ping, at(0s)); };
    // As many others as are remembered do not buy it a new burst; each of them is served.
    for (uint64_t i = 1; i < kMaxRates; ++i) QVERIFY(server.responder.answer(virtualPeer(10'000 + i), ping, at(0s)));
    QVERIFY(spent());
    for (uint64_t i = 0; i < 10; ++i) QVERIFY(server.responder.answer(virtualPeer(90'000 + i), ping, at(0s)));
    QVERIFY(spent());
}

void ResponderTest::aRequestWithoutKeyIsMalformed() {
    Server server(kIpfs, false, 1);
    for (const auto type : {MessageType::PutValue, MessageType::GetValue, MessageType::AddProvider,
                            MessageType::GetProviders, MessageType::FindNode})
        QCOMPARE(refusal(server, {type, {}, {}, {}, {}, {}}), Errc::Malformed);
}

void ResponderTest::whatIsKeptComesBackFromTheStore() {
    Server before(kIpfs, false, 1, kRows);
    const Message put = pkPut(1), twice = pkPut(2);
    QVERIFY(before.responder.answer(kAsker, put, at(0s)));
    QVERIFY(before.responder.answer(kAsker, twice, at(0s)));
    QVERIFY(before.responder.answer(kAsker, twice, at(1s)));
    QVERIFY(before.responder.answer(kAsker, provide({1, 2}), at(0s)));
    const auto rows = stored(before);
    QCOMPARE(rows.size(), size_t(3));

    Server after(kIpfs, false, 1, kRows);
    for (const auto& [key, row] : rows) {
        QVERIFY(std::ranges::equal(kRows, ByteView(key).first(kRows.size())));
        after.responder.restore(key, row, later(1h));
    }
    QVERIFY(!after.responder.pollStore());
    QCOMPARE(after.responder.records().size(), size_t(2));
    QCOMPARE(after.responder.records().putBy(kAsker), size_t(2));
    QCOMPARE(after.ask(MessageType::GetValue, put.key).record->value, put.record->value);
    QCOMPARE(after.ask(MessageType::GetValue, put.key).record->timeReceived, rfc3339(at(0s).wall));
    QCOMPARE(after.ask(MessageType::GetProviders, {1, 2}).providerPeers.at(0).addresses, std::vector{farAddress(9)});
    // Their time goes on from when they came.
    after.responder.expire(later(48h - 1s));
    QCOMPARE(after.responder.records().size() + after.responder.providers().size(), size_t(3));
    after.responder.expire(later(48h));
    QCOMPARE(after.responder.records().size() + after.responder.providers().size(), size_t(0));
}

void ResponderTest::whatHasExpiredOrIsForgedGoesFromTheStore() {
    Server before(kIpfs, false, 1, kRows);
    QVERIFY(before.responder.answer(kAsker, pkPut(1), at(0s)));
    QVERIFY(before.responder.answer(kAsker, provide({1, 2}), at(0s)));
    const auto rows = stored(before);
    Server late(kIpfs, false, 1, kRows), forged(kIpfs, false, 1, kRows);
    for (const auto& [key, row] : rows) late.responder.restore(key, row, later(49h));
    for (const auto& [key, row] : rows) forged.responder.restore(key, Bytes(row.rbegin(), row.rend()), at(0s));
    Message lie = pkPut(1);
    lie.record = Record{lie.key, pkPut(2).record->value, rfc3339(at(0s).wall)};
    lie.providerPeers = {{kAsker, {}, Connection::NotConnected}};
    forged.responder.restore({9}, encodeMessage(lie), at(0s));
    for (Server* server : {&late, &forged}) {
        QCOMPARE(server->responder.records().size() + server->responder.providers().size(), size_t(0));
        QCOMPARE(stored(*server, rows).size(), size_t(0));
    }
}

void ResponderTest::whoGivesWayUnderAKeyGoesFromTheStore() {
    Server server(kOwn, true, 1, kRows);
    const Key key = Key::of(asBytes("k"));
    for (uint8_t i = 1; i <= kMaxPublishersPerKey + 2; ++i) {
        const SignedRecord record{key, {i}, i, at(0s).wall.seconds(), 3600};
        const Bytes envelope = sealRecord(identityOf(i), record);
        const Bytes value = withWork(envelope, findWork(envelope, kMinWorkBits, 0, 1 << 20).value());
        const Message put{MessageType::PutValue, toBytes(key.bits), Record{toBytes(key.bits), value, {}}, {}, {}, {}};
        QVERIFY(server.responder.answer(virtualPeer(i), put, at(0s)).value()->record);
    }
    QCOMPARE(stored(server).size(), kMaxPublishersPerKey);
}

void ResponderTest::whatHasExpiredIsNotStoredAnyMore() {
    Server server(kIpfs, false, 1, kRows);
    QVERIFY(server.responder.answer(kAsker, pkPut(1), at(0s)));
    const auto first = stored(server);
    QCOMPARE(first.size(), size_t(1));
    QVERIFY(server.responder.answer(kAsker, pkPut(2), later(48h)));
    const auto second = stored(server, first);
    QCOMPARE(second.size(), size_t(1));
    QVERIFY(second != first);
    QVERIFY(server.responder.answer(kAsker, pkPut(2), later(96h))); // once more, just when the first one has expired
    QCOMPARE(stored(server, second).size(), size_t(1));
    server.responder.expire(later(144h));
    QCOMPARE(stored(server, second).size(), size_t(0));
}

/// Whoever publishes comes back as soon as the server does, while it still reads.
void ResponderTest::whatWasPutBeforeItsRowWasReadStays() {
    Server before(kIpfs, false, 1, kRows), after(kIpfs, false, 1, kRows);
    QVERIFY(before.responder.answer(kAsker, pkPut(1), at(0s)));
    QVERIFY(before.responder.answer(kAsker, provide({1, 2}), at(0s)));
    const auto old = stored(before);
    QVERIFY(after.responder.answer(kAsker, pkPut(1), later(24h)));
    QVERIFY(after.responder.answer(kAsker, provide({1, 2}), later(24h)));
    const auto fresh = stored(after, old);
    for (const auto& rows : {old, fresh})
        for (const auto& [key, row] : rows) after.responder.restore(key, row, later(24h));
    QVERIFY(stored(after, fresh) == fresh);
    after.responder.expire(later(72h - 1s));
    QCOMPARE(after.responder.records().size() + after.responder.providers().size(), size_t(2));
}

void ResponderTest::aRowOfNoTimeAtAllIsNotKept() {
    Server server(kIpfs, false, 1, kRows);
    Message row = provide({1, 2});
    row.record = Record{row.key, {}, "0001-01-01T00:00:00Z"};
    server.responder.restore({9}, encodeMessage(row), at(0s));
    QCOMPARE(server.responder.providers().size(), size_t(0));
    QCOMPARE(stored(server, {{{9}, {}}}).size(), size_t(0));
}

void ResponderTest::whoPutsAllTheTimeWearsNoDisk() {
    Server server(kIpfs, false, 1, kRows);
    uint32_t said = 0;
    const auto say = [&](size_t count, Now now) {
        for (size_t i = 0; i < count; ++i, ++said) {
            const crypto::PeerId peer = virtualPeer(1'000 + said / kWriteBurst);
            Message word = provide({static_cast<uint8_t>(said >> 8), static_cast<uint8_t>(said)});
            word.providerPeers.front().peer = peer;
            QVERIFY(server.responder.answer(peer, word, now));
        }
    };
    say(kStoredBurst + 100, at(0s));
    QCOMPARE(stored(server).size(), size_t(kStoredBurst));
    say(100, later(1s));
    QCOMPARE(stored(server).size(), size_t(kStoredPerSecond));
    QCOMPARE(server.responder.providers().size(), size_t(kStoredBurst + 200));
}

void ResponderTest::whoIsToStoreNothingStoresNothing() {
    Server server(kIpfs, false);
    QVERIFY(server.responder.answer(kAsker, pkPut(1), at(0s)));
    QVERIFY(server.responder.answer(kAsker, provide({1, 2}), at(0s)));
    QVERIFY(!server.responder.pollStore());
}

QTEST_APPLESS_MAIN(ResponderTest)
#include "responder_test.moc"
