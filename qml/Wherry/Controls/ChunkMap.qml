import QtQuick
import Wherry.Controls // what is painted in C++

// Which parts of a transfer have arrived and are verified.
//
//   cells   how much of each of equal parts is, 0 to 255; none: it is not known
//   label   accessible name; the share is said with it
//   paused  in grey
Item {
    id: map

    property list<int> cells
    property bool paused: false
    property string label: qsTr("Verified parts", "accessible name of a map of a transfer")
    readonly property real share: {
        let sum = 0;
        for (const cell of cells)
            sum += cell;
        return cells.length > 0 ? sum / (255 * cells.length) : 0;
    }

    implicitWidth: 240
    implicitHeight: 14
    Accessible.role: Accessible.ProgressBar
    Accessible.name: label
    Accessible.description: qsTr("%1 % verified", "share of a transfer").arg(Math.floor(share * 10) * 10)

    ChunkBar {
        anchors.fill: parent
        cells: map.cells
        mirrored: map.LayoutMirroring.enabled
        color: map.share >= 1 ? Theme.good : map.paused ? Theme.stroke : Theme.accent
        track: Theme.track
        radius: 4
    }
}
