import QtQuick
import Wherry.Controls

// A device in the list. Files may be dropped on it; while something is gathered it has a button that sends it.
ListRow {
    id: row

    required property string peerId
    required property string name
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
    property bool sending: false

    signal send
    signal filesDropped(var urls, string text)

    boxed: true
    title: name
    subtitle: blocked ? qsTr("Blocked") : doubtfulName ? qsTr("Careful: another device has this name") : presence === "connected" ? qsTr("Connected") : presence === "nearby" ? qsTr("Nearby") : lastSeen.length > 0 ? qsTr("Last seen %1").arg(lastSeen) : qsTr("Not here at the moment")
    leading: Avatar {
        kind: row.kind
        words: row.words
        hue: row.hue
        presence: row.presence
    }
    details: KeyMark {
        visible: row.name !== row.words
        words: row.words
        hue: row.hue
    }

    Icon {
        visible: row.trusted
        symbol: "trust"
        color: Theme.good
    }
    PathBadge {
        compact: row.width < 560
        kind: row.path
        text: row.pathText
        reason: row.pathReason
    }
    Button {
        visible: row.sending && !row.blocked
        text: qsTr("Send", "what was gathered, to this device")
        symbol: "send"
        kind: Button.Primary
        onClicked: row.send()
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
        active: drop.containsDrag
        headline: qsTr("Drop to send to %1").arg(row.name)
    }
}
