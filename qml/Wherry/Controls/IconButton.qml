import QtQuick
import QtQuick.Templates as T

// A button that is only an icon. Its text is its accessible name and its tooltip, so it is required in all but name.
//
//   symbol      name of the icon
//   checked     shown as chosen where checkable
//   prominent   in the accent's colour
//   quiet       for what every row has: fainter until the pointer is on it
//   danger      in the colour of what cannot be taken back
T.AbstractButton {
    id: control

    property string symbol
    property bool prominent: false
    property bool quiet: false
    property bool danger: false
    property int size: Theme.icon

    implicitWidth: Theme.touch
    implicitHeight: Theme.touch
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: control.press()
    Keys.onEnterPressed: control.press()

    function press() {
        if (checkable)
            toggle();
        clicked();
    }

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            symbol: control.symbol
            size: control.size
            color: !control.enabled ? Theme.inkDisabled : control.danger ? Theme.danger : control.prominent || control.checked ? Theme.accentInk : control.hovered ? Theme.ink : control.quiet ? Theme.inkFaint : Theme.inkMuted
        }
    }

    background: Item {
        Rectangle {
            anchors.fill: parent
            anchors.margins: 3
            radius: Theme.radius
            color: control.down ? Theme.pressed : control.checked ? Theme.accentSoft : control.hovered ? Theme.hover : "transparent"

            Behavior on color { ColorAnimation { duration: Theme.quick } }
            FocusRing {
                shown: control.visualFocus
                gap: 0
                radius: parent.radius + 2
            }
        }
    }

    ToolTip {
        text: control.text
        visible: (control.hovered || control.visualFocus) && control.text.length > 0
    }
}
