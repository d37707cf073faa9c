#include "gui/app_window.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// The page of settings in the window, with a real engine and its file behind it.
class SettingsTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        anna = std::make_unique<DesktopSide>("Anna's laptop");
        QVERIFY(anna->start());
        window = std::make_unique<AppWindow>(anna->app);
        QVERIFY(window->window);
        QVERIFY(window->settled());
    }
    void cleanup() {
        window.reset();
        anna.reset();
    }

    void theKeyboardOpensThePageAndTheThemeHoldsAtOnce();
    void aWrongNumberIsSaidBelowItsField();
    void aWrongNameIsAnsweredLikeAWrongNumber();
    void wordsHaveRoomBesideTheirControlsAtEveryWidth();
    void aRateIsAnAmountAndAUnit();
    void aSearchLeavesWhatItFinds();

  private:
    SettingsModel* settings() { return anna->app.settings(); }
    bool open() {
        QTest::keyClick(window->window, Qt::Key_Comma, Qt::ControlModifier);
        page = window->window->findChild<QQuickItem*>("settingsPage");
        return page && QTest::qWaitFor([this] { return page->isVisible() && named("Theme"); }, kPatienceMs) &&
               window->settled();
    }
    /// What a screen reader calls so.
    QQuickItem* named(const QString& label) const {
        return window->find(
            [&](QQuickItem& item) {
                return item.property("label").toString() == label &&
                       (item.inherits("QQuickControl") || item.inherits("QQuickTextField"));
            },
            page);
    }
    bool shows(const QString& text) const {
        return window->find(
            [&](QQuickItem& item) { return item.property("text") == text || item.property("headline") == text; }, page);
    }
    bool type(QQuickItem* field, const QString& text) const {
        if (!field) return false;
        field->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(window->window, Qt::Key_A, Qt::ControlModifier);
        for (const QChar c : text) QTest::keyClick(window->window, c.toLatin1());
        QTest::keyClick(window->window, Qt::Key_Return);
        return true;
    }

    std::unique_ptr<DesktopSide> anna;
    std::unique_ptr<AppWindow> window;
    QQuickItem* page = nullptr;
};

void SettingsTest::theKeyboardOpensThePageAndTheThemeHoldsAtOnce() {
    QVERIFY(open());
    QQuickItem* theme = named("Theme");
    theme->forceActiveFocus(Qt::TabFocusReason);
    QTest::keyClick(window->window, Qt::Key_Down);
    QTest::keyClick(window->window, Qt::Key_Down);
    WAIT_FOR(settings()->theme() == "dark");
    QVERIFY(window->window->color().lightnessF() < 0.2F);
    QCOMPARE(contentOf(anna->folder.filePath("home/wherry.toml")), QByteArray("[app]\ntheme = \"dark\"\n"));
}

void SettingsTest::aWrongNumberIsSaidBelowItsField() {
    QVERIFY(open());
    QVERIFY(type(named("Most transfers sent at a time"), "0"));
    WAIT_FOR(shows("Not saved. Allowed 1 to 64"));
    QCOMPARE(settings()->now().parallelSends, 4u);
    QVERIFY(type(named("Most transfers sent at a time"), "7"));
    WAIT_FOR(settings()->now().parallelSends == 7 && !shows("Not saved. Allowed 1 to 64"));
}

void SettingsTest::aWrongNameIsAnsweredLikeAWrongNumber() {
    QVERIFY(open());
    const std::string before = settings()->now().alias;
    QVERIFY(type(named("Name of this device"), QString(65, 'x')));
    WAIT_FOR(named("Name of this device")->property("invalid").toBool());
    QVERIFY(shows("Not saved. Allowed text of at most 64 bytes in one line"));
    QCOMPARE(settings()->now().alias, before);
    QVERIFY(type(named("Name of this device"), "Desk"));
    WAIT_FOR(settings()->now().alias == "Desk" && !named("Name of this device")->property("invalid").toBool());
}

void SettingsTest::wordsHaveRoomBesideTheirControlsAtEveryWidth() {
    QVERIFY(open());
    for (int width = 360; width <= 1040; width += 40) {
        QVERIFY(window->resize({width, 720}));
        const auto words = [&] {
            return window->find([](QQuickItem& item) { return item.property("text") == "Name of this device"; }, page);
        };
        WAIT_FOR(words() && words()->width() >= 230);
    }
}

void SettingsTest::aRateIsAnAmountAndAUnit() {
    QVERIFY(open());
    QQuickItem* unit = named("Sending, altogether, unit");
    QVERIFY(unit && !named("Sending, altogether, amount")->isEnabled());
    unit->forceActiveFocus(Qt::TabFocusReason);
    QTest::keyClick(window->window, Qt::Key_Down);
    QTest::keyClick(window->window, Qt::Key_Down); // Mbit/s
    QVERIFY(named("Sending, altogether, amount")->isEnabled());
    QVERIFY(type(named("Sending, altogether, amount"), "2.5"));
    WAIT_FOR(settings()->now().uploadLimit.perSecond == 2'500'000);
    QVERIFY(settings()->reset("limits.upload"));
    WAIT_FOR(!named("Sending, altogether, amount")->isEnabled());
}

void SettingsTest::aSearchLeavesWhatItFinds() {
    QVERIFY(open());
    named("Search settings")->setProperty("text", "metered");
    WAIT_FOR(!named("Theme") && named("On metered networks, unit"));
    named("Search settings")->setProperty("text", "zebra");
    WAIT_FOR(shows("No setting like that"));
    QCOMPARE(window->warnings, QStringList());
}

QTEST_MAIN(SettingsTest)
#include "settings_test.moc"
