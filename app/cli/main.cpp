#include "cli/program.h"

#include <QCoreApplication>
#include <algorithm>

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    QCoreApplication application(argc, argv);
    return wherry::cli::runProgram(words);
}
