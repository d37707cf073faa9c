import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// What a pasted link names, from whom, and where it is to go; nothing is fetched before the yes.
Dialog {
    id: dialog

    required property App app
    readonly property PastedLink pasted: app.pasted

    title: qsTr("Fetch “%1”?").arg(pasted.label)
    acceptText: qsTr("Fetch", "what a link names")
    onAccepted: {
        if (!pasted.fetch())
            open();
    }
    onRejected: pasted.forget()

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.space3

        Icon {
            symbol: "receive"
            size: Theme.iconLarge
            color: Theme.accentInk
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 3

            Label {
                Layout.fillWidth: true
                text: dialog.pasted.fromName === dialog.pasted.fromWords ? qsTr("From a device that you do not know yet") : qsTr("From %1").arg(dialog.pasted.fromName)
                kind: Label.Small
                muted: true
                elide: Text.ElideMiddle
            }
            KeyMark {
                words: dialog.pasted.fromWords
                hue: dialog.pasted.fromHue
            }
            Label {
                Layout.fillWidth: true
                visible: dialog.pasted.expires.length > 0
                text: qsTr("The link is good until %1").arg(dialog.pasted.expires)
                kind: Label.Small
                muted: true
                wrapMode: Text.Wrap
            }
            Label {
                Layout.fillWidth: true
                text: qsTr("How much it is shows as soon as it begins.")
                kind: Label.Small
                muted: true
                wrapMode: Text.Wrap
            }
        }
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: place.implicitHeight + 2 * Theme.space2
        radius: Theme.radius
        color: Theme.sunken

        RowLayout {
            id: place

            anchors.fill: parent
            anchors.margins: Theme.space2
            anchors.leftMargin: Theme.space3
            spacing: Theme.space3

            Icon {
                symbol: "folder"
                color: Theme.inkMuted
            }
            ColumnLayout {
                spacing: 0

                Label {
                    Layout.fillWidth: true
                    text: dialog.pasted.freeText.length > 0 ? qsTr("Save in · %1 free", "label of a folder, and bytes on its disk").arg(dialog.pasted.freeText) : qsTr("Save in")
                    kind: Label.Caption
                    muted: true
                }
                Label {
                    Layout.fillWidth: true
                    text: dialog.pasted.folder
                    elide: Text.ElideMiddle
                    Accessible.name: qsTr("Goes to %1").arg(dialog.pasted.folder)
                }
                Label {
                    Layout.fillWidth: true
                    visible: text.length > 0
                    text: dialog.pasted.folderProblem
                    kind: Label.Small
                    color: Theme.danger
                    wrapMode: Text.Wrap
                    Accessible.role: Accessible.AlertMessage
                }
            }
            Button {
                text: qsTr("Change…", "chooses another folder")
                kind: Button.Quiet
                onClicked: picker.open()
            }
        }
    }
    FilePicker {
        id: picker

        folders: true
        title: qsTr("Where to save it")
        currentFolder: dialog.pasted.folderUrl
        onPicked: urls => dialog.pasted.folderUrl = urls[0]
    }
    Connections {
        function onChanged() {
            if (dialog.pasted.hasTicket && !dialog.opened)
                dialog.open();
        }

        target: dialog.pasted
    }
}
