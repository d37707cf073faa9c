import QtQuick
import QtQuick.Layouts

// How a device is reached.
//
//   kind      "lan", "direct6", "direct4", "punched", "relayed", "routed"; empty hides it
//   text      what it says: "Local network"
//   reason    why, in the tooltip and for the screen reader
//   compact   the icon alone
Item {
    id: badge

    property string kind
    property string text
    property string reason
    property bool compact: false
    readonly property bool detour: kind === "relayed" || kind === "routed"
    readonly property var symbols: ({lan: "lan", direct6: "direct", direct4: "direct", punched: "punched", relayed: "relay", routed: "route"})

    Layout.fillWidth: true
    Layout.minimumWidth: 26
    Layout.maximumWidth: implicitWidth
    visible: kind.length > 0
    implicitWidth: compact ? 26 : Math.ceil(words.implicitWidth) + 14 + 5 + 2 * 8
    implicitHeight: 24
    activeFocusOnTab: false
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.description: reason

    Rectangle {
        id: pill

        // A layout that resizes may be late in taking the new width: the pill is never wider than its words.
        x: badge.LayoutMirroring.enabled ? 0 : badge.width - width
        width: Math.min(badge.width, badge.implicitWidth)
        height: badge.height
        radius: height / 2
        color: badge.detour ? Theme.warnSoft : Theme.goodSoft
    }
    RowLayout {
        anchors.fill: pill
        anchors.leftMargin: badge.compact ? 6 : 8
        anchors.rightMargin: anchors.leftMargin
        spacing: 5

        Icon {
            symbol: badge.symbols[badge.kind] ?? "unknown-device"
            size: 14
            color: badge.detour ? Theme.warn : Theme.good
        }
        Label {
            id: words

            Layout.fillWidth: true
            visible: !badge.compact
            text: badge.text
            kind: Label.Caption
            font.weight: Font.Medium
            color: badge.detour ? Theme.warn : Theme.good
            Accessible.ignored: true
        }
    }
    HoverHandler {
        id: pointer
    }
    ToolTip {
        text: badge.compact && badge.reason.length > 0 ? badge.text + ": " + badge.reason : badge.compact ? badge.text : badge.reason
        visible: pointer.hovered && text.length > 0
    }
}
