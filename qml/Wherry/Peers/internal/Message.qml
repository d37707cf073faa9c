pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// One message of a conversation: own ones at the end, theirs at the beginning. Plain text; what looks like a web address stands below it as a
// button, which asks first. To copy it there is a button beside it while it is pointed at, tapped or has the keyboard.
Item {
    id: message

    required property int index
    required property string text
    required property bool own
    required property string state
    required property string status
    required property string when
    required property list<string> links
    readonly property bool failed: state === "failed"
    // Of a long text its beginning is shown, until somebody wants all of it.
    readonly property string beginning: text.split("\n", 15).join("\n").slice(0, 1200)
    readonly property bool isLong: beginning.length < text.length
    property bool whole: false
    readonly property string shownText: isLong && !whole ? beginning + "…" : text

    property MessagesModel messages
    property bool picked: false // by a finger, which cannot hover

    signal copy
    signal retry
    signal linkChosen(string link)

    implicitHeight: column.implicitHeight
    Accessible.role: Accessible.ListItem
    Accessible.name: (own ? qsTr("You: %1", "a message").arg(text) : text) + ", " + when + (status.length > 0 ? ", " + status : "")

    HoverHandler {
        id: pointer
    }
    // The natural width of the words: of what wraps it cannot be told.
    Label {
        id: measure

        visible: false
        text: message.shownText
    }
    ColumnLayout {
        id: column

        anchors.left: message.own ? undefined : parent.left
        anchors.right: message.own ? parent.right : undefined
        width: Math.min(parent.width - Theme.touch - Theme.space1, Math.max(bubble.implicitWidth, foot.implicitWidth, links.implicitWidth))
        spacing: 2

        Rectangle {
            id: bubble

            Layout.alignment: message.own ? Qt.AlignRight : Qt.AlignLeft
            Layout.preferredWidth: Math.min(implicitWidth, column.width)
            implicitWidth: Math.ceil(measure.implicitWidth) + 2 * Theme.space3 + 1
            implicitHeight: words.implicitHeight + 2 * Theme.space2
            radius: Theme.radius + 2
            color: message.own ? Theme.accentSoft : Theme.sunken
            border.width: message.failed || !message.own ? 1 : 0
            border.color: message.failed ? Theme.danger : Theme.line

            TapHandler {
                onTapped: message.picked = !message.picked
            }
            Label {
                id: words

                anchors.fill: parent
                anchors.leftMargin: Theme.space3
                anchors.rightMargin: Theme.space3
                anchors.topMargin: Theme.space2
                anchors.bottomMargin: Theme.space2
                text: message.shownText
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
            IconButton {
                anchors.verticalCenter: parent.verticalCenter
                anchors.left: message.own ? undefined : parent.right
                anchors.right: message.own ? parent.left : undefined
                anchors.margins: Theme.space1
                opacity: pointer.hovered || message.picked || activeFocus ? 1 : 0
                symbol: "copy"
                size: 16
                text: qsTr("Copy", "a text")
                onClicked: message.copy()
            }
        }
        ColumnLayout {
            id: links

            visible: message.links.length > 0
            spacing: 0

            Repeater {
                model: message.links.length

                Button {
                    required property int index
                    readonly property string link: message.links[index] ?? ""

                    Layout.fillWidth: true
                    Layout.maximumWidth: Math.ceil(implicitWidth)
                    text: message.messages ? message.messages.hostOf(link) : ""
                    symbol: "link"
                    kind: Button.Quiet
                    compact: true
                    onClicked: message.linkChosen(link)
                }
            }
        }
        RowLayout {
            id: foot

            Layout.alignment: message.own ? Qt.AlignRight : Qt.AlignLeft
            Layout.fillWidth: false
            Layout.maximumWidth: column.width
            spacing: Theme.space1

            Label {
                Layout.fillWidth: true
                text: message.status.length > 0 ? message.when + " · " + message.status : message.when
                kind: Label.Caption
                color: message.failed ? Theme.danger : Theme.inkFaint
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
            Button {
                visible: message.isLong
                text: message.whole ? qsTr("Show less", "of a long text") : qsTr("Show all", "of a long text")
                kind: Button.Quiet
                compact: true
                onClicked: message.whole = !message.whole
            }
            Button {
                visible: message.isLong // the one beside it may be out of sight
                text: qsTr("Copy", "a text")
                kind: Button.Quiet
                compact: true
                onClicked: message.copy()
            }
            Button {
                visible: message.failed
                text: qsTr("Try again", "to send a message")
                kind: Button.Quiet
                compact: true
                onClicked: message.retry()
            }
        }
    }
}
