#include "base/display_text.h"
#include "base/utf8.h"

#include <QTest>

using namespace wherry;

class DisplayTextTest : public QObject {
    Q_OBJECT

  private slots:
    void readableTextStaysAsItIs() {
        for (const char* text : {"", "notes.txt", "naïve café", "日本語", "файл", "🛶", "a/b/c", "100 %", "<b>&amp;"})
            QCOMPARE(displayText(text), std::string(text));
    }

    void A12_controlCharactersAndEscapesAreShownNotObeyed() {
        QCOMPARE(displayText("\x1b[31mred"), std::string("\\u{001b}[31mred"));
        QCOMPARE(displayText("a\nb\r\tc"), std::string("a\\u{000a}b\\u{000d}\\u{0009}c"));
        QCOMPARE(displayText(std::string_view("a\0b", 3)), std::string("a\\u{0000}b"));
        QCOMPARE(displayText("\x7f"), std::string("\\u{007f}"));
        QCOMPARE(displayText("\u009b31m"),
                 std::string("\\u{009b}31m")); // the one-character control sequence introducer
    }

    void A13_whatTurnsOrHidesTextIsShown() {
        QCOMPARE(displayText("photo\u202egpj.exe"), std::string("photo\\u{202e}gpj.exe"));
        for (const char* text : {"\u200b", "\u200d", "\u2066", "\u2069", "\u200e", "\ufeff", "\u00ad", "\u2028",
                                 "\u2029", "\u3164", "\U000e0041", "\ue000", "\U000f0000", "\u180e"}) {
            const std::string shown = displayText(text);
            QVERIFY2(shown.starts_with("\\u{"), shown.c_str());
        }
        QCOMPARE(displayText("\U000e0041"), std::string("\\u{0e0041}"));
    }

    void bytesThatAreNotUtf8AreShown() {
        QCOMPARE(displayText("caf\xe9"), std::string("caf\\xe9"));
        QCOMPARE(displayText("\xc0\xae"), std::string("\\xc0\\xae"));
        QCOMPARE(displayText("\xed\xa0\x80"), std::string("\\xed\\xa0\\x80"));
        QCOMPARE(displayText("\xf4\x90\x80\x80"), std::string("\\xf4\\x90\\x80\\x80"));
        QCOMPARE(displayText("\xe2\x82"), std::string("\\xe2\\x82"));
    }

    void differentTextsNeverLookAlike() {
        QVERIFY(displayText("\\u{202e}") != displayText("\u202e"));
        QVERIFY(displayText("\\xff") != displayText("\xff"));
        QCOMPARE(displayText("a\\b"), std::string("a\\\\b"));
    }

    void lengthIsCappedInCharactersAtTheBoundAndOnePast() {
        QCOMPARE(displayText("äöüäö", 5), std::string("äöüäö"));
        QCOMPARE(displayText("äöüäöü", 5), std::string("äöüä…"));
        QCOMPARE(displayText("abcd\x1b", 5), std::string("abcd…")); // an escape is never cut in two
        QCOMPARE(displayText("\x1b", 5), std::string("…"));
        QCOMPARE(displayText("abc", 0), std::string());
        QCOMPARE(displayText("abc", 1), std::string("…"));
        const std::string flood(1'000'000, '\x01');
        QVERIFY(displayText(flood).size() <= kMaxDisplayText + 3);
    }

    void everyByteStringBecomesValidUtf8OnOneLine() {
        uint32_t state = 7;
        for (int round = 0; round < 20'000; ++round) {
            std::string text;
            for (int i = 0; i < 12; ++i) {
                state = state * 1664525u + 1013904223u;
                text.push_back(static_cast<char>(state >> 24));
            }
            const std::string shown = displayText(text, 40);
            QVERIFY(isUtf8(shown));
            for (char c : shown) QVERIFY(static_cast<uint8_t>(c) >= 0x20 && c != 0x7f);
        }
    }

    void everyCharacterSurvivesReadingAndWriting() {
        for (char32_t c = 0; c <= 0x10ffff; c += c < 0x900 ? 1 : 37) {
            if (c >= 0xd800 && c <= 0xdfff) continue;
            std::string text;
            appendUtf8(text, c);
            const Utf8Step step = readUtf8(text);
            QVERIFY(step.character && *step.character == c && step.length == text.size());
            QVERIFY(!readUtf8(std::string_view(text).substr(0, text.size() - (text.size() > 1))).character ||
                    text.size() == 1);
        }
    }
};

QTEST_APPLESS_MAIN(DisplayTextTest)
#include "display_text_test.moc"
