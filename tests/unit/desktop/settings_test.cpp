#include "desktop/setting_group_model.h"
#include "desktop/setting_words.h"
#include "support/desktop_pair.h"

#include <QAbstractItemModelTester>
#include <QThread>
#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// The settings of a real engine and its real file.
class SettingsTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        anna = std::make_unique<DesktopSide>("Anna's laptop");
        tester = std::make_unique<QAbstractItemModelTester>(settings(),
                                                            QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(anna->start());
    }
    void cleanup() {
        tester.reset();
        anna.reset();
    }

    void everySettingOfTheTableIsThereInWords();
    void aChangeIsInTheFileAndInForceAtOnce();
    void theFileKeepsWhatThePersonHasWritten();
    void aWrongValueIsSaidAtItsSettingAndChangesNothing();
    void backToTheDefaultTakesItOutOfTheFile();
    void whatTheFolderForReceivedFilesIsHoldsForTheNextOffer();
    void whatAnEditorChangesIsTakenUp();
    void whatAnEditorHasJustChangedIsNotLost();
    void aMistakeInTheFileIsSaidWithFileLineAndKey();
    void aFileThatCannotBeWrittenIsSaidAndNothingChanges();
    void whatTakesARestartSaysSo();
    void whatHoldsForThisRunAloneSaysSo();
    void aSearchFindsByTitleAndKey();
    void anAttachedWindowSavesForTheEngineThatFollows();

  private:
    SettingsModel* settings() { return anna->app.settings(); }
    QString path() { return anna->folder.filePath("home/wherry.toml"); }
    QByteArray file() { return contentOf(path()); }
    void write(const QByteArray& text) { anna->make("home/wherry.toml", text); }
    QVariant of(const QString& key, int role) {
        const QModelIndexList found =
            settings()->match(settings()->index(0), SettingsModel::KeyRole, key, 1, Qt::MatchExactly);
        return found.isEmpty() ? QVariant() : found.first().data(role);
    }

    std::unique_ptr<DesktopSide> anna;
    std::unique_ptr<QAbstractItemModelTester> tester;
};

void SettingsTest::everySettingOfTheTableIsThereInWords() {
    const auto table = api::settingsTable();
    QCOMPARE(static_cast<size_t>(settings()->count()), table.size());
    int grouped = 0;
    for (const QString& group : settings()->groups()) {
        QVERIFY2(settings()->groupTitle(group) != group, qPrintable(group)); // has words of its own
        SettingGroupModel rows;
        rows.setSettings(settings());
        rows.setGroup(group);
        grouped += rows.count();
    }
    QCOMPARE(grouped, settings()->count());
    for (const api::SettingInfo& setting : table) {
        const QStringList words = settingChoices(setting);
        for (qsizetype at = 0; at < words.size(); ++at)
            QVERIFY2(words[at].toStdString() != setting.choices[static_cast<size_t>(at)], qPrintable(words[at]));
        QVERIFY(!settingExplanation(setting).contains(QLatin1Char('_')));
    }
}

void SettingsTest::aChangeIsInTheFileAndInForceAtOnce() {
    QSignalSpy changed(settings(), &SettingsModel::changed);
    QVERIFY(settings()->choose("app.theme", 3));
    QCOMPARE(settings()->theme(), QString("black"));
    QVERIFY(changed.count() > 0);
    QCOMPARE(file(), QByteArray("[app]\ntheme = \"black\"\n"));
    QVERIFY(settings()->change("limits.upload", "10 Mbit/s"));
    QCOMPARE(of("limits.upload", SettingsModel::AmountRole).toString(), QString("10"));
    QCOMPARE(of("limits.upload", SettingsModel::UnitRole).toString(), QString("Mbit/s"));
    QVERIFY(settings()->change("profile.alias", "Anna on the train"));
    QCOMPARE(anna->app.deviceName(), QString("Anna on the train"));
    const auto read = api::readSettings(anna->folder.filePath("home").toStdString(), {});
    QVERIFY(read && read->uploadLimit.perSecond == 10'000'000 && read->alias == "Anna on the train");
}

void SettingsTest::theFileKeepsWhatThePersonHasWritten() {
    write("# by hand\n[limits] # slow line\n  upload = '1 Mbit/s' # evening\n");
    WAIT_FOR(of("limits.upload", SettingsModel::ValueRole) == "1 Mbit/s");
    QVERIFY(settings()->change("limits.upload", "2 Mbit/s"));
    QVERIFY(settings()->change("limits.limit_lan", "true"));
    QCOMPARE(file(),
             QByteArray("# by hand\n[limits] # slow line\n  upload = \"2 Mbit/s\" # evening\nlimit_lan = true\n"));
}

void SettingsTest::aWrongValueIsSaidAtItsSettingAndChangesNothing() {
    QVERIFY(!settings()->change("transfers.max_parallel_sends", "65"));
    QCOMPARE(of("transfers.max_parallel_sends", SettingsModel::ErrorRole).toString(), QString("Allowed 1 to 64"));
    QCOMPARE(of("transfers.max_parallel_sends", SettingsModel::ValueRole).toString(), QString("4"));
    QVERIFY(!settings()->change("history.keep", "5"));
    QVERIFY(of("history.keep", SettingsModel::ErrorRole).toString().contains("1 day to 3650 days"));
    QVERIFY(!QFile::exists(path()));
    QVERIFY(settings()->change("transfers.max_parallel_sends", "64"));
    QVERIFY(of("transfers.max_parallel_sends", SettingsModel::ErrorRole).toString().isEmpty());
    QVERIFY(!settings()->change("no.such", "1"));
}

void SettingsTest::backToTheDefaultTakesItOutOfTheFile() {
    write("[limits]\nlimit_lan = true # at home\n");
    WAIT_FOR(!of("limits.limit_lan", SettingsModel::IsDefaultRole).toBool());
    QVERIFY(settings()->reset("limits.limit_lan"));
    QCOMPARE(file(), QByteArray("[limits]\n# at home\n"));
    QVERIFY(of("limits.limit_lan", SettingsModel::IsDefaultRole).toBool());
}

void SettingsTest::whatTheFolderForReceivedFilesIsHoldsForTheNextOffer() {
    const QString other = anna->folder.filePath("other");
    anna->app.setFolder(QUrl::fromLocalFile(other));
    WAIT_FOR(anna->app.receiving()->active() &&
             anna->app.receiving()->folder() == QFileInfo(other).canonicalFilePath());
    QVERIFY(file().contains("[receive]\nout = \""));
    QVERIFY(settings()->choose("receive.conflict", 2));
    QVERIFY(anna->app.receiving()->policy().conflict == api::Conflict::Skip);
}

void SettingsTest::whatAnEditorChangesIsTakenUp() {
    write("[app]\ntheme = 'dark'\n");
    WAIT_FOR(settings()->theme() == "dark");
    write("[app]\ntheme = 'light'\n");
    WAIT_FOR(settings()->theme() == "light");
    QVERIFY(QFile::remove(path()));
    WAIT_FOR(settings()->theme() == "system");
}

void SettingsTest::whatAnEditorHasJustChangedIsNotLost() {
    QVERIFY(settings()->choose("app.theme", 1));
    const QByteArray theirs = "# mine\n[app]\ntheme = 'dark'\n[limits]\nlimit_lan = true\n";
    write(theirs); // nobody has told of it yet
    QVERIFY(!settings()->choose("app.theme", 3));
    QVERIFY(of("app.theme", SettingsModel::ErrorRole).toString().contains("changed by another program"));
    QCOMPARE(file(), theirs);
    QCOMPARE(settings()->theme(), QString("dark"));
    QVERIFY(settings()->choose("app.theme", 3));
    QCOMPARE(file(), QByteArray("# mine\n[app]\ntheme = \"black\"\n[limits]\nlimit_lan = true\n"));
}

void SettingsTest::aMistakeInTheFileIsSaidWithFileLineAndKey() {
    write("[app]\ntheme = 'dark'\n");
    WAIT_FOR(settings()->theme() == "dark");
    write("[app]\ntheme = 'light'\n[limits]\nmax_connections = 0\nlimit_lamp = true\n");
    WAIT_FOR(!settings()->problem().isEmpty());
    QCOMPARE(settings()->problem(),
             QString("“Most connections at a time” is 0; allowed: 1 to %1 (line 4 of wherry.toml). Others are further below.")
                 .arg(QLocale().toString(10000)));
    QCOMPARE(settings()->theme(), QString("dark"));
    // One can be mended here; the other is for the person.
    QVERIFY(settings()->change("limits.max_connections", "10"));
    QCOMPARE(settings()->problem(),
             QString("limits.limit_lamp is not a setting; did you mean limits.limit_lan? (line 5 of wherry.toml)"));
    QVERIFY(file().contains("limit_lamp = true\n"));
    write("[app]\ntheme = 'light'\n");
    WAIT_FOR(settings()->problem().isEmpty() && settings()->theme() == "light");
    write("[profile]\ndevice = 'a: b'\n");
    WAIT_FOR(settings()->problem().startsWith("“Kind of this device” is \"a: b\"; allowed: auto, desktop, "));
    write("[app\n");
    WAIT_FOR(settings()->problem().endsWith("(line 1 of wherry.toml)") ||
             settings()->problem().endsWith("(line 2 of wherry.toml)"));
    QVERIFY(!settings()->choose("app.theme", 2));
    QCOMPARE(file(), QByteArray("[app\n"));
}

void SettingsTest::aFileThatCannotBeWrittenIsSaidAndNothingChanges() {
    App other(DesktopSide::settings(anna->folder, "x"), anna->folder.filePath("gone/wherry.toml").toStdString());
    QVERIFY(!other.settings()->choose("app.theme", 2));
    QVERIFY(other.settings()->errorOf("app.theme").contains("cannot be written"));
    QCOMPARE(other.settings()->theme(), QString("system"));
}

void SettingsTest::whatTakesARestartSaysSo() {
    QVERIFY(!settings()->restartWanted());
    QVERIFY(settings()->change("limits.max_connections", "10"));
    QVERIFY(settings()->restartWanted());
    QVERIFY(of("limits.max_connections", SettingsModel::PendingRole).toBool());
    QVERIFY(settings()->reset("limits.max_connections"));
    QVERIFY(!settings()->restartWanted());
}

void SettingsTest::whatHoldsForThisRunAloneSaysSo() {
    QVERIFY(of("profile.alias", SettingsModel::PassingRole).toBool()); // as --set would have said
    QVERIFY(!of("app.theme", SettingsModel::PassingRole).toBool());
    QVERIFY(settings()->change("profile.alias", "Anna's laptop"));
    QVERIFY(!of("profile.alias", SettingsModel::PassingRole).toBool());
    QCOMPARE(file(), QByteArray("[profile]\nalias = \"Anna's laptop\"\n"));
}

void SettingsTest::aSearchFindsByTitleAndKey() {
    SettingGroupModel rows;
    QAbstractItemModelTester rowsTester(&rows, QAbstractItemModelTester::FailureReportingMode::QtTest);
    rows.setSettings(settings());
    rows.setGroup("limits");
    const int all = rows.count();
    rows.setSearch("METERED");
    QVERIFY(rows.count() > 0 && rows.count() < all);
    rows.setSearch("limits.limit_lan");
    QCOMPARE(rows.count(), 1);
    rows.setSearch("zebra");
    QCOMPARE(rows.count(), 0);
    rows.setSearch("");
    QCOMPARE(rows.count(), all);
    rows.setPendingOnly(true);
    QCOMPARE(rows.count(), 0);
    QVERIFY(settings()->change("limits.max_connections", "10"));
    QVERIFY(settings()->change("limits.limit_lan", "true")); // takes no restart
    QCOMPARE(rows.count(), 1);
    QVERIFY(settings()->reset("limits.max_connections"));
    QCOMPARE(rows.count(), 0);
}

/// An engine as another program's: with an event loop of its own.
struct EngineElsewhere {
    explicit EngineElsewhere(const api::Settings& settings) {
        context.moveToThread(&thread);
        thread.start();
        in([&] {
            engine = std::make_unique<api::Engine>();
            running = engine->start(settings).has_value();
        });
    }
    ~EngineElsewhere() {
        in([&] {
            if (running) engine->stop();
            engine.reset();
        });
        thread.quit();
        thread.wait();
    }
    template <typename Work> void in(Work work) {
        QMetaObject::invokeMethod(&context, work, Qt::BlockingQueuedConnection);
    }

    QThread thread;
    QObject context;
    std::unique_ptr<api::Engine> engine;
    bool running = false;
};

void SettingsTest::anAttachedWindowSavesForTheEngineThatFollows() {
    QTemporaryDir folder;
    auto host = std::make_unique<EngineElsewhere>(DesktopSide::settings(folder, "host"));
    QVERIFY(host->running);
    App window(DesktopSide::settings(folder, "window"));
    QVERIFY(window.start());
    WAIT_FOR(window.ready() && window.receiving()->active());
    QVERIFY(!window.host().isEmpty());
    QVERIFY(window.settings()->change("limits.upload", "5 Mbit/s"));
    QVERIFY(window.settings()->choose("app.theme", 2));
    const QString written = folder.filePath("home/wherry.toml");
    QCOMPARE(contentOf(written), QByteArray("[limits]\nupload = \"5 Mbit/s\"\n\n[app]\ntheme = \"dark\"\n"));
    host.reset();
    WAIT_FOR(window.ready() && window.host().isEmpty());
    QVERIFY(window.settings()->change("limits.upload", "6 Mbit/s"));
    QVERIFY(contentOf(written).contains("6 Mbit/s"));
    window.stop();
}

QTEST_GUILESS_MAIN(SettingsTest)
#include "settings_test.moc"
