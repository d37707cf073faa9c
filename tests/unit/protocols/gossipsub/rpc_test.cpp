#include "codec/varint.h"
#include "crypto/peer_record.h"
#include "protocols/gossipsub/gossipsub_limits.h"
#include "protocols/gossipsub/rpc.h"
#include "unit/protocols/gossipsub/router_world.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gossipsub;
using namespace wherry::gossipsub::test;

namespace {
// Made with the libraries of js-libp2p, from the key whose seed is 32 times 1.
const std::string kAuthor = "0024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
const std::string kSigned =
    "6c69627032702d7075627375623a0a26" + kAuthor + "12077061796c6f61641a0800000000000000072205746f706963";
const std::string kSignature = "2cb1bfcac381b196533394cb283e0666b6219b6eb658f8fdb31b0ce9c9c0127a2d3c677b459999a8db0d24c"
                               "45c72e6fbb185443d402dc9a5bc05d3dc74b3d100";
const std::string kNoKey = "0a26" + kAuthor + "12077061796c6f61641a0800000000000000072205746f7069632a40" + kSignature;
const std::string kWithKey = kNoKey + "3224080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
const std::string kControl = "0a0a0a05746f70696312016112030a01621a070a05746f70696322ea010a05746f70696312de010a260024080"
                             "112208139770ea87d175f56a35466c34c7e"
                             "cccb8d8a91b4ee37a25df60f5b8fc9b39412b3010a24080112208a88e3dd7409f195fd52db2d3cba5d72ca670"
                             "9bf1d94121bf3748801b40f6f5c12020301"
                             "1a450a260024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c102a1"
                             "a0d0a0b047f00000191020fa1cd031a0a0a"
                             "08047f000001060fa12a4039e660b1835be8175a2c46c06379b78ce8b618c02b90995820d0c3a67ed0aec609e"
                             "612e6bf8ce5663c5a41bb8f871fe161285a0d"
                             "4dfaafd76ac2ab3a3d07fc00183c2a030a0163";
const std::string kRpc = "0a0908011205746f70696312aa01" + kWithKey + "1a8c02" + kControl;

crypto::Identity ones() {
    std::array<uint8_t, 32> seed{};
    seed.fill(1);
    return crypto::Identity::fromSeed(seed);
}
Message theMessage() {
    Message message;
    message.data = toBytes(asBytes("payload"));
    message.topic = "topic";
    signMessage(message, ones(), 7);
    return message;
}
/// A field of bytes.
Bytes field(uint8_t number, ByteView content) {
    Bytes out{static_cast<uint8_t>(number << 3 | 2)};
    codec::appendVarint(out, content.size());
    append(out, content);
    return out;
}
Bytes repeated(size_t count, const Bytes& what) {
    Bytes out;
    for (size_t i = 0; i < count; ++i) append(out, what);
    return out;
}
Bytes control(const Bytes& entries) {
    return field(3, entries);
}
} // namespace

class RpcTest : public QObject {
    Q_OBJECT
  private slots:
    void aMessageIsWhatJsMakes();
    void bothFormsOfAMessageIdAreWhatJsMakes();
    void anRpcOfJsWithEveryControlIsRead();
    void whatIsWrittenIsReadAgain();
    void theFrameOfAMessageIsThatOfAnRpcWithIt();
    void aSignatureHoldsForItsMessageOnly();
    void theKeyMustBeTheAuthors();
    void whatIsMissingIsMalformed();
    void aBackoffMayBeAnyNumber();
    void itemsAreBounded();
    void idsAreBounded();
    void idsAndTopicsThatAreTooLongAreLeftOut();
    void exchangedPeersAreBounded();
    void tooManyBytesAreRefused();
};

void RpcTest::aMessageIsWhatJsMakes() {
    const Message message = theMessage();
    QCOMPARE(toHex(signedText(message)), kSigned);
    QCOMPARE(toHex(encodeGossip(message)), kNoKey);
    const auto withKey = decodeGossip(fromHex(kWithKey));
    QVERIFY(withKey && withKey->key && authorKey(*withKey));
    QVERIFY(verifySignature(*authorKey(*withKey), signedText(*withKey), *withKey->signature));
    QCOMPARE(toHex(encodeGossip(*withKey)), kWithKey);
}

void RpcTest::bothFormsOfAMessageIdAreWhatJsMakes() {
    const std::string key = kAuthor.substr(4);
    for (const std::string& form : {kNoKey, kWithKey}) {
        const Message message = decodeGossip(fromHex(form)).value();
        QCOMPARE(toHex(idFromAuthor(message)), kAuthor + "0000000000000007");
        QCOMPARE(toHex(idFromKey(message)), key + "0000000000000007");
    }
    QCOMPARE(idFromContent(theMessage()).size(), size_t(32));
}

void RpcTest::anRpcOfJsWithEveryControlIsRead() {
    const auto rpc = decodeRpc(fromHex(kRpc));
    QVERIFY(rpc);
    QCOMPARE(rpc->subscriptions, (std::vector<Subscription>{{"topic", true}}));
    QCOMPARE(rpc->messages.size(), size_t(1));
    QCOMPARE(rpc->ihave, (std::vector<IHave>{{"topic", {{'a'}}}}));
    QCOMPARE(rpc->iwant, (std::vector<MessageId>{{'b'}}));
    QCOMPARE(rpc->graft, std::vector<std::string>{"topic"});
    QCOMPARE(rpc->dontWant, (std::vector<MessageId>{{'c'}}));
    QCOMPARE(rpc->prune.size(), size_t(1));
    QCOMPARE(rpc->prune[0].backoffSeconds, std::optional<uint64_t>(60));
    QCOMPARE(rpc->prune[0].peers.size(), size_t(1));
    const auto record = crypto::openPeerRecord(rpc->prune[0].peers[0].record);
    QVERIFY(record && record->addresses.size() == 2);
    QCOMPARE(toHex(encodeRpc(*rpc)), kRpc);
}

void RpcTest::whatIsWrittenIsReadAgain() {
    Rpc rpc;
    rpc.subscriptions = {{"a", true}, {"b", false}};
    rpc.messages = {theMessage(), theMessage()};
    rpc.ihave = {{"a", {{1}, {2, 3}}}};
    rpc.iwant = {{4}, {5}};
    rpc.graft = {"a", "b"};
    rpc.prune = {{"c", {{ones().peerId(), {1, 2, 3}}}, 10}, {"d", {}, std::nullopt}};
    rpc.dontWant = {{6}};
    QCOMPARE(decodeRpc(encodeRpc(rpc)).value(), rpc);
    QCOMPARE(decodeRpc({}).value(), Rpc());
    QVERIFY(encodeRpc({}).empty());
}

void RpcTest::theFrameOfAMessageIsThatOfAnRpcWithIt() {
    Rpc rpc;
    rpc.messages = {theMessage()};
    const Slices whole = rpcFrame(rpc), parts = messageFrame(Slice::copyOf(encodeGossip(theMessage())));
    Bytes a(totalLength(whole)), b(totalLength(parts));
    copyTo(whole, a);
    copyTo(parts, b);
    QCOMPARE(a, b);
}

void RpcTest::aSignatureHoldsForItsMessageOnly() {
    const auto holds = [](const Message& message) {
        const auto key = authorKey(message);
        return key && verifySignature(*key, signedText(message), *message.signature);
    };
    QVERIFY(holds(theMessage()));
    Message changed = theMessage();
    changed.data->back() ^= 1;
    QVERIFY(!holds(changed));
    changed = theMessage();
    changed.topic = "another";
    QVERIFY(!holds(changed));
    changed = theMessage();
    changed.seqno->back() ^= 1;
    QVERIFY(!holds(changed));
    changed = theMessage();
    changed.from = toBytes(identityOf(2).peerId().multihash());
    QVERIFY(!holds(changed));
}

void RpcTest::theKeyMustBeTheAuthors() {
    Message forged = theMessage();
    forged.from = toBytes(identityOf(2).peerId().multihash());
    forged.key = crypto::PublicKey::ofEd25519(ones().publicKey()).encode();
    QCOMPARE(authorKey(forged).error().code, Errc::VerificationFailed);
}

void RpcTest::whatIsMissingIsMalformed() {
    for (auto member : {&Message::from, &Message::seqno, &Message::signature}) {
        Message message = theMessage();
        (message.*member).reset();
        QCOMPARE(authorKey(message).error().code, Errc::Malformed);
    }
    Message message = theMessage();
    message.seqno->push_back(0);
    QCOMPARE(authorKey(message).error().code, Errc::Malformed);
    message = theMessage();
    message.from = Bytes{0x12, 0x20};
    QCOMPARE(authorKey(message).error().code, Errc::Malformed);
    Bytes sha = {0x12, 0x20};
    sha.resize(34);
    message.from = sha; // a hash of a key that is not there
    QCOMPARE(authorKey(message).error().code, Errc::Malformed);
}

void RpcTest::aBackoffMayBeAnyNumber() {
    Rpc rpc;
    rpc.prune = {{"a", {}, UINT64_MAX}};
    QCOMPARE(decodeRpc(encodeRpc(rpc)).value().prune[0].backoffSeconds, std::optional(UINT64_MAX));
}

void RpcTest::itemsAreBounded() {
    const Bytes one = field(1, {});
    QVERIFY(decodeRpc(repeated(kMaxRpcItems, one)));
    QCOMPARE(decodeRpc(repeated(kMaxRpcItems + 1, one)).error().code, Errc::TooLarge);
    for (const uint8_t number : {1, 2, 3, 4, 5}) {
        const Bytes entry = field(number, {});
        QVERIFY(decodeRpc(control(repeated(kMaxControlItems, entry))));
        QCOMPARE(decodeRpc(control(repeated(kMaxControlItems + 1, entry))).error().code, Errc::TooLarge);
    }
}

void RpcTest::idsAreBounded() {
    const Bytes id = field(1, Bytes{1});
    QVERIFY(decodeRpc(control(field(2, repeated(kMaxIdsPerItem, id)))));
    QCOMPARE(decodeRpc(control(field(2, repeated(kMaxIdsPerItem + 1, id)))).error().code, Errc::TooLarge);
    const Bytes full = field(2, repeated(kMaxIdsPerItem, id));
    QVERIFY(decodeRpc(control(repeated(kMaxIdsPerRpc / kMaxIdsPerItem, full))));
    Bytes more = repeated(kMaxIdsPerRpc / kMaxIdsPerItem, full);
    append(more, field(5, id));
    QCOMPARE(decodeRpc(control(more)).error().code, Errc::TooLarge);
}

void RpcTest::idsAndTopicsThatAreTooLongAreLeftOut() {
    Rpc rpc;
    rpc.subscriptions = {
        {std::string(kMaxTopicBytes, 't'), true}, {std::string(kMaxTopicBytes + 1, 't'), true}, {"", true}};
    rpc.graft = {std::string(kMaxTopicBytes + 1, 't')};
    rpc.prune = {{std::string(kMaxTopicBytes + 1, 't'), {}, 1}};
    rpc.iwant = {Bytes(kMaxMessageIdBytes, 1), Bytes(kMaxMessageIdBytes + 1, 1), {}};
    const auto read = decodeRpc(encodeRpc(rpc)).value();
    QCOMPARE(read.subscriptions.size(), size_t(1));
    QCOMPARE(read.iwant.size(), size_t(1));
    QVERIFY(read.graft.empty() && read.prune.empty());
    Message message = theMessage();
    message.topic = std::string(kMaxTopicBytes + 1, 't');
    rpc = {};
    rpc.messages = {message};
    QVERIFY(!decodeRpc(encodeRpc(rpc)));
}

void RpcTest::exchangedPeersAreBounded() {
    Rpc rpc;
    for (int topic = 0; topic < 3; ++topic) {
        Prune prune{std::to_string(topic), {}, 1};
        for (uint32_t i = 0; i < kMaxExchangedPeers + 1; ++i) prune.peers.push_back({identityOf(i).peerId(), {1}});
        rpc.prune.push_back(prune);
    }
    const auto read = decodeRpc(encodeRpc(rpc)).value();
    QCOMPARE(read.prune[0].peers.size(), kMaxExchangedPeers);
    QCOMPARE(read.prune[1].peers.size(), kMaxExchangedPeers);
    QCOMPARE(read.prune[2].peers.size(), size_t(0));
    rpc.prune = {
        {"a",
         {{identityOf(1).peerId(), Bytes(kMaxRecordBytes, 1)}, {identityOf(2).peerId(), Bytes(kMaxRecordBytes + 1, 1)}},
         1}};
    QCOMPARE(decodeRpc(encodeRpc(rpc)).value().prune[0].peers.size(), size_t(1));
}

void RpcTest::tooManyBytesAreRefused() {
    Message message = theMessage();
    const size_t overhead = encodeGossip(message).size() + 16;
    message.data = Bytes(kMaxRpcBytes - overhead);
    Rpc rpc;
    rpc.messages = {message};
    QVERIFY(decodeRpc(encodeRpc(rpc)));
    message.data = Bytes(kMaxRpcBytes);
    rpc.messages = {message};
    QCOMPARE(decodeRpc(encodeRpc(rpc)).error().code, Errc::TooLarge);
}

QTEST_APPLESS_MAIN(RpcTest)
#include "rpc_test.moc"
