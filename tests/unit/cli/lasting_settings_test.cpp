#include "cli/lasting_settings.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace wherry;
using namespace wherry::cli;

class LastingSettingsTest : public QObject {
    Q_OBJECT

  private slots:
    void theCommandLineBeatsTheFile();
    void aFileThatWasNamedMustBeThere();
    void aMistakeInAnAssignmentIsOneOfTheCommandLine();
    void whatTheFileSaysInVainIsNoticed();
};

void LastingSettingsTest::theCommandLineBeatsTheFile() {
    QTemporaryDir home;
    std::ofstream(home.filePath("wherry.toml").toStdString())
        << "[receive]\naccept = \"all\"\nconflict = \"skip\"\nout = \"/srv/in\"\n[limits]\nupload = \"1 Mbit/s\"\n"
           "max_connections = 7\n[network]\nlisten = [\"/ip4/127.0.0.1/udp/4001/quic-v1\"]\n";
    const std::vector<std::string> words = {"receive", "--home", home.path().toStdString(), "--conflict", "fail",
                                            "--set", "limits.upload=off"};
    const auto settings = lastingSettings(parseArguments(words).arguments);
    QVERIFY2(settings.has_value(), settings ? "" : settings.error().context.c_str());
    const Arguments arguments = parseArguments(words, optionDefaults(*settings)).arguments;
    QVERIFY(arguments.accept == api::Accept::All && arguments.conflict == api::Conflict::Fail);
    QCOMPARE(arguments.out, std::string("/srv/in"));
    QVERIFY(!arguments.settings.uploadLimit.limited());
    QCOMPARE(arguments.settings.maxConnections, 7u);
    QCOMPARE(arguments.settings.listen.size(), size_t{1});
}

void LastingSettingsTest::aFileThatWasNamedMustBeThere() {
    QTemporaryDir home;
    const std::string path = home.path().toStdString();
    QVERIFY(lastingSettings(parseArguments({"node", "--home", path}).arguments).has_value());
    const auto named = lastingSettings(parseArguments({"node", "--home", path, "--config", path + "/x"}).arguments);
    QVERIFY(!named && named.error().code == api::Errc::NotFound);
}

void LastingSettingsTest::aMistakeInAnAssignmentIsOneOfTheCommandLine() {
    const auto parsed = parseArguments({"node", "--set", "limits.uplaod=off"});
    QCOMPARE(parsed.errors.size(), size_t{1});
    QVERIFY(parsed.errors[0].message.find("did you mean limits.upload?") != std::string::npos);
}

void LastingSettingsTest::whatTheFileSaysInVainIsNoticed() {
    QTemporaryDir home;
    const auto read = [&](const char* file, const std::string& assignment) {
        std::ofstream(home.filePath("wherry.toml").toStdString()) << file;
        const std::vector<std::string> words = {"node", "--home", home.path().toStdString(), "--set", assignment};
        return parseArguments(words, optionDefaults(*lastingSettings(parseArguments(words).arguments))).arguments;
    };
    const auto before = read("[limits]\nupload = \"1 Mbit/s\"\n", "limits.upload=2 Mbit/s");
    QCOMPARE(before.settings.uploadLimit.perSecond, uint64_t{2'000'000});
    QCOMPARE(before.fileSettings.uploadLimit.perSecond, uint64_t{1'000'000});
    const auto after = read("[limits]\nupload = \"3 Mbit/s\"\ndownload = \"3 Mbit/s\"\n", "limits.upload=2 Mbit/s");
    const auto kept = keptSettings(before.fileSettings, after);
    QCOMPARE(kept.size(), size_t{1});
    QCOMPARE(kept[0].key, std::string("limits.upload"));
    QCOMPARE(kept[0].value, std::string("\"2 Mbit/s\""));
    QCOMPARE(kept[0].inFile, std::string("\"3 Mbit/s\""));
    QVERIFY(keptSettings(after.fileSettings, after).empty()); // said once
    const auto equal = read("[limits]\nupload = \"2 Mbit/s\"\n", "limits.upload=2 Mbit/s");
    QVERIFY(keptSettings(after.fileSettings, equal).empty());
}

QTEST_APPLESS_MAIN(LastingSettingsTest)
#include "lasting_settings_test.moc"
