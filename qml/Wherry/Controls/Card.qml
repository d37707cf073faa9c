import QtQuick
import QtQuick.Templates as T

// A sheet of paper on the ground. Children lie in its padding.
//
//   tinted   in the accent's soft colour: one a page at most
T.Pane {
    id: control

    property bool tinted: false

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: implicitContentHeight + topPadding + bottomPadding
    padding: Theme.space4

    background: Rectangle {
        radius: Theme.radiusLarge
        color: control.tinted ? Theme.accentSoft : Theme.surface
        border.width: control.tinted ? 0 : 1
        border.color: Theme.line
    }
}
