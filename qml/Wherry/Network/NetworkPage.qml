import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models
import "internal"

// How this device is connected, what relays and hash tables do for it and it for them, and what it does in the background at all.
ScrollColumn {
    id: page

    required property App app
    readonly property NetworkStatus network: app.network
    readonly property bool seen: visible && (Window.window?.visible ?? false)

    objectName: "networkPage"
    maximumWidth: Theme.pageWidth
    spacing: Theme.space4
    onSeenChanged: network.watched = seen

    PageHeader {
        Layout.fillWidth: true
        title: qsTr("Network")
        subtitle: qsTr("How this device is reached")
    }
    Card {
        Layout.fillWidth: true
        topPadding: Theme.space2
        bottomPadding: Theme.space2

        ColumnLayout {
            anchors.left: parent.left
            anchors.right: parent.right
            spacing: 0

            Switch {
                id: quiet

                Layout.fillWidth: true
                text: qsTr("Quiet mode")
                hint: qsTr("Nothing in the background that you have not asked for. What you send and what others send you goes on.")
                checked: page.network.quiet
                onToggled: {
                    page.network.setQuiet(checked);
                    checked = Qt.binding(() => page.network.quiet);
                }
            }
            Separator {
                Layout.fillWidth: true
            }
            Switch {
                Layout.fillWidth: true
                text: qsTr("Say when this device is here")
                hint: page.network.quiet && page.network.tellsPresence ? qsTr("Not while quiet mode is on.") : qsTr("Whoever listens learns that this key is on, and when; no name and no address. You see which of the devices that you know do the same.")
                checked: page.network.tellsPresence
                onToggled: {
                    page.network.setTellsPresence(checked);
                    checked = Qt.binding(() => page.network.tellsPresence);
                }
            }
        }
    }
    FiguresCard {
        Layout.fillWidth: true
        title: qsTr("This device")
        figures: page.network.reach
    }
    FiguresCard {
        Layout.fillWidth: true
        title: qsTr("Relays that pass on for this device")
        figures: page.network.relays
    }
    FiguresCard {
        Layout.fillWidth: true
        title: qsTr("As a relay for others")
        figures: page.network.relaying
    }
    FiguresCard {
        Layout.fillWidth: true
        title: qsTr("Hash tables, which find devices by their key")
        figures: page.network.tables
    }
    FiguresCard {
        Layout.fillWidth: true
        title: qsTr("Messages in topics")
        figures: page.network.topics
    }
}
