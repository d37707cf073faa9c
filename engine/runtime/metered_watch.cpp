#include "runtime/metered_watch.h"

#include <QNetworkInformation>

namespace wherry::runtime {

MeteredWatch::MeteredWatch(std::function<void(link::Metered)> changed) {
    if (!QNetworkInformation::loadBackendByFeatures(QNetworkInformation::Feature::Metered)) return;
    const auto tell = [call = std::move(changed)](bool metered) {
        call(metered ? link::Metered::Yes : link::Metered::No);
    };
    const QNetworkInformation* system = QNetworkInformation::instance();
    connect(system, &QNetworkInformation::isMeteredChanged, this, tell);
    tell(system->isMetered());
}

} // namespace wherry::runtime
