import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// One field for whatever another person has sent: a link is fetched, an address becomes a device.
Card {
    id: card

    required property App app
    readonly property PastedLink pasted: app.pasted

    readonly property Item input: field

    ColumnLayout {
        anchors.left: parent.left
        anchors.right: parent.right
        spacing: Theme.space1

        Label {
            Layout.fillWidth: true
            text: qsTr("Have a link or an address?")
            kind: Label.Strong
            wrapMode: Text.Wrap
        }
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.space2

            TextField {
                id: field

                Layout.fillWidth: true
                label: qsTr("Paste a link or an address")
                symbol: "link"
                invalid: card.pasted.problem.length > 0
                onTextEdited: {
                    if (invalid)
                        card.pasted.forget();
                }
                onAccepted: card.pasted.read(text)
            }
            Button {
                text: qsTr("Open", "what was pasted")
                enabled: field.text.trim().length > 0 && !card.pasted.busy
                onClicked: card.pasted.read(field.text)
            }
        }
        RowLayout {
            Layout.fillWidth: true
            visible: card.pasted.busy
            spacing: Theme.space2

            Spinner {
                Layout.preferredWidth: 18
                Layout.preferredHeight: 18
            }
            Label {
                Layout.fillWidth: true
                text: qsTr("Looking for this device")
                kind: Label.Small
                muted: true
            }
            Button {
                text: qsTr("Stop", "looking for a device")
                kind: Button.Quiet
                compact: true
                onClicked: card.pasted.forget()
            }
        }
        Label {
            Layout.fillWidth: true
            visible: text.length > 0
            text: card.pasted.problem
            kind: Label.Small
            color: Theme.danger
            wrapMode: Text.Wrap
            Accessible.role: Accessible.AlertMessage
            Accessible.name: text
        }
    }
    Connections {
        function onChanged() {
            if (card.pasted.problem.length > 0 && field.text.trim() !== card.pasted.text)
                field.text = card.pasted.text; // pasted elsewhere in the window
        }
        function onDeviceFound() {
            field.clear();
        }
        function onFetching() {
            field.clear();
        }

        target: card.pasted
    }
}
