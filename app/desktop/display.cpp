#include "desktop/display.h"

#include "api/display_text.h"

#include <QCoreApplication>
#include <QDir>
#include <QLocale>
#include <QTextBoundaryFinder>
#include <algorithm>
#include <cmath>

namespace wherry::desktop {

namespace {

/// Of one line of a text message: all of the longest.
constexpr size_t kMaxShownLine = 64 * 1024;
/// Characters of the name of a device in a sentence.
constexpr qsizetype kMaxNameInText = 32;
/// Of the name of a relay in a badge: the reason beside it has more.
constexpr qsizetype kMaxNameInBadge = 22;
/// A day, an hour and a minute in seconds.
constexpr double kHour = 3600;
constexpr double kMinute = 60;
/// Longer estimates are no estimates.
constexpr double kLongestEstimate = 100 * kHour;

QString tr(const char* text, int count = -1) {
    return QCoreApplication::translate("Display", text, nullptr, count);
}

QString counted(uint64_t count, const char* one, const char* many) {
    return unbroken(tr(count == 1 ? one : many).arg(numberText(count)));
}

QString reasonOf(api::Errc code) {
    switch (code) {
    case api::Errc::Unreachable: return tr("The other device cannot be reached. Is Wherry open there, on the same network?");
    case api::Errc::Timeout: return tr("The other device does not answer.");
    case api::Errc::ConnectionLost: return tr("The connection was lost. Sending again continues where it stopped.");
    case api::Errc::DiskFull: return tr("The disk is full.");
    case api::Errc::PermissionDenied: return tr("Not allowed.");
    case api::Errc::VerificationFailed: return tr("The content is not what was announced.");
    case api::Errc::SourceChanged: return tr("A file was changed while it was being sent.");
    case api::Errc::IdentityMismatch: return tr("Another device answers at that address. Nothing was sent.");
    case api::Errc::Unsupported: return tr("The other device takes no files at the moment.");
    case api::Errc::Cancelled: return tr("Stopped.");
    case api::Errc::NotFound: return tr("It is not there.");
    case api::Errc::Declined: return tr("The other person said no.");
    case api::Errc::VolumeGone: return tr("The disk or folder is gone.");
    case api::Errc::ReadOnly: return tr("The disk cannot be written to.");
    default: return tr("It did not work.");
    }
}

} // namespace

QString shown(std::string_view foreign) {
    return QString::fromStdString(api::displayText(foreign));
}

QString shown(std::string_view foreign, size_t maxLength) {
    return QString::fromStdString(api::displayText(foreign, maxLength));
}

QString shownName(std::string_view foreign) {
    const QString name = shown(foreign);
    return name.trimmed() == name ? name : tr("“%1”").arg(name);
}

QString shownLines(std::string_view foreign) {
    QString lines;
    while (!foreign.empty()) {
        const size_t end = std::min(foreign.find('\n'), foreign.size());
        std::string_view line = foreign.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines += shown(line, kMaxShownLine);
        if (end < foreign.size()) lines += QLatin1Char('\n');
        foreign.remove_prefix(std::min(end + 1, foreign.size()));
    }
    return lines;
}

QString briefly(const QString& label, qsizetype length) {
    if (label.isEmpty()) return tr("files");
    if (label.size() <= length) return label;
    const qsizetype half = (length - 1) / 2;
    QTextBoundaryFinder letters(QTextBoundaryFinder::Grapheme, label); // none is cut in two
    letters.setPosition(half);
    const qsizetype begin = letters.isAtBoundary() ? half : letters.toPreviousBoundary();
    letters.setPosition(label.size() - half);
    const qsizetype end = letters.isAtBoundary() ? label.size() - half : letters.toNextBoundary();
    return label.left(begin) + QChar(0x2026) + label.mid(end);
}

QString nameInText(const QString& name) {
    return name.isEmpty() ? name : briefly(name, kMaxNameInText);
}

QString shownFolder(const std::string& folder) {
    const std::string home = QDir::homePath().toStdString();
    const bool hasTilde = QDir::separator() == QLatin1Char('/') && home.size() > 1;
    const bool isAtHome = hasTilde && (folder + "/").starts_with(home + "/");
    return QDir::toNativeSeparators(isAtHome ? QLatin1Char('~') + shown(folder.substr(home.size())) : shown(folder));
}

QString numberText(uint64_t number) {
    return QLocale().toString(static_cast<qulonglong>(number));
}

QString capitalized(const QString& text) {
    return text.left(1).toUpper() + text.mid(1);
}

QString unbroken(QString text) {
    return text.replace(QLatin1Char(' '), QChar::Nbsp);
}

QString bytesText(uint64_t bytes) {
    if (bytes == 1) return unbroken(tr("1 byte"));
    return unbroken(QLocale().formattedDataSize(static_cast<qint64>(std::min<uint64_t>(bytes, INT64_MAX)), 1,
                                                QLocale::DataSizeSIFormat));
}

QString rateText(double bytesPerSecond) {
    if (!(bytesPerSecond >= 1)) return {};
    return tr("%1/s").arg(bytesText(static_cast<uint64_t>(std::min(bytesPerSecond, 1e15))));
}

QString durationText(double seconds) {
    if (!(seconds > 0) || seconds > kLongestEstimate) return {};
    const QLocale locale;
    if (seconds < kMinute) return tr("%1 s").arg(locale.toString(static_cast<int>(std::ceil(seconds))));
    if (seconds < kHour) return tr("%1 min").arg(locale.toString(static_cast<int>(std::ceil(seconds / kMinute))));
    const int minutes = static_cast<int>(seconds / kMinute);
    return tr("%1 h %2 min").arg(locale.toString(minutes / 60), locale.toString(minutes % 60));
}

QString whenText(const QDateTime& when) {
    if (!when.isValid()) return {};
    const QDateTime local = when.toLocalTime();
    const QLocale locale;
    const qint64 days = local.date().daysTo(QDate::currentDate());
    if (days == 0) return tr("today, %1").arg(locale.toString(local.time(), QLocale::ShortFormat));
    if (days == 1) return tr("yesterday, %1").arg(locale.toString(local.time(), QLocale::ShortFormat));
    return locale.toString(local.date(), QLocale::ShortFormat);
}

QString agoText(const QDateTime& when) {
    const qint64 seconds = when.isValid() ? when.secsTo(QDateTime::currentDateTime()) : -1;
    if (seconds < 0 || seconds >= static_cast<qint64>(kHour)) return whenText(when);
    if (seconds < static_cast<qint64>(kMinute)) return tr("just now");
    return unbroken(tr("%1 min ago").arg(QLocale().toString(seconds / static_cast<qint64>(kMinute))));
}

QDateTime dateTimeOf(api::UnixTime time) {
    if (time.nanoseconds == 0) return {};
    return QDateTime::fromMSecsSinceEpoch(time.nanoseconds / 1'000'000);
}

QString contentsText(uint64_t files, uint64_t folders) {
    const QString fileText = counted(files, "%1 file", "%1 files");
    if (folders == 0) return fileText;
    const QString folderText = counted(folders, "%1 folder", "%1 folders");
    return files == 0 ? folderText : tr("%1 in %2").arg(fileText, folderText);
}

QString notSentText(uint64_t items) {
    if (items == 1) return tr("1 item was not sent");
    return items == 0 ? QString() : tr("%1 items were not sent").arg(numberText(items));
}

QString joined(QStringList parts) {
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" ·\u00a0")); // no line ends with the dot
}

QString word(std::string_view name) {
    return QLatin1String(name.data(), static_cast<qsizetype>(name.size()));
}

QString pathKindWord(api::PathKind kind) {
    return word(api::pathKindName(kind));
}

QString pathKindText(api::PathKind kind) {
    switch (kind) {
    case api::PathKind::Lan: return tr("Local network");
    case api::PathKind::Direct6: return tr("Direct, IPv6");
    case api::PathKind::Direct4: return tr("Direct, IPv4");
    case api::PathKind::Punched: return tr("Direct, punched");
    case api::PathKind::Relayed: return tr("Relayed");
    case api::PathKind::Routed: break;
    }
    return tr("Routed");
}

QString pathKindReason(api::PathKind kind) {
    switch (kind) {
    case api::PathKind::Lan: return tr("Both devices are on the same network; nothing leaves it.");
    case api::PathKind::Direct6: return tr("The other device has a public IPv6 address; nothing is in between.");
    case api::PathKind::Direct4: return tr("The other device has a public IPv4 address; nothing is in between.");
    case api::PathKind::Punched: return tr("Both routers let the other side through; nothing is in between.");
    case api::PathKind::Relayed: return tr("A relay carries the encrypted bytes; it cannot read them.");
    case api::PathKind::Routed: break;
    }
    return tr("Other nodes carry the encrypted bytes; they cannot read them.");
}

QString pathText(const api::ConnectionInfo& connection, const QString& relay) {
    return relay.isEmpty() ? pathKindText(connection.kind) : tr("Relayed via %1").arg(briefly(relay, kMaxNameInBadge));
}

/// What has become of the attempt at a direct path, in words for people; the engine's own where there are none here.
static QString attemptText(const std::string& why) {
    if (why == "no packet of the peer came through") return tr("no packet of the other device came through");
    if (why == "the peer did not answer in time") return tr("the other device did not answer in time");
    if (why == "the peer does not punch") return tr("the other device does not take part in that");
    if (why == "nobody has told this device where it is seen from outside")
        return tr("nobody has told this device yet under which address the internet sees it");
    if (why == "the peer names no public address of its own")
        return tr("the other device does not know under which address the internet sees it");
    return shown(why);
}

static QString pathStory(const api::ConnectionInfo& connection, const QString& relay) {
    const QString kind = relay.isEmpty() ? pathKindReason(connection.kind)
                                         : tr("%1 carries the encrypted bytes; it cannot read them.").arg(relay);
    switch (connection.reason) {
    case api::PathReason::OnlyWay: return tr("No direct way has been found yet.") + u' ' + kind;
    case api::PathReason::DirectLost: return tr("The direct connection has ended.") + u' ' + kind;
    case api::PathReason::DirectOverRelay: return kind + u' ' + tr("A relay helped to find it and is no longer needed.");
    case api::PathReason::AddressChanged: return kind + u' ' + tr("One device has just changed its network.");
    case api::PathReason::SameNetwork:
    case api::PathReason::Direct:
    case api::PathReason::Punched:
    case api::PathReason::BothDialled:
    case api::PathReason::DialledAnew:
    case api::PathReason::OtherLost: break;
    }
    return kind;
}

QString pathReason(const api::ConnectionInfo& connection, const QString& relay) {
    const QString story = pathStory(connection, relay);
    if (connection.whyRelayed.empty()) return story;
    return story + u' ' + tr("The attempt at a direct connection has failed: %1.").arg(attemptText(connection.whyRelayed));
}

QString failureText(const api::Error& error, const std::string& file, bool byPeer) {
    QString text = reasonOf(error.code);
    if (!file.empty()) text = shown(file) + QStringLiteral(": ") + text;
    if (byPeer && error.code != api::Errc::Declined) text = tr("The other device says: %1").arg(text);
    return text;
}

} // namespace wherry::desktop
