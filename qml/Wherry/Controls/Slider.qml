import QtQuick
import QtQuick.Templates as T

// A value between two ends. `from`, `to`, `stepSize`, `value` as of T.Slider.
//
//   label       accessible name
//   valueText   what the value says, for the screen reader
T.Slider {
    id: control

    property string label
    property string valueText

    implicitWidth: 200
    implicitHeight: Theme.touch
    leftPadding: 2
    rightPadding: 2
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Slider
    Accessible.name: label
    Accessible.description: valueText

    background: Rectangle {
        x: control.leftPadding
        y: (control.height - height) / 2
        width: control.availableWidth
        height: 6
        radius: 3
        color: Theme.track

        Rectangle {
            x: control.mirrored ? parent.width - width : 0
            width: control.position * parent.width
            height: parent.height
            radius: 3
            color: control.enabled ? Theme.accent : Theme.inkDisabled
        }
    }
    handle: Rectangle {
        x: control.leftPadding + control.visualPosition * (control.availableWidth - width)
        y: (control.height - height) / 2
        width: 22
        height: 22
        radius: 11
        color: Theme.raised
        border.width: 2
        border.color: !control.enabled ? Theme.inkDisabled : control.pressed ? Theme.accentPressed : Theme.accent

        FocusRing {
            shown: control.visualFocus
            radius: parent.radius + 4
        }
    }
}
