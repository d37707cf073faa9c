import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// The second verb: under which name this device is found, where files go, and its address for other networks.
Card {
    id: card

    required property App app

    ColumnLayout {
        anchors.fill: parent
        spacing: Theme.space3

        RowLayout {
            Layout.fillHeight: false // both verbs at one height
            Layout.minimumHeight: Theme.touch
            spacing: Theme.space3

            Icon {
                symbol: "receive"
                size: Theme.iconLarge
                color: card.app.receiving.active ? Theme.good : Theme.inkMuted
            }
            Label {
                Layout.fillWidth: true
                text: qsTr("Receive", "heading: the verb")
                kind: Label.Title
                Accessible.role: Accessible.Heading
            }
            Switch {
                label: qsTr("Receive files")
                checked: card.app.receiving.wanted
                onToggled: card.app.receiving.wanted = checked
            }
        }
        ColumnLayout {
            Layout.fillHeight: true
            spacing: Theme.space1

            Label {
                Layout.fillWidth: true
                text: !card.app.receiving.wanted ? qsTr("Off: others cannot send to this device") : card.app.receiving.active ? qsTr("Others find this device as %1").arg(card.app.deviceName) : qsTr("Starting")
                muted: true
                wrapMode: Text.Wrap
            }
            KeyMark {
                visible: words.length > 0
                words: card.app.words
                hue: card.app.hue
            }
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.space2

            Button {
                text: qsTr("Copy address", "for a device of another network")
                symbol: "copy"
                enabled: card.app.addresses.length > 0
                onClicked: {
                    card.app.copy(card.app.addresses[0]);
                    card.app.notices.tell(qsTr("Address copied. Paste it into Wherry on the other device."));
                }
            }
            Button {
                id: folderButton

                text: qsTr("Folder", "where received files go")
                symbol: "folder"
                onClicked: folder.open()

                ToolTip {
                    visible: folderButton.hovered || folderButton.visualFocus
                    text: qsTr("Received files go to %1").arg(card.app.receiving.folder)
                }
            }
        }
    }
    FilePicker {
        id: folder

        folders: true
        title: qsTr("Where received files go")
        currentFolder: card.app.receiving.folderUrl
        onPicked: urls => card.app.receiving.setFolder(urls[0])
    }
}
