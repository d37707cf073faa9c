import QtQuick

// A key to press, as in the list of keys. `keys`: "Ctrl+O".
Row {
    id: kbd

    property string keys

    spacing: 4
    Accessible.role: Accessible.StaticText
    Accessible.name: keys

    Repeater {
        // A plus sign by itself is a key, not a joint.
        model: kbd.keys.split(/\+(?=.)/)

        Rectangle {
            id: cap

            required property string modelData

            width: Math.max(height, words.implicitWidth + 12)
            height: 24
            radius: 6
            color: Theme.sunken
            border.width: 1
            border.color: Theme.line

            Text {
                id: words

                anchors.centerIn: parent
                text: cap.modelData
                textFormat: Text.PlainText
                color: Theme.inkMuted
                font.family: Theme.family
                font.pixelSize: Theme.captionSize
                font.weight: Font.Medium
            }
        }
    }
}
