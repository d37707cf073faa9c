#include "cli/program_name.h"

#include <QTest>

using namespace wherry::cli;

class ProgramNameTest : public QObject {
    Q_OBJECT

  private slots:
    void whatTheScriptWasCalledComesFirst();
    void aNameThatAShellWouldBreakIsQuoted();
    void nonsenseIsTheUsualName();
    void onlyCommandsAreReplaced();
};

void ProgramNameTest::whatTheScriptWasCalledComesFirst() {
    QCOMPARE(programName("installer/run.sh", "/somewhere/wherry"), std::string("installer/run.sh"));
    QCOMPARE(programName("", "./wherry"), std::string("./wherry"));
}

void ProgramNameTest::aNameThatAShellWouldBreakIsQuoted() {
    QCOMPARE(programName("my folder/run.sh", ""), std::string("'my folder/run.sh'"));
    QCOMPARE(programName("it's;rm", ""), std::string("'it'\\''s;rm'"));
}

void ProgramNameTest::nonsenseIsTheUsualName() {
    QCOMPARE(programName("", ""), std::string("wherry"));
    QCOMPARE(programName("\x1b[31m", ""), std::string("wherry"));
    QCOMPARE(programName(std::string(201, 'x'), ""), std::string("wherry"));
    QCOMPARE(programName(std::string(200, 'x'), ""), std::string(200, 'x'));
}

void ProgramNameTest::onlyCommandsAreReplaced() {
    QCOMPARE(withProgramName("Use:\n  wherry send x\nThe wherry is a boat; `wherry id`.", "run.sh"),
             std::string("Use:\n  run.sh send x\nThe wherry is a boat; `run.sh id`."));
    QCOMPARE(withProgramName("  wherry id", "wherry"), std::string("  wherry id"));
}

QTEST_APPLESS_MAIN(ProgramNameTest)
#include "program_name_test.moc"
