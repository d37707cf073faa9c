import QtQuick
import QtQuick.Layouts
import Wherry.Controls // what is painted in C++

// What a key looks like at a glance: a shape and a colour, and its four words. A label to recognise by, not proof.
//
//   words       "amber-canoe-lemon-owl"; also chooses the shape
//   hue         0 to 1: the place on the colour wheel
//   showWords   false: the shape alone (the words are its accessible name)
//   size        edge of the shape
Item {
    id: mark

    property string words
    property real hue: 0
    property bool showWords: true
    property int size: 14

    Layout.fillWidth: true
    Layout.minimumWidth: size
    Layout.maximumWidth: implicitWidth
    implicitWidth: row.implicitWidth
    implicitHeight: row.implicitHeight
    Accessible.role: Accessible.StaticText
    Accessible.name: qsTr("Key words: %1", "accessible name of the label of a key").arg(words)

    RowLayout {
        id: row

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: 6

        KeyShape {
            implicitWidth: mark.size
            implicitHeight: mark.size
            seed: mark.words
            color: Theme.keyColour(Math.floor(mark.hue * Theme.keyColours.length))
            heart: Theme.surface
        }
        Label {
            Layout.fillWidth: true
            visible: mark.showWords
            text: mark.words
            kind: Label.Caption
            color: Theme.inkMuted
            Accessible.ignored: true
        }
    }
}
