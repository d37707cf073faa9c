import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// How one device is reached, and what the person has decided about it.
Item {
    id: detail

    required property App app
    property string peerId

    implicitWidth: 320
    implicitHeight: column.implicitHeight

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
        spacing: Theme.space4

        Banner {
            Layout.fillWidth: true
            visible: peer.doubtfulName && !peer.blocked
            kind: Banner.Warn
            text: qsTr("This may not be the device you know")
            detail: qsTr("One that you trust or have named is called %1 too. The four words tell them apart. Block this one if you do not know it.").arg(peer.claimedNameInText)
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
                Layout.minimumWidth: Math.ceil(implicitWidth) // the badge gives way
                visible: peer.latency >= 0
                text: qsTr("%1 ms", "round-trip time").arg(peer.latency < 10 ? peer.latency.toLocaleString(Qt.locale(), "f", 1) : Math.round(peer.latency).toLocaleString(Qt.locale(), "f", 0))
                muted: true
            }
        }
        Label {
            Layout.fillWidth: true
            text: peer.path.length > 0 ? peer.pathReason : peer.presence === "here" ? qsTr("Says that it is here, %1", "when it was heard").arg(peer.lastSeen) : peer.lastSeen.length > 0 ? qsTr("Last seen %1").arg(peer.lastSeen) : qsTr("Not connected at the moment")
            muted: true
            wrapMode: Text.Wrap
        }
        RowLayout {
            visible: !peer.blocked
            spacing: Theme.space2

            Button {
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                text: qsTr("Send files", "opens a dialog")
                symbol: "send"
                kind: peer.doubtfulName ? Button.Plain : Button.Primary
                onClicked: files.open()
            }
            Button {
                Layout.fillWidth: true
                Layout.preferredWidth: 1
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
            hint: qsTr("It calls itself %1. Only the colour and the words come from its key.").arg(peer.claimedName.length > 0 ? peer.claimedNameInText : qsTr("nothing"))

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
            text: qsTr("Trust this device")
            hint: qsTr("Only if you are sure whose it is")
            enabled: !peer.blocked
            checked: peer.trusted
            onToggled: detail.app.setTrusted(detail.peerId, checked)
        }
        Switch {
            Layout.fillWidth: true
            text: qsTr("Block this device")
            hint: qsTr("What is blocked can reach nothing here")
            checked: peer.blocked
            onToggled: detail.app.setBlocked(detail.peerId, checked)
        }
        Button {
            Layout.leftMargin: -Theme.quietInset
            text: qsTr("Copy key", "the peer id")
            symbol: "key"
            kind: Button.Quiet
            onClicked: detail.app.copy(detail.peerId)
        }
    }
    FilePicker {
        id: files

        title: qsTr("Files to send to %1").arg(peer.nameInText)
        onPicked: urls => detail.app.draft.sendNow(detail.peerId, urls, "")
    }
    FilePicker {
        id: folder

        folders: true
        title: qsTr("A folder to send to %1").arg(peer.nameInText)
        onPicked: urls => detail.app.draft.sendNow(detail.peerId, urls, "")
    }
}
