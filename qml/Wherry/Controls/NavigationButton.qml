import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// One place to go, in a rail or a bar.
//
//   symbol, text    icon and words
//   count           a number on the icon
//   current         the page that is shown
//   sideways        words beside the icon and not below it
T.AbstractButton {
    id: control

    property string symbol
    property int count: 0
    property bool current: false
    property bool sideways: false

    implicitWidth: sideways ? 200 : 76
    implicitHeight: sideways ? 48 : 60
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.PageTab
    Accessible.name: count > 0 ? qsTr("%1, %2", "a place to go and how much waits there").arg(text).arg(count) : text
    Accessible.selected: current
    Keys.onReturnPressed: control.clicked()
    Keys.onEnterPressed: control.clicked()

    background: Item {
        FocusRing {
            shown: control.visualFocus
            gap: -3
            radius: Theme.radius
        }
        Rectangle {
            anchors.fill: parent
            visible: control.sideways
            radius: Theme.radius
            color: control.current ? Theme.accentSoft : control.down ? Theme.pressed : control.hovered ? Theme.hover : "transparent"
        }
    }

    contentItem: GridLayout {
        columns: control.sideways ? 3 : 1
        columnSpacing: Theme.space3
        rowSpacing: 3

        Rectangle {
            Layout.alignment: control.sideways ? Qt.AlignVCenter : Qt.AlignHCenter | Qt.AlignBottom
            Layout.leftMargin: control.sideways ? Theme.space3 : 0
            implicitWidth: control.sideways ? 24 : 52
            implicitHeight: control.sideways ? 24 : 30
            radius: 15
            color: control.sideways ? "transparent" : control.current ? Theme.accentSoft : control.down ? Theme.pressed : control.hovered ? Theme.hover : "transparent"

            Icon {
                anchors.centerIn: parent
                size: 22
                symbol: control.symbol
                color: control.current ? Theme.accentInk : Theme.inkMuted
            }
            CountBadge {
                x: parent.width / 2 + 4
                y: -2
                visible: control.count > 0 && !control.sideways
                count: control.count
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.alignment: control.sideways ? Qt.AlignVCenter : Qt.AlignTop
            text: control.text
            kind: control.sideways ? Label.Strong : Label.Caption
            font.weight: Font.Medium
            color: control.current ? (control.sideways ? Theme.accentInk : Theme.ink) : Theme.inkMuted
            horizontalAlignment: control.sideways ? Text.AlignLeft : Text.AlignHCenter
            Accessible.ignored: true
        }
        CountBadge {
            Layout.rightMargin: Theme.space3
            visible: control.sideways && control.count > 0
            count: control.count
        }
    }
}
