pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// The texts that have come, each until it is put away. Plain text; nothing in it is opened by itself.
ColumnLayout {
    id: cards

    required property TextsModel texts

    spacing: Theme.space3

    Repeater {
        model: cards.texts

        Card {
            id: card

            required property int index
            required property string peerName
            required property string words
            required property real hue
            required property string text
            required property string when
            required property bool stranger

            Layout.fillWidth: true

            ColumnLayout {
                anchors.fill: parent
                spacing: Theme.space2

                RowLayout {
                    spacing: Theme.space2

                    Label {
                        Layout.fillWidth: true
                        text: qsTr("Text from %1").arg(card.peerName)
                        kind: Label.Strong
                    }
                    KeyMark {
                        words: card.words
                        hue: card.hue
                        showWords: false
                    }
                    Label {
                        text: card.when
                        kind: Label.Small
                        muted: true
                    }
                    IconButton {
                        symbol: "copy"
                        text: qsTr("Copy", "a text")
                        onClicked: cards.texts.copy(card.index)
                    }
                    IconButton {
                        symbol: "close"
                        text: qsTr("Put away", "a text")
                        onClicked: cards.texts.remove(card.index)
                    }
                }
                Label {
                    Layout.fillWidth: true
                    visible: card.stranger
                    text: qsTr("You do not know this device")
                    kind: Label.Small
                    color: Theme.warn
                }
                Label {
                    Layout.fillWidth: true
                    text: card.text
                    wrapMode: Text.Wrap
                }
            }
        }
    }
}
