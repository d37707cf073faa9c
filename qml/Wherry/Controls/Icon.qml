import QtQuick
import QtQuick.Controls.impl

// One icon of the set in resources/icons, in any colour of the theme.
//
//   symbol        file name without ".svg"; empty shows nothing
//   size          edge in pixels, 20 unless told
//   directional   true for arrows and the like, which turn around where text runs from right to left
IconImage {
    id: icon

    property string symbol
    property int size: Theme.icon
    property bool directional: symbol === "back" || symbol === "chevron-right" || symbol === "send" || symbol === "open"

    source: symbol.length > 0 ? Qt.resolvedUrl("icons/" + symbol + ".svg") : ""
    sourceSize.width: size
    sourceSize.height: size
    width: size
    height: size
    color: Theme.ink
    mirror: directional && icon.LayoutMirroring.enabled
    Accessible.ignored: true
}
