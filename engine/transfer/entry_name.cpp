#include "transfer/entry_name.h"

#include "base/display_text.h"
#include "base/utf8.h"
#include "transfer/name_folding.h"
#include "transfer/transfer_limits.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace wherry::transfer {

namespace {

/// Characters of a bad name that an error shows.
constexpr size_t kNameInError = 80;
/// Rounds of percent decoding that are looked through (`%25252e`); more only ever yields a name of harmless letters.
constexpr int kPercentRounds = 4;

Error refusal(Errc code, std::string_view why, std::string_view name) {
    return makeError(code, std::string(why) + ": \"" + displayText(name, kNameInError) + "\"");
}

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isSeparator(char c) {
    return c == '/' || c == '\\';
}

std::optional<uint8_t> hexDigit(char c) {
    if (isDigit(c)) return uint8_t(c - '0');
    if (c >= 'a' && c <= 'f') return uint8_t(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return uint8_t(c - 'A' + 10);
    return std::nullopt;
}

bool hasParentComponent(std::string_view text) {
    while (true) {
        const size_t end = std::min(text.size(), text.find_first_of("/\\"));
        if (text.substr(0, end) == "..") return true;
        if (end == text.size()) return false;
        text.remove_prefix(end + 1);
    }
}

std::string percentDecoded(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const auto high = hexDigit(text[i + 1]);
            const auto low = hexDigit(text[i + 2]);
            if (high && low) {
                out.push_back(static_cast<char>(*high << 4 | *low));
                i += 2;
                continue;
            }
        }
        out.push_back(text[i]);
    }
    return out;
}

/// What a decoder that accepts overlong forms would make of the name: those that stand for ASCII become ASCII.
std::string overlongDecoded(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size();) {
        const uint8_t lead = static_cast<uint8_t>(text[i]);
        const size_t length = (lead & 0xe0) == 0xc0 ? 2 : (lead & 0xf0) == 0xe0 ? 3 : (lead & 0xf8) == 0xf0 ? 4 : 1;
        uint32_t value = length == 1 ? 0x80 : lead & (0xffu >> (length + 1));
        bool whole = length > 1 && i + length <= text.size();
        for (size_t k = 1; whole && k < length; ++k) {
            const uint8_t next = static_cast<uint8_t>(text[i + k]);
            whole = (next & 0xc0) == 0x80;
            value = value << 6 | (next & 0x3fu);
        }
        const bool overlongAscii = whole && value < 0x80;
        out.push_back(overlongAscii ? static_cast<char>(value) : text[i]);
        i += overlongAscii ? length : 1;
    }
    return out;
}

/// `..` that only appears after decoding what nobody here decodes: no honest name looks like that, and another program
/// might decode it.
bool hidesTraversal(std::string_view name) {
    const auto mayHide = [](char c) { return c == '%' || static_cast<uint8_t>(c) >= 0x80; };
    if (std::none_of(name.begin(), name.end(), mayHide)) return false;
    std::string text(name);
    for (int round = 0; round <= kPercentRounds; ++round) {
        const std::string lenient = overlongDecoded(text);
        if (hasParentComponent(lenient)) return true;
        if (lenient != text && isSeparator(lenient[0])) return true;
        std::string next = percentDecoded(text);
        if (next == text) break;
        text = std::move(next);
    }
    return false;
}

/// `file.txt:stream`, `x::$DATA`, `x:$I30:$INDEX_ALLOCATION`. A colon alone is an ordinary character of Unix names
/// ("12:30 notes"); what is refused everywhere is a colon right behind a file extension, or a `$` type behind one. On
/// NTFS no name with a colon is ever created.
bool looksLikeStream(std::string_view name) {
    for (size_t colon = name.find(':'); colon != std::string_view::npos; colon = name.find(':', colon + 1)) {
        const std::string_view behind = name.substr(colon + 1);
        if (!behind.empty() && behind[0] == '$') return true;
        if (behind.empty() || behind[0] == ' ') continue;
        const std::string_view before = name.substr(0, colon);
        const size_t dot = before.rfind('.');
        if (dot == std::string_view::npos || dot == 0) continue;
        const std::string_view extension = before.substr(dot + 1);
        const bool ordinary =
            extension.size() >= 2 && extension.size() <= 5 && isLetter(extension[0]) &&
            std::all_of(extension.begin(), extension.end(), [](char c) { return isLetter(c) || isDigit(c); });
        if (ordinary) return true;
    }
    return false;
}

bool isDeviceName(std::string_view name) {
    std::string stem = collisionKey(name.substr(0, name.find('.')));
    while (!stem.empty() && stem.back() == ' ') stem.pop_back();
    for (std::string_view device : {"con", "prn", "aux", "nul", "conin$", "conout$"})
        if (stem == device) return true;
    if (stem.size() < 4 || (!stem.starts_with("com") && !stem.starts_with("lpt"))) return false;
    const std::string_view number = std::string_view(stem).substr(3);
    return (number.size() == 1 && isDigit(number[0])) || number == "\u00b9" || number == "\u00b2" || number == "\u00b3";
}

bool isRefusedByWindows(char c) {
    return static_cast<uint8_t>(c) < 0x20 || std::string_view("<>:\"|?*").find(c) != std::string_view::npos;
}

/// A place below a home folder, compared by collision keys: `path` matches when it is that place or below it.
struct SensitivePlace {
    std::string_view path;
    std::string_view warning;
};

constexpr std::string_view kRunsInShell = "runs when a shell starts";
constexpr std::string_view kRunsAtLogin = "runs when you log in";
constexpr std::string_view kHoldsKeys = "holds keys or passwords, or decides who may log in";
constexpr std::string_view kRunsInTool = "settings that can make a program run commands";
constexpr std::string_view kRunsWhenCalled = "is found as a command and run";

constexpr std::array kSensitivePlaces = {
    SensitivePlace{".bashrc", kRunsInShell},
    SensitivePlace{".bash_profile", kRunsInShell},
    SensitivePlace{".bash_login", kRunsInShell},
    SensitivePlace{".bash_logout", kRunsInShell},
    SensitivePlace{".bash_aliases", kRunsInShell},
    SensitivePlace{".profile", kRunsInShell},
    SensitivePlace{".zshrc", kRunsInShell},
    SensitivePlace{".zshenv", kRunsInShell},
    SensitivePlace{".zprofile", kRunsInShell},
    SensitivePlace{".zlogin", kRunsInShell},
    SensitivePlace{".zlogout", kRunsInShell},
    SensitivePlace{".cshrc", kRunsInShell},
    SensitivePlace{".tcshrc", kRunsInShell},
    SensitivePlace{".kshrc", kRunsInShell},
    SensitivePlace{".login", kRunsInShell},
    SensitivePlace{".logout", kRunsInShell},
    SensitivePlace{".inputrc", kRunsInShell},
    SensitivePlace{".config/fish", kRunsInShell},
    SensitivePlace{"documents/windowspowershell", kRunsInShell},
    SensitivePlace{"documents/powershell", kRunsInShell},
    SensitivePlace{".xprofile", kRunsAtLogin},
    SensitivePlace{".xinitrc", kRunsAtLogin},
    SensitivePlace{".xsession", kRunsAtLogin},
    SensitivePlace{".xsessionrc", kRunsAtLogin},
    SensitivePlace{".pam_environment", kRunsAtLogin},
    SensitivePlace{".config/autostart", kRunsAtLogin},
    SensitivePlace{".config/autostart-scripts", kRunsAtLogin},
    SensitivePlace{".config/plasma-workspace", kRunsAtLogin},
    SensitivePlace{".config/environment.d", kRunsAtLogin},
    SensitivePlace{".config/systemd", kRunsAtLogin},
    SensitivePlace{".local/share/systemd", kRunsAtLogin},
    SensitivePlace{".kde/autostart", kRunsAtLogin},
    SensitivePlace{"library/launchagents", kRunsAtLogin},
    SensitivePlace{"library/launchdaemons", kRunsAtLogin},
    SensitivePlace{"appdata/roaming/microsoft/windows/start menu", kRunsAtLogin},
    SensitivePlace{"start menu/programs/startup", kRunsAtLogin},
    SensitivePlace{".ssh", kHoldsKeys},
    SensitivePlace{".gnupg", kHoldsKeys},
    SensitivePlace{".netrc", kHoldsKeys},
    SensitivePlace{".rhosts", kHoldsKeys},
    SensitivePlace{".shosts", kHoldsKeys},
    SensitivePlace{".k5login", kHoldsKeys},
    SensitivePlace{".aws", kHoldsKeys},
    SensitivePlace{".kube", kHoldsKeys},
    SensitivePlace{".docker", kHoldsKeys},
    SensitivePlace{".pki", kHoldsKeys},
    SensitivePlace{".config/wherry", kHoldsKeys},
    SensitivePlace{".local/share/wherry", kHoldsKeys},
    SensitivePlace{".gitconfig", kRunsInTool},
    SensitivePlace{".config/git", kRunsInTool},
    SensitivePlace{".git", kRunsInTool},
    SensitivePlace{".hgrc", kRunsInTool},
    SensitivePlace{".vimrc", kRunsInTool},
    SensitivePlace{".vim", kRunsInTool},
    SensitivePlace{".config/nvim", kRunsInTool},
    SensitivePlace{".emacs", kRunsInTool},
    SensitivePlace{".emacs.d", kRunsInTool},
    SensitivePlace{".tmux.conf", kRunsInTool},
    SensitivePlace{".screenrc", kRunsInTool},
    SensitivePlace{".npmrc", kRunsInTool},
    SensitivePlace{".pypirc", kRunsInTool},
    SensitivePlace{".cargo", kRunsInTool},
    SensitivePlace{".gdbinit", kRunsInTool},
    SensitivePlace{".envrc", kRunsInTool},
    SensitivePlace{".vscode", kRunsInTool},
    SensitivePlace{".mailcap", kRunsInTool},
    SensitivePlace{".forward", kRunsInTool},
    SensitivePlace{".procmailrc", kRunsInTool},
    SensitivePlace{".mozilla", kRunsInTool},
    SensitivePlace{"crontab", kRunsInTool},
    SensitivePlace{"bin", kRunsWhenCalled},
    SensitivePlace{".local/bin", kRunsWhenCalled},
    SensitivePlace{".local/lib", kRunsWhenCalled},
    SensitivePlace{".local/share/applications", kRunsWhenCalled},
    SensitivePlace{".local/share/dbus-1", kRunsWhenCalled},
};

/// Files that a desktop reads or starts wherever they lie.
constexpr std::array kSensitiveNames = {
    SensitivePlace{"desktop.ini", "changes how the folder is shown, and can load files from elsewhere"},
    SensitivePlace{"autorun.inf", "runs when the volume is opened"},
};
constexpr std::array kSensitiveExtensions = {
    SensitivePlace{".lnk", "a shortcut that can run anything"},
    SensitivePlace{".url", "a shortcut that can lead anywhere"},
    SensitivePlace{".scf", "a shortcut that can run anything"},
    SensitivePlace{".pif", "a shortcut that can run anything"},
    SensitivePlace{".desktop", "a shortcut that can run anything"},
    SensitivePlace{".webloc", "a shortcut that can lead anywhere"},
    SensitivePlace{".library-ms", "a shortcut that can lead anywhere"},
    SensitivePlace{".search-ms", "a shortcut that can lead anywhere"},
};

} // namespace

Result<void> validateName(std::string_view name) {
    if (name.empty()) return makeError(Errc::UnsafePath, "an empty name");
    if (name.size() > kMaxNameLength) return refusal(Errc::TooLarge, "a name longer than 255 bytes", name);
    if (name == "." || name == "..") return refusal(Errc::UnsafePath, "a name that leads to another folder", name);
    if (name.find('\0') != std::string_view::npos) return refusal(Errc::UnsafePath, "a name with a zero byte", name);
    if (std::any_of(name.begin(), name.end(), isSeparator))
        return refusal(Errc::UnsafePath, "a name with a path separator", name);
    if (name.size() >= 2 && isLetter(name[0]) && name[1] == ':')
        return refusal(Errc::UnsafePath, "a name with a drive letter", name);
    if (looksLikeStream(name)) return refusal(Errc::UnsafePath, "a name that opens an alternate data stream", name);
    if (hidesTraversal(name)) return refusal(Errc::UnsafePath, "a name that hides a path to another folder", name);
    return {};
}

Result<void> validatePath(std::string_view path) {
    if (path.size() > kMaxPathLength) return refusal(Errc::TooLarge, "a path longer than 4032 bytes", path);
    size_t depth = 0;
    while (true) {
        const size_t end = std::min(path.size(), path.find('/'));
        TRY_OK(validateName(path.substr(0, end)));
        if (++depth > kMaxDepth) return refusal(Errc::TooLarge, "a path deeper than 200 folders", path);
        if (end == path.size()) return {};
        path.remove_prefix(end + 1);
    }
}

bool isWindowsName(std::string_view name) {
    if (name.empty() || !isUtf8(name) || std::any_of(name.begin(), name.end(), isRefusedByWindows)) return false;
    return name.back() != '.' && name.back() != ' ' && !isDeviceName(name);
}

bool isPortableName(std::string_view name) {
    return isWindowsName(name) && name.front() != ' ' && name.find('\x7f') == std::string_view::npos &&
           isComposed(name);
}

std::string numberedName(const std::string& name, uint32_t number, bool isFolder) {
    const std::string suffix = " (" + std::to_string(number) + ")";
    const size_t dot = isFolder ? std::string::npos : name.rfind('.');
    if (dot == std::string::npos || dot == 0) return name + suffix;
    return name.substr(0, dot) + suffix + name.substr(dot);
}

std::string escapedName(std::string_view name, size_t more) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    const bool isText = isUtf8(name);
    const size_t forced = isDeviceName(name) ? std::max<size_t>(more, 1) : more;
    std::string out;
    bool escapedLast = false;
    for (size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool isLast = i + 1 == name.size();
        const bool looksEscaped = c == '%' && i + 2 < name.size() && hexDigit(name[i + 1]) && hexDigit(name[i + 2]);
        const bool refused =
            isRefusedByWindows(c) || (isLast && (c == '.' || c == ' ')) || (!isText && static_cast<uint8_t>(c) >= 0x80);
        const bool continues = escapedLast && (static_cast<uint8_t>(c) & 0xc0) == 0x80; // characters stay whole
        escapedLast = i < forced || refused || looksEscaped || continues;
        if (!escapedLast) {
            out.push_back(c);
            continue;
        }
        out.push_back('%');
        out.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
        out.push_back(kDigits[static_cast<uint8_t>(c) & 0xf]);
    }
    return out;
}

std::string_view destinationWarning(std::string_view path) {
    const std::string key = collisionKey(path);
    const std::string_view text = key;
    for (const SensitivePlace& place : kSensitivePlaces)
        if (text.starts_with(place.path) && (text.size() == place.path.size() || text[place.path.size()] == '/'))
            return place.warning;
    std::string_view name = text.substr(text.rfind('/') + 1);
    // Windows drops trailing dots and spaces, so "x.lnk. " is a shortcut there.
    while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.remove_suffix(1);
    for (const SensitivePlace& sensitive : kSensitiveNames)
        if (name == sensitive.path) return sensitive.warning;
    for (const SensitivePlace& extension : kSensitiveExtensions)
        if (name.ends_with(extension.path)) return extension.warning;
    return {};
}

} // namespace wherry::transfer
