#pragma once

#include <QNetworkAccessManager>
#include <QQmlNetworkAccessManagerFactory>

namespace wherry::desktop {

/// What QML gets instead of a network: every request fails at once (SECURITY rule 7, A14).
class OfflineNetwork final : public QQmlNetworkAccessManagerFactory {
  public:
    QNetworkAccessManager* create(QObject* parent) override;
};

} // namespace wherry::desktop
