import QtQuick
import QtQuick.Templates as T

// A box to tick, with or without words; `label` names one without.
// tristate and checkState as of T.CheckBox.
T.CheckBox {
    id: control

    property string label

    implicitWidth: text.length > 0 ? implicitContentWidth + leftPadding + rightPadding : Theme.touch
    implicitHeight: Math.max(Theme.touch, implicitContentHeight)
    leftPadding: !mirrored ? boxSpace : 0
    rightPadding: mirrored ? boxSpace : 0
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: text.length > 0 ? text : label

    readonly property int inset: text.length > 0 ? 0 : Theme.boxInset
    readonly property int boxSpace: inset + 22 + 10

    indicator: Rectangle {
        x: control.mirrored ? control.width - width - control.inset : control.inset
        y: (control.height - height) / 2
        width: 22
        height: 22
        radius: 6
        color: !control.enabled ? (control.checkState !== Qt.Unchecked ? Theme.inkDisabled : "transparent") : control.checkState !== Qt.Unchecked ? (control.hovered ? Theme.accentHover : Theme.accent) : control.hovered ? Theme.hover : "transparent"
        border.width: control.checkState === Qt.Unchecked ? 1.5 : 0
        border.color: control.enabled ? Theme.stroke : Theme.line

        Icon {
            anchors.centerIn: parent
            size: 16
            symbol: control.checkState === Qt.PartiallyChecked ? "minus" : "check"
            visible: control.checkState !== Qt.Unchecked
            color: Theme.inkOnAccent
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
