#include "api/target.h"
#include "cli/event_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace wherry;
using namespace wherry::cli;

namespace {

const std::string kPeerText = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

api::PeerId peer() {
    return *api::PeerId::parse(kPeerText);
}

template <typename Event> QJsonObject written(const Event& event) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(toJson(event).str())).object();
}

QStringList fieldsOf(const QJsonObject& object) {
    return object.keys(); // sorted
}

} // namespace

/// The field names are an interface: a test that breaks here breaks somebody's script.
class EventJsonTest : public QObject {
    Q_OBJECT

  private slots:
    void readyCarriesIdAndAddresses();
    void offersListTheirEntriesAndSayWhatIsLeftOut();
    void anOfferThatWaitsForAnAnswerListsEverything();
    void progressHasTheFieldsOfTheDocument();
    void deliveredHasTheFieldsOfTheDocument();
    void failuresCarryCodeMessageAndFile();
    void pathsHaveAKind();
    void theThreeNamesAreThere();
};

void EventJsonTest::readyCarriesIdAndAddresses() {
    const auto address = *api::Multiaddr::parse("/ip4/192.0.2.1/udp/4001/quic-v1/p2p/" + kPeerText);
    const auto object = written(api::Ready{peer(), {address}});
    QCOMPARE(object["event"].toString(), QString("ready"));
    QCOMPARE(object["peerId"].toString().toStdString(), kPeerText);
    QCOMPARE(object["listen"].toArray().at(0).toString().toStdString(), address.text());
}

void EventJsonTest::offersListTheirEntriesAndSayWhatIsLeftOut() {
    api::OfferMade offer;
    offer.incoming = true;
    offer.entries.resize(kMaxListedEntries);
    QCOMPARE(written(offer)["entriesOmitted"].toInt(), 0);
    offer.entries.push_back({"\x1b[31mlast", false, 5, "starts when you log in"});
    QCOMPARE(written(offer)["entries"].toArray().size(), qsizetype(kMaxListedEntries));
    QCOMPARE(written(offer)["entriesOmitted"].toInt(), 1);
    QVERIFY(!written(api::OfferMade{}).contains("entries"));
}

void EventJsonTest::anOfferThatWaitsForAnAnswerListsEverything() {
    api::OfferMade offer;
    offer.incoming = true;
    offer.needsAnswer = true;
    offer.entries.resize(kMaxListedEntries);
    offer.entries.push_back({".bashrc", false, 5, "runs when a shell starts"});
    const auto entries = written(offer)["entries"].toArray();
    QCOMPARE(entries.size(), qsizetype(kMaxListedEntries) + 1);
    const auto last = entries.last().toObject();
    QCOMPARE(fieldsOf(last), (QStringList{"path", "size", "type", "warning"}));
    QCOMPARE(last["warning"].toString(), QString("runs when a shell starts"));
    offer.place.folder = "/home/ben/Downloads";
    offer.freeBytes = 12'345;
    QCOMPARE(written(offer)["folder"].toString(), QString("/home/ben/Downloads"));
    QCOMPARE(written(offer)["freeBytes"].toInt(), 12'345);
    offer.taken = {{"a", api::NameFate::Renamed, "a (1)"}, {"b", api::NameFate::Skipped, ""}};
    offer.takenTotal = 2;
    const auto taken = written(offer)["taken"].toArray();
    QCOMPARE(written(offer)["takenTotal"].toInt(), 2);
    QCOMPARE(written(offer)["takenMayBeMore"].toBool(), false);
    QCOMPARE(taken[0].toObject()["fate"].toString(), QString("renamed"));
    QCOMPARE(taken[0].toObject()["landsAs"].toString(), QString("a (1)"));
    QCOMPARE(fieldsOf(taken[1].toObject()), (QStringList{"fate", "path"}));
}

void EventJsonTest::progressHasTheFieldsOfTheDocument() {
    api::TransferProgress progress;
    progress.figures.bytesTotal = 10;
    progress.figures.bytesVerified = 4;
    const auto object = written(progress);
    for (const char* field : {"transfer", "bytes", "bytesTotal", "files", "filesTotal", "rate", "eta"})
        QVERIFY2(object[QLatin1String(field)].isDouble(), field);
    QCOMPARE(object["bytes"].toInt(), 4);
}

void EventJsonTest::deliveredHasTheFieldsOfTheDocument() {
    api::TransferDelivered delivered;
    delivered.incoming = true;
    delivered.folder = "/d";
    delivered.names = {"IN (1)"};
    const auto object = written(delivered);
    for (const char* field :
         {"bytesSent", "bytesTotal", "filesSkipped", "chunksResent", "chunksCompressed", "filesBatched", "streamsUsed", "seconds"})
        QVERIFY2(object[QLatin1String(field)].isDouble(), field);
    QCOMPARE(object["names"].toArray().at(0).toString(), QString("IN (1)"));
}

void EventJsonTest::failuresCarryCodeMessageAndFile() {
    api::TransferFailed failed;
    failed.error = api::makeError(api::Errc::DiskFull, "writing");
    failed.file = "a/b";
    const auto object = written(failed);
    QCOMPARE(object["event"].toString(), QString("failed"));
    QCOMPARE(object["code"].toString(), QString("disk-full"));
    QCOMPARE(object["message"].toString(), QString("writing"));
    QCOMPARE(object["file"].toString(), QString("a/b"));
    QCOMPARE(fieldsOf(QJsonDocument::fromJson(QByteArray::fromStdString(failedJson("usage", "x").str())).object()),
             (QStringList{"code", "event", "file", "message"}));
}

void EventJsonTest::pathsHaveAKind() {
    const auto object =
        written(api::PathChanged{peer(), api::PathKind::Direct6, *api::Multiaddr::parse("/ip6/::1/udp/1/quic-v1")});
    QCOMPARE(object["kind"].toString(), QString("direct6"));
    QCOMPARE(object["address"].toString(), QString("/ip6/::1/udp/1/quic-v1"));
    QCOMPARE(object["reason"].toString(), QString("direct"));
    QVERIFY(!object.contains("relay"));
    api::PathChanged relayed{peer(), api::PathKind::Relayed, *api::Multiaddr::parse("/ip4/9.9.9.9/udp/1/quic-v1")};
    relayed.reason = api::PathReason::OnlyWay;
    relayed.relay = peer();
    QCOMPARE(written(relayed)["reason"].toString(), QString("only-way"));
    QCOMPARE(written(relayed)["why"].toString(), QString("no direct way has been found"));
    QCOMPARE(written(relayed)["relay"].toString(), QString::fromStdString(peer().text()));
}

void EventJsonTest::theThreeNamesAreThere() {
    const auto object = written(api::KeyNames{"a", "b", "c", "d"});
    QCOMPARE(fieldsOf(object), (QStringList{"i6pId", "peerId", "publicKey", "registryKey"}));
}

QTEST_APPLESS_MAIN(EventJsonTest)
#include "event_json_test.moc"
