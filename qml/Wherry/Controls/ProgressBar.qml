import QtQuick
import QtQuick.Templates as T

// How far something is. `value` from 0 to 1, or `indeterminate`.
//
//   label   accessible name, like "Sending holiday.zip"; progress is announced in steps of ten per cent
//   phase   ProgressBar.Running, Paused, Done or Failed: the colour
T.ProgressBar {
    id: control

    enum Phase { Running, Paused, Done, Failed }

    property string label
    property int phase: ProgressBar.Running
    readonly property real share: indeterminate ? 0.3 : position
    readonly property int announced: Math.floor(position * 10) * 10

    implicitWidth: 200
    implicitHeight: 6
    Accessible.role: Accessible.ProgressBar
    Accessible.name: label
    Accessible.description: indeterminate ? "" : qsTr("%1 %", "progress, announced in steps").arg(announced)

    background: Rectangle {
        radius: height / 2
        color: Theme.track
    }
    contentItem: Item {
        clip: control.indeterminate

        Rectangle {
            width: control.share > 0 ? Math.max(height, parent.width * control.share) : 0
            height: parent.height
            radius: height / 2
            x: control.mirrored ? parent.width - width : 0
            color: control.phase === ProgressBar.Failed ? Theme.danger : control.phase === ProgressBar.Done ? Theme.good : control.phase === ProgressBar.Paused ? Theme.stroke : Theme.accent

            Behavior on width {
                enabled: !control.indeterminate
                NumberAnimation { duration: Theme.calm }
            }
            SequentialAnimation on x {
                running: control.indeterminate && control.visible && !Theme.reducedMotion
                loops: Animation.Infinite
                NumberAnimation { from: -60; to: 200; duration: 1400; easing.type: Easing.InOutSine }
            }
        }
    }
}
