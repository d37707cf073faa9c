#pragma once

#include "api/engine.h"

#include <QString>
#include <QStringList>
#include <string>
#include <vector>

namespace wherry::desktop {

/// What the command line of the app says; the names are those of `wherry`.
struct LaunchOptions {
    bool help = false;
    bool version = false;
    bool startHidden = false;
    std::string home;                     ///< empty: the platform's data folder
    std::string configFile;               ///< empty: wherry.toml in the home, if there is one
    std::vector<std::string> assignments; ///< KEY=VALUE of --set, in their order
    QStringList paths;                    ///< files and folders to offer, as another program hands them over
    QString error;                        ///< what is wrong with it; empty: nothing
};

/// `words`: without the program's own name.
LaunchOptions readLaunchOptions(const QStringList& words);
QString launchHelp();

/// The settings of the file with the changes of the command line; errors as api::readSettings().
api::Result<api::LastingSettings> lastingSettings(const LaunchOptions& options);

} // namespace wherry::desktop
