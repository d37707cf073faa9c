pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models
import "internal"

// The home of the app: send and receive as the two verbs, and the devices. What is to be sent is gathered here; it goes to a device by its
// row, by dropping onto the row, or by a pasted address.
Item {
    id: page

    required property App app
    property bool wide: false
    property string selected

    objectName: "peersPage"

    signal transfersWanted

    RowLayout {
        anchors.fill: parent
        spacing: 0

        ScrollColumn {
            id: list

            Layout.fillWidth: true
            Layout.fillHeight: true
            maximumWidth: 760 // two cards side by side, the buttons of each in one row
            spacing: Theme.space4

            PageHeader {
                Layout.fillWidth: true
                title: qsTr("Devices")
                subtitle: page.app.host.length > 0 ? qsTr("Uses the %1 that runs already").arg(page.app.host) : ""
            }
            Banner {
                Layout.fillWidth: true
                visible: page.app.receiving.problem.length > 0
                kind: Banner.Warn
                text: qsTr("This window receives nothing")
                detail: page.app.receiving.problem
            }
            DraftCard {
                Layout.fillWidth: true
                visible: !page.app.draft.empty
                app: page.app
            }
            GridLayout {
                Layout.fillWidth: true
                columns: list.width < Theme.narrow ? 1 : 2
                columnSpacing: Theme.space4
                rowSpacing: Theme.space4
                visible: page.app.draft.empty

                SendCard {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    draft: page.app.draft
                }
                ReceiveCard {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    app: page.app
                }
            }
            TextCards {
                Layout.fillWidth: true
                visible: page.app.texts.count > 0
                texts: page.app.texts
            }
            SectionHeader {
                Layout.fillWidth: true
                visible: page.app.peers.count > 0
                text: page.app.draft.empty ? qsTr("Your devices and others nearby") : qsTr("Who gets it?")
                count: page.app.peers.count
            }
            ColumnLayout {
                Layout.fillWidth: true
                Layout.topMargin: -Theme.space3
                spacing: Theme.space2

                Repeater {
                    model: page.app.peers

                    PeerRow {
                        Layout.fillWidth: true
                        sending: !page.app.draft.empty
                        selected: page.wide && page.selected === peerId
                        onSend: page.app.draft.sendTo([peerId])
                        onFilesDropped: (urls, text) => page.app.draft.sendNow(peerId, urls, text)
                        onClicked: page.selected = peerId
                    }
                }
            }
            EmptyState {
                Layout.fillWidth: true
                Layout.topMargin: Theme.space5
                visible: page.app.peers.count === 0
                symbol: "devices"
                headline: qsTr("No other device yet")
                text: qsTr("Open Wherry on another device of this network, and it appears here. On another network, copy the address of one device and paste it on the other.")
            }
        }
        Separator {
            Layout.fillHeight: true
            vertical: true
            visible: page.wide && detail.known
        }
        PeerDetail {
            id: detail

            Layout.preferredWidth: 340
            Layout.fillHeight: true
            visible: page.wide && known
            app: page.app
            peerId: page.selected
        }
    }
    Dialog {
        id: sheet

        visible: !page.wide && page.selected.length > 0
        rejectText: qsTr("Close", "button of a dialog")
        defaultAnswer: Dialog.Reject
        onClosed: {
            if (!page.wide)
                page.selected = "";
        }

        PeerDetail {
            Layout.fillWidth: true
            Layout.preferredHeight: implicitHeight
            margins: 0
            app: page.app
            peerId: page.selected
        }
    }
}
