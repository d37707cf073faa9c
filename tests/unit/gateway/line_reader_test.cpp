#include "gateway/line_reader.h"

#include <QTest>

using namespace wherry;
using namespace wherry::gateway;

class LineReaderTest : public QObject {
    Q_OBJECT
  private slots:
    void linesComeOutAsTheyWentInHoweverTheyWereCut() {
        const std::string all = "one\n\nthree\r\nlast";
        for (size_t step = 1; step <= all.size(); ++step) {
            LineReader reader(100);
            std::vector<std::string> lines;
            for (size_t at = 0; at < all.size(); at += step) {
                QVERIFY(reader.add(std::string_view(all).substr(at, step)));
                while (auto line = reader.take()) lines.push_back(*line);
            }
            QVERIFY((lines == std::vector<std::string>{"one", "", "three\r"}));
            QVERIFY(reader.hasPart());
            QVERIFY(reader.add("\n"));
            QVERIFY(!reader.hasPart()); // it is whole now, though not taken
            QCOMPARE(reader.take().value(), std::string("last"));
            QVERIFY(!reader.hasPart());
        }
    }
    void aLineHasABound() {
        LineReader reader(5);
        QVERIFY(reader.add("12345\n12345"));
        QVERIFY(reader.add("\n12345"));
        QCOMPARE(reader.take().value(), std::string("12345"));
        QCOMPARE(reader.take().value(), std::string("12345"));
        QCOMPARE(reader.add("6").error().code, Errc::TooLarge);
        LineReader whole(5);
        QCOMPARE(whole.add("ok\n123456\n").error().code, Errc::TooLarge);
    }
};

QTEST_APPLESS_MAIN(LineReaderTest)
#include "line_reader_test.moc"
