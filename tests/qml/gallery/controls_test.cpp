// The controls by themselves: what the theme promises, what the keyboard does, and that nobody is left without a name
// or a way in.
#include "Wherry/Controls/chunk_bar.h"
#include "Wherry/Controls/key_shape.h"
#include "accessibility_walk.h"

#include <QApplication>
#include <QColor>
#include <QDirIterator>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QQmlApplicationEngine>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <QRegularExpression>
#include <QSet>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <utility>

using namespace wherry;

namespace {

double linear(float channel) {
    return channel <= 0.04045F ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color) {
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

/// WCAG 2.1, "contrast ratio".
double contrast(const QColor& one, const QColor& other) {
    const double a = luminance(one), b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

const auto kGallery = QStringLiteral("qrc:/qt-project.org/imports/Wherry/Gallery/Gallery.qml");

} // namespace

class ControlsTest : public QObject {
    Q_OBJECT

  private:
    QQmlApplicationEngine m_engine;
    QStringList m_complaints; // of the QML engine
    QObject* m_theme = nullptr;

    QQuickWindow* gallery() { return qobject_cast<QQuickWindow*>(m_engine.rootObjects().constFirst()); }

    /// A window with `body` in it, shown and with the keyboard.
    std::unique_ptr<QQuickWindow> window(const QByteArray& body) {
        QQmlComponent component(&m_engine);
        component.setData("import QtQuick\nimport QtQuick.Window\nimport QtQuick.Layouts\nimport "
                          "Wherry.Controls\nWindow { width: 640; height: 480; visible: true; " +
                              body + " }",
                          QUrl());
        std::unique_ptr<QQuickWindow> made(qobject_cast<QQuickWindow*>(component.create()));
        if (!made) qWarning() << component.errors();
        if (made) made->requestActivate();
        return made && QTest::qWaitForWindowActive(made.get()) ? std::move(made) : nullptr;
    }

    static QQuickItem* item(QQuickWindow& in, const char* name) {
        return in.findChild<QQuickItem*>(QLatin1String(name));
    }

  private slots:
    void initTestCase() {
        connect(&m_engine, &QQmlEngine::warnings, this, [this](const QList<QQmlError>& errors) {
            for (const QQmlError& error : errors) m_complaints << error.toString();
        });
        m_engine.load(kGallery);
        QVERIFY(!m_engine.rootObjects().isEmpty());
        m_theme = gallery()->property("look").value<QObject*>();
        QVERIFY(m_theme);
        m_theme->setProperty("reducedMotion", true);
    }

    void cleanup() {
        const QString complaints = std::exchange(m_complaints, {}).join('\n');
        QVERIFY2(complaints.isEmpty(), qPrintable(complaints));
        m_theme->setProperty("mode", "light");
    }

    void everyPromisedPairOfColoursHasItsContrast_data() {
        QTest::addColumn<QString>("mode");
        for (const char* mode : {"light", "dark", "black"}) QTest::newRow(mode) << QString::fromLatin1(mode);
    }
    void everyPromisedPairOfColoursHasItsContrast() {
        QFETCH(QString, mode);
        m_theme->setProperty("mode", mode);
        const QVariantList pairs = m_theme->property("promises").toList();
        QVERIFY(pairs.size() > 60);
        QStringList broken;
        for (const QVariant& pair : pairs) {
            const QVariantList parts = pair.toList();
            const QString front = parts[0].toString(), back = parts[1].toString();
            QVERIFY2(m_theme->property(qPrintable(front)).isValid() && m_theme->property(qPrintable(back)).isValid(),
                     qPrintable(front + back));
            const double ratio = contrast(m_theme->property(qPrintable(front)).value<QColor>(),
                                          m_theme->property(qPrintable(back)).value<QColor>());
            if (ratio < parts[2].toDouble())
                broken << QStringLiteral("%1 on %2 is %3, promised %4")
                              .arg(front, back)
                              .arg(ratio, 0, 'f', 2)
                              .arg(parts[2].toDouble());
        }
        QVERIFY2(broken.isEmpty(), qPrintable(broken.join('\n')));
    }

    void theColoursOfKeysAreSeenOnEveryGround() {
        for (const char* mode : {"light", "dark", "black"}) {
            m_theme->setProperty("mode", QString::fromLatin1(mode));
            const auto colours = m_theme->property("keyColours").value<QList<QColor>>();
            QCOMPARE(colours.size(), 12);
            for (const QColor& colour : colours)
                for (const char* ground : {"ground", "surface", "raised", "sunken", "hover", "accentSoft"}) {
                    const double ratio = contrast(colour, m_theme->property(ground).value<QColor>());
                    QVERIFY2(
                        ratio >= 3,
                        qPrintable(QStringLiteral("%1 on %2 in %3 is %4").arg(colour.name(), ground, mode).arg(ratio)));
                }
        }
    }

    void theBundledTypefaceIsTheOneThatIsUsed() {
        QCOMPARE(m_theme->property("family").toString(), QStringLiteral("Wherry Sans"));
    }

    void everyIconThatIsNamedIsThere() {
        const QRegularExpression naming(QStringLiteral("[sS]ymbols?:(.*)")), word(QStringLiteral("\"([a-z-]+)\""));
        int named = 0;
        QDirIterator files(QStringLiteral(WHERRY_QML), {QStringLiteral("*.qml")}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            for (const QString& line : QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))) {
                const QRegularExpressionMatch match = naming.match(line);
                if (!match.hasMatch() || line.trimmed().startsWith("//")) continue;
                for (auto words = word.globalMatch(match.captured(1)); words.hasNext(); ++named) {
                    const QString name = words.next().captured(1);
                    const bool isText = match.captured(1).contains("text: \"" + name); // { symbol: "a", text: "b" }
                    QVERIFY2(isText || QFile::exists(":/qt-project.org/imports/Wherry/Controls/icons/" + name + ".svg"),
                             qPrintable(file.fileName() + ": " + name));
                }
            }
        }
        QVERIFY(named > 10);
    }

    void everyFileOfTheGalleryIsWalkedWithoutAMouse_data() {
        QTest::addColumn<QString>("page");
        for (const QString& page : gallery()->property("pages").toStringList()) QTest::newRow(qPrintable(page)) << page;
    }
    void everyFileOfTheGalleryIsWalkedWithoutAMouse() {
        QFETCH(QString, page);
        QQuickWindow& shown = *gallery();
        shown.setProperty("page", page);
        shown.setProperty("quiet", true);
        shown.resize(1280, 2400); // what lies below the edge is reached as well, but a walk says nothing of scrolling
        shown.requestActivate();
        QVERIFY(QTest::qWaitForWindowActive(&shown));
        const QStringList faults = tests::accessibilityFaults(shown);
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join('\n')));
    }

    void theWalkFindsWhatHasNoNameAndWhatIsNotReached() {
        auto shown = window("IconButton { symbol: 'send' } Button { x: 100; text: 'Fine' } IconButton { x: 200; text: "
                            "'Off the path'; activeFocusOnTab: false; focusPolicy: Qt.NoFocus }");
        QVERIFY(shown);
        const QStringList faults = tests::accessibilityFaults(*shown);
        QCOMPARE(faults.size(), 2);
        QVERIFY(faults[0].contains("has no name"));
        QVERIFY(faults[1].contains("not reached"));
    }

    void spaceAndReturnPressAButtonAndOneThatIsOffIsNotPressed() {
        auto shown = window("Button { objectName: 'button'; text: 'Send'; focus: true }");
        QVERIFY(shown);
        QQuickItem* button = item(*shown, "button");
        QSignalSpy clicked(button, SIGNAL(clicked()));
        QTest::keyClick(shown.get(), Qt::Key_Space);
        QTest::keyClick(shown.get(), Qt::Key_Return);
        QTest::keyClick(shown.get(), Qt::Key_Enter);
        QCOMPARE(clicked.count(), 3);
        button->setEnabled(false);
        QTest::keyClick(shown.get(), Qt::Key_Return);
        QCOMPARE(clicked.count(), 3);
    }

    void theRingIsShownToTheKeyboardOnly() {
        auto shown =
            window("Button { objectName: 'one'; text: 'One' } Button { objectName: 'two'; x: 200; text: 'Two' }");
        QVERIFY(shown);
        QQuickItem* two = item(*shown, "two");
        QTest::mouseClick(shown.get(), Qt::LeftButton, {}, two->mapToScene(QPointF(20, 20)).toPoint());
        QVERIFY(!two->property("visualFocus").toBool());
        QTest::keyClick(shown.get(), Qt::Key_Tab);
        QTest::keyClick(shown.get(), Qt::Key_Backtab);
        QVERIFY(two->property("visualFocus").toBool());
    }

    void whatCanBeTouchedIsNoSmallerThanAFinger_data() {
        QTest::addColumn<QByteArray>("control");
        for (const char* control :
             {"Button { text: 'Go' }", "IconButton { text: 'Go'; symbol: 'send' }", "TextField { label: 'Name' }",
              "SearchField {}", "CheckBox { label: 'Tick' }", "CheckBox { text: 'Tick' }", "Switch { label: 'On' }",
              "ComboBox { label: 'Which'; model: ['a'] }", "ListRow { title: 'Row' }",
              "NavigationButton { text: 'There' }"})
            QTest::newRow(control) << QByteArray(control);
    }
    void whatCanBeTouchedIsNoSmallerThanAFinger() {
        QFETCH(QByteArray, control);
        const int brace = static_cast<int>(control.indexOf('{'));
        auto shown = window(control.insert(brace + 1, " objectName: 'control'; "));
        QVERIFY(shown);
        const QQuickItem* made = item(*shown, "control");
        QVERIFY2(made->width() >= 44 && made->height() >= 44,
                 qPrintable(QStringLiteral("%1 x %2").arg(made->width()).arg(made->height())));
    }

    void aDialogAnswersReturnWithItsDefaultAndEscapeWithNo_data() {
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<int>("key");
        QTest::addColumn<int>("accepted");
        QTest::addColumn<int>("rejected");
        QTest::newRow("return accepts by default") << QByteArray() << int(Qt::Key_Return) << 1 << 0;
        QTest::newRow("return denies where that is the default")
            << QByteArray("defaultAnswer: Dialog.Reject") << int(Qt::Key_Return) << 0 << 1;
        QTest::newRow("return does nothing without a default")
            << QByteArray("defaultAnswer: Dialog.None; rejectText: ''; acceptText: ''") << int(Qt::Key_Return) << 0
            << 0;
        QTest::newRow("return does not accept before it may")
            << QByteArray("acceptEnabled: false; rejectText: ''") << int(Qt::Key_Return) << 0 << 0;
        QTest::newRow("escape denies") << QByteArray() << int(Qt::Key_Escape) << 0 << 1;
        QTest::newRow("escape does nothing where that is said")
            << QByteArray("escapeRejects: false") << int(Qt::Key_Escape) << 0 << 0;
    }
    void aDialogAnswersReturnWithItsDefaultAndEscapeWithNo() {
        QFETCH(QByteArray, options);
        QFETCH(int, key);
        QFETCH(int, accepted);
        QFETCH(int, rejected);
        QByteArray texts;
        if (!options.contains("acceptText")) texts += "acceptText: 'Accept'; ";
        auto shown = window("Dialog { objectName: 'dialog'; title: 'Accept?'; " + texts + options + " }");
        QVERIFY(shown);
        auto* dialog = shown->findChild<QObject*>("dialog");
        QSignalSpy yes(dialog, SIGNAL(accepted())), no(dialog, SIGNAL(rejected()));
        QMetaObject::invokeMethod(dialog, "open");
        QTRY_VERIFY(dialog->property("opened").toBool());
        QTest::keyClick(shown.get(), Qt::Key(key));
        QCOMPARE(yes.count(), accepted);
        QCOMPARE(no.count(), rejected);
    }

    void returnInAFieldOfADialogGivesItsDefaultAnswer() {
        auto shown = window("Dialog { objectName: 'dialog'; title: 'Name'; acceptText: 'Save'; firstFocus: field; "
                            "TextField { id: field; objectName: 'field'; label: 'Name' } }");
        QVERIFY(shown);
        auto* dialog = shown->findChild<QObject*>("dialog");
        QSignalSpy yes(dialog, SIGNAL(accepted()));
        QMetaObject::invokeMethod(dialog, "open");
        QTRY_VERIFY(dialog->property("opened").toBool());
        QTRY_COMPARE(shown->activeFocusItem(), item(*shown, "field"));
        QTest::keyClick(shown.get(), Qt::Key_A);
        QTest::keyClick(shown.get(), Qt::Key_Return);
        QCOMPARE(yes.count(), 1);
    }

    void returnInASearchIsNotTheAnswerOfItsDialog() {
        auto shown = window("Dialog { objectName: 'dialog'; title: 'Files'; acceptText: 'Take'; defaultAnswer: "
                            "Dialog.Reject; firstFocus: field; SearchField { id: field; objectName: 'field' } }");
        QVERIFY(shown);
        auto* dialog = shown->findChild<QObject*>("dialog");
        QSignalSpy yes(dialog, SIGNAL(accepted())), no(dialog, SIGNAL(rejected()));
        QMetaObject::invokeMethod(dialog, "open");
        QTRY_VERIFY(dialog->property("opened").toBool());
        QTRY_COMPARE(shown->activeFocusItem(), item(*shown, "field"));
        QSignalSpy searched(shown->activeFocusItem(), SIGNAL(accepted()));
        QTest::keyClick(shown.get(), Qt::Key_Return);
        QTest::keyClick(shown.get(), Qt::Key_Enter);
        QCOMPARE(searched.count(), 2);
        QCOMPARE(yes.count() + no.count(), 0);
    }

    void aDialogThatIsHigherThanItsWindowScrollsToWhatHasTheKeyboard() {
        auto shown = window("Dialog { objectName: 'dialog'; title: 'Long'; acceptText: 'Yes'; firstFocus: last; "
                            "Repeater { model: 30; Switch { required property int index; Layout.fillWidth: true; text: "
                            "index } } CheckBox { id: last; objectName: 'last'; text: 'Last' } }");
        QVERIFY(shown);
        auto* dialog = shown->findChild<QObject*>("dialog");
        QMetaObject::invokeMethod(dialog, "open");
        QTRY_VERIFY(dialog->property("opened").toBool());
        QVERIFY(dialog->property("height").toDouble() <= shown->height());
        QQuickItem* last = item(*shown, "last");
        QTRY_COMPARE(shown->activeFocusItem(), last);
        QTRY_VERIFY(last->mapToScene(QPointF(0, last->height())).y() < shown->height());
    }

    void theKeyboardNeverLeavesAnOpenDialog() {
        auto shown = window("Button { objectName: 'behind'; text: 'Behind' } Dialog { objectName: 'dialog'; title: "
                            "'Stay'; acceptText: 'Yes'; CheckBox { text: 'Tick' } }");
        QVERIFY(shown);
        auto* dialog = shown->findChild<QObject*>("dialog");
        QMetaObject::invokeMethod(dialog, "open");
        QTRY_VERIFY(dialog->property("opened").toBool());
        QSet<QQuickItem*> stops;
        for (int i = 0; i < 12; ++i) {
            QTest::keyClick(shown.get(), Qt::Key_Tab);
            QVERIFY(shown->activeFocusItem() != item(*shown, "behind"));
            stops.insert(shown->activeFocusItem());
        }
        QCOMPARE(stops.size(), 3); // the box and two buttons
    }

    void escapeEmptiesASearchAndLeavesAnEmptyOneToTheOthers() {
        auto shown = window("Item { objectName: 'around'; property int escapes: 0; Keys.onEscapePressed: ++escapes; "
                            "SearchField { objectName: 'search'; focus: true; text: 'boat' } focus: true }");
        QVERIFY(shown);
        QQuickItem* search = item(*shown, "search");
        search->forceActiveFocus();
        QTest::keyClick(shown.get(), Qt::Key_Escape);
        QCOMPARE(search->property("text").toString(), QString());
        QCOMPARE(item(*shown, "around")->property("escapes").toInt(), 0);
        QTest::keyClick(shown.get(), Qt::Key_Escape);
        QCOMPARE(item(*shown, "around")->property("escapes").toInt(), 1);
    }

    void tabLeavesAFieldOfSeveralLines() {
        auto shown = window("TextArea { objectName: 'area'; focus: true; label: 'Message' } Button { y: 200; "
                            "objectName: 'next'; text: 'Send' }");
        QVERIFY(shown);
        item(*shown, "area")->forceActiveFocus();
        QTest::keyClick(shown.get(), Qt::Key_Tab);
        QCOMPARE(shown->activeFocusItem(), item(*shown, "next"));
        QCOMPARE(item(*shown, "area")->property("text").toString(), QString());
    }

    void theHeadOfAListStaysInSightWhenItGrows() {
        auto shown = window(
            "ScrollList { id: list; objectName: 'list'; anchors.fill: parent; maximumWidth: 720; model: 100; header: "
            "Rectangle { objectName: 'head'; width: list.column; height: 40 } "
            "delegate: Rectangle { width: list.column; height: 30 } }");
        QVERIFY(shown);
        QQuickItem* list = item(*shown, "list");
        QTRY_VERIFY(list->property("headerItem").value<QQuickItem*>());
        auto* head = list->property("headerItem").value<QQuickItem*>();
        head->setHeight(400);
        QTRY_COMPARE(head->mapToItem(list, QPointF(0, 0)).y(), 0.0);
        shown->resize(780, 480);
        QTRY_COMPARE(list->property("column").toInt(), 720);
        QTRY_COMPARE(head->mapToItem(list, QPointF(0, 0)).x(), 30.0);
        QTRY_COMPARE(head->mapToItem(list, QPointF(0, 0)).y(), 0.0);
    }

    void arrowsMoveAmongSegmentsAndStopAtTheEnds() {
        auto shown = window("SegmentedControl { objectName: 'views'; label: 'Views'; model: ['One', 'Two', 'Three'] }");
        QVERIFY(shown);
        QQuickItem* views = item(*shown, "views");
        QTest::keyClick(shown.get(), Qt::Key_Tab);
        QTest::keyClick(shown.get(), Qt::Key_Left);
        QCOMPARE(views->property("currentIndex").toInt(), 0);
        QTest::keyClick(shown.get(), Qt::Key_Right);
        QTest::keyClick(shown.get(), Qt::Key_Right);
        QTest::keyClick(shown.get(), Qt::Key_Right);
        QCOMPARE(views->property("currentIndex").toInt(), 2);
    }

    /// Buttons that are made anew lose the focus; and Qt 6.4 crashes when the window is resized before the next frame (QTBUG-111792).
    void aCountAtAPlaceKeepsItsButtonAndTheFocus_data() {
        QTest::addColumn<QByteArray>("navigation");
        QTest::newRow("rail") << QByteArray("NavigationRail");
        QTest::newRow("bar") << QByteArray("NavigationBar");
    }
    void aCountAtAPlaceKeepsItsButtonAndTheFocus() {
        QFETCH(QByteArray, navigation);
        auto shown = window(navigation + " { objectName: 'places'; property int waiting: 0; width: 390; height: 300; model: ["
                            "{symbol: 'devices', text: 'Devices'}, {symbol: 'transfers', text: 'Transfers', count: waiting}] }");
        QVERIFY(shown);
        QTest::keyClick(shown.get(), Qt::Key_Tab);
        const QPointer<QQuickItem> focused = shown->activeFocusItem();
        QVERIFY(focused && focused->property("text").toString() == "Devices");
        for (int waiting = 1; waiting <= 3; ++waiting) {
            item(*shown, "places")->setProperty("waiting", waiting);
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            item(*shown, "places")->setHeight(300 + 10 * waiting);
        }
        QCOMPARE(shown->activeFocusItem(), focused.data());
        QVERIFY(focused);
    }

    void textFromOutsideIsNeverMarkup() {
        const QByteArray nasty = "'<b>bold</b><img src=\"http://127.0.0.1:9/x.png\">&amp;'";
        auto shown = window(
            "ListRow { objectName: 'row'; title: " + nasty + "; subtitle: " + nasty + " } Button { text: " + nasty +
            " } CheckBox { text: " + nasty + " } Switch { text: " + nasty + "; hint: text } Banner { text: " + nasty +
            "; detail: text } EmptyState { headline: " + nasty + "; text: headline } Dialog { id: d; title: " + nasty +
            "; message: title; acceptText: title; Component.onCompleted: open() } "
            "TextField { text: " +
            nasty + " } TextArea { text: " + nasty + " } KeyMark { words: " + nasty +
            " } PathBadge { kind: 'lan'; text: " + nasty +
            "; reason: text } Toast { id: t; Component.onCompleted: t.show(" + nasty +
            ", ['x']) }"
            "ToolTip { text: " +
            nasty + "; visible: true } Menu { MenuItem { text: " + nasty +
            " } Component.onCompleted: popup() } ComboBox { label: 'c'; model: [" + nasty +
            "] } PageHeader { title: " + nasty + "; subtitle: title } SectionHeader { text: " + nasty + " }");
        QVERIFY(shown);
        QList<QQuickItem*> all{shown->contentItem()};
        for (qsizetype i = 0; i < all.size(); ++i) all << all[i]->childItems();
        int texts = 0;
        for (const QQuickItem* each : all) {
            if (!each->inherits("QQuickText")) continue;
            ++texts;
            QVERIFY2(each->property("textFormat").toInt() == Qt::PlainText,
                     qPrintable(each->property("text").toString()));
        }
        QVERIFY(texts > 20);
    }

    void aToastIsShownAndGoesOnEscape() {
        auto shown = window("Toast { id: toast; objectName: 'toast'; Component.onCompleted: show('Copied', ['Open']) }");
        QVERIFY(shown);
        QQuickItem* toast = item(*shown, "toast");
        QTRY_VERIFY(toast->isVisible());
        QTest::keyClick(shown.get(), Qt::Key_Tab);
        QTest::keyClick(shown.get(), Qt::Key_Escape);
        QTRY_VERIFY(!toast->isVisible());
    }

    void thePickerBeginsAtHomeAndThenWhereSomethingWasChosenLast() {
        QTemporaryDir folder;
        auto shown = window("Item { objectName: 'around'; property FilePicker picker: FilePicker { folders: true } }");
        QVERIFY(shown);
        auto* picker = item(*shown, "around")->property("picker").value<QObject*>();
        const auto dialog = [] {
            for (QWidget* one : QApplication::topLevelWidgets())
                if (auto* found = qobject_cast<QFileDialog*>(one); found && found->isVisible()) return found;
            return static_cast<QFileDialog*>(nullptr);
        };
        QMetaObject::invokeMethod(picker, "open");
        QTRY_VERIFY(dialog());
        QCOMPARE(dialog()->directoryUrl(), QUrl::fromLocalFile(QDir::homePath()));
        dialog()->setDirectory(folder.path());
        dialog()->selectFile(folder.path());
        QMetaObject::invokeMethod(dialog(), "accept");
        QTRY_VERIFY(!dialog());
        QTRY_VERIFY((QMetaObject::invokeMethod(picker, "open"), dialog())); // as soon as the first has gone
        QVERIFY(dialog()->directoryUrl() != QUrl::fromLocalFile(QDir::homePath()));
        dialog()->close();
        QTRY_VERIFY(!dialog());
    }

    void filesArePickedAndOneDialogIsOpenAtATime() {
        QTemporaryDir folder;
        QFile file(folder.filePath("boat.txt"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        auto shown = window("Item { objectName: 'around'; property list<url> got; property FilePicker picker: "
                            "FilePicker { title: 'Files to send'; currentFolder: 'file://" +
                            folder.path().toUtf8() + "'; onPicked: urls => around.got = urls } id: around }");
        QVERIFY(shown);
        auto* picker = item(*shown, "around")->property("picker").value<QObject*>();
        QMetaObject::invokeMethod(picker, "open");
        QMetaObject::invokeMethod(picker, "open");
        QList<QFileDialog*> dialogs;
        for (QWidget* widget : QApplication::topLevelWidgets())
            if (auto* dialog = qobject_cast<QFileDialog*>(widget)) dialogs << dialog;
        QCOMPARE(dialogs.size(), 1);
        QCOMPARE(dialogs[0]->windowTitle(), QStringLiteral("Files to send"));
        dialogs[0]->selectFile(QFileInfo(file).absoluteFilePath());
        QMetaObject::invokeMethod(dialogs[0], "accept");
        QTRY_COMPARE(item(*shown, "around")->property("got").value<QList<QUrl>>(),
                     QList<QUrl>{QUrl::fromLocalFile(QFileInfo(file).absoluteFilePath())});
    }

    void progressIsAnnouncedInSteps() {
        auto shown = window("ProgressBar { objectName: 'bar'; label: 'Sending'; value: 0.37 }");
        QVERIFY(shown);
        QCOMPARE(item(*shown, "bar")->property("announced").toInt(), 30);
    }

    void theMapOfAFileIsAsStrongAsItsPartsAreCovered() {
        using controls::ChunkBar;
        QCOMPARE(ChunkBar::coverage({255, 0}, 4), (QList<double>{1, 1, 0, 0}));
        QCOMPARE(ChunkBar::coverage({255, 0, 0, 0, 255, 255, 255, 255}, 4), (QList<double>{0.5, 0, 1, 1}));
        QCOMPARE(ChunkBar::coverage({}, 2), (QList<double>{0, 0}));
        QCOMPARE(ChunkBar::coverage({255}, 0), (QList<double>()));
        QCOMPARE(ChunkBar::coverage({-50, 1000}, 2), (QList<double>{0, 1}));
    }

    void theShapeOfAKeyIsTheSameForEverAndOftenAnother() {
        using controls::KeyShape;
        QCOMPARE(KeyShape::variant("amber-canoe-lemon-owl"), KeyShape::variant("amber-canoe-lemon-owl"));
        QSet<int> variants;
        for (int i = 0; i < 400; ++i) variants.insert(KeyShape::variant(QString::number(i)));
        QCOMPARE(variants.size(), KeyShape::kOutlines * KeyShape::kHearts);
    }
};

QTEST_MAIN(ControlsTest)
#include "controls_test.moc"
