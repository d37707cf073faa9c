#include "desktop/app.h"

namespace wherry::desktop {

App::App(QObject* parent) : QObject(parent) {}

QString App::version() const {
    return QStringLiteral(WHERRY_VERSION);
}

} // namespace wherry::desktop
