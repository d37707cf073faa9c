import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// Something that is on or off at once. The words stand before it and take the room; `label` names one without words.
//
//   hint   a quieter second line
T.Switch {
    id: control

    property string label
    property string hint

    implicitWidth: text.length > 0 ? 320 : Theme.touch + 4
    implicitHeight: Math.max(Theme.touch, implicitContentHeight + (hint.length > 0 ? 2 * Theme.space2 : 0))
    leftPadding: mirrored ? 44 + Theme.space4 : 0
    rightPadding: mirrored ? 0 : 44 + Theme.space4
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: text.length > 0 ? text : label
    Accessible.description: hint

    indicator: Rectangle {
        x: control.mirrored ? 0 : control.width - width
        y: (control.height - height) / 2
        width: 44
        height: 24
        radius: 12
        color: !control.enabled ? Theme.pressed : control.checked ? Theme.accent : Theme.sunken
        border.width: control.checked ? 0 : 1.5
        border.color: control.enabled ? Theme.stroke : Theme.line

        Behavior on color { ColorAnimation { duration: Theme.quick } }

        Rectangle {
            readonly property bool far: control.checked !== control.mirrored

            x: far ? parent.width - width - 4 : 4
            anchors.verticalCenter: parent.verticalCenter
            width: 16
            height: 16
            radius: 8
            color: control.checked ? Theme.inkOnAccent : control.enabled ? Theme.stroke : Theme.inkDisabled

            Behavior on x { NumberAnimation { duration: Theme.quick; easing.type: Easing.OutCubic } }
        }
        FocusRing {
            shown: control.visualFocus
            radius: parent.radius + 4
        }
    }

    contentItem: ColumnLayout {
        spacing: 0

        Item {
            Layout.fillHeight: true
        }
        Label {
            Layout.fillWidth: true
            text: control.text
            visible: text.length > 0
            wrapMode: Text.Wrap
            lineHeight: 1
            Accessible.ignored: true
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 3
            text: control.hint
            visible: text.length > 0
            kind: Label.Small
            muted: true
            wrapMode: Text.Wrap
            Accessible.ignored: true
        }
        Item {
            Layout.fillHeight: true
        }
    }
}
