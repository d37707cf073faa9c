import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// The ways of what is gathered to somebody who is not in the list: by an address, or by a link that is given to them.
Card {
    id: card

    required property App app

    signal shareWanted

    ColumnLayout {
        anchors.left: parent.left
        anchors.right: parent.right
        spacing: Theme.space2

        RowLayout {
            spacing: Theme.space2

            TextField {
                id: target

                Layout.fillWidth: true
                label: qsTr("Address, name or key")
                symbol: "link"
                onAccepted: card.app.draft.sendToTarget(text)
            }
            Button {
                text: qsTr("Send", "to the address that was typed")
                enabled: target.text.trim().length > 0
                onClicked: card.app.draft.sendToTarget(target.text)
            }
        }
        Button {
            visible: card.app.draft.count > 0
            text: qsTr("Share a link instead", "of what was gathered")
            symbol: "qr"
            onClicked: card.shareWanted()
        }
    }
}
