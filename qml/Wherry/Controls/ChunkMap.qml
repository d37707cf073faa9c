import QtQuick
import Wherry.Controls // what is painted in C++

// Which parts of a file have arrived and are verified.
//
//   ranges   first and one past the last of each part, in turn, in the unit of `total`
//   total    the whole
//   label    accessible name; the share is said with it
Item {
    id: map

    property list<real> ranges
    property real total: 0
    property string label: qsTr("Verified parts", "accessible name of a map of a file")
    readonly property real share: {
        let sum = 0;
        for (let i = 0; i + 1 < ranges.length; i += 2)
            sum += ranges[i + 1] - ranges[i];
        return total > 0 ? Math.min(1, sum / total) : 0;
    }

    implicitWidth: 240
    implicitHeight: 14
    Accessible.role: Accessible.Graphic
    Accessible.name: label
    Accessible.description: qsTr("%1 % verified", "share of a file").arg(Math.floor(share * 10) * 10)

    ChunkBar {
        anchors.fill: parent
        ranges: map.ranges
        total: map.total
        mirrored: map.LayoutMirroring.enabled
        color: map.share >= 1 ? Theme.good : Theme.accent
        track: Theme.track
        radius: 4
    }
}
