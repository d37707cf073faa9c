import QtQuick
import QtQuick.Templates as T

// A slim bar that widens under the pointer. `ScrollBar.vertical: ScrollBar {}` in any Flickable.
T.ScrollBar {
    id: control

    implicitWidth: 12
    implicitHeight: 12
    padding: hovered || pressed ? 2 : 3
    minimumSize: 0.08
    visible: policy !== T.ScrollBar.AlwaysOff && size < 1
    Accessible.role: Accessible.ScrollBar
    Accessible.name: qsTr("Scroll bar", "accessible name")

    contentItem: Rectangle {
        implicitWidth: 6
        implicitHeight: 6
        radius: Math.min(width, height) / 2
        color: control.pressed ? Theme.inkMuted : control.hovered ? Theme.stroke : Theme.inkDisabled
        opacity: control.policy === T.ScrollBar.AlwaysOn || control.active || control.hovered ? 0.9 : 0.45

        Behavior on opacity { NumberAnimation { duration: Theme.calm } }
    }
}
