import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// One device: who it is, how it is reached, and what the person has decided about it.
Item {
    id: detail

    required property App app
    property string peerId
    property int margins: Theme.space5
    readonly property bool known: peer.known

    implicitWidth: 320
    implicitHeight: column.implicitHeight + 2 * margins

    PeerInfo {
        id: peer

        peers: detail.app.knownPeers
        peerId: detail.peerId
    }
    ColumnLayout {
        id: column

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: detail.margins
        spacing: Theme.space4

        RowLayout {
            spacing: Theme.space3

            Avatar {
                size: 56
                kind: peer.kind
                words: peer.words
                hue: peer.hue
                presence: peer.presence
            }
            ColumnLayout {
                spacing: Theme.space1

                Label {
                    Layout.fillWidth: true
                    text: peer.name
                    kind: Label.Title
                    Accessible.role: Accessible.Heading
                }
                KeyMark {
                    words: peer.words
                    hue: peer.hue
                }
            }
        }
        RowLayout {
            visible: peer.path.length > 0
            spacing: Theme.space3

            PathBadge {
                kind: peer.path
                text: peer.pathText
                reason: peer.pathReason
            }
            Label {
                Layout.fillWidth: true
                visible: peer.latency >= 0
                text: qsTr("%1 ms", "round-trip time").arg(peer.latency < 10 ? peer.latency.toLocaleString(Qt.locale(), "f", 1) : Math.round(peer.latency).toLocaleString(Qt.locale(), "f", 0))
                muted: true
            }
        }
        Label {
            Layout.fillWidth: true
            text: peer.path.length > 0 ? peer.pathReason : peer.lastSeen.length > 0 ? qsTr("Last seen %1").arg(peer.lastSeen) : qsTr("Not connected at the moment")
            muted: true
            wrapMode: Text.Wrap
        }
        RowLayout {
            visible: !peer.blocked
            spacing: Theme.space2

            Button {
                Layout.fillWidth: true
                text: qsTr("Send files", "opens a dialog")
                symbol: "send"
                kind: Button.Primary
                onClicked: files.open()
            }
            Button {
                Layout.fillWidth: true
                text: qsTr("Send folder", "opens a dialog")
                symbol: "folder"
                onClicked: folder.open()
            }
        }
        Separator {
            Layout.fillWidth: true
        }
        Field {
            Layout.fillWidth: true
            label: qsTr("Your name for it")
            hint: qsTr("It calls itself %1. Only the colour and the words come from its key.").arg(peer.claimedName.length > 0 ? peer.claimedName : qsTr("nothing"))

            TextField {
                Layout.fillWidth: true
                label: qsTr("Your name for it")
                text: peer.alias
                placeholderText: peer.claimedName
                onEditingFinished: {
                    if (text !== peer.alias)
                        detail.app.setAlias(detail.peerId, text);
                }
            }
        }
        Switch {
            Layout.fillWidth: true
            text: qsTr("Trusted")
            hint: qsTr("You know that this is who you think")
            enabled: !peer.blocked
            checked: peer.trusted
            onToggled: detail.app.setTrusted(detail.peerId, checked)
        }
        Switch {
            Layout.fillWidth: true
            text: qsTr("Blocked")
            hint: qsTr("It reaches nothing here")
            checked: peer.blocked
            onToggled: detail.app.setBlocked(detail.peerId, checked)
        }
        Button {
            text: qsTr("Copy key", "the peer id")
            symbol: "key"
            kind: Button.Quiet
            onClicked: detail.app.copy(detail.peerId)
        }
    }
    FilePicker {
        id: files

        title: qsTr("Files to send to %1").arg(peer.name)
        onPicked: urls => detail.app.draft.sendNow(detail.peerId, urls, "")
    }
    FilePicker {
        id: folder

        folders: true
        title: qsTr("A folder to send to %1").arg(peer.name)
        onPicked: urls => detail.app.draft.sendNow(detail.peerId, urls, "")
    }
}
