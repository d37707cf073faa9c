import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// One thing to do in a Menu.
//
//   symbol        icon before the words
//   shortcutText  keys, shown behind them
//   danger        in the colour of what cannot be taken back
T.MenuItem {
    id: control

    property string symbol
    property string shortcutText
    property bool danger: false
    readonly property color inkColour: !enabled ? Theme.inkDisabled : danger ? Theme.danger : Theme.ink

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: 40
    leftPadding: Theme.space3
    rightPadding: Theme.space3
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.MenuItem
    Accessible.name: text
    Accessible.checkable: checkable
    Accessible.checked: checked

    contentItem: RowLayout {
        spacing: Theme.space3

        Icon {
            symbol: control.symbol
            visible: control.symbol.length > 0
            size: 18
            color: !control.enabled ? Theme.inkDisabled : control.danger ? Theme.danger : Theme.inkMuted
        }
        Label {
            Layout.fillWidth: true
            text: control.text
            color: control.inkColour
            Accessible.ignored: true
        }
        Label {
            text: control.shortcutText
            visible: text.length > 0
            kind: Label.Caption
            color: Theme.inkFaint
            Accessible.ignored: true
        }
        Icon {
            symbol: "check"
            visible: control.checkable
            opacity: control.checked ? 1 : 0
            size: 18
            color: Theme.accentInk
        }
    }
    background: Rectangle {
        radius: Theme.radiusSmall + 2
        color: control.down ? Theme.pressed : control.highlighted || control.visualFocus ? (control.danger ? Theme.dangerSoft : Theme.accentSoft) : control.hovered ? Theme.hover : "transparent"
    }
}
