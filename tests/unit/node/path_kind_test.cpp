#include "node/path_kind.h"
#include "support/test_node.h"

#include <QTest>
#include <set>

using namespace wherry;
using namespace wherry::test;
using node::PathKind;
using node::PathReason;

namespace {
codec::Multiaddr address(const char* text) {
    return codec::Multiaddr::parse(text).value();
}
swarm::PeerInfo over(const codec::Multiaddr& remote, swarm::PathReason reason = swarm::PathReason::OnlyWay) {
    return {identityOf(1).peerId(), link::LinkId{1}, link::Side::Dialer, {}, remote, reason};
}
} // namespace

class PathKindTest : public QObject {
    Q_OBJECT

  private slots:
    void the_address_tells_the_kind() {
        QCOMPARE(node::pathKind(address("/ip4/192.168.1.2/udp/1/quic-v1")), PathKind::Lan);
        QCOMPARE(node::pathKind(address("/ip4/9.9.9.9/tcp/1")), PathKind::Direct4);
        QCOMPARE(node::pathKind(address("/ip6/2620:fe::fe/udp/1/quic-v1")), PathKind::Direct6);
        QCOMPARE(node::pathKind(address("/ip4/9.9.9.9/udp/1/quic-v1"), true), PathKind::Punched);
        QCOMPARE(node::pathKind(address("/ip4/192.168.1.2/udp/1/quic-v1"), true), PathKind::Lan);
        QCOMPARE(node::pathKind(circuitOf(7)), PathKind::Relayed);
        QCOMPARE(node::pathKind(circuitOf(7).withPeer(identityOf(1).peerId().multihash())), PathKind::Relayed);
    }

    void a_relayed_path_names_its_relay() {
        const crypto::PeerId relay = identityOf(107).peerId();
        QCOMPARE(node::relayOf(circuitOf(7)), std::optional(relay));
        QCOMPARE(node::relayOf(circuitOf(7).withPeer(identityOf(1).peerId().multihash())), std::optional(relay));
        QVERIFY(!node::relayOf(addressOf(1).withPeer(relay.multihash())));
    }

    void the_reason_is_that_of_the_swarm_or_of_the_kind() {
        using Why = swarm::PathReason;
        QCOMPARE(node::pathReason(over(circuitOf(1)), false), PathReason::OnlyWay);
        QCOMPARE(node::pathReason(over(circuitOf(1), Why::RelayStandsIn), false), PathReason::DirectLost);
        QCOMPARE(node::pathReason(over(addressOf(1)), false), PathReason::SameNetwork);
        QCOMPARE(node::pathReason(over(address("/ip4/9.9.9.9/tcp/1")), false), PathReason::Direct);
        QCOMPARE(node::pathReason(over(address("/ip4/9.9.9.9/tcp/1")), true), PathReason::Punched);
        QCOMPARE(node::pathReason(over(address("/ip4/9.9.9.9/tcp/1"), Why::DirectOverRelay), true),
                 PathReason::DirectOverRelay);
        QCOMPARE(node::pathReason(over(addressOf(1), Why::AddressChanged), false), PathReason::AddressChanged);
    }

    void every_reason_has_a_code_of_its_own_and_words() {
        std::set<std::string_view> codes;
        for (int i = 0; i <= static_cast<int>(PathReason::AddressChanged); ++i) {
            codes.insert(node::pathReasonName(static_cast<PathReason>(i)));
            QVERIFY(!node::pathReasonText(static_cast<PathReason>(i)).empty());
        }
        QCOMPARE(codes.size(), size_t(10));
    }
};

QTEST_APPLESS_MAIN(PathKindTest)
#include "path_kind_test.moc"
