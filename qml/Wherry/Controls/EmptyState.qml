import QtQuick
import QtQuick.Layouts

// What a page shows when it has nothing to show: a picture, what that means, and what to do next.
//
//   symbol        icon drawn large
//   headline      one short sentence
//   text          what to do, in a sentence or two
//   actionText    words of the button; empty leaves it out. actionSymbol: its icon
//   secondText    a quieter second button
//   compact       without the picture, where there is little room
// Signals: action(), secondAction(). Children stand below the buttons.
Item {
    id: empty

    property string symbol: "devices"
    property string headline
    property string text
    property string actionText
    property string actionSymbol
    property string secondText
    property bool compact: false
    default property alias content: below.data

    signal action
    signal secondAction

    implicitWidth: 320
    implicitHeight: column.implicitHeight
    Accessible.role: Accessible.Grouping
    Accessible.name: headline

    ColumnLayout {
        id: column

        anchors.centerIn: parent
        width: Math.min(parent.width - 2 * Theme.space4, 400)
        spacing: Theme.space2

        Illustration {
            Layout.alignment: Qt.AlignHCenter
            Layout.bottomMargin: Theme.space3
            visible: !empty.compact
            symbol: empty.symbol
        }
        Label {
            Layout.fillWidth: true
            text: empty.headline
            kind: Label.Title
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            Accessible.role: Accessible.Heading
        }
        Label {
            Layout.fillWidth: true
            text: empty.text
            visible: text.length > 0
            muted: true
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
        }
        Button {
            Layout.alignment: Qt.AlignHCenter
            Layout.topMargin: Theme.space3
            text: empty.actionText
            symbol: empty.actionSymbol
            visible: text.length > 0
            kind: Button.Primary
            onClicked: empty.action()
        }
        Button {
            Layout.alignment: Qt.AlignHCenter
            text: empty.secondText
            visible: text.length > 0
            kind: Button.Quiet
            onClicked: empty.secondAction()
        }
        ColumnLayout {
            id: below

            Layout.fillWidth: true
            visible: children.length > 0
        }
    }
}
