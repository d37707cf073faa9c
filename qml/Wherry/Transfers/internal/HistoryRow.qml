import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// A transfer that has ended.
ListRow {
    id: row

    required property int index
    required property string label
    required property string outcome
    required property string status
    required property string detail
    required property string folder
    required property bool retryable
    readonly property bool good: outcome === "delivered"
    readonly property bool bad: outcome === "failed" || outcome === "interrupted"

    signal retry
    signal showInFolder

    boxed: true
    interactive: false
    title: label
    subtitle: detail
    description: status + ", " + subtitle
    leading: Icon {
        symbol: row.good ? "check-circle" : row.bad ? "error" : "minus"
        color: row.good ? Theme.good : row.bad ? Theme.danger : Theme.inkMuted
    }
    details: Label {
        Layout.fillWidth: true
        text: row.status
        kind: Label.Small
        color: row.bad ? Theme.danger : Theme.inkMuted
    }

    Button {
        visible: row.retryable
        text: qsTr("Send again")
        symbol: "retry"
        kind: Button.Quiet
        onClicked: row.retry()
    }
    IconButton {
        visible: row.folder.length > 0 && row.good
        symbol: "show-in-folder"
        text: qsTr("Show in folder")
        onClicked: row.showInFolder()
    }
}
