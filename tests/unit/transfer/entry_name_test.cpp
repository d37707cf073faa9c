#include "transfer/entry_name.h"
#include "transfer/name_folding.h"
#include "transfer/transfer_limits.h"

#include <QTest>

using namespace wherry;
using namespace wherry::transfer;
using namespace std::string_literals;

namespace {

void refusedName(const std::string& name) {
    const auto result = validateName(name);
    QVERIFY2(!result, name.c_str());
    QCOMPARE(result.error().code, Errc::UnsafePath);
}

void refusedPath(const std::string& path) {
    const auto result = validatePath(path);
    QVERIFY2(!result, path.c_str());
    QCOMPARE(result.error().code, Errc::UnsafePath);
}

void fine(const std::string& name) {
    const auto result = validateName(name);
    QVERIFY2(result, result ? "" : result.error().context.c_str());
}

} // namespace

class EntryNameTest : public QObject {
    Q_OBJECT

  private slots:
    void ordinaryNamesOfAllScriptsAreFine() {
        for (const char* name :
             {"a",    "README.md",   "...",    "..a",  "a..",    ".hidden",    "naïve café.txt", "日本語.txt",
              "файл", "🛶 wherry", "a b  c", "%",    "100%25", "a%2Fb.html", "%2Fusr%2Fshare", "50% off.txt",
              "-rf",  "~",           "$HOME",  "`id`", "a'b",    "a&b;c"})
            fine(name);
    }

    void A1_namesThatLeadElsewhereAreRefused() {
        refusedName("..");
        refusedName(".");
        for (const char* path :
             {"../x", "a/../../x", "..", "a/..", "a/../b", "./a", "a/./b", "a/.", "../../../../etc/passwd"})
            refusedPath(path);
    }

    void A2_absolutePathsDrivesAndDevicesAreRefused() {
        for (const char* path : {"/etc/x", "//x", "C:\\x", "C:x", "c:", "C:/x", "\\\\srv\\share", "\\\\?\\C:\\x",
                                 "\\\\.\\COM1", "/dev/null", "/", "a//b", "a/"})
            refusedPath(path);
        refusedName("C:x");
        refusedName("z:");
    }

    void A3_separatorsOfAnySystemAreRefused() {
        for (const char* name : {"a/b", "a\\b", "a\\..\\b", "..\\x", "\\x", "x\\", "a/..\\b"}) refusedName(name);
        refusedPath("a\\..\\b");
        refusedPath("a/..\\b/c");
    }

    void A5_aFolderWhoseNameBeginsLikeTheRootIsStillOutside() { refusedPath("../parent2/f"); }

    void A6_hiddenTraversalAndZeroBytesAreRefused() {
        refusedName("a\0b"s);
        refusedName("\0"s);
        refusedName("..\0"s);
        for (const char* name :
             {"%2e%2e", "%2E%2e", "..%2fx", "%2e%2e%2fx", "%2e%2e%5cx", "..%5C..%5Cx", "a%2f..%2f..%2fx",
              "%252e%252e%252fx", "%25252e%25252e%25255cx", "%c0%ae%c0%ae%c0%afx", ".%2e", "%2e."})
            refusedName(name);
        for (const char* name :
             {"\xc0\xae\xc0\xae\xc0\xafx", "\xc0\xae\xc0\xae", ".\xc0\xae", "..\xc0\xafx", "..\xe0\x80\xafx",
              "..\xf0\x80\x80\xafx", "..\xc1\x9cx", "\xe0\x80\xae\xe0\x80\xae\xc0\xafx",
              "\xc0\xaf"
              "etc"})
            refusedName(name);
    }

    void A6_otherInvalidUtf8IsKeptButUnportable() {
        for (const char* name : {"caf\xe9.txt", "\xff\xfe", "\xed\xa0\x80x", "a\x80", "\xc3", "\xc0\xb4\xd7\xd4"}) {
            fine(name);
            QVERIFY(!isPortableName(name));
        }
    }

    void A7_windowsDevicesAreUnportableNotAttacks() {
        for (const char* name : {"CON", "con.txt", "COM1.log", "com0", "LPT\u00b9", "lpt\u00b3.x.y", "CONIN$",
                                 "conout$", "AUX.c", "nul", "NUL .txt", "PrN"}) {
            fine(name);
            QVERIFY2(!isPortableName(name), name);
        }
        for (const char* name : {"CONSOLE", "COM10", "COM", "LPTX", "auxiliary.c", "a.con", "nula", "com1x.log"})
            QVERIFY2(isPortableName(name), name);
    }

    void A8_streamsAreRefused() {
        for (const char* name : {"file.txt:stream", "file.txt::$DATA", "x::$DATA", "x:$I30:$INDEX_ALLOCATION",
                                 "a.exe:Zone.Identifier", "a.php:$data", "dir:$i30"})
            refusedName(name);
    }

    void colonsInUnixNamesAreUnportableNotAttacks() {
        for (const char* name : {"12:30 notes.txt", "Re: minutes", "Screenshot 2026-11-20 10:43:22.png",
                                 "std::vector.html", "a.txt: draft", "ratio 4:3", ":", "foo:", "v1.2:final"}) {
            fine(name);
            QVERIFY(!isPortableName(name));
        }
    }

    void A9_emptyTooLongAndTooDeepAreRefusedEachAtItsBound() {
        refusedName("");
        refusedPath("");
        fine(std::string(kMaxNameLength, 'a'));
        QCOMPARE(validateName(std::string(kMaxNameLength + 1, 'a')).error().code, Errc::TooLarge);

        std::string deep = "a";
        for (size_t i = 1; i < kMaxDepth; ++i) deep += "/a";
        QVERIFY(validatePath(deep));
        QCOMPARE(validatePath(deep + "/a").error().code, Errc::TooLarge);
        std::string abyss = "a";
        for (size_t i = 1; i < 10'000; ++i) abyss += "/a";
        QCOMPARE(validatePath(abyss).error().code, Errc::TooLarge);

        std::string longPath;
        while (longPath.size() + 64 < kMaxPathLength) longPath += std::string(63, 'b') + "/";
        longPath += std::string(kMaxPathLength - longPath.size(), 'c');
        QCOMPARE(longPath.size(), kMaxPathLength);
        QVERIFY(validatePath(longPath));
        QCOMPARE(validatePath(longPath + "c").error().code, Errc::TooLarge);
    }

    void A9_namesWithBlanksOrDotsAtTheirEndsAreUnportable() {
        for (const char* name : {"a.", "a ", " a", "a..", ". ", "a. ", "x.txt "}) {
            fine(name);
            QVERIFY2(!isPortableName(name), name);
        }
    }

    void A10_caseAndNormalFormsCollide() {
        const auto same = [](const char* a, const char* b) { return collisionKey(a) == collisionKey(b); };
        QVERIFY(same("README", "readme"));
        QVERIFY(same("\u00e9", "e\u0301"));
        QVERIFY(same("\u00c9", "e\u0301"));
        QVERIFY(same("Ångström", "a\u030angstro\u0308m"));
        QVERIFY(same("\u212bngström", "ångström")); // Angstrom sign
        QVERIFY(same("\u1e69", "s\u0307\u0323"));   // marks in another order
        QVERIFY(same("STRASSE", "straße"));
        QVERIFY(same("ΣΑΣ", "σας"));
        QVERIFY(same("\ud55c", "\u1112\u1161\u11ab")); // Hangul
        QVERIFY(same("ﬁle", "FILE"));
        QVERIFY(same(".g\u200cit", ".GIT"));
        QVERIFY(same("K", "\u212a")); // Kelvin sign
        QVERIFY(!same("a", "b"));
        QVERIFY(!same("e", "é"));
        QVERIFY(!same("\xe9", "\xe8"));
        QVERIFY(!same("a.txt", "a_txt"));
    }

    void namesInNormalFormDAreUnportable() {
        for (const char* name : {"e\u0301", "a\u030a.txt", "\u1112\u1161\u11ab", "\u212b", "s\u0323\u0307", "\u0958"}) {
            QVERIFY2(!isComposed(name), name);
            QVERIFY(!isPortableName(name));
        }
        for (const char* name : {"é", "\u1e69", "한글", "বাংলা", "हिन्दी", "ไทย", "q\u0301", "عربي", "ascii"})
            QVERIFY2(isComposed(name), name);
    }

    void controlCharactersAndWildcardsAreUnportable() {
        for (const char* name :
             {"a\nb", "\x1b[31mred", "a\tb", "Icon\r", "a*b", "what?", "a|b", "a<b", "a>b", "a\"b", "\x7f"}) {
            fine(name);
            QVERIFY(!isPortableName(name));
        }
    }

    void A12_errorsShowNamesNeutralised() {
        const auto result = validateName("\x1b[31m/\u202egpj");
        QVERIFY(!result);
        QVERIFY(result.error().context.find('\x1b') == std::string::npos);
        QVERIFY(result.error().context.find("\u202e") == std::string::npos);
        QVERIFY(result.error().context.find("\\u{202e}gpj") != std::string::npos);
    }

    void A15_dangerousDestinationsAreNamed() {
        for (const char* path : {".bashrc",
                                 ".BASHRC",
                                 ".ssh",
                                 ".ssh/authorized_keys",
                                 ".SSH/config",
                                 ".config/autostart/x.desktop",
                                 ".config/autostart",
                                 "desktop.ini",
                                 "holiday/Desktop.INI",
                                 "game.lnk",
                                 "deep/down/page.URL",
                                 "x.desktop",
                                 ".profile",
                                 "autorun.inf",
                                 ".g\u200cit/hooks/post-checkout",
                                 ".gnupg/x",
                                 "Library/LaunchAgents/evil.plist",
                                 "game.lnk. ",
                                 "bin/ls",
                                 "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/x.exe",
                                 ".zshenv"})
            QVERIFY2(!destinationWarning(path).empty(), path);
        for (const char* path :
             {"bashrc", "photos/.bashrc.d.txt", "ssh/readme", "project/.git/config", "src/bin/main.rs", "lnk", "a.ini",
              "url.txt", ".sshx", "binary", "configuration/autostart", "notes.txt"})
            QVERIFY2(destinationWarning(path).empty(), path);
    }
};

QTEST_APPLESS_MAIN(EntryNameTest)
#include "entry_name_test.moc"
