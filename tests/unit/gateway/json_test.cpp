#include "gateway/gateway_limits.h"
#include "gateway/json.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gateway;

static std::string nested(size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

static std::string zeros(size_t count) {
    std::string text = "[0";
    for (size_t i = 1; i < count; ++i) text += ",0";
    return text + "]";
}

class JsonTest : public QObject {
    Q_OBJECT
  private slots:
    void valuesKeepTheirKind() {
        const auto value = parseJson(R"({"a":[1,-2,1.5,true,null,"x"],"b":18446744073709551615})").value();
        const auto& array = *value.find("a")->as<JsonValue::Array>();
        QCOMPARE(*array[0].as<uint64_t>(), uint64_t(1));
        QCOMPARE(*array[1].as<int64_t>(), int64_t(-2));
        QCOMPARE(*array[2].as<double>(), 1.5);
        QVERIFY(*array[3].as<bool>());
        QVERIFY(array[4].as<std::monostate>());
        QCOMPARE(*array[5].as<std::string>(), std::string("x"));
        QCOMPARE(*value.find("b")->as<uint64_t>(), UINT64_MAX);
        QVERIFY(!value.find("c"));
    }
    void whatIsNotOneJsonTextIsMalformed() {
        for (const char* text : {"", " ", "{", "[1,]", "{\"a\":}", "01", "nul", "'x'", "1 2", "\"\xff\"", "\"\\ud800\"",
                                 "{\"a\":1,\"a\":2}", "{\"x\":{\"a\":1,\"b\":1,\"a\":1}}", "1e999", "// x\n1", "NaN"})
            QVERIFY2(!parseJson(text) && parseJson(text).error().code == Errc::Malformed, text);
    }
    void nestingHasABound() {
        QVERIFY(parseJson(nested(kMaxJsonDepth)));
        QCOMPARE(parseJson(nested(kMaxJsonDepth + 1)).error().code, Errc::TooLarge);
        QCOMPARE(parseJson(std::string(kMaxLine, '[')).error().code, Errc::TooLarge);
    }
    void valuesHaveABound() {
        QVERIFY(parseJson(zeros(kMaxJsonValues - 1))); // and the array itself
        QCOMPARE(parseJson(zeros(kMaxJsonValues)).error().code, Errc::TooLarge);
    }
    void lengthHasABound() {
        QVERIFY(parseJson("1" + std::string(kMaxLine - 1, ' ')));
        QCOMPARE(parseJson("1" + std::string(kMaxLine, ' ')).error().code, Errc::TooLarge);
    }
    void anObjectHasABoundOfMembers() {
        const auto object = [](int members) {
            std::string text = "{";
            for (int i = 0; i < members; ++i) text += (i ? ",\"" : "\"") + std::to_string(i) + "\":0";
            return text + "}";
        };
        QVERIFY(parseJson(object(256)));
        QCOMPARE(parseJson(object(257)).error().code, Errc::TooLarge);
    }
    void aStringStaysOnOneLine() {
        std::string text;
        appendJsonString(text, "a\n\r\x7f\"\\\x1b");
        QCOMPARE(text, std::string("\"a\\u000a\\u000d\\u007f\\\"\\\\\\u001b\""));
        QCOMPARE(*parseJson(text)->as<std::string>(), std::string("a\n\r\x7f\"\\\x1b"));
    }
};

QTEST_APPLESS_MAIN(JsonTest)
#include "json_test.moc"
