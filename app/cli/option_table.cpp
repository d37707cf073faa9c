#include "cli/option_table.h"

#include "api/dht_key.h"
#include "cli/quantity.h"

#include <algorithm>
#include <limits>

namespace wherry::cli {

namespace {

using api::Errc;
using api::makeError;
using api::Result;

constexpr size_t kAnyNumber = std::numeric_limits<size_t>::max();
/// A week: longer waits are better left to a scheduler.
constexpr uint64_t kMaxWaitSeconds = 7 * 24 * 3600;
/// Ten years: what lasts longer is meant to last until it is revoked.
constexpr uint64_t kMaxShareSeconds = uint64_t(3650) * 24 * 3600;
/// As many as the history holds.
constexpr uint64_t kMaxHistory = 10'000;
constexpr uint64_t kMaxPings = 1'000'000;
/// 1 PB: more than a link carries in a day.
constexpr uint64_t kMaxPerfBytes = 1'000'000'000'000'000;

constexpr CommandSpec kCommands[] = {
    {CommandName::Send, "send", "TARGET PATH...", "send files and folders to another device",
     "Offers the files and folders to the device at TARGET and, once the other side accepts, sends them straight "
     "there, encrypted. "
     "It says \"delivered\" only after the receiver has checked every byte on its own disk.\n\n"
     "TARGET is, on the same network, the name of the other device: your own for it (`wherry peers alias`), or what it "
     "calls itself. From anywhere it is the address that `wherry receive` prints there. That ends in /p2p/ID: the ID "
     "is "
     "the other device's key, and nothing is sent to anybody who cannot prove it.\n\n"
     "If it is interrupted, by Ctrl+C, a crash or a lost network, the same command again continues where it "
     "stopped.\n\n"
     "While a wherry runs with this home it sends a few things at once (the setting transfers.max_parallel_sends); "
     "what "
     "comes then waits for its turn, by --priority and then the oldest first.",
     "  wherry send laptop holiday.jpg\n"
     "  wherry send /ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3Koo... holiday.jpg\n"
     "  wherry send ADDRESS Documents Music/album\n"
     "  wherry send --wait 600 ADDRESS big.iso     keep trying for ten minutes\n",
     2, kAnyNumber},
    {CommandName::Receive, "receive", "", "wait for files and put them into a folder",
     "Prints the address that the sender needs and waits. Each offer is shown with all its names before anything is "
     "written; what you accept "
     "lands below the chosen folder and nowhere else. Files appear under their final name only when they are complete "
     "and checked.",
     "  wherry receive                           ask each time, into this folder\n"
     "  wherry receive --out ~/Downloads --once  end after one transfer\n"
     "  wherry receive --out inbox --accept all  take everything, from anybody\n",
     0, 0},
    {CommandName::Share, "share", "PATH...", "make a ticket that others can fetch files with",
     "Prints a ticket, a line of text and a QR code, and serves it. Whoever has the ticket fetches the files and "
     "folders "
     "with `wherry get`: straight from this device, encrypted, as often as they like and several at once. Hand it only "
     "to those who may have them.\n\n"
     "When a wherry runs already it serves the ticket and the command ends; else it serves until Ctrl+C. `wherry "
     "shares` "
     "lists what is shared and revokes it. It ends, with exit code 0, also when the time of --expires is over (whoever "
     "fetches then may finish) or when somebody revokes the ticket from another shell.",
     "  wherry share holiday/\n"
     "  wherry share --once --expires 1h secret.pdf\n",
     1, kAnyNumber},
    {CommandName::Get, "get", "TICKET", "fetch what a ticket names",
     "Fetches the files and folders behind a ticket of `wherry share` into a folder. TICKET may be the text, in one "
     "piece "
     "or wrapped over lines, the content of a QR code, or a URL that holds it; quote it when it has blanks.\n\n"
     "If it is interrupted, or paused and its program ends, the same command again continues where it stopped.",
     "  wherry get wherry:baareja...\n"
     "  wherry get --out ~/Downloads \"$(cat ticket.txt)\"\n",
     1, 1},
    {CommandName::Shares, "shares", "[list | revoke ID]", "list or revoke what is shared by ticket",
     "Lists the tickets of this device with their ids, or makes one of them good for nothing; whoever is fetching at "
     "that moment is cut off.",
     "  wherry shares\n"
     "  wherry shares revoke 3fa94c01\n",
     0, 2},
    {CommandName::Id, "id", "", "show the names of this device's key",
     "Every device has one key, made the first time Wherry runs. Other devices know it by these names: the peer id "
     "(libp2p), the I6P id and the "
     "registry key, which has a checksum against typing errors.",
     "  wherry id\n"
     "  wherry id --json\n",
     0, 0},
    {CommandName::Text, "text", "TARGET TEXT", "send a text to another device",
     "Sends up to 64 KiB of plain text. It says \"sent\" only after the other device has stored it. The other side "
     "takes "
     "texts while it runs `wherry receive`.",
     "  wherry text laptop 'back in five minutes'\n"
     "  wherry text --wait 600 ADDRESS \"$(cat note.txt)\"\n",
     2, 2},
    {CommandName::Peers, "peers", "[list | trust|untrust|block|unblock PEER | alias PEER [NAME]]",
     "list the devices that are known, and decide about them",
     "Lists every device that has proved its key to this one: your own name for it, what it calls itself, whether it "
     "is "
     "there. Those on the same network that run Wherry are found by themselves; when no wherry runs here, that takes "
     "two "
     "seconds.\n\n"
     "PEER is the device's id or your own name for it, never what it calls itself: anybody can take a name. `trust` "
     "lets "
     "`wherry receive --accept trusted` take its files without asking; `block` keeps it away altogether; `alias` gives "
     "it "
     "a name of yours, which every command takes as TARGET; without NAME it takes that away.",
     "  wherry peers\n"
     "  wherry peers alias 12D3Koo... laptop\n"
     "  wherry peers trust laptop\n",
     0, 3},
    {CommandName::Ping, "ping", "TARGET", "measure the round-trip time to a device",
     "Sends small messages to the device and measures how long the answers take.",
     "  wherry ping /ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3Koo...\n"
     "  wherry ping -n 100 --json ADDRESS\n",
     1, 1},
    {CommandName::Perf, "perf", "TARGET", "measure the throughput to a device that runs `wherry node --perf`",
     "Moves bytes that mean nothing as fast as the path allows and says how fast that was. The other side must allow "
     "it with "
     "`wherry node --perf`. Without --upload and --download it moves 256 MiB each way.",
     "  wherry perf ADDRESS\n"
     "  wherry perf ADDRESS --upload 1GiB\n",
     1, 1},
    {CommandName::Dht, "dht", "get|put|provide|providers|peer|closest KEY [VALUE]",
     "look things up in a distributed hash table, or leave them there",
     "A distributed hash table is kept by many devices together: whoever serves it (`wherry node --role server`) answers "
     "everybody. This command joins it as a client through --bootstrap, the setting dht.bootstrap, or servers on this "
     "network.\n\n"
     "`peer ID` says where a device is. `closest KEY` names the servers next to a key. `provide KEY` says that this device "
     "has something (a CID, or any text), `providers KEY` who has said so. `put KEY VALUE` leaves up to 9 KiB for an hour, "
     "signed with this device's key and paid for with some work of its processor; `get KEY` fetches that, and says who "
     "has signed it. Everybody may put under every key, and `get KEY` names the newest; `get KEY --by ID` asks for what "
     "the device with that id has put under it, which nobody else can replace or crowd out.\n\n"
     "What is put and provided is told again while a wherry runs with this home; without one it is left once. With "
     "--protocol /ipfs/kad/1.0.0 the public network of libp2p is asked, whose values have namespaces (/pk/ID, a public "
     "key; /ipns/ID, the record that this key has signed); values of others are refused. What nobody "
     "knows has exit code 4.",
     "  wherry dht peer 12D3Koo... --bootstrap ADDRESS\n"
     "  wherry dht put greeting 'hello everybody'\n"
     "  wherry dht get greeting --by 12D3Koo...\n"
     "  wherry dht providers bafkrei... --protocol /ipfs/kad/1.0.0\n",
     2, 3},
    {CommandName::Pubsub, "pubsub", "sub TOPIC | pub TOPIC TEXT", "say something to everybody who listens to a topic",
     "A topic is a name that many devices agree on: what one publishes there reaches all who have subscribed to it, passed "
     "on from one to the next (libp2p gossipsub). It goes over the devices that --bootstrap or the setting dht.bootstrap "
     "name, those on this network, and whom these know. A device that does not listen passes nothing of it on.\n\n"
     "`sub` prints each message, with the key that has signed it, until Ctrl+C. Anybody may publish: look at who it is "
     "from. `pub` ends once the message has left to one device that listens, and with exit code 4 when there was none "
     "within --wait. A message has up to 64 KiB; it is not kept for those who come later, and it is no secret.",
     "  wherry pubsub sub weather\n"
     "  wherry pubsub pub weather 'it rains' --bootstrap ADDRESS\n",
     2, 3},
    {CommandName::Node, "node", "", "run a peer that answers pings until it is stopped",
     "Runs until Ctrl+C or a termination signal. It takes no files; `wherry receive` does that.\n\n"
     "SIGHUP has the settings read again (not on Windows): what can change while it runs does, what takes a restart is "
     "named, and a file with a mistake changes nothing. The certificate files are read again as well, so that a renewed "
     "one takes no new start. `wherry receive` does the same.\n\n"
     "With --role server it serves distributed hash tables for others: our own and the public one of libp2p, or those "
     "that --kad-protocol names.",
     "  wherry node --listen /ip4/0.0.0.0/udp/4001/quic-v1\n"
     "  wherry node --role server --bootstrap ADDRESS\n"
     "  wherry node --relay --dial-back\n"
     "  wherry node --perf --json\n",
     0, 0},
    {CommandName::Status, "status", "", "show what the wherry that runs is doing",
     "Asks the wherry that runs with this home, be it `wherry node` or any other command: since when, its addresses, "
     "whether it takes files, whom it is connected to. Exit code 4 when none runs.",
     "  wherry status\n"
     "  wherry status --json\n",
     0, 0},
    {CommandName::Transfers, "transfers", "[pause|resume|cancel|priority|retry N | history]",
     "list, pause or cancel transfers; their history",
     "Lists the transfers of the wherry that runs with this home, whichever command has begun them. `pause` stops the "
     "content of one, in either direction, until `resume`; the other side is told. It holds while the network or the "
     "other side is away; what comes in stays paused, and in the list, when either program ends and starts again, up "
     "to three months. When both sides have paused it, it goes on once both have resumed. `cancel` ends one; a "
     "command that waits for it ends with exit code 130. What was verified is kept.\n\n"
     "Of what is accepted, so much comes at once as the setting transfers.max_parallel_receives says; the rest is "
     "queued. `priority N low|normal|high` says which of those that wait for their turn "
     "(queued) to be sent goes first; none "
     "that "
     "runs stops for it. Exit code 4 when none runs.\n\n"
     "`history` shows the transfers that have ended, both directions, the newest first, and offers "
     "that went before anybody had answered them (unanswered; the newest 64, 8 of one device); it needs no wherry that "
     "runs. "
     "`retry` has the wherry that runs send again what such a transfer has not delivered.",
     "  wherry transfers\n"
     "  wherry transfers pause 7\n"
     "  wherry transfers priority 9 high\n"
     "  wherry transfers history --limit 100\n",
     0, 3},
};

constexpr CommandName kDialling[] = {CommandName::Send, CommandName::Text, CommandName::Get, CommandName::Ping,
                                     CommandName::Perf, CommandName::Dht, CommandName::Pubsub};
constexpr CommandName kReceiveOnly[] = {CommandName::Receive};
constexpr CommandName kTaking[] = {CommandName::Receive, CommandName::Get};
constexpr CommandName kOnce[] = {CommandName::Receive, CommandName::Share};
constexpr CommandName kShareOnly[] = {CommandName::Share};
constexpr CommandName kSendOnly[] = {CommandName::Send};
constexpr CommandName kTransfersOnly[] = {CommandName::Transfers};
constexpr CommandName kPingOnly[] = {CommandName::Ping};
constexpr CommandName kPerfOnly[] = {CommandName::Perf};
constexpr CommandName kNodeOnly[] = {CommandName::Node};
constexpr CommandName kDhtOnly[] = {CommandName::Dht};
constexpr CommandName kBase64[] = {CommandName::Dht, CommandName::Pubsub};
/// Most servers to meet first, as the setting has it.
constexpr size_t kMaxBootstrap = 32;
/// Most relays, likewise.
constexpr size_t kMaxRelays = 8;

/// RELAYADDR/p2p/RELAY/p2p-circuit
Result<void> addRelay(Arguments& arguments, const api::Multiaddr& circuit) {
    const auto relay = circuit.circuitRelay();
    if (!relay || circuit.peerMultihash())
        return makeError(Errc::InvalidArgument, "wanted is the address of a relay, /p2p/ID and /p2p-circuit");
    if (arguments.relays.size() >= kMaxRelays)
        return makeError(Errc::InvalidArgument, "at most " + std::to_string(kMaxRelays) + " relays");
    arguments.relays.push_back(*relay);
    return {};
}

Result<void> setListen(Arguments& arguments, std::string_view value) {
    auto address = api::Multiaddr::parse(value);
    if (!address) return makeError(Errc::InvalidArgument, "not a valid address: " + address.error().context);
    if (address->isCircuit()) return addRelay(arguments, *address);
    if (!address->transportAddress())
        return makeError(
            Errc::InvalidArgument,
            "cannot listen there; wanted is /ip4/ADDRESS/udp/PORT/quic-v1, /ip4/ADDRESS/tcp/PORT, "
            "/ip4/ADDRESS/tcp/PORT/ws or /ip4/ADDRESS/tcp/PORT/tls/ws (or /ip6/...)");
    if (address->peerMultihash())
        return makeError(Errc::InvalidArgument, "an address to listen at does not carry /p2p/ID");
    arguments.listen.push_back(*address);
    return {};
}

Result<void> setLogLevel(Arguments& arguments, std::string_view value) {
    for (const auto level : {api::LogLevel::Trace, api::LogLevel::Debug, api::LogLevel::Info, api::LogLevel::Warning,
                             api::LogLevel::Error, api::LogLevel::Off}) {
        if (value != api::logLevelName(level)) continue;
        arguments.logLevel = level;
        return {};
    }
    return makeError(Errc::InvalidArgument, "wanted is trace, debug, info, warning, error or off");
}

Result<void> setHome(Arguments& arguments, std::string_view value) {
    if (value.empty()) return makeError(Errc::InvalidArgument, "it needs the name of a folder");
    arguments.home = value;
    return {};
}

Result<void> setConfig(Arguments& arguments, std::string_view value) {
    if (value.empty()) return makeError(Errc::InvalidArgument, "it needs the name of a file");
    arguments.configFile = value;
    return {};
}

/// Checked here, so that a mistake is one of the command line; it counts once the file has been read.
Result<void> addAssignment(Arguments& arguments, std::string_view value) {
    api::LastingSettings scratch;
    if (auto checked = api::changeSetting(scratch, value); !checked) return checked;
    arguments.assignments.emplace_back(value);
    return {};
}

Result<void> setNoMdns(Arguments& arguments, std::string_view) {
    return addAssignment(arguments, "network.mdns=false");
}

Result<void> setRole(Arguments& arguments, std::string_view value) {
    if (value != "client" && value != "server") return makeError(Errc::InvalidArgument, "wanted is client or server");
    return addAssignment(arguments, value == "server" ? "dht.server=true" : "dht.server=false");
}

Result<void> setRelay(Arguments& arguments, std::string_view) {
    return addAssignment(arguments, "relay.serve=true");
}

Result<void> checkProtocol(std::string_view value) {
    if (api::isProtocolName(value)) return {};
    return makeError(Errc::InvalidArgument, "wanted is the id of a protocol, as in /wherry/kad/1.0.0");
}

Result<void> addKadProtocol(Arguments& arguments, std::string_view value) {
    TRY_OK(checkProtocol(value));
    arguments.kadProtocols.emplace_back(value);
    return {};
}

Result<void> setDhtProtocol(Arguments& arguments, std::string_view value) {
    TRY_OK(checkProtocol(value));
    arguments.dhtProtocol = value;
    return {};
}

Result<void> setDhtBy(Arguments& arguments, std::string_view value) {
    auto key = api::dhtKey(api::DhtAction::Peer, {}, value);
    if (!key) return makeError(Errc::InvalidArgument, key.error().context);
    TRY(arguments.dhtBy, api::PeerId::fromMultihash(*key));
    return {};
}

Result<void> addBootstrap(Arguments& arguments, std::string_view value) {
    auto address = api::Multiaddr::parse(value);
    if (!address) return makeError(Errc::InvalidArgument, "not a valid address: " + address.error().context);
    if (!address->peerMultihash()) return makeError(Errc::InvalidArgument, "the address must end in /p2p/ID");
    if (arguments.bootstrap.size() == kMaxBootstrap) return makeError(Errc::InvalidArgument, "at most 32 are taken");
    arguments.bootstrap.push_back(*address);
    return {};
}

Result<void> setOut(Arguments& arguments, std::string_view value) {
    if (value.empty()) return makeError(Errc::InvalidArgument, "it needs the name of a folder");
    arguments.out = value;
    return {};
}

Result<void> setAccept(Arguments& arguments, std::string_view value) {
    if (value == "ask")
        arguments.accept = api::Accept::Ask;
    else if (value == "all")
        arguments.accept = api::Accept::All;
    else if (value == "trusted")
        arguments.accept = api::Accept::Trusted;
    else
        return makeError(Errc::InvalidArgument, "wanted is ask, all or trusted");
    return {};
}

Result<void> setConflict(Arguments& arguments, std::string_view value) {
    if (value == "rename")
        arguments.conflict = api::Conflict::Rename;
    else if (value == "replace")
        arguments.conflict = api::Conflict::Replace;
    else if (value == "skip")
        arguments.conflict = api::Conflict::Skip;
    else if (value == "fail")
        arguments.conflict = api::Conflict::Fail;
    else
        return makeError(Errc::InvalidArgument, "wanted is rename, replace, skip or fail");
    return {};
}

Result<void> setWait(Arguments& arguments, std::string_view value) {
    const auto seconds = parseCount(value);
    if (!seconds || *seconds > kMaxWaitSeconds)
        return makeError(Errc::InvalidArgument, "wanted is a whole number of seconds, at most 604800");
    arguments.wait = std::chrono::seconds(*seconds);
    return {};
}

Result<void> setPriority(Arguments& arguments, std::string_view value) {
    const auto priority = api::priorityNamed(value);
    if (!priority) return makeError(Errc::InvalidArgument, "wanted is low, normal or high");
    arguments.priority = *priority;
    return {};
}

Result<void> setCount(Arguments& arguments, std::string_view value) {
    const auto count = parseCount(value);
    if (!count || *count == 0 || *count > kMaxPings)
        return makeError(Errc::InvalidArgument, "wanted is a whole number from 1 to 1000000");
    arguments.count = static_cast<uint32_t>(*count);
    return {};
}

Result<void> setLimit(Arguments& arguments, std::string_view value) {
    const auto count = parseCount(value);
    if (!count || *count == 0 || *count > kMaxHistory)
        return makeError(Errc::InvalidArgument, "wanted is a whole number from 1 to 10000");
    arguments.limit = static_cast<uint32_t>(*count);
    return {};
}

Result<uint64_t> perfBytes(std::string_view value) {
    const auto bytes = parseByteCount(value);
    if (!bytes || *bytes > kMaxPerfBytes)
        return makeError(Errc::InvalidArgument,
                         "wanted is a number of bytes, as in 5000000, 5MB or 64MiB; at most 1 PB");
    return *bytes;
}

Result<void> setUpload(Arguments& arguments, std::string_view value) {
    TRY(arguments.uploadBytes, perfBytes(value));
    arguments.uploadGiven = true;
    return {};
}

Result<void> setDownload(Arguments& arguments, std::string_view value) {
    TRY(arguments.downloadBytes, perfBytes(value));
    arguments.downloadGiven = true;
    return {};
}

Result<void> setExpires(Arguments& arguments, std::string_view value) {
    if (value == "never") {
        arguments.lifetime = {};
        return {};
    }
    const auto unit = value.empty()         ? 0
                      : value.back() == 's' ? 1
                      : value.back() == 'm' ? 60
                      : value.back() == 'h' ? 3600
                      : value.back() == 'd' ? 86400
                                            : 0;
    const auto count = unit ? parseCount(value.substr(0, value.size() - 1)) : std::nullopt;
    if (!count || *count == 0 || *count > kMaxShareSeconds / static_cast<uint64_t>(unit))
        return makeError(Errc::InvalidArgument, "wanted is a time as in 30m, 12h or 7d, at most 3650d, or never");
    arguments.lifetime = std::chrono::seconds(*count * static_cast<uint64_t>(unit));
    return {};
}

template <bool Arguments::*member> Result<void> setSwitch(Arguments& arguments, std::string_view) {
    arguments.*member = true;
    return {};
}

constexpr OptionSpec kOptions[] = {
    {"--wait", "SECONDS", "keep trying for so long when the other side is away (default 30; 0: one attempt)", kDialling,
     setWait},
    {"--priority", "low|normal|high", "which goes first when several wait for their turn (default normal)", kSendOnly,
     setPriority},
    {"--out", "DIR", "folder to put files into (default: the current one)", kTaking, setOut},
    {"--accept", "ask|all|trusted", "ask about each offer (default), take all, or only from trusted keys", kReceiveOnly,
     setAccept},
    {"--conflict", "rename|replace|skip|fail", "what to do when a name is taken (default rename: \"NAME (1)\")",
     kTaking, setConflict},
    {"--once", "", "end after one finished transfer", kOnce, setSwitch<&Arguments::once>},
    {"--expires", "TIME", "how long the ticket is good, as in 30m, 12h, 7d (default) or never", kShareOnly, setExpires},
    {"--limit", "N", "number of entries of the history (default 20)", kTransfersOnly, setLimit},
    {"-n", "N", "number of pings (default 5)", kPingOnly, setCount},
    {"--upload", "BYTES", "how much to send, as in 500MB or 1GiB", kPerfOnly, setUpload},
    {"--download", "BYTES", "how much to fetch, as in 500MB or 1GiB", kPerfOnly, setDownload},
    {"--perf", "", "let other devices measure the throughput to this one", kNodeOnly, setSwitch<&Arguments::servePerf>},
    {"--dial-back", "", "dial devices back that ask whether they can be reached from the internet (AutoNAT)", kNodeOnly,
     setSwitch<&Arguments::dialBack>},

    {"--relay", "",
     "be a relay: pass on, still encrypted, what others send to devices that cannot be reached directly (limits: "
     "settings relay.*)",
     kNodeOnly, setRelay},
    {"--role", "client|server", "serve distributed hash tables for others, or only use them (default client)",
     kNodeOnly, setRole},
    {"--kad-protocol", "ID",
     "distributed hash table to be part of; may be repeated (default: /wherry/kad/1.0.0 and /ipfs/kad/1.0.0)",
     kNodeOnly, addKadProtocol},
    {"--protocol", "ID", "which distributed hash table (default /wherry/kad/1.0.0)", kDhtOnly, setDhtProtocol},
    {"--base64", "", "VALUE or TEXT is Base64", kBase64, setSwitch<&Arguments::isBase64>},
    {"--by", "ID", "get what this device has put, whatever others have under the same key", kDhtOnly, setDhtBy},

    {"--config", "FILE", "settings to use instead of wherry.toml in the home", {}, setConfig},
    {"--set",
     "KEY=VALUE",
     "change one setting for this run, as in --set limits.upload=5MB/s (on private networks only together with --set "
     "limits.limit_lan=true); a list is A,B or as in TOML; may be repeated",
     {},
     addAssignment},
    {"--home", "DIR", "folder of this device's key and database (default: the system's place for data)", {}, setHome},
    {"--listen",
     "MULTIADDR",
     "address to listen at, as in /ip4/0.0.0.0/udp/4001/quic-v1, /ip4/0.0.0.0/tcp/4001 or /ip4/0.0.0.0/tcp/4001/ws, or "
     "RELAY/p2p-circuit: be reached through this relay too, an address that ends in /p2p/ID (with --json the event "
     "`addresses` says when it has granted that); may be repeated (default: all, by QUIC and TCP). QUIC is dialled only "
     "when it is also listened at",
     {},
     setListen},
    {"--bootstrap",
     "MULTIADDR",
     "server of a distributed hash table to meet first, ending in /p2p/ID; may be repeated",
     {},
     addBootstrap},
    {"--no-mdns", "", "neither look for devices on this network nor be found there", {}, setNoMdns},
    {"--json", "", "one JSON object a line on standard output, for programs", {}, setSwitch<&Arguments::json>},
    {"--quiet", "", "print results and errors only", {}, setSwitch<&Arguments::quiet>},
    {"--log-level",
     "LEVEL",
     "trace, debug, info, warning (default), error or off; logs go to standard error",
     {},
     setLogLevel},
    {"--version", "", "print the version", {}, setSwitch<&Arguments::version>},
    {"--help", "", "print this help", {}, setSwitch<&Arguments::help>},
};

constexpr std::string_view kPlannedCommands[] = {"keys",   "routes",  "doctor", "mcp",
                                                 "lookup", "publish", "revoke"};
constexpr std::string_view kPlannedOptions[] = {"--http"};

} // namespace

std::span<const CommandSpec> commandTable() {
    return kCommands;
}

std::span<const OptionSpec> optionTable() {
    return kOptions;
}

const CommandSpec* findCommand(std::string_view name) {
    const auto found = std::ranges::find(kCommands, name, &CommandSpec::name);
    return found == std::end(kCommands) ? nullptr : found;
}

const CommandSpec* findCommand(CommandName command) {
    const auto found = std::ranges::find(kCommands, command, &CommandSpec::command);
    return found == std::end(kCommands) ? nullptr : found;
}

const OptionSpec* findOption(std::string_view name) {
    const auto found = std::ranges::find(kOptions, name, &OptionSpec::name);
    return found == std::end(kOptions) ? nullptr : found;
}

bool belongsTo(const OptionSpec& option, CommandName command) {
    return option.commands.empty() || std::ranges::find(option.commands, command) != option.commands.end();
}

bool isPlannedCommand(std::string_view name) {
    return std::ranges::find(kPlannedCommands, name) != std::end(kPlannedCommands);
}

bool isPlannedOption(std::string_view name) {
    return std::ranges::find(kPlannedOptions, name) != std::end(kPlannedOptions);
}

} // namespace wherry::cli
