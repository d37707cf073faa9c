import QtQuick

// A device: its kind drawn on a disc in the colour of its key, and a dot for presence.
//
//   kind        "phone", "tablet", "laptop", "desktop", "server"; anything else: a device of some kind
//   words, hue  as of KeyMark; without words the disc is grey
//   presence    "connected", "nearby", "here", "away" or empty for none
Item {
    id: avatar

    property string kind
    property string words
    property real hue: 0
    property string presence
    property int size: 44
    readonly property color keyColour: words.length > 0 ? Theme.keyColour(Math.floor(hue * Theme.keyColours.length)) : Theme.inkMuted
    readonly property var kinds: ({phone: true, tablet: true, laptop: true, desktop: true, server: true})
    readonly property string symbol: kinds[kind] === true ? kind : "devices"

    implicitWidth: size
    implicitHeight: size
    opacity: presence === "away" ? 0.75 : 1
    Accessible.ignored: true

    Rectangle {
        anchors.fill: parent
        radius: width / 2
        color: Qt.tint(Theme.surface, Qt.rgba(avatar.keyColour.r, avatar.keyColour.g, avatar.keyColour.b, Theme.dark ? 0.22 : 0.13))

        Icon {
            anchors.centerIn: parent
            size: Math.round(avatar.size * 0.5)
            symbol: avatar.symbol
            color: avatar.keyColour
        }
    }
    Rectangle {
        x: avatar.LayoutMirroring.enabled ? -2 : avatar.width - width + 2
        y: avatar.height - height + 1
        width: Math.max(12, Math.round(avatar.size * 0.3))
        height: width
        radius: width / 2
        visible: avatar.presence === "connected" || avatar.presence === "nearby" || avatar.presence === "here"
        color: Theme.surface

        Rectangle {
            anchors.centerIn: parent
            width: parent.width - 4
            height: width
            radius: width / 2
            color: avatar.presence === "connected" ? Theme.good : Theme.surface
            border.width: 2
            border.color: Theme.good
        }
    }
}
