import QtQuick
import QtQuick.Shapes

// Something is going on and nobody knows for how long. Still where motion is reduced.
//
//   label   accessible name: what is going on
Item {
    id: spinner

    property string label: qsTr("Working", "accessible name of a spinner")
    property bool running: visible
    property int size: 24

    implicitWidth: size
    implicitHeight: size
    Accessible.role: Accessible.Indicator
    Accessible.name: label

    Shape {
        anchors.fill: parent

        ShapePath {
            strokeColor: Theme.track
            strokeWidth: 2.5
            fillColor: "transparent"

            PathAngleArc { centerX: spinner.width / 2; centerY: spinner.height / 2; radiusX: spinner.width / 2 - 2; radiusY: radiusX; sweepAngle: 360 }
        }
        ShapePath {
            strokeColor: Theme.accentInk
            strokeWidth: 2.5
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap

            PathAngleArc { centerX: spinner.width / 2; centerY: spinner.height / 2; radiusX: spinner.width / 2 - 2; radiusY: radiusX; sweepAngle: 90 }
        }
        RotationAnimation on rotation {
            running: spinner.running && !Theme.reducedMotion
            loops: Animation.Infinite
            from: 0
            to: 360
            duration: 1100
        }
    }
}
