#include "cli/json_line.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <limits>
#include <random>

using namespace wherry::cli;

namespace {

/// What another program reads from the line.
QJsonObject readBack(const JsonLine& line) {
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(line.str()), &error);
    if (error.error != QJsonParseError::NoError)
        qWarning("%s: %s", qPrintable(error.errorString()), line.str().c_str());
    return document.object();
}

} // namespace

class JsonLineTest : public QObject {
    Q_OBJECT

  private slots:
    void fieldsKeepTheirOrder();
    void textArrivesAsItWas();
    void controlAndInvisibleCharactersAreEscaped();
    void bytesThatAreNotUtf8BecomeReplacementsAndBase64();
    void utf8IsJudgedAsInRfc3629();
    void numbersAreJsonNumbers();
    void base64VectorsOfRfc4648();
    void anyBytesGiveOneValidLine();
};

void JsonLineTest::fieldsKeepTheirOrder() {
    QCOMPARE(JsonLine("ready")
                 .count("a", 1)
                 .flag("b", true)
                 .texts("c", {"x", "y"})
                 .objects("d", {JsonLine().count("e", 2)})
                 .str(),
             std::string(R"({"event":"ready","a":1,"b":true,"c":["x","y"],"d":[{"e":2}]})"));
    QCOMPARE(JsonLine().str(), std::string("{}"));
    QCOMPARE(JsonLine().texts("c", {}).str(), std::string(R"({"c":[]})"));
}

void JsonLineTest::textArrivesAsItWas() {
    for (const char* text : {"", "plain", "quote\" back\\slash /", "line\nfeed\ttab", "Grüße 旅行 🚢", "\x01\x1b[31m",
                             "\u202Egpj.exe", "a\u200bb", "\U000E0041"}) {
        const auto read = readBack(JsonLine().text("t", text));
        QCOMPARE(read["t"].toString(), QString::fromUtf8(text));
    }
}

void JsonLineTest::controlAndInvisibleCharactersAreEscaped() {
    QCOMPARE(jsonString("\x1b[31m\x7f"), std::string(R"("\u001b[31m\u007f")"));
    QCOMPARE(jsonString("\u202E\u200B\u2028\uFEFF"), std::string(R"("\u202e\u200b\u2028\ufeff")"));
    QCOMPARE(jsonString("\U000E0041"), std::string(R"("\udb40\udc41")"));
    QCOMPARE(jsonString("\u0085"), std::string(R"("\u0085")"));
}

void JsonLineTest::bytesThatAreNotUtf8BecomeReplacementsAndBase64() {
    QCOMPARE(JsonLine()
                 .bytes("file", "a\xff"
                                "b")
                 .str(),
             std::string(R"({"file":"a\ufffdb","fileBase64":"Yf9i"})"));
    QCOMPARE(JsonLine().bytes("file", "ok").str(), std::string(R"({"file":"ok"})"));
}

void JsonLineTest::utf8IsJudgedAsInRfc3629() {
    for (const char* valid :
         {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        QVERIFY(isValidUtf8(valid));
    for (const char* invalid : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                                "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc3"})
        QVERIFY(!isValidUtf8(invalid));
}

void JsonLineTest::numbersAreJsonNumbers() {
    QCOMPARE(JsonLine().count("n", UINT64_MAX).str(), std::string(R"({"n":18446744073709551615})"));
    QCOMPARE(JsonLine().decimal("n", 1.25, 3).str(), std::string(R"({"n":1.250})"));
    QCOMPARE(JsonLine().decimal("n", 1e20, 0).str(), std::string(R"({"n":100000000000000000000})"));
    QCOMPARE(JsonLine().decimal("n", std::numeric_limits<double>::infinity()).str(), std::string(R"({"n":null})"));
    QCOMPARE(JsonLine().decimal("n", std::numeric_limits<double>::quiet_NaN()).str(), std::string(R"({"n":null})"));
}

void JsonLineTest::base64VectorsOfRfc4648() {
    QCOMPARE(base64(""), std::string(""));
    QCOMPARE(base64("f"), std::string("Zg=="));
    QCOMPARE(base64("fo"), std::string("Zm8="));
    QCOMPARE(base64("foo"), std::string("Zm9v"));
    QCOMPARE(base64("foobar"), std::string("Zm9vYmFy"));
}

void JsonLineTest::anyBytesGiveOneValidLine() {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 40, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        const JsonLine line = JsonLine().bytes("b", bytes);
        QVERIFY(line.str().find('\n') == std::string::npos && isValidUtf8(line.str()));
        const auto read = readBack(line);
        QVERIFY(read.contains("b"));
        if (read.contains("bBase64"))
            QCOMPARE(QByteArray::fromBase64(read["bBase64"].toString().toLatin1()).toStdString(), bytes);
        else
            QCOMPARE(read["b"].toString().toStdString(), bytes);
    }
}

QTEST_APPLESS_MAIN(JsonLineTest)
#include "json_line_test.moc"
