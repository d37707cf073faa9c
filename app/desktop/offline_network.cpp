#include "desktop/offline_network.h"

#include <QNetworkReply>
#include <QTimer>

namespace wherry::desktop {

namespace {

class RefusedReply final : public QNetworkReply {
  public:
    RefusedReply(QNetworkAccessManager::Operation operation, const QNetworkRequest& request, QObject* parent)
        : QNetworkReply(parent) {
        setOperation(operation);
        setRequest(request);
        setUrl(request.url());
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
        setError(QNetworkReply::ContentAccessDenied, QStringLiteral("the window has no network"));
        setFinished(true);
        QTimer::singleShot(0, this, [this] {
            emit errorOccurred(QNetworkReply::ContentAccessDenied);
            emit finished();
        });
    }

    void abort() override {}

  protected:
    qint64 readData(char*, qint64) override { return -1; }
};

class RefusingManager final : public QNetworkAccessManager {
  public:
    using QNetworkAccessManager::QNetworkAccessManager;

  protected:
    QNetworkReply* createRequest(Operation operation, const QNetworkRequest& request, QIODevice*) override {
        return new RefusedReply(operation, request, this);
    }
};

} // namespace

QNetworkAccessManager* OfflineNetwork::create(QObject* parent) {
    return new RefusingManager(parent);
}

} // namespace wherry::desktop
