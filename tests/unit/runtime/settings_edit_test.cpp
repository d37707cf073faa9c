#include "runtime/settings_edit.h"
#include "runtime/settings_file.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace wherry;
using namespace wherry::runtime;

namespace {

std::string edited(std::string_view text, std::string_view key, std::string_view value) {
    const auto result = editSettings(text, *findSetting(key), value);
    return result ? *result : "error: " + result.error().context;
}

} // namespace

#define REQUIRE_TEXT(TEXT, KEY, VALUE, WANTED) QCOMPARE(edited(TEXT, KEY, VALUE), std::string(WANTED))

class SettingsEditTest : public QObject {
    Q_OBJECT

  private slots:
    void aValueIsReplacedWhereItStands() {
        REQUIRE_TEXT("# mine\n[limits] # all of them\nupload   =  \"1 Mbit/s\"  # slow line\n\n[log]\nlevel='debug'\n",
                     "limits.upload", "\"2 Mbit/s\"",
                     "# mine\n[limits] # all of them\nupload   =  \"2 Mbit/s\"  # slow line\n\n[log]\nlevel='debug'\n");
        REQUIRE_TEXT("log.level = 'debug'", "log.level", "\"off\"", "log.level = \"off\"");
        REQUIRE_TEXT("# Ünïcödé\nprofile = { alias = 'Zoë', policy = 'é' } # ☂\n", "profile.policy", "\"no\"",
                     "# Ünïcödé\nprofile = { alias = 'Zoë', policy = \"no\" } # ☂\n");
        REQUIRE_TEXT("[limits]\r\nlimit_lan = true\r\n", "limits.limit_lan", "false",
                     "[limits]\r\nlimit_lan = false\r\n");
    }
    void aNewSettingStandsInItsTable() {
        REQUIRE_TEXT("", "app.theme", "\"dark\"", "[app]\ntheme = \"dark\"\n");
        REQUIRE_TEXT("[log]\nlevel = 'off'", "app.theme", "\"dark\"",
                     "[log]\nlevel = 'off'\n\n[app]\ntheme = \"dark\"\n");
        REQUIRE_TEXT("[limits]\nupload = '1 Mbit/s'\n\n# about logs\n[log]\n", "limits.limit_lan", "true",
                     "[limits]\nupload = '1 Mbit/s'\nlimit_lan = true\n\n# about logs\n[log]\n");
        REQUIRE_TEXT("limits.upload = '1 Mbit/s'\n[log]\n", "limits.limit_lan", "true",
                     "limits.upload = '1 Mbit/s'\nlimits.limit_lan = true\n[log]\n");
        REQUIRE_TEXT("[limits]\r\n", "limits.limit_lan", "true", "[limits]\r\nlimit_lan = true\r\n");
        REQUIRE_TEXT("[limits]", "limits.limit_lan", "true", "[limits]\nlimit_lan = true");
    }
    void aNewSettingStandsBelowItsExplanationInTheDocumentedFile() {
        const std::string text = edited(documentedSettings(), "limits.limit_lan", "true");
        QVERIFY(text.find("\n#limit_lan = false\nlimit_lan = true\n") != text.npos);
        QCOMPARE(edited(text, "limits.limit_lan", ""), documentedSettings());
    }
    void everySettingCanBeAddedToTheDocumentedFileAndTakenOutAgain() {
        for (const SettingSpec& spec : settingsTable()) {
            const std::string text = edited(documentedSettings(), spec.key, valueText(spec, Settings{}));
            QVERIFY2(parseSettings(text, "wherry.toml"), std::string(spec.key).c_str());
            QVERIFY(text.size() > documentedSettings().size());
            QCOMPARE(edited(text, spec.key, ""), documentedSettings());
        }
    }
    void aSettingThatIsTakenOutLeavesItsRemark() {
        REQUIRE_TEXT("[limits]\nlimit_lan = true\nupload = 'off'\n", "limits.limit_lan", "",
                     "[limits]\nupload = 'off'\n");
        REQUIRE_TEXT("[limits]\nlimit_lan = true # at home\n", "limits.limit_lan", "", "[limits]\n# at home\n");
        REQUIRE_TEXT("limits = { limit_lan = true }\n", "limits.limit_lan", "", "limits = { limit_lan = false }\n");
        REQUIRE_TEXT("[network]\nlisten = [\n  '/ip4/0.0.0.0/udp/1/quic-v1',\n]\nmdns = false\n", "network.listen", "",
                     "[network]\nmdns = false\n");
        REQUIRE_TEXT("# nothing\n", "limits.limit_lan", "", "# nothing\n");
    }
    void keysThatNobodyKnowsStay() {
        REQUIRE_TEXT("[future]\nkey = 2020-01-01\n[limits]\nnew_one = [1, 2]\nlimit_lan = false\n", "limits.limit_lan",
                     "true", "[future]\nkey = 2020-01-01\n[limits]\nnew_one = [1, 2]\nlimit_lan = true\n");
    }
    void whatOnlyLooksLikeATableIsNotTakenForOne() {
        const std::string text = "[profile]\npolicy = \"\"\"\n[app]\n#theme = 1\n\"\"\"\n";
        REQUIRE_TEXT(text, "app.theme", "\"dark\"", text + "\n[app]\ntheme = \"dark\"\n");
    }
    void whatCannotBeChangedAloneIsLeftToThePerson() {
        QVERIFY(!editSettings("app = { }\n", *findSetting("app.theme"), "\"dark\""));
        const std::string_view remarked = "[network]\nlisten = [ # the first\n]\n";
        QVERIFY(editSettings(remarked, *findSetting("network.listen"), "[]").error().code == Errc::Unsupported);
        QVERIFY(editSettings("[app\n", *findSetting("app.theme"), "\"dark\"").error().code == Errc::Malformed);
    }
    void aFileIsReplacedWholeAndOnlyIfItIsWhatWasRead() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("wherry.toml").toStdString();
        QCOMPARE(*readSettingsText(path), std::string());
        QVERIFY(replaceSettingsText(path, "", "# one\n"));
        QCOMPARE(*readSettingsText(path), std::string("# one\n"));
        QVERIFY(replaceSettingsText(path, "", "# lost\n").error().code == Errc::SourceChanged);
        QCOMPARE(*readSettingsText(path), std::string("# one\n"));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1); // nothing is left over
    }
    void aFileThatCannotBeWrittenIsAnError() {
        QTemporaryDir folder;
        const std::string path = folder.filePath("gone/wherry.toml").toStdString();
        const auto written = replaceSettingsText(path, "", "# one\n");
        QVERIFY(!written && written.error().code == Errc::PermissionDenied);
        QVERIFY(written.error().context.find("wherry.toml cannot be written: ") != std::string::npos);
    }
    void aLinkStaysALink() {
        QTemporaryDir folder;
        QVERIFY(replaceSettingsText(folder.filePath("real.toml").toStdString(), "", "# one\n"));
        QVERIFY(QFile::link(folder.filePath("real.toml"), folder.filePath("wherry.toml")));
        QVERIFY(replaceSettingsText(folder.filePath("wherry.toml").toStdString(), "# one\n", "# two\n"));
        QVERIFY(QFileInfo(folder.filePath("wherry.toml")).isSymLink());
        QCOMPARE(*readSettingsText(folder.filePath("real.toml").toStdString()), std::string("# two\n"));
    }
};

QTEST_APPLESS_MAIN(SettingsEditTest)
#include "settings_edit_test.moc"
