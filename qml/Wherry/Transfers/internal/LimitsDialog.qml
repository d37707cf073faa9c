import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// How much of the network transfers may take, until the engine ends. Settings has what lasts.
Dialog {
    id: dialog

    required property Bandwidth bandwidth
    readonly property real sent: bandwidth.parse(up.text)
    readonly property real received: bandwidth.parse(down.text)
    readonly property real sentEach: bandwidth.parse(upEach.text)
    readonly property real receivedEach: bandwidth.parse(downEach.text)

    title: qsTr("Limit the speed")
    message: qsTr("Empty means no limit. Lasts until Wherry is closed.")
    acceptText: qsTr("Set", "limits of the network")
    acceptEnabled: Math.min(sent, received, sentEach, receivedEach) >= 0
    firstFocus: up
    onAboutToShow: {
        up.text = bandwidth.text(bandwidth.upload);
        down.text = bandwidth.text(bandwidth.download);
        upEach.text = bandwidth.text(bandwidth.uploadPerPeer);
        downEach.text = bandwidth.text(bandwidth.downloadPerPeer);
        lan.checked = bandwidth.limitsLan;
    }
    onAccepted: bandwidth.set(sent, received, sentEach, receivedEach, lan.checked)

    GridLayout {
        Layout.fillWidth: true
        columns: dialog.width < 420 ? 1 : 2
        columnSpacing: Theme.space4
        rowSpacing: Theme.space3

        Field {
            Layout.fillWidth: true
            label: qsTr("Send at most", "label of a rate")
            error: dialog.sent < 0 ? qsTr("Not a rate") : ""

            TextField {
                id: up

                Layout.fillWidth: true
                label: qsTr("Send at most, in Mbit/s")
                placeholderText: qsTr("no limit", "placeholder of a rate")
                suffix: qsTr("Mbit/s")
                invalid: dialog.sent < 0
                inputMethodHints: Qt.ImhFormattedNumbersOnly
            }
        }
        Field {
            Layout.fillWidth: true
            label: qsTr("Receive at most", "label of a rate")
            error: dialog.received < 0 ? qsTr("Not a rate") : ""

            TextField {
                id: down

                Layout.fillWidth: true
                label: qsTr("Receive at most, in Mbit/s")
                placeholderText: qsTr("no limit", "placeholder of a rate")
                suffix: qsTr("Mbit/s")
                invalid: dialog.received < 0
                inputMethodHints: Qt.ImhFormattedNumbersOnly
            }
        }
        Field {
            Layout.fillWidth: true
            label: qsTr("To each device at most", "label of a rate")
            error: dialog.sentEach < 0 ? qsTr("Not a rate") : ""

            TextField {
                id: upEach

                Layout.fillWidth: true
                label: qsTr("Send to each device at most, in Mbit/s")
                placeholderText: qsTr("no limit", "placeholder of a rate")
                suffix: qsTr("Mbit/s")
                invalid: dialog.sentEach < 0
                inputMethodHints: Qt.ImhFormattedNumbersOnly
            }
        }
        Field {
            Layout.fillWidth: true
            label: qsTr("From each device at most", "label of a rate")
            error: dialog.receivedEach < 0 ? qsTr("Not a rate") : ""

            TextField {
                id: downEach

                Layout.fillWidth: true
                label: qsTr("Receive from each device at most, in Mbit/s")
                placeholderText: qsTr("no limit", "placeholder of a rate")
                suffix: qsTr("Mbit/s")
                invalid: dialog.receivedEach < 0
                inputMethodHints: Qt.ImhFormattedNumbersOnly
            }
        }
    }
    Switch {
        id: lan

        Layout.fillWidth: true
        text: qsTr("Also on the local network")
        hint: qsTr("Off: your own network is not limited")
    }
}
