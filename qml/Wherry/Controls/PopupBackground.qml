import QtQuick

// What menus and lists that open lie on.
Item {
    Shadow {
        radius: Theme.radius + 2
        depth: 0.5
    }
    Rectangle {
        anchors.fill: parent
        radius: Theme.radius + 2
        color: Theme.raised
        border.width: 1
        border.color: Theme.line
    }
}
