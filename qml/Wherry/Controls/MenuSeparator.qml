import QtQuick
import QtQuick.Templates as T

// A line between groups of a Menu.
T.MenuSeparator {
    implicitHeight: 9
    implicitWidth: 100
    Accessible.role: Accessible.Separator

    contentItem: Item {
        Separator {
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width
        }
    }
}
