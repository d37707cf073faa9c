pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// What has been gathered to be sent. It goes to whoever is chosen below, or to a pasted address.
Card {
    id: card

    required property App app

    tinted: true

    ColumnLayout {
        anchors.fill: parent
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
                    text: qsTr("Ready to send. Choose a device.")
                    muted: true
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
            Layout.fillWidth: true
            Layout.preferredHeight: Math.min(contentHeight, 168)
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
        RowLayout {
            spacing: Theme.space2

            TextField {
                id: target

                Layout.fillWidth: true
                label: qsTr("Address, name or key of a device")
                symbol: "link"
                onAccepted: card.app.draft.sendToTarget(text)
            }
            Button {
                text: qsTr("Send", "to the address that was typed")
                enabled: target.text.trim().length > 0
                onClicked: card.app.draft.sendToTarget(target.text)
            }
        }
    }
}
