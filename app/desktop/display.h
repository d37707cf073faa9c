#pragma once

#include "api/types.h"

#include <QDateTime>
#include <QString>

/// How values are shown: text of peers neutralised, quantities as the person's language writes them.
namespace wherry::desktop {

/// Text from outside, safe to show as plain text, on one line.
QString shown(std::string_view foreign);
QString shown(std::string_view foreign, size_t maxLength);
/// The same of a text with several lines, which stay lines.
QString shownLines(std::string_view foreign);

QString bytesText(uint64_t bytes);
QString rateText(double bytesPerSecond);
/// "8 s", "3 min", "2 h 5 min"; empty: not known.
QString durationText(double seconds);
/// "today 14:03", "yesterday", a date; empty: never.
QString whenText(const QDateTime& when);
QDateTime dateTimeOf(api::UnixTime time);
/// "3 files and 1 folder"
QString contentsText(uint64_t files, uint64_t folders);
/// "a · b", without those that are empty.
QString joined(QStringList parts);
/// "lan", "direct6", ...
QString pathKindName(api::PathKind kind);
/// What a badge says and why: "Local network", "same network, nothing in between".
QString pathKindText(api::PathKind kind);
QString pathKindReason(api::PathKind kind);
/// Why something has failed, in words for people.
QString failureText(const api::Error& error, const std::string& file, bool byPeer);

} // namespace wherry::desktop
