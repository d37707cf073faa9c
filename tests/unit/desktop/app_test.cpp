#include "desktop/app.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace wherry;
using wherry::desktop::App;

class AppTest : public QObject {
    Q_OBJECT
  private slots:
    void tellsItsVersion() {
        const QTemporaryDir home;
        api::Settings settings;
        settings.home = home.path().toStdString();
        const App app(settings);
        QVERIFY(!app.version().isEmpty());
    }
};

QTEST_GUILESS_MAIN(AppTest)
#include "app_test.moc"
