import QtQuick
import QtQuick.Shapes

// The picture of an empty page: a sail over still water, and what the page is about in the sail's place on the bank. Drawn of curves, no file.
//
//   symbol   icon in the middle
Item {
    id: picture

    property string symbol: "devices"

    implicitWidth: 168
    implicitHeight: 112
    Accessible.ignored: true

    Rectangle {
        anchors.horizontalCenter: parent.horizontalCenter
        y: 4
        width: 88
        height: 88
        radius: 44
        color: Theme.accentSoft

        Icon {
            anchors.centerIn: parent
            size: 40
            symbol: picture.symbol
            color: Theme.accentInk
        }
    }
    Shape {
        anchors.fill: parent

        ShapePath {
            strokeColor: Theme.accentInk
            strokeWidth: 2
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap

            PathSvg { path: "M20 98 q8 -6 16 0 t16 0 t16 0 t16 0 t16 0 t16 0 t16 0 t16 0" }
        }
        ShapePath {
            strokeColor: Theme.line
            strokeWidth: 2
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap

            PathSvg { path: "M44 108 q8 -6 16 0 t16 0 t16 0 t16 0 t16 0" }
        }
    }
}
