import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// One device: what is known of it, or what has been said.
Item {
    id: pane

    required property App app
    property string peerId
    property int margins: Theme.space5
    // 0: about it, 1: messages.
    property alias view: views.currentIndex
    property bool closable: false // a cross in the head
    readonly property Item closer: cross
    readonly property bool known: peer.known
    readonly property Item input: conversation.input

    signal closed

    implicitWidth: 320
    implicitHeight: head.implicitHeight + Theme.space4 + 2 * margins + (view === 0 ? detail.implicitHeight : conversation.implicitHeight)

    PeerInfo {
        id: peer

        peers: pane.app.knownPeers
        peerId: pane.peerId
    }
    Binding {
        target: pane.app.messages
        property: "peerId"
        value: pane.peerId
        when: pane.visible
        restoreMode: Binding.RestoreNone
    }
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: pane.margins
        spacing: Theme.space4

        ColumnLayout {
            id: head

            spacing: Theme.space3

            RowLayout {
                spacing: Theme.space3

                Avatar {
                    size: 48
                    kind: peer.kind
                    words: peer.words
                    hue: peer.hue
                    presence: peer.presence
                }
                ColumnLayout {
                    spacing: Theme.space1

                    Label {
                        Layout.fillWidth: true
                        text: peer.title
                        kind: Label.Title
                        wrapMode: peer.doubtfulName ? Text.Wrap : Text.NoWrap // that is said in words behind the name
                        Accessible.role: Accessible.Heading
                    }
                    NameWarning {
                        visible: peer.doubtfulName && !peer.blocked
                    }
                    KeyMark {
                        words: peer.words
                        hue: peer.hue
                    }
                }
                IconButton {
                    id: cross

                    Layout.alignment: Qt.AlignTop
                    visible: pane.closable
                    symbol: "close"
                    text: qsTr("Close", "what is known of a device")
                    onClicked: pane.closed()
                }
            }
            SegmentedControl {
                id: views

                Layout.fillWidth: true
                label: qsTr("What to show of a device")
                model: [qsTr("Device", "what is known of it"), qsTr("Messages", "with a device")]
                counts: [0, peer.unread]
            }
        }
        ScrollColumn {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.margins: -margins
            visible: views.currentIndex === 0
            margins: 12 // room for the rings of what has the focus, and for the scroll bar
            maximumWidth: pane.width

            PeerDetail {
                id: detail

                Layout.fillWidth: true
                app: pane.app
                peerId: pane.peerId
            }
        }
        Conversation {
            id: conversation

            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: views.currentIndex === 1
            messages: pane.app.messages
            peerName: peer.nameInText
            blocked: peer.blocked
        }
    }
}
