import QtQuick
import QtQuick.Templates as T

// A window on the theme's ground.
//
//   narrow, wide   which of the three shapes it has; neither: the middle one
T.ApplicationWindow {
    readonly property bool narrow: width < Theme.narrow
    readonly property bool wide: width >= Theme.wide

    color: Theme.ground
    font.family: Theme.family
    font.pixelSize: Theme.bodySize
}
