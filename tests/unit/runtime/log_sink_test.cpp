#include "runtime/log_sink.h"

#include <unistd.h>

#include <QTemporaryFile>
#include <QTest>
#include <functional>

using namespace wherry;
using namespace wherry::runtime;

namespace {

/// What `action` writes to standard error.
QByteArray errorOutput(const std::function<void()>& action) {
    QTemporaryFile file;
    if (!file.open()) return {};
    int before = dup(STDERR_FILENO);
    dup2(file.handle(), STDERR_FILENO);
    action();
    dup2(before, STDERR_FILENO);
    close(before);
    file.seek(0);
    return file.readAll();
}

} // namespace

class LogSinkTest : public QObject {
    Q_OBJECT

  private slots:
    void writesOneLineWithTimeLevelAndCategory() {
        QByteArray out =
            errorOutput([] { standardErrorLog(LogLevel::Info).write(LogLevel::Warning, "store", "a {} line"); });
        QVERIFY2(out.endsWith(" warning store: a {} line\n"), out.constData());
        QCOMPARE(out.count('\n'), 1);
    }

    void dropsWhatIsBelowItsLevel() {
        QCOMPARE(errorOutput([] {
                     Log log = standardErrorLog(LogLevel::Warning);
                     LOG(log, Info, "x", "not wanted");
                     LOG(standardErrorLog(LogLevel::Off), Error, "x", "not wanted");
                 }),
                 QByteArray());
    }

    void noTextCommandsTheTerminalOrForgesALine() {
        QByteArray out = errorOutput(
            [] { standardErrorLog(LogLevel::Info).write(LogLevel::Info, "x", "a\x1b[31m\nfake\r\x7f\0b"); });
        QVERIFY2(out.contains("a\\x1b[31m\\x0afake\\x0d\\x7f"), out.constData());
        QCOMPARE(out.count('\n'), 1);
    }

    void knowsItsLevelsByName() {
        QCOMPARE(*parseLogLevel("debug"), LogLevel::Debug);
        QCOMPARE(*parseLogLevel("off"), LogLevel::Off);
        QCOMPARE(parseLogLevel("loud").error().code, Errc::InvalidArgument);
    }
};

QTEST_APPLESS_MAIN(LogSinkTest)
#include "log_sink_test.moc"
