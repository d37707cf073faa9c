pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts

// The places of the app at the side of a middle or wide window.
//
//   model          objects with symbol, text and (may be left out) count; those with atEnd: true stand at the lower end
//   currentIndex   the one that is shown
//   expanded       words beside the icons
//   brand          the name beside the mark of the app; empty leaves both out
//   header         items between them and the places
// Signals: activated(index).
Rectangle {
    id: rail

    property var model: []
    property int currentIndex: 0
    property bool expanded: false
    property string brand: "Wherry"
    property alias header: top.data

    signal activated(int index)

    implicitWidth: expanded ? 232 : 92
    color: Theme.ground
    Accessible.role: Accessible.PageTabList
    Accessible.name: qsTr("Places", "accessible name of the navigation")

    Separator {
        anchors.right: parent.right
        vertical: true
        height: parent.height
    }
    ColumnLayout {
        anchors.fill: parent
        anchors.topMargin: Theme.space3
        anchors.bottomMargin: Theme.space3
        anchors.leftMargin: Theme.space2
        anchors.rightMargin: Theme.space2
        spacing: rail.expanded ? Theme.space1 : Theme.space2

        RowLayout {
            Layout.fillWidth: true
            Layout.leftMargin: rail.expanded ? Theme.space3 - 4 : 0
            Layout.bottomMargin: Theme.space3
            visible: rail.brand.length > 0
            spacing: Theme.space3

            Image {
                Layout.fillWidth: !rail.expanded
                Layout.preferredHeight: 32
                Layout.preferredWidth: 32
                source: Qt.resolvedUrl("app/wherry-64.png")
                fillMode: Image.PreserveAspectFit
                mipmap: true
                Accessible.ignored: true
            }
            Label {
                Layout.fillWidth: true
                visible: rail.expanded
                text: rail.brand
                kind: Label.Title
            }
        }
        ColumnLayout {
            id: top

            Layout.fillWidth: true
            visible: children.length > 0
        }
        Repeater {
            model: rail.model.length // a count that changes keeps the buttons, and with them the keyboard's focus

            NavigationButton {
                required property int index
                readonly property var place: rail.model[index]

                Layout.fillWidth: true
                visible: !(place.atEnd ?? false)
                sideways: rail.expanded
                symbol: place.symbol
                text: place.text
                count: place.count ?? 0
                current: rail.currentIndex === index
                onClicked: rail.activated(index)
            }
        }
        Item {
            Layout.fillHeight: true
        }
        Repeater {
            model: rail.model.length

            NavigationButton {
                required property int index
                readonly property var place: rail.model[index]

                Layout.fillWidth: true
                visible: place.atEnd ?? false
                sideways: rail.expanded
                symbol: place.symbol
                text: place.text
                count: place.count ?? 0
                current: rail.currentIndex === index
                onClicked: rail.activated(index)
            }
        }
    }
}
