#pragma once

#include <QStringList>
#include <functional>
#include <string>
#include <vector>

class QObject;

namespace wherry::desktop {

/// What a transfer has brought, where a person finds it. What cannot be shown is said, with the place.
struct LandedFiles {
    using Complaint = std::function<void(const QString&)>;

    std::string folder;
    std::vector<std::string> names; ///< of the roots there

    /// Of those that are still there. The engine has checked the names when they landed; none is a path.
    QStringList paths() const;
    /// The first of them, with the program that the desktop has for it. `complain` is called at once or later, as long as
    /// `whose` lives.
    void open(QObject* whose, const Complaint& complain) const;
    /// All of them, in the file manager.
    void show(QObject* whose, const Complaint& complain) const;
};

} // namespace wherry::desktop
