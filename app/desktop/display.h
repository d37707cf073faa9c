#pragma once

#include "api/types.h"

#include <QDateTime>
#include <QString>

/// How values are shown: text of peers neutralised, quantities as the person's language writes them.
namespace wherry::desktop {

/// Text from outside, safe to show as plain text, on one line.
QString shown(std::string_view foreign);
QString shown(std::string_view foreign, size_t maxLength);
/// The name of a file: one that begins or ends with a space, or is nothing else, stands in quotation marks, or nobody
/// would see it.
QString shownName(std::string_view foreign);
/// A text with several lines, which stay lines.
QString shownLines(std::string_view foreign);

/// As it is, or so many characters of its beginning and end; "files" where there is nothing.
QString briefly(const QString& label, qsizetype length);
/// The name of a device as a sentence bears it: of a long one the beginning and the end. What a device calls itself is
/// its own choice, and may push out of sight what is said of it.
QString nameInText(const QString& name);
/// Beginning at the person's own folder where it lies there, as people know it.
QString shownFolder(const std::string& folder);

/// No line ends within it: a number stays with what it counts.
QString unbroken(QString text);
/// With the separators of this place.
QString numberText(uint64_t number);
/// Its first letter as a sentence begins.
QString capitalized(const QString& text);
QString bytesText(uint64_t bytes);
QString rateText(double bytesPerSecond);
/// "8 s", "3 min", "2 h 5 min"; empty: not known.
QString durationText(double seconds);
/// "today 14:03", "yesterday", a date; empty: never.
QString whenText(const QDateTime& when);
/// "just now", "3 min ago", within an hour; else whenText().
QString agoText(const QDateTime& when);
QDateTime dateTimeOf(api::UnixTime time);
/// "3 files and 1 folder"
QString contentsText(uint64_t files, uint64_t folders);
/// "1 item was not sent": of what was to be sent, but cannot be; empty: all of it can.
QString notSentText(uint64_t items);
/// "a · b", without those that are empty.
QString joined(QStringList parts);
/// One of the engine's own words, for QML to tell cases apart.
QString word(std::string_view name);
/// "lan", "direct6", ...
QString pathKindWord(api::PathKind kind);
/// What a badge says and why: "Local network", "same network, nothing in between".
QString pathKindText(api::PathKind kind);
QString pathKindReason(api::PathKind kind);
/// The same of a connection, with the name of the relay and what has just changed. `relay`: empty when there is none.
QString pathText(const api::ConnectionInfo& connection, const QString& relay);
QString pathReason(const api::ConnectionInfo& connection, const QString& relay);
/// Why something has failed, in words for people.
QString failureText(const api::Error& error, const std::string& file, bool byPeer);

/// What the sender of an offer reads when the person here declines it; the same words as the command line's.
inline constexpr std::string_view kSaidNo = "the person at the other side said no";
/// Whether a no with this reason was said by a person.
inline bool isPersonsNo(std::string_view reason) {
    return reason.empty() || reason == kSaidNo;
}

} // namespace wherry::desktop
