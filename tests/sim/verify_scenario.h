#pragma once

#include "sim/net/simulation.h"

#include <QtTest>
#include <cstdio>

/// The scenario has passed; otherwise the last events go to standard error (Qt Test cuts long messages), what failed
/// and the seed to the test's own message.
#define VERIFY_REPORT(report)                                                                                          \
    do {                                                                                                               \
        if (!(report).passed) std::fprintf(stderr, "%s\n", (report).text().c_str());                                   \
        QVERIFY2((report).passed,                                                                                      \
                 ("WHERRY_SIM_SEED=" + std::to_string((report).seed) + " " + (report).failure).c_str());               \
    } while (false)

/// Runs a scenario once with the seed of the run.
#define RUN(...)                                                                                                       \
    do {                                                                                                               \
        const RunReport scenarioReport = runScenario(scenarioSeed(), __VA_ARGS__);                                     \
        VERIFY_REPORT(scenarioReport);                                                                                 \
    } while (false)
