import QtQuick

// The ring around what the keyboard is on. Laid over a control's background; `shown` is mostly the control's visualFocus.
Rectangle {
    property bool shown: false
    property int gap: 2

    anchors.fill: parent
    anchors.margins: -gap - border.width
    visible: shown
    color: "transparent"
    border.width: 2
    border.color: Theme.accentInk
    radius: Theme.radius + gap + border.width
    z: 1
}
