#include "layout_walk.h"

#include <QQmlComponent>
#include <QQmlEngine>
#include <QtTest>

using namespace wherry::tests;

/// The walk over pages finds each fault that it is there for, and none where all is well.
class LayoutWalkTest : public QObject {
    Q_OBJECT
  private slots:
    void eachFaultIsFound_data();
    void eachFaultIsFound();
};

void LayoutWalkTest::eachFaultIsFound_data() {
    QTest::addColumn<QString>("items");
    QTest::addColumn<QString>("fault"); // empty: all is well
    const auto text = [](const char* more) {
        return QStringLiteral("Text { text: 'words'; textFormat: Text.PlainText; color: 'black'; %1 }").arg(more);
    };
    QTest::newRow("nothing") << text("x: 20; y: 20") << "";
    QTest::newRow("an ellipsis at the end") << text("width: 20; elide: Text.ElideRight") << "is cut off";
    QTest::newRow("an ellipsis in the middle") << text("width: 20; elide: Text.ElideMiddle") << "";
    QTest::newRow("wider than its place") << text("width: 10") << "spills out";
    QTest::newRow("out of the window") << text("x: 390") << "reaches out of the window";
    QTest::newRow("below the window") << text("y: 295") << "reaches out of the window";
    QTest::newRow("clipped at the side") << "Item { clip: true; width: 20; height: 30; " + text("") + " }"
                                         << "is clipped at the side";
    QTest::newRow("clipped below") << "Item { clip: true; width: 99; height: 5; " + text("") + " }"
                                   << "is clipped above or below";
    QTest::newRow("below the fold of a page that scrolls")
        << "Flickable { width: 300; height: 100; contentHeight: 500; " + text("y: 400") + " }"
        << "";
    QTest::newRow("one text on another") << text("") + text("x: 5") << "lies over";
    QTest::newRow("a control on another") << "Button { text: 'one' } Button { text: 'two'; x: 10; y: 10 }"
                                          << "lies over";
    QTest::newRow("controls beside each other") << "Button { text: 'one' } Button { text: 'two'; x: 200 }"
                                                << "";
    QTest::newRow("a toast over a page") << text("") + "Item { z: 100; " + text("x: 5") + " }"
                                         << "";
    QTest::newRow("under a scroll bar")
        << "Flickable { width: 300; height: 100; contentHeight: 500; Button { text: 'one'; x: 220; width: 80 }"
           "ScrollBar.vertical: ScrollBar { policy: ScrollBar.AlwaysOn } }"
        << "lies over";
    QTest::newRow("too low") << "Button { text: 'one'; height: 20 }"
                             << "too low";
    QTest::newRow("grey on white") << "Text { text: 'words'; textFormat: Text.PlainText; color: '#999' }"
                                   << "has a contrast of";
    QTest::newRow("half transparent") << text("opacity: 0.4") << "has a contrast of";
    QTest::newRow("markup") << "Text { text: 'words' }"
                            << "may be read as markup";
    QTest::newRow("hidden") << "Text { text: 'words'; visible: false }"
                            << "";
}

void LayoutWalkTest::eachFaultIsFound() {
    QFETCH(QString, items);
    QFETCH(QString, fault);
    QQmlEngine engine;
    QQmlComponent component(&engine);
    component.setData(
        "import QtQuick\nimport QtQuick.Controls.Basic\n"
        "Window { width: 400; height: 300; color: 'white'; component Button: AbstractButton { width: 100; height: 44;"
        " background: Rectangle { color: '#eee' } } " +
            items.toUtf8() + " }",
        {});
    const std::unique_ptr<QObject> made(component.create());
    auto* window = qobject_cast<QQuickWindow*>(made.get());
    QVERIFY2(window, qPrintable(component.errorString()));
    window->show();
    QVERIFY(QTest::qWaitForWindowExposed(window));
    const QStringList faults = layoutFaults(*window, window->grabWindow());
    QVERIFY2(faults.isEmpty() == fault.isEmpty(), qPrintable(faults.join('\n')));
    QVERIFY2(faults.filter(fault).size() == faults.size(), qPrintable(faults.join('\n')));
}

QTEST_MAIN(LayoutWalkTest)
#include "layout_walk_test.moc"
