import QtQuick
import QtQuick.Layouts
import QtQuick.Shapes

// What is shown over a page or a row while files hang over it.
//
//   active     something hangs over it
//   headline   what letting go does: "Drop to send to Mara's laptop"
//   text       a quieter line
//   compact    for rows: one line, no picture
//   hollow     the edge alone: it may be dropped here too
//   inset      of the edge; what is covered is covered whole
//   radius     of the corners of what is covered
Item {
    id: overlay

    property bool active: false
    property string headline
    property string text
    property bool compact: false
    property bool hollow: false
    property int inset: compact ? 2 : Theme.space3
    property int radius: compact ? Theme.radiusLarge - 2 : 0

    anchors.fill: parent
    visible: opacity > 0
    opacity: active ? 1 : 0
    z: hollow ? 1 : 50
    Accessible.role: Accessible.AlertMessage
    Accessible.name: headline
    Accessible.ignored: hollow

    Behavior on opacity { NumberAnimation { duration: Theme.quick } }

    Rectangle {
        anchors.fill: parent
        visible: !overlay.hollow
        radius: overlay.radius
        color: Theme.accentSoft
    }
    Shape {
        id: edge

        readonly property real inset: overlay.inset + 1
        readonly property real corner: overlay.compact ? Theme.radius + 2 : Theme.radiusLarge

        anchors.fill: parent

        ShapePath {
            strokeColor: Theme.accentInk
            strokeWidth: 2
            strokeStyle: ShapePath.DashLine
            dashPattern: [4, 4]
            capStyle: ShapePath.RoundCap
            fillColor: "transparent"
            startX: edge.inset + edge.corner
            startY: edge.inset

            PathLine { x: edge.width - edge.inset - edge.corner; y: edge.inset }
            PathArc { x: edge.width - edge.inset; y: edge.inset + edge.corner; radiusX: edge.corner; radiusY: edge.corner }
            PathLine { x: edge.width - edge.inset; y: edge.height - edge.inset - edge.corner }
            PathArc { x: edge.width - edge.inset - edge.corner; y: edge.height - edge.inset; radiusX: edge.corner; radiusY: edge.corner }
            PathLine { x: edge.inset + edge.corner; y: edge.height - edge.inset }
            PathArc { x: edge.inset; y: edge.height - edge.inset - edge.corner; radiusX: edge.corner; radiusY: edge.corner }
            PathLine { x: edge.inset; y: edge.inset + edge.corner }
            PathArc { x: edge.inset + edge.corner; y: edge.inset; radiusX: edge.corner; radiusY: edge.corner }
        }
    }
    GridLayout {
        anchors.centerIn: parent
        visible: !overlay.hollow
        width: Math.min(parent.width - 2 * Theme.space6, implicitWidth)
        columns: overlay.compact ? 2 : 1
        rowSpacing: Theme.space2
        columnSpacing: Theme.space2

        Icon {
            Layout.alignment: Qt.AlignHCenter
            symbol: "drop"
            size: overlay.compact ? 20 : 48
            color: Theme.accentInk
        }
        Label {
            Layout.fillWidth: true
            text: overlay.headline
            kind: overlay.compact ? Label.Strong : Label.Title
            horizontalAlignment: Text.AlignHCenter
            wrapMode: overlay.compact ? Text.NoWrap : Text.Wrap
            color: Theme.accentInk
            Accessible.ignored: true
        }
        Label {
            Layout.fillWidth: true
            text: overlay.text
            visible: text.length > 0 && !overlay.compact
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            Accessible.ignored: true
        }
    }
}
