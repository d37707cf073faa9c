import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// The first verb: what to send, by choosing, dropping or pasting.
Card {
    id: card

    required property SendDraft draft
    property bool awaitsDrop: false // something is dragged over the window
    property real room: width // for the card
    property bool sharing: false // what is being picked is for a link

    signal shareWanted

    DropOverlay {
        parent: card
        inset: 4
        radius: Theme.radiusLarge
        active: card.awaitsDrop
        headline: qsTr("Drop here to choose who gets it")
        text: qsTr("or onto a device", "drop what is dragged")
    }
    ColumnLayout {
        anchors.fill: parent
        opacity: card.awaitsDrop ? 0 : 1
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
            Button {
                Layout.rightMargin: -Theme.quietInset
                text: qsTr("Share a link", "opens a dialog for files")
                symbol: "qr"
                kind: Button.Quiet
                onClicked: shared.open()
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.fillHeight: true
            text: qsTr("Drop or paste files and folders here, or drop them onto a device.")
            muted: true
            wrapMode: Text.Wrap
        }
        GridLayout {
            Layout.fillWidth: true
            columns: card.room < choose.implicitWidth + chooseFolder.implicitWidth + columnSpacing + 2 * card.padding ? 1 : 2
            columnSpacing: Theme.space2
            rowSpacing: Theme.space1

            Button {
                id: choose

                Layout.fillWidth: true
                text: qsTr("Choose files", "opens a dialog")
                symbol: card.room < 380 ? "" : "file"
                kind: Button.Primary
                onClicked: files.open()
            }
            Button {
                id: chooseFolder

                Layout.fillWidth: true
                text: qsTr("Choose a folder", "opens a dialog")
                symbol: card.room < 380 ? "" : "folder"
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
    FilePicker {
        id: shared

        title: qsTr("Files to share by a link")
        onPicked: urls => {
            card.sharing = true;
            card.draft.add(urls);
        }
    }
    Connections {
        function onCountChanged() {
            if (card.sharing && card.draft.count > 0)
                card.shareWanted();
            card.sharing = false;
        }

        target: card.draft
    }
    Shortcut {
        sequence: "Ctrl+O"
        onActivated: files.open()
    }
}
