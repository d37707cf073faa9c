import QtQuick
import Wherry.Controls // what is painted in C++

// The rate of the last minute or so, newest at the end.
//
//   samples    bytes a second, one each interval, newest last
//   capacity   how many fill the width
//   label      accessible name, with the rate in words: "Sending at 12 MB/s"
//   peakText   the largest of them, already written out; stands above the curve; empty leaves it out
//   paused     grey
Item {
    id: graph

    property list<real> samples
    property alias capacity: curve.capacity
    property string label: qsTr("Rate of the transfer", "accessible name of a graph")
    property string peakText
    property bool paused: false
    readonly property color strong: paused ? Theme.stroke : Theme.accentInk

    implicitWidth: 240
    implicitHeight: peakText.length > 0 ? 88 : 68
    Accessible.role: Accessible.Graphic
    Accessible.name: label
    Accessible.description: peakText

    Separator {
        anchors.bottom: parent.bottom
        width: parent.width
    }
    Separator {
        anchors.top: curve.top
        width: parent.width
        opacity: 0.6
        visible: graph.peakText.length > 0
    }
    RateCurve {
        id: curve

        anchors.fill: parent
        anchors.topMargin: graph.peakText.length > 0 ? 20 : 0
        samples: graph.samples
        mirrored: graph.LayoutMirroring.enabled
        color: graph.strong
        fill: Qt.rgba(graph.strong.r, graph.strong.g, graph.strong.b, Theme.dark ? 0.18 : 0.1)
    }
    Label {
        anchors.left: parent.left
        anchors.top: parent.top
        text: graph.peakText
        kind: Label.Caption
        color: Theme.inkFaint
    }
}
