pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts

// The places of the app at the lower edge of a narrow window. `model`, `currentIndex` and activated(index) as of NavigationRail.
Rectangle {
    id: bar

    property var model: []
    property int currentIndex: 0

    signal activated(int index)

    implicitWidth: 390
    implicitHeight: 68
    color: Theme.surface
    Accessible.role: Accessible.PageTabList
    Accessible.name: qsTr("Places", "accessible name of the navigation")

    Separator {
        width: parent.width
    }
    RowLayout {
        anchors.fill: parent
        anchors.topMargin: 3
        spacing: 0

        Repeater {
            model: bar.model.length

            NavigationButton {
                required property int index
                readonly property var place: bar.model[index]

                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                symbol: place.symbol
                text: place.text
                count: place.count ?? 0
                current: bar.currentIndex === index
                onClicked: bar.activated(index)
            }
        }
    }
}
