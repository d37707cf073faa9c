import QtQuick
import QtQuick.Templates as T
import Wherry.Controls

// A text field that grows with its lines up to a few, then scrolls. Enter submits, Shift and Enter begins a line.
T.ScrollView {
    id: view

    property alias text: area.text
    property alias label: area.label
    readonly property Item input: area

    signal submitted

    function clear() {
        area.clear();
    }

    implicitWidth: 240
    implicitHeight: Math.min(Math.max(area.implicitHeight, Theme.touch), 132)
    contentWidth: availableWidth

    TextArea {
        id: area

        width: view.availableWidth
        Keys.onPressed: event => {
            const enter = event.key === Qt.Key_Return || event.key === Qt.Key_Enter;
            event.accepted = enter && !(event.modifiers & Qt.ShiftModifier);
            if (event.accepted)
                view.submitted();
        }
    }

    T.ScrollBar.vertical: ScrollBar {
        parent: view
        visible: area.implicitHeight > view.height
        x: view.mirrored ? 0 : view.width - width
        height: view.availableHeight
    }
}
