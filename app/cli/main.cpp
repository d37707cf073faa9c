#include "cli/program.h"
#include "cli/program_name.h"
#include "cli/terminal.h"

#include <QCoreApplication>
#include <algorithm>
#include <cstdlib>

int main(int argc, char** argv) {
    wherry::cli::occupyClosedStreams();
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    const char* calledAs = std::getenv("WHERRY_CALLED_AS");
    const std::string program = wherry::cli::programName(calledAs ? calledAs : "", argc > 0 ? argv[0] : "");
    QCoreApplication application(argc, argv);
    return wherry::cli::runProgram(words, program);
}
