import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// A device in the list. Files may be dropped on it; while something is gathered it has a button that sends it. What is under way with it
// is said in its row, without moving the others.
ListRow {
    id: row

    required property string peerId
    required property string name
    required property string nameInText
    required property string words
    required property real hue
    required property string kind
    required property bool trusted
    required property bool blocked
    required property string presence
    required property string path
    required property string pathText
    required property string pathReason
    required property string lastSeen
    required property bool doubtfulName
    required property int unread
    required property App app
    property bool sending: false
    property bool chosen: false
    property bool choosing: false // one at least is chosen: they are sent to together
    property bool awaitsDrop: false // something is dragged over the window
    readonly property bool narrow: width < 480
    readonly property bool draggedOver: drop.containsDrag
    readonly property bool warns: doubtfulName && !blocked
    readonly property string status: blocked ? qsTr("Blocked") : doubtfulName ? warning.text : activity.active ? activity.text : presence === "connected" ? qsTr("Connected") : presence === "nearby" ? qsTr("Nearby") : presence === "here" ? qsTr("Says that it is here, %1", "when it was heard").arg(lastSeen) : lastSeen.length > 0 ? qsTr("Last seen %1").arg(lastSeen) : qsTr("Not here at the moment")

    signal transfersWanted
    signal send
    signal choose(bool yes)
    signal filesDropped(var urls, string text)

    boxed: true
    title: name
    description: unread > 0 ? status + ", " + qsTr("%n new message(s)", "from a device", unread) : status
    subtitle: warns ? "" : status
    leading: [
        CheckBox {
            Layout.leftMargin: row.narrow ? -Theme.boxInset : 0
            visible: row.sending && !row.blocked
            label: qsTr("%1 gets it too", "a box to tick").arg(row.nameInText)
            checked: row.chosen
            onToggled: {
                row.choose(checked);
                checked = Qt.binding(() => row.chosen);
            }
        },
        Avatar {
            visible: !(row.sending && row.narrow) || row.blocked
            kind: row.kind
            words: row.words
            hue: row.hue
            presence: row.presence
        }
    ]
    details: ColumnLayout {
        spacing: 3

        NameWarning {
            id: warning

            visible: row.warns
        }
        KeyMark {
            visible: row.name !== row.words
            words: row.words
            hue: row.hue
        }
    }

    CountBadge {
        count: row.unread
    }
    Icon {
        visible: row.trusted
        symbol: "trust"
        color: Theme.good
    }
    PathBadge {
        Layout.minimumWidth: implicitWidth
        visible: kind.length > 0 && !((row.sending || activity.active) && row.narrow)
        compact: row.width < 560
        kind: row.path
        text: row.pathText
        reason: row.pathReason
    }
    IconButton {
        visible: activity.active && !row.sending
        symbol: "transfers"
        text: qsTr("Show what is under way with %1").arg(row.nameInText)
        onClicked: row.transfersWanted()
    }
    Button {
        visible: row.sending && !row.blocked && !row.choosing
        text: qsTr("Send", "what was gathered, to this device")
        symbol: row.narrow ? "" : "send"
        kind: row.doubtfulName ? Button.Plain : Button.Primary
        onClicked: row.send()
    }
    PeerActivity {
        id: activity

        transfers: row.app.transfers
        peerId: row.peerId
    }
    ProgressBar {
        parent: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.leftMargin: row.leftPadding
        anchors.rightMargin: row.rightPadding
        anchors.bottomMargin: 3
        height: 3
        visible: activity.progress >= 0
        value: Math.max(0, activity.progress)
        label: activity.text
    }
    DropArea {
        id: drop

        parent: row
        anchors.fill: parent
        enabled: !row.blocked
        onDropped: drop => {
            drop.accept(Qt.CopyAction);
            row.filesDropped(drop.urls, drop.hasText ? drop.text : "");
        }
    }
    DropOverlay {
        parent: row
        compact: true
        hollow: true
        active: row.awaitsDrop && !row.blocked
    }
    DropOverlay {
        parent: row
        compact: true
        active: drop.containsDrag
        headline: qsTr("Drop to send to %1").arg(row.nameInText)
    }
}
