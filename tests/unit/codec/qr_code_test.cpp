#include "codec/qr_code.h"

#include <QTest>

using namespace wherry;
using namespace wherry::codec;

class QrCodeTest : public QObject {
    Q_OBJECT
  private slots:
    void aShortTextTakesTheSmallestCode();
    void capitalsAreDenserThanSmallLetters();
    void theLargestTextFitsAndOneMoreDoesNot();
    void finderPatternsStandInThreeCorners();
    void theTerminalShowsTwoRowsALineWithAQuietZone();
    void anEmptyTextIsRefused();
};

void QrCodeTest::aShortTextTakesTheSmallestCode() {
    QCOMPARE(makeQrCode("WHERRY").value().width, 21);
}

void QrCodeTest::capitalsAreDenserThanSmallLetters() {
    const std::string capitals(340, 'A'), small(340, 'a');
    QVERIFY(makeQrCode(capitals).value().width < makeQrCode(small).value().width);
}

void QrCodeTest::theLargestTextFitsAndOneMoreDoesNot() {
    // ISO/IEC 18004 table 7: version 40, level L holds 4296 alphanumeric characters.
    QCOMPARE(makeQrCode(std::string(4296, 'A')).value().width, 177);
    QCOMPARE(makeQrCode(std::string(4297, 'A')).error().code, Errc::TooLarge);
}

void QrCodeTest::finderPatternsStandInThreeCorners() {
    const QrCode code = makeQrCode("WHERRY:ABC").value();
    const int last = code.width - 1;
    for (int i = 0; i < 7; ++i) {
        QVERIFY(code.at(0, i) && code.at(i, 0) && code.at(6, i) && code.at(i, 6));
        QVERIFY(code.at(0, last - i) && code.at(last - i, 0));
    }
    for (int i = 0; i < 8; ++i) QVERIFY(!code.at(7, i));
    QVERIFY(!code.at(1, 1) && code.at(3, 3));
}

void QrCodeTest::theTerminalShowsTwoRowsALineWithAQuietZone() {
    const QrCode code = makeQrCode("WHERRY").value();
    const QString text = QString::fromStdString(qrTerminalText(code, 2));
    QStringList lines = text.split('\n');
    QVERIFY(lines.takeLast().isEmpty());
    QCOMPARE(lines.size(), (21 + 4 + 1) / 2);
    for (QString& line : lines) {
        QVERIFY(line.startsWith("\x1b[30;107m") && line.endsWith("\x1b[0m"));
        line = line.mid(9, line.size() - 13);
        QCOMPARE(line.size(), 25);
        QVERIFY(line.startsWith("  ") && line.endsWith("  "));
    }
    QVERIFY(lines.front().trimmed().isEmpty());
    QCOMPARE(lines[1].mid(2, 8), QString::fromUtf8("█▀▀▀▀▀█ "));
}

void QrCodeTest::anEmptyTextIsRefused() {
    QVERIFY(!makeQrCode(""));
}

QTEST_APPLESS_MAIN(QrCodeTest)
#include "qr_code_test.moc"
