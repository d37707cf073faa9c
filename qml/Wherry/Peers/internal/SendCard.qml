import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// The first verb: what to send, by choosing, dropping or pasting.
Card {
    id: card

    required property SendDraft draft

    ColumnLayout {
        anchors.fill: parent
        spacing: Theme.space3

        RowLayout {
            Layout.minimumHeight: Theme.touch
            spacing: Theme.space3

            Icon {
                symbol: "send"
                size: Theme.iconLarge
                color: Theme.accentInk
            }
            Label {
                Layout.fillWidth: true
                text: qsTr("Send", "heading: the verb")
                kind: Label.Title
                Accessible.role: Accessible.Heading
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.fillHeight: true
            text: qsTr("Drop files or folders anywhere in this window, or onto a device. Paste works too.")
            muted: true
            wrapMode: Text.Wrap
        }
        Flow {
            Layout.fillWidth: true
            spacing: Theme.space2

            Button {
                text: qsTr("Choose files", "opens a dialog")
                symbol: "file"
                kind: Button.Primary
                onClicked: files.open()
            }
            Button {
                text: qsTr("Choose a folder", "opens a dialog")
                symbol: "folder"
                onClicked: folder.open()
            }
        }
    }
    FilePicker {
        id: files

        title: qsTr("Files to send")
        onPicked: urls => card.draft.add(urls)
    }
    FilePicker {
        id: folder

        folders: true
        title: qsTr("A folder to send")
        onPicked: urls => card.draft.add(urls)
    }
    Shortcut {
        sequence: "Ctrl+O"
        onActivated: files.open()
    }
}
