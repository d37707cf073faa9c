import QtQuick
import QtQuick.Templates as T

// One of several that exclude each other; those with the same parent do.
T.RadioButton {
    id: control

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: Math.max(Theme.touch, implicitContentHeight)
    leftPadding: mirrored ? 0 : 32
    rightPadding: mirrored ? 32 : 0
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.RadioButton
    Accessible.name: text

    indicator: Rectangle {
        x: control.mirrored ? control.width - width : 0
        y: (control.height - height) / 2
        width: 22
        height: 22
        radius: 11
        color: control.hovered ? Theme.hover : "transparent"
        border.width: control.checked ? 2 : 1.5
        border.color: !control.enabled ? Theme.line : control.checked ? Theme.accentInk : Theme.stroke

        Rectangle {
            anchors.centerIn: parent
            width: 10
            height: 10
            radius: 5
            visible: control.checked
            color: control.enabled ? Theme.accentInk : Theme.inkDisabled
        }
        FocusRing {
            shown: control.visualFocus
            radius: parent.radius + 4
        }
    }
    contentItem: Text {
        text: control.text
        textFormat: Text.PlainText
        wrapMode: Text.Wrap
        color: control.enabled ? Theme.ink : Theme.inkDisabled
        font.family: Theme.family
        font.pixelSize: Theme.bodySize
        verticalAlignment: Text.AlignVCenter
        horizontalAlignment: Text.AlignLeft
        Accessible.ignored: true
    }
}
