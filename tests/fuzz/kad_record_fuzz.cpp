#include "base/assert.h"
#include "kad/ipns_record.h"
#include "kad/responder.h"
#include "kad/signed_record.h"
#include "kad/stored_row.h"
#include "kad/validator.h"

using namespace wherry;
using namespace wherry::kad;

/// Whatever is put, what passes is within the bounds; and each network refuses what is not signed or not its key.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Now now{Instant{}, UnixTime::fromSeconds(1'800'000'000)};
    const Record own{Bytes(32), Bytes(data, data + size), {}};
    if (const auto valid = OwnValidator().validate(own, 0, now)) {
        ASSERT(valid->version <= highestVersion(now) && !valid->publisher.empty());
        ASSERT(valid->expires > now.wall);
    }
    const size_t cut = size > 0 ? data[0] % size : 0;
    const Record ipfs{Bytes(data, data + cut), Bytes(data + cut, data + size), {}};
    if (const auto valid = IpfsValidator().validate(ipfs, 0, now)) ASSERT(valid->expires > now.wall);
    static const auto kName =
        crypto::PeerId::parse("k51qzi5uqu5dit2ku9mutlfgwyz8u730on38kd10m97m36bjt66my99hb6103f").value();
    if (const auto opened = openIpnsRecord({data, size}, kName, now)) ASSERT(opened->validity > now.wall);
    // A row of a run before is believed no more than a peer; what is not kept goes.
    static const IpfsValidator kValidator;
    static const RoutingTable kTable(kName);
    Responder server({&kValidator, false, kIpfsProviderTtl, kMinWorkBits, rowPrefix("/x")}, kTable, {});
    server.restore({1}, Bytes(data, data + size), now);
    const size_t kept = server.records().size() + server.providers().size();
    ASSERT(kept + (server.pollStore() ? 1 : 0) == 1);
    return 0;
}
