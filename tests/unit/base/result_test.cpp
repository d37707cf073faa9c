#include "base/result.h"

#include <QtTest>
#include <memory>
#include <string>

using namespace wherry;

namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return makeError(Errc::InvalidArgument, "odd");
    return number / 2;
}

Result<void> checkEven(int number) {
    TRY_OK(half(number));
    return {};
}

Result<std::string> quarterText(int number) {
    TRY(const int once, half(number));
    TRY(const int twice, half(once));
    TRY_OK(checkEven(twice * 2));
    return std::to_string(twice);
}

} // namespace

class ResultTest : public QObject {
    Q_OBJECT
  private slots:
    void tryBindsTheValueOrReturnsTheError();
    void aResultMovesAValueThatCannotBeCopied();
    void valueOrFallsBackOnlyOnAnError();
    void withinPutsWhatWasBeingDoneInFront();
    void everyCodeHasAStableNameOfItsOwn();
};

void ResultTest::tryBindsTheValueOrReturnsTheError() {
    QCOMPARE(*quarterText(12), std::string("3"));
    const auto failed = quarterText(6);
    QVERIFY(!failed);
    QCOMPARE(failed.error(), makeError(Errc::InvalidArgument, "odd"));
    QVERIFY(checkEven(2));
    QVERIFY(!checkEven(1));
}

void ResultTest::aResultMovesAValueThatCannotBeCopied() {
    Result<std::unique_ptr<int>> made = std::make_unique<int>(7);
    const std::unique_ptr<int> taken = std::move(made).value();
    QCOMPARE(*taken, 7);
}

void ResultTest::valueOrFallsBackOnlyOnAnError() {
    QCOMPARE(half(8).value_or(0), 4);
    QCOMPARE(half(7).value_or(-1), -1);
}

void ResultTest::withinPutsWhatWasBeingDoneInFront() {
    const Error error = makeError(Errc::Io, "broken").within("reading a");
    QCOMPARE(error.text(), std::string("io-error: reading a: broken"));
    QCOMPARE(makeError(Errc::Io).within("reading a").text(), std::string("io-error: reading a"));
    QCOMPARE(makeError(Errc::Timeout).text(), std::string("timeout"));
}

void ResultTest::everyCodeHasAStableNameOfItsOwn() {
    QSet<QString> names;
    int count = 0;
    for (int code = 0; code <= static_cast<int>(Errc::Internal); ++code, ++count) {
        const std::string_view name = errcName(static_cast<Errc>(code));
        names.insert(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())));
    }
    QCOMPARE(names.size(), count);
}

QTEST_APPLESS_MAIN(ResultTest)
#include "result_test.moc"
