#include "desktop/app.h"

#include <QtTest>

using wherry::desktop::App;

class AppTest : public QObject {
    Q_OBJECT
  private slots:
    void tellsItsVersion();
};

void AppTest::tellsItsVersion() {
    const App app;
    QVERIFY(!app.version().isEmpty());
}

QTEST_GUILESS_MAIN(AppTest)
#include "app_test.moc"
