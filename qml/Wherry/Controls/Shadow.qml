pragma ComponentBehavior: Bound

import QtQuick

// A soft shadow of stacked rectangles: cheap, and the same with and without a graphics card. Goes behind a rectangle of the same size.
Item {
    id: shadow

    property real radius: Theme.radiusLarge
    property real depth: 1

    anchors.fill: parent

    Repeater {
        model: 8

        Rectangle {
            required property int index
            readonly property real spread: (index + 1) * 2.5 * shadow.depth

            anchors.fill: parent
            anchors.margins: -spread
            anchors.topMargin: -spread + 4 * shadow.depth
            anchors.bottomMargin: -spread - 4 * shadow.depth
            radius: shadow.radius + spread
            color: Theme.shadow
            opacity: (Theme.dark ? 0.09 : 0.03) * (1 - index / 8)
        }
    }
}
