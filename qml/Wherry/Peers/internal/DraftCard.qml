pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// What has been gathered to be sent. It goes to whoever is chosen below.
Card {
    id: card

    required property App app
    property bool awaitsDrop: false // something is dragged over the window
    property bool narrow: false
    readonly property var recipients: app.draft.recipients
    readonly property string contents: app.draft.contents

    tinted: true

    PeerInfo {
        id: only

        peers: card.app.knownPeers
        peerId: card.recipients.length === 1 ? card.recipients[0] : ""
    }
    TextMetrics {
        id: shortName

        font.family: Theme.family
        font.pixelSize: Theme.bodySize
        text: only.nameInText
        elide: Text.ElideMiddle
        elideWidth: 160
    }

    DropOverlay {
        parent: card
        inset: 4
        radius: Theme.radiusLarge
        active: card.awaitsDrop
        headline: qsTr("Drop here to add it")
        text: qsTr("or onto a device", "drop what is dragged")
    }
    ColumnLayout {
        anchors.fill: parent
        opacity: card.awaitsDrop ? 0 : 1
        spacing: Theme.space3

        RowLayout {
            spacing: Theme.space3

            Icon {
                symbol: "send"
                size: Theme.iconLarge
                color: Theme.accentInk
            }
            ColumnLayout {
                spacing: 0

                Label {
                    Layout.fillWidth: true
                    text: card.app.draft.summary
                    kind: Label.Title
                }
                Label {
                    Layout.fillWidth: true
                    text: card.recipients.length === 0 ? (card.contents.length > 0 ? card.contents + ". " + qsTr("Choose a device, or several.") : qsTr("Ready to send. Choose a device, or several.")) : card.recipients.length === 1 ? qsTr("For %1", "a device").arg(only.nameInText) : qsTr("For %n devices", "of the devices that are chosen", card.recipients.length)
                    muted: true
                    wrapMode: Text.Wrap
                }
            }
            IconButton {
                symbol: "close"
                text: qsTr("Send nothing", "empties what was gathered")
                onClicked: card.app.draft.clear()
            }
        }
        Label {
            Layout.fillWidth: true
            visible: text.length > 0
            text: card.app.draft.text
            maximumLineCount: 4
            wrapMode: Text.Wrap
            elide: Text.ElideRight
        }
        ListView {
            readonly property int few: 3

            objectName: "draftItems"
            Layout.fillWidth: true
            Layout.preferredHeight: count <= few ? contentHeight : contentHeight / count * (few + 0.5) // the half one says that there are more
            visible: count > 1
            clip: true
            model: card.app.draft
            delegate: ListRow {
                id: row

                required property int index
                required property string name
                required property string folder
                required property bool isFolder

                width: ListView.view.width
                leftPadding: 0
                rightPadding: 0
                title: name
                subtitle: folder
                interactive: false
                leading: Icon {
                    symbol: row.isFolder ? "folder" : "file"
                    color: Theme.inkMuted
                }

                IconButton {
                    symbol: "close"
                    size: 16
                    text: qsTr("Leave out", "takes one out of what is to be sent")
                    onClicked: card.app.draft.remove(row.index)
                }
            }
        }
        Button {
            Layout.fillWidth: card.narrow
            visible: card.recipients.length > 0
            text: card.recipients.length === 1 ? qsTr("Send to %1", "a device").arg(shortName.elidedText) : qsTr("Send to %n devices", "of the devices that are chosen", card.recipients.length)
            symbol: "send"
            kind: Button.Primary
            onClicked: card.app.draft.sendToRecipients()
        }
    }
}
