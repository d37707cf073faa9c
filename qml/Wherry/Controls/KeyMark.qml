import QtQuick
import QtQuick.Layouts
import Wherry.Controls // what is painted in C++

// What a key looks like at a glance: a shape and a colour, and its four words. A label to recognise by, not proof.
//
//   words       "amber-canoe-lemon-owl"; also chooses the shape
//   hue         0 to 1: the place on the colour wheel
//   showWords   false: the shape alone (the words are its accessible name)
//   size        edge of the shape
//   kind        of the words, as of Label
Item {
    id: mark

    property string words
    property real hue: 0
    property bool showWords: true
    property int size: 14
    property int kind: Label.Caption

    Layout.fillWidth: true
    Layout.minimumWidth: size
    Layout.maximumWidth: implicitWidth
    implicitWidth: size + (showWords ? row.spacing + Math.ceil(measure.implicitWidth) : 0)
    implicitHeight: row.implicitHeight
    Accessible.role: Accessible.StaticText
    Accessible.name: qsTr("Key words: %1", "accessible name of the label of a key").arg(words)

    // The natural width of the words: of what wraps it cannot be told.
    Label {
        id: measure

        visible: false
        text: mark.words
        kind: mark.kind
    }
    RowLayout {
        id: row

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: 6

        KeyShape {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: Math.max(0, (text.implicitHeight / Math.max(1, text.lineCount) - height) / 2)
            implicitWidth: mark.size
            implicitHeight: mark.size
            seed: mark.words
            color: Theme.keyColour(Math.floor(mark.hue * Theme.keyColours.length))
            heart: Theme.surface
        }
        Label {
            id: text

            Layout.fillWidth: true
            visible: mark.showWords
            text: mark.words
            kind: mark.kind
            color: Theme.inkMuted
            wrapMode: Text.Wrap // they are there to be recognised: never cut
            maximumLineCount: 2
            lineHeight: 1
            Accessible.ignored: true
        }
    }
}
