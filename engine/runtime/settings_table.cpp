#include "runtime/settings_table.h"

#include "base/closest_word.h"
#include "base/display_text.h"
#include "base/overloaded.h"
#include "base/utf8.h"
#include "peers/peers_limits.h"
#include "runtime/runtime_limits.h"
#include "runtime/setting_names.h"
#include "runtime/setting_text.h"
#include "runtime/settings_toml.h"

#include <QDir>
#include <QtGlobal>
#include <algorithm>

namespace wherry::runtime {

namespace {

constexpr uint64_t seconds(uint64_t count) {
    return count * 1'000'000'000;
}
constexpr uint64_t days(uint64_t count) {
    return seconds(count * 86'400);
}
/// One Block a minute and stream; less looks like a peer that has gone.
constexpr uint64_t kLeastRate = 256'000;
constexpr uint64_t kMostRate = 100'000'000'000;

constexpr SettingSpec kTable[] = {
    {"network.listen", &Settings::listen, 0, kMaxListenAddresses, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Addresses to listen at"),
     QT_TRANSLATE_NOOP("Settings", "Empty: every address of this device, by QUIC and TCP, at the port of last time "
                                   "or any free one.")},
    {"network.certificate", FolderMember{&Settings::webCertificate, true}, 0, kMaxFolderPath, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Certificate for browsers"),
     QT_TRANSLATE_NOOP("Settings",
                       "File with the certificate, and those that lead to its authority (PEM), that is shown at "
                       "addresses ending in /tls/ws, which browsers reach by wss. Empty: one for localhost, which is "
                       "made when this device alone reaches those addresses.")},
    {"network.certificate_key", FolderMember{&Settings::webCertificateKey, true}, 0, kMaxFolderPath, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Key of that certificate"),
     QT_TRANSLATE_NOOP("Settings", "File with the key of the certificate for browsers (PEM).")},
    {"network.trusted_certificates", FolderMember{&Settings::webTrusted, true}, 0, kMaxFolderPath, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Certificates that are believed"),
     QT_TRANSLATE_NOOP("Settings",
                       "File with certificates (PEM) that are believed when an address ending in /tls/ws is dialled. "
                       "Empty: those that the system believes. Who a peer is, its own key proves in any case.")},
    {"network.mdns", &Settings::mdns, 0, 0, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Find devices on this network"),
     QT_TRANSLATE_NOOP("Settings", "And be found there, without a server (multicast DNS).")},
    {"network.quiet", &Settings::quiet, 0, 0, Applies::Live, QT_TRANSLATE_NOOP("Settings", "Quiet mode"),
     QT_TRANSLATE_NOOP(
         "Settings", "No traffic in the background: this device serves no hash table, is no relay and looks for none, "
                     "asks nobody what is nearby or whether it can be reached, and tells nobody that it is here. It "
                     "still answers who looks for it on this network, and what you begin, and what others send you, "
                     "goes on as ever. Behind a router others reach it only through the relays that you have named.")},
    {"network.congestion", &Settings::congestion, 0, 0, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "How sending adapts to the path"),
     QT_TRANSLATE_NOOP("Settings", "BBR is far faster where packets get lost; CUBIC is what most servers use.")},

    {"dht.bootstrap", &Settings::bootstrap, 0, kMaxBootstrapAddresses, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "First servers to meet"),
     QT_TRANSLATE_NOOP("Settings",
                       "Servers of the distributed hash table that this device meets first, as addresses that end in "
                       "/p2p/ID. It finds devices by their key, wherever they are. Empty: none; those on this network "
                       "are found without.")},
    {"dht.server", &Settings::dhtServer, 0, 0, Applies::Restart, QT_TRANSLATE_NOOP("Settings", "Serve the hash table"),
     QT_TRANSLATE_NOOP(
         "Settings",
         "Answer others who look for devices and files in the distributed hash table, and keep a little for them. For "
         "devices that are always on and can be reached.")},
    {"dht.persist", &Settings::dhtPersist, 0, 0, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Keep over a restart what others leave here"),
     QT_TRANSLATE_NOOP("Settings",
                       "What a server of the hash table keeps for others is on the disk too, at most 48 hours "
                       "and a few dozen megabytes. Otherwise it is gone when the program ends.")},

    {"relay.servers", &Settings::relays, 0, kMaxRelaySettings, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Relays of this device"),
     QT_TRANSLATE_NOOP("Settings",
                       "Devices through which this one can be reached by others always, as addresses that end in "
                       "/p2p/ID. A relay sees who speaks with whom and how much, and nothing of what they say.")},
    {"relay.discover", &Settings::relayDiscover, 0, 0, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Use relays that are met"),
     QT_TRANSLATE_NOOP("Settings",
                       "While this device is not known to be reachable from the internet, up to two of the relays "
                       "that it meets are asked to pass on what others have for it.")},
    {"relay.serve", &Settings::relayServe, 0, 0, Applies::Restart, QT_TRANSLATE_NOOP("Settings", "Be a relay"),
     QT_TRANSLATE_NOOP("Settings",
                       "Pass on, still encrypted, what others send to devices that cannot be reached directly. For "
                       "devices that are always on and can be reached.")},
    {"relay.access", &Settings::relayAccess, 0, 0, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Who may use this relay"),
     QT_TRANSLATE_NOOP("Settings", "Everybody, or trusted devices alone, at both ends.")},
    {"relay.max_reservations", &Settings::relayReservations, 1, relay::kMaxReservations, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Devices that this relay serves"),
     QT_TRANSLATE_NOOP("Settings", "Devices that may be reached through this relay at the same time.")},
    {"relay.max_reservations_per_address", &Settings::relayReservationsPerAddress, 1, relay::kMaxReservations,
     Applies::Restart, QT_TRANSLATE_NOOP("Settings", "Devices from the same address"),
     QT_TRANSLATE_NOOP("Settings",
                       "How many of the devices that it serves may have one IPv4 address, or one IPv6 /64 network.")},
    {"relay.reservation_time", &Settings::relayReservationTime, seconds(60), days(1), Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "How long a device is served"),
     QT_TRANSLATE_NOOP("Settings", "After this time a device has to ask this relay again.")},
    {"relay.max_circuits", &Settings::relayCircuits, 1, relay::kMaxCircuits, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Connections through this relay"),
     QT_TRANSLATE_NOOP("Settings", "Connections that this relay carries at the same time.")},
    {"relay.max_circuits_per_device", &Settings::relayCircuitsPerDevice, 1, relay::kMaxCircuits, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Connections with the same device"),
     QT_TRANSLATE_NOOP("Settings",
                       "How many of the connections that it carries may have the same device at one of their ends.")},
    {"relay.max_circuit_mib", &Settings::relayCircuitMebibytes, relay::kMinCircuitMebibytes,
     relay::kMaxCircuitMebibytes, Applies::Restart, QT_TRANSLATE_NOOP("Settings", "What one connection may carry, MiB"),
     QT_TRANSLATE_NOOP("Settings",
                       "MiB in each direction. Then this relay ends the connection; a transfer goes on over the next "
                       "one.")},
    {"relay.max_circuit_time", &Settings::relayCircuitTime, seconds(60), days(7), Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "How long one connection may last"),
     QT_TRANSLATE_NOOP("Settings", "Then this relay ends the connection; a transfer goes on over the next one.")},

    {"limits.upload", &Settings::uploadLimit, kLeastRate, kMostRate, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Sending, altogether"),
     QT_TRANSLATE_NOOP("Settings",
                       "Most that is sent to all peers together; for those on private networks see limit_lan.")},
    {"limits.download", &Settings::downloadLimit, kLeastRate, kMostRate, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Receiving, altogether"),
     QT_TRANSLATE_NOOP("Settings",
                       "Most that is received from all peers together; for those on private networks see limit_lan.")},
    {"limits.upload_per_peer", &Settings::uploadLimitPerPeer, kLeastRate, kMostRate, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Sending to each device"),
     QT_TRANSLATE_NOOP("Settings", "Most that is sent to each peer; for those on private networks see limit_lan.")},
    {"limits.download_per_peer", &Settings::downloadLimitPerPeer, kLeastRate, kMostRate, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Receiving from each device"),
     QT_TRANSLATE_NOOP("Settings",
                       "Most that is received from each peer; for those on private networks see limit_lan.")},
    {"limits.metered", &Settings::meteredLimit, kLeastRate, kMostRate, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "On metered networks"),
     QT_TRANSLATE_NOOP("Settings",
                       "Most that is sent to, and most that is received from, all peers together while the system "
                       "says that the network is metered (mobile data), where the system can tell: Windows, "
                       "Android, and Linux with NetworkManager. For peers on private networks see limit_lan.")},
    {"limits.limit_lan", &Settings::limitLan, 0, 0, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Limits hold on private networks too"),
     QT_TRANSLATE_NOOP("Settings",
                       "Whether the limits above also hold for peers on this device and on private networks (127.x, "
                       "10.x, 192.168.x, fe80:, ...). While it is false they have no effect there.")},
    {"limits.max_connections", &Settings::maxConnections, 1, kMaxConnectionsSetting, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Most connections at a time"),
     QT_TRANSLATE_NOOP("Settings", "Connections to and from peers at the same time.")},
    {"limits.connection_timeout", &Settings::connectionTimeout, seconds(1), seconds(600), Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Time to reach a device"),
     QT_TRANSLATE_NOOP("Settings", "How long one attempt to reach a peer may take.")},

    {"profile.alias", &Settings::alias, 0, kMaxAlias, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Name of this device"),
     QT_TRANSLATE_NOOP("Settings", "What other people see. Empty: the name that the system has.")},

    {"profile.device", &Settings::device, 0, 0, Applies::Live, QT_TRANSLATE_NOOP("Settings", "Kind of this device"),
     QT_TRANSLATE_NOOP("Settings", "What other people see beside its name.")},
    {"profile.policy", &Settings::policy, 0, peers::kMaxPolicyBytes, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Note for others"),
     QT_TRANSLATE_NOOP("Settings",
                       "What other people read about who may use what this device offers. Only words: it allows and "
                       "forbids nothing.")},

    {"profile.presence", &Settings::presence, 0, 0, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Say when this device is here"),
     QT_TRANSLATE_NOOP("Settings",
                       "Every few minutes, and when it comes and goes, over the devices that it is connected to; and "
                       "show which of the devices that you know do the same. Anybody who listens learns that the "
                       "device with this key is on, and when; no address, no name, and not who else is known.")},

    {"transfers.max_parallel_sends", &Settings::parallelSends, 1, node::kMaxParallelSends, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Most transfers sent at a time"),
     QT_TRANSLATE_NOOP("Settings",
                       "Transfers that are sent at the same time, to all devices together and at most 12 of them to "
                       "each. The others wait for their turn: high priority first, then the oldest.")},

    {"transfers.max_parallel_receives", &Settings::parallelReceives, 1, node::kMaxParallelReceives, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Most transfers received at a time"),
     QT_TRANSLATE_NOOP("Settings",
                       "Accepted transfers whose content is received at the same time, from all devices together. "
                       "The others wait for their turn, and their senders are told: first that of the device with "
                       "the fewest turns, then the oldest.")},

    {"receive.out", FolderMember{&Settings::out}, 0, kMaxFolderPath, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Folder for received files"),
     QT_TRANSLATE_NOOP("Settings",
                       "Absolute or beginning with ~/. Empty: the folder that the program is started in; the window "
                       "takes the Downloads folder. A transfer under way stays where it has begun.")},
    {"receive.accept", &Settings::accept, 0, 0, Applies::Live, QT_TRANSLATE_NOOP("Settings", "Whose files are taken"),
     QT_TRANSLATE_NOOP("Settings",
                       "Ask about each offer, take all from everybody, or take those of trusted devices alone.")},
    {"receive.conflict", &Settings::conflict, 0, 0, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "When a name is taken"),
     QT_TRANSLATE_NOOP("Settings",
                       "Keep both, the new one as \"NAME (1)\"; replace what is there; skip what comes; or stop the "
                       "transfer.")},

    {"history.keep", &Settings::historyKeep, days(1), days(3650), Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Keep the history for"),
     QT_TRANSLATE_NOOP("Settings", "How long finished transfers stay in the history.")},

    {"app.theme", &Settings::theme, 0, 0, Applies::Live, QT_TRANSLATE_NOOP("Settings", "Theme"),
     QT_TRANSLATE_NOOP("Settings", "Colours of the window. Black is for screens that save power with it.")},
    {"app.start_hidden", &Settings::startHidden, 0, 0, Applies::Live,
     QT_TRANSLATE_NOOP("Settings", "Start in the tray"),
     QT_TRANSLATE_NOOP("Settings",
                       "Whether the window stays hidden at the start until it is called: in the tray, or minimised "
                       "where there is none.")},

    {"log.level", &Settings::logLevel, 0, 0, Applies::Restart,
     QT_TRANSLATE_NOOP("Settings", "Messages on standard error"),
     QT_TRANSLATE_NOOP("Settings", "What is written to standard error.")},
};

template <typename T> std::string choicesText() {
    std::string text;
    const auto names = settingNames<T>();
    for (size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + tomlString(names[i].first);
    return text;
}

template <typename T>
concept Choice = std::is_enum_v<T>;

// --- what is allowed ----------------------------------------------------------------------------------------------

struct AllowedText {
    const SettingSpec& spec;

    std::string operator()(bool Settings::*) const { return "true or false"; }
    std::string operator()(uint32_t Settings::*) const {
        return range(std::to_string(spec.least), std::to_string(spec.most));
    }
    std::string operator()(Duration Settings::*) const {
        const auto text = [](uint64_t value) {
            return tomlString(durationText(Duration(static_cast<int64_t>(value))));
        };
        return range(text(spec.least), text(spec.most));
    }
    std::string operator()(link::BitRate Settings::*) const {
        return "\"off\" or " + range(tomlString(bitRateText({spec.least})), tomlString(bitRateText({spec.most})));
    }
    std::string operator()(std::string Settings::*) const {
        return "text of at most " + std::to_string(spec.most) + " bytes in one line";
    }
    std::string operator()(FolderMember) const { return "an absolute path, or one that begins with ~/"; }
    std::string operator()(std::vector<codec::Multiaddr> Settings::*member) const {
        if (member == &Settings::bootstrap || member == &Settings::relays)
            return "a list of at most " + std::to_string(spec.most) +
                   " addresses such as \"/ip4/192.0.2.7/udp/4001/quic-v1/p2p/12D3Koo...\"";
        return "a list of at most " + std::to_string(spec.most) +
               " addresses such as \"/ip4/0.0.0.0/udp/4001/quic-v1\"";
    }
    template <Choice T> std::string operator()(T Settings::*) const { return choicesText<T>(); }

    static std::string range(const std::string& least, const std::string& most) { return least + " to " + most; }
};

// --- as a person types it ---------------------------------------------------------------------------------

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kQuotes = "\"'";

/// One value as TOML writes it. Malformed: what is wrong with it.
Result<SettingValue> tomlValue(std::string_view text) {
    const auto entries = parseToml("value = " + std::string(text));
    if (!entries) {
        const std::string& why = entries.error().context; // "1:12: ..."
        return makeError(Errc::Malformed, displayText(why.substr(std::min(why.find(' '), why.size() - 1) + 1)));
    }
    if (entries->size() != 1) return makeError(Errc::Malformed, "there is more than one value");
    return entries->front().value;
}

std::string_view withoutBlanks(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// `A,B`, `"A", "B"` or `["A", "B"]`.
Result<SettingValue> typedList(std::string_view text) {
    text = withoutBlanks(text);
    if (text.starts_with('[')) return tomlValue(text);
    if (!text.empty() && kQuotes.find(text.front()) != kQuotes.npos) return tomlValue("[" + std::string(text) + "]");
    std::vector<std::string> list;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        list.emplace_back(withoutBlanks(text.substr(0, comma)));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return SettingValue(std::move(list));
}

/// Quotation marks around the whole are TOML's.
std::string typedText(std::string_view text) {
    const bool quoted = text.size() > 1 && kQuotes.find(text.front()) != kQuotes.npos && text.back() == text.front();
    if (!quoted) return std::string(text);
    const auto value = tomlValue(text);
    const auto* inside = value ? std::get_if<std::string>(&*value) : nullptr;
    return inside ? *inside : std::string(text);
}

/// So that typedText() gives `text` back.
std::string textToType(const std::string& text) {
    return typedText(text) == text ? text : tomlString(text);
}

// --- as text --------------------------------------------------------------------------------------------

/// As typedValue() reads it.
struct PlainText {
    const Settings& settings;

    std::string operator()(bool Settings::*member) const { return settings.*member ? "true" : "false"; }
    std::string operator()(uint32_t Settings::*member) const { return std::to_string(settings.*member); }
    std::string operator()(Duration Settings::*member) const { return durationText(settings.*member); }
    std::string operator()(link::BitRate Settings::*member) const { return bitRateText(settings.*member); }
    std::string operator()(std::string Settings::*member) const { return textToType(settings.*member); }
    std::string operator()(FolderMember folder) const { return textToType(settings.*folder.member); }
    std::string operator()(std::vector<codec::Multiaddr> Settings::*member) const {
        std::string text;
        for (const auto& address : settings.*member) text += (text.empty() ? "" : ",") + address.text();
        return text;
    }
    template <Choice T> std::string operator()(T Settings::*member) const {
        return std::string(settingName(settings.*member));
    }
};

/// Characters of a wrong value or key that a message shows.
constexpr size_t kMaxShownValue = 100;

/// Safe for a terminal and a log line, and cut: whoever set it knows what it is.
std::string shownText(std::string_view text) {
    return '"' + displayText(text, kMaxShownValue) + '"';
}

// --- reading ------------------------------------------------------------------------------------------------------

/// Judges a value and stores it. Errors say only what is wrong; empty: the allowed values say it all.
struct Assign {
    Settings& settings;
    const SettingSpec& spec;
    const SettingValue& value;

    static Error outOfRange() { return makeError(Errc::InvalidArgument); }
    const std::string* text() const { return std::get_if<std::string>(&value); }
    bool inRange(uint64_t number) const { return number >= spec.least && number <= spec.most; }

    Result<void> operator()(bool Settings::*member) const {
        const bool* flag = std::get_if<bool>(&value);
        if (!flag) return outOfRange();
        settings.*member = *flag;
        return {};
    }
    Result<void> operator()(uint32_t Settings::*member) const {
        const int64_t* number = std::get_if<int64_t>(&value);
        if (!number || *number < 0 || !inRange(static_cast<uint64_t>(*number))) return outOfRange();
        settings.*member = static_cast<uint32_t>(*number);
        return {};
    }
    Result<void> operator()(Duration Settings::*member) const {
        if (!text()) return outOfRange();
        TRY(const Duration duration, parseDuration(*text()));
        if (!inRange(static_cast<uint64_t>(duration.count()))) return outOfRange();
        settings.*member = duration;
        return {};
    }
    Result<void> operator()(link::BitRate Settings::*member) const {
        if (!text()) return outOfRange();
        TRY(const link::BitRate rate, parseBitRate(*text()));
        if (rate.limited() && !inRange(rate.perSecond)) return outOfRange();
        settings.*member = rate;
        return {};
    }
    Result<void> operator()(std::string Settings::*member) const {
        const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
        if (!text() || text()->size() > spec.most || !isUtf8(*text()) || std::ranges::any_of(*text(), isControl))
            return outOfRange();
        settings.*member = *text();
        return {};
    }
    Result<void> operator()(FolderMember folder) const {
        if (!text() || text()->size() > spec.most || text()->find('\0') != std::string::npos) return outOfRange();
        std::string path = *text();
        if (path == "~" || path.starts_with("~/")) path = QDir::homePath().toStdString() + path.substr(1);
        if (!path.empty() && !QDir::isAbsolutePath(QString::fromStdString(path))) return outOfRange();
        settings.*folder.member = std::move(path);
        return {};
    }
    Result<void> operator()(std::vector<codec::Multiaddr> Settings::*member) const {
        const auto* list = std::get_if<std::vector<std::string>>(&value);
        if (!list || list->size() > spec.most) return outOfRange();
        std::vector<codec::Multiaddr> addresses;
        for (const std::string& one : *list) {
            auto address = codec::Multiaddr::parse(one);
            if (!address) return makeError(Errc::InvalidArgument, displayText(address.error().context, kMaxShownValue));
            if ((member == &Settings::bootstrap || member == &Settings::relays) && !address->peerMultihash())
                return makeError(Errc::InvalidArgument, shownText(one) + " does not end in /p2p/ID");
            if (member == &Settings::relays && address->isCircuit())
                return makeError(Errc::InvalidArgument, shownText(one) + " leads through a relay itself");
            if (member == &Settings::listen && (!address->transportAddress() || address->peerMultihash()))
                return makeError(Errc::InvalidArgument, "cannot listen at " + shownText(one));
            addresses.push_back(std::move(*address));
        }
        settings.*member = std::move(addresses);
        return {};
    }
    template <Choice T> Result<void> operator()(T Settings::*member) const {
        for (const auto& [name, choice] : settingNames<T>()) {
            if (!text() || *text() != name) continue;
            settings.*member = choice;
            return {};
        }
        return outOfRange();
    }
};

/// A value as a message shows it.
std::string shown(const SettingValue& value) {
    return std::visit(Overloaded{[](const ForeignValue& foreign) { return std::string(foreign.kind); },
                                 [](bool flag) -> std::string { return flag ? "true" : "false"; },
                                 [](int64_t number) { return std::to_string(number); },
                                 [](const std::string& text) { return shownText(text); },
                                 [](const std::vector<std::string>&) -> std::string { return "[...]"; }},
                      value);
}

/// What a word of a command line stands for, by the kind of the setting.
Result<SettingValue> typedValue(const SettingSpec& spec, std::string_view text) {
    if (std::holds_alternative<bool Settings::*>(spec.member) && (text == "true" || text == "false"))
        return SettingValue(text == "true");
    if (std::holds_alternative<uint32_t Settings::*>(spec.member)) {
        constexpr size_t kDigits = 18;
        const bool number =
            !text.empty() && text.size() <= kDigits && text.find_first_not_of("0123456789") == text.npos;
        if (number) return SettingValue(static_cast<int64_t>(std::stoll(std::string(text))));
    }
    if (std::holds_alternative<std::vector<codec::Multiaddr> Settings::*>(spec.member)) return typedList(text);
    return SettingValue(typedText(text));
}

} // namespace

std::span<const SettingSpec> settingsTable() {
    return kTable;
}

const SettingSpec* findSetting(std::string_view key) {
    const auto found = std::ranges::find(kTable, key, &SettingSpec::key);
    return found == std::end(kTable) ? nullptr : found;
}

std::string_view closestSetting(std::string_view key) {
    std::vector<std::string_view> keys;
    for (const SettingSpec& spec : kTable) keys.push_back(spec.key);
    const std::string_view whole = closestWord(key, keys);
    if (!whole.empty()) return whole;
    // The right name in the wrong table, or in none.
    const std::string_view last = key.substr(key.rfind('.') + 1);
    for (const std::string_view candidate : keys)
        if (candidate.substr(candidate.rfind('.') + 1) == last) return candidate;
    return {};
}

std::string allowedText(const SettingSpec& spec) {
    return std::visit(AllowedText{spec}, spec.member);
}

std::vector<std::string> choicesOf(const SettingSpec& spec) {
    return std::visit(Overloaded{[]<Choice T>(T Settings::*) {
                                     std::vector<std::string> names;
                                     for (const auto& [name, choice] : settingNames<T>()) names.emplace_back(name);
                                     return names;
                                 },
                                 [](auto) { return std::vector<std::string>(); }},
                      spec.member);
}

std::string plainText(const SettingSpec& spec, const Settings& settings) {
    return std::visit(PlainText{settings}, spec.member);
}

std::string valueText(const SettingSpec& spec, const Settings& settings) {
    if (std::holds_alternative<bool Settings::*>(spec.member) ||
        std::holds_alternative<uint32_t Settings::*>(spec.member))
        return plainText(spec, settings);
    const auto* list = std::get_if<std::vector<codec::Multiaddr> Settings::*>(&spec.member);
    if (!list) return tomlString(plainText(spec, settings));
    std::string text;
    for (const auto& address : settings.**list) text += (text.empty() ? "" : ", ") + tomlString(address.text());
    return "[" + text + "]";
}

Result<void> setSetting(Settings& settings, const SettingSpec& spec, const SettingValue& value) {
    const auto stored = std::visit(Assign{settings, spec, value}, spec.member);
    if (stored) return {};
    const std::string& why = stored.error().context;
    return makeError(Errc::InvalidArgument, std::string(spec.key) + " = " + shown(value) + ": " +
                                                (why.empty() ? "" : why + "; ") + "allowed " + allowedText(spec));
}

Error unknownSetting(std::string_view key) {
    const std::string_view meant = closestSetting(key);
    return makeError(Errc::InvalidArgument,
                     displayText(key, kMaxShownValue) + " is not a setting" +
                         (meant.empty() ? std::string() : "; did you mean " + std::string(meant) + "?"));
}

Result<void> setSetting(Settings& settings, std::string_view assignment) {
    const size_t equals = assignment.find('=');
    if (equals == std::string_view::npos)
        return makeError(Errc::InvalidArgument, "wanted is KEY=VALUE, as in limits.upload=\"10 Mbit/s\"");
    const std::string_view key = assignment.substr(0, equals);
    const SettingSpec* spec = findSetting(key);
    if (!spec) return unknownSetting(key);
    const std::string_view text = assignment.substr(equals + 1);
    const auto value = typedValue(*spec, text);
    if (value) return setSetting(settings, *spec, *value);
    return makeError(Errc::InvalidArgument, std::string(key) + " = " + shownText(text) +
                                                ": this is no list as TOML writes it: " + value.error().context +
                                                "; allowed " + allowedText(*spec) + ", also as A,B");
}

} // namespace wherry::runtime
