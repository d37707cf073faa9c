import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// The second verb: under which name this device is found, where files go, and its address for other networks.
Card {
    id: card

    required property App app
    property real room: width // for the card

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
                text: !card.app.receiving.wanted ? qsTr("Off: others cannot send to this device") : card.app.receiving.active ? (card.app.findable ? qsTr("Others find this device as %1") : qsTr("This device is called %1")).arg(card.app.deviceName) : qsTr("Starting")
                muted: true
                wrapMode: Text.Wrap
            }
            KeyMark {
                visible: words.length > 0
                words: card.app.words
                hue: card.app.hue
            }
            Label {
                Layout.fillWidth: true
                Layout.topMargin: Theme.space1
                visible: card.app.receiving.wanted
                text: qsTr("Files go to %1", "a folder").arg(card.app.receiving.folderName)
                muted: true
                elide: Text.ElideMiddle
            }
            Item { // what is left, when the other verb is higher
                Layout.fillHeight: true
            }
        }
        GridLayout {
            Layout.fillWidth: true
            columns: card.room < address.implicitWidth + folderButton.implicitWidth + columnSpacing + 2 * card.padding ? 1 : 2
            columnSpacing: Theme.space2
            rowSpacing: Theme.space1

            Button {
                id: address

                Layout.fillWidth: true
                text: qsTr("Copy address", "for a device of another network")
                symbol: card.room < 380 ? "" : "copy"
                enabled: card.app.addresses.length > 0
                onClicked: {
                    card.app.copy(card.app.addresses[0]);
                    card.app.notices.tell(qsTr("Address copied. Paste it into Wherry on the other device."));
                }
            }
            Button {
                id: folderButton

                Layout.fillWidth: true
                text: qsTr("Save to…", "opens a dialog for the folder where received files go")
                symbol: card.room < 380 ? "" : "folder"
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
        onPicked: urls => card.app.setFolder(urls[0])
    }
}
