import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// A transfer that has ended.
ListRow {
    id: row

    required property int index
    required property bool incoming
    required property string label
    required property string outcome
    required property string status
    required property string detail
    required property string folder
    required property string path
    required property string pathText
    required property string pathReason
    required property bool retryable
    required property bool openable
    required property real leftOut
    readonly property bool good: outcome === "delivered"
    readonly property bool partly: good && leftOut > 0
    readonly property bool bad: outcome === "failed" || outcome === "interrupted"
    readonly property bool narrow: width < 560

    signal retry
    signal open
    signal showInFolder
    signal remove
    signal more(Item at)

    boxed: true
    interactive: false
    trailingSpacing: narrow ? 0 : Theme.space2
    title: label
    description: status + ", " + detail
    Keys.onDeletePressed: row.remove()
    leading: Icon {
        symbol: row.partly ? "warning" : row.good ? (row.incoming ? "receive" : "check-circle") : row.bad ? "error" : "minus"
        color: row.partly ? Theme.warn : row.good ? Theme.good : row.bad ? Theme.danger : Theme.inkMuted
    }
    // A Column, because a layout in a layout is late in making room for words that wrap.
    details: Column {
        Layout.fillWidth: true
        spacing: 2

        Label {
            width: parent.width
            text: row.detail
            kind: Label.Small
            muted: true
            wrapMode: Text.Wrap
            Accessible.ignored: true
        }
        Label {
            width: parent.width
            text: row.status
            kind: Label.Small
            color: row.partly ? Theme.warn : row.bad ? Theme.danger : Theme.inkMuted
            wrapMode: Text.Wrap
            Accessible.ignored: true
        }
    }

    Button {
        visible: row.retryable && !row.narrow
        text: qsTr("Send again")
        symbol: "retry"
        kind: Button.Quiet
        onClicked: row.retry()
    }
    IconButton {
        visible: row.retryable && row.narrow
        symbol: "retry"
        text: qsTr("Send again")
        onClicked: row.retry()
    }
    Button {
        visible: row.openable && !row.narrow
        text: qsTr("Open", "what was received")
        symbol: "open"
        kind: Button.Quiet
        onClicked: row.open()
    }
    IconButton {
        visible: row.openable && row.narrow
        symbol: "open"
        text: qsTr("Open", "what was received")
        onClicked: row.open()
    }
    IconButton {
        visible: row.folder.length > 0 && row.good && !(row.openable && row.narrow) // else the menu has it
        symbol: "show-in-folder"
        text: qsTr("Show in folder")
        onClicked: row.showInFolder()
    }
    IconButton {
        id: moreButton

        Layout.rightMargin: -Theme.quietInset
        symbol: "more"
        text: qsTr("More", "what can be done with a transfer")
        onClicked: row.more(moreButton)
    }
}
