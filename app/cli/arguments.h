#pragma once

#include "api/settings.h"
#include "api/types.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::cli {

enum class CommandName {
    None,
    Id,
    Node,
    Send,
    Receive,
    Ping,
    Perf,
    Status,
    Transfers,
    Peers,
    Text,
    Share,
    Get,
    Shares,
    Dht,
    Pubsub
};

/// Everything that a command line can say, with the defaults. option_table.h says which option sets what.
struct Arguments {
    std::string program = "wherry"; ///< how the person calls it, for lines that are to be typed
    CommandName command = CommandName::None;
    std::vector<std::string> operands;
    std::vector<std::string> words; ///< all that it was read from
    bool help = false;
    bool version = false;

    // for every command
    std::string home;                     ///< empty: the platform's data folder
    std::string configFile;               ///< empty: wherry.toml in the home, if there is one
    std::vector<std::string> assignments; ///< KEY=VALUE, in their order
    api::LastingSettings settings;        ///< of the file, changed by the assignments
    api::LastingSettings fileSettings;    ///< what the file alone says
    bool json = false;
    bool quiet = false;
    std::vector<api::Multiaddr> listen;
    std::vector<api::Multiaddr> relays;    ///< in addition to those of the settings
    std::vector<api::Multiaddr> bootstrap; ///< instead of those of the settings
    api::LogLevel logLevel = api::LogLevel::Warning;

    // for some
    std::chrono::seconds wait{30};
    api::Duration lifetime = std::chrono::hours(7 * 24); ///< of a share; 0: until it is revoked
    std::string out = ".";
    api::Accept accept = api::Accept::Ask;
    api::Conflict conflict = api::Conflict::Rename;
    bool once = false;
    bool servePerf = false;
    bool dialBack = false;
    std::vector<std::string> kadProtocols; ///< of a node; empty: ours and the public one
    std::string dhtProtocol = "/wherry/kad/1.0.0";
    bool isBase64 = false; ///< the value of `dht put`, the text of `pubsub pub`
    api::PeerId dhtBy;     ///< whose value `dht get` wants; empty: the newest
    uint32_t count = 5;
    api::Priority priority = api::Priority::Normal; ///< of a send
    uint32_t limit = 20; ///< entries of the history
    uint64_t uploadBytes = 0;
    uint64_t downloadBytes = 0;
    bool uploadGiven = false;
    bool downloadGiven = false;
};

/// What is wrong with a command line, in words for the person who typed it.
struct UsageError {
    std::string message;
    CommandName command = CommandName::None; ///< whose help would answer
};

/// `words`: without the program's own name. Global options may stand before or after the command; `--` ends the
/// options. `help [COMMAND]` is the same as `[COMMAND] --help`. With `help` or `version` set nothing has been checked
/// but that the command exists.
struct ParsedCommandLine {
    Arguments arguments;
    std::vector<UsageError> errors; ///< empty: good; the first is the one to show
};
/// `defaults`: what holds for options that are not there.
ParsedCommandLine parseArguments(const std::vector<std::string>& words, Arguments defaults = {});

} // namespace wherry::cli
