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
    property bool dragged: false // something hangs over the window, and not over a device
    // How many strangers are shown unasked; more would crowd the page.
    readonly property int fewOthers: 3
    property bool othersChosen: false // the person has said whether they are shown
    property bool othersWanted: false
    readonly property bool othersShown: app.others.count > 0 && (othersChosen ? othersWanted : app.others.count <= fewOthers)
    property alias covered: list.covered
    readonly property int aside: detail.visible ? detail.width : 0
    readonly property bool narrow: list.width < Theme.narrow
    // Of the two cards. What a layout holds may not depend on its own width: it is then laid out wrongly.
    readonly property real verbWidth: narrow ? list.column.width : (list.column.width - Theme.space4) / 2
    readonly property bool awaitsDrop: dragged || devices.underDrag.length > 0 || strangers.underDrag.length > 0

    objectName: "peersPage"

    signal transfersWanted

    // Shows a device, or what has been said with it.
    function open(peerId: string, messages: bool) {
        detail.view = messages ? 1 : 0;
        pane.view = messages ? 1 : 0; // before it opens: the keyboard goes to the field of the message
        selected = peerId;
    }

    // What is wrong with what was pasted is in sight, wherever the page stands.
    function showProblem() {
        if (paste.visible && app.pasted.problem.length > 0)
            list.reveal(paste);
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0

        ScrollColumn {
            id: list

            Layout.fillWidth: true
            Layout.fillHeight: true
            maximumWidth: Theme.pageWidth // two cards side by side, the buttons of each in one row
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
                awaitsDrop: page.awaitsDrop
                narrow: page.narrow
            }
            GridLayout {
                Layout.fillWidth: true
                columns: page.narrow ? 1 : 2
                columnSpacing: Theme.space4
                rowSpacing: Theme.space4
                visible: page.app.draft.empty

                SendCard {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    draft: page.app.draft
                    awaitsDrop: page.awaitsDrop
                    room: page.verbWidth
                    onShareWanted: sharing.open()
                }
                ReceiveCard {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    app: page.app
                    room: page.verbWidth
                }
            }
            SectionHeader {
                Layout.fillWidth: true
                visible: page.app.peers.count > 0 || page.app.peers.blockedCount > 0
                text: page.app.draft.empty ? qsTr("Your devices and others nearby") : qsTr("Who gets it?")
                count: page.app.peers.count

                Button {
                    Layout.rightMargin: page.narrow ? 0 : -Theme.quietInset
                    visible: page.app.peers.blockedCount > 0
                    text: page.app.peers.showsBlocked ? qsTr("Hide blocked", "devices") : qsTr("Show blocked", "devices")
                    kind: Button.Quiet
                    compact: true
                    onClicked: page.app.peers.showsBlocked = !page.app.peers.showsBlocked
                }
            }
            PeerRows {
                id: devices

                Layout.fillWidth: true
                Layout.topMargin: -Theme.space3
                app: page.app
                model: page.app.peers
                awaitsDrop: page.awaitsDrop
                selected: page.wide ? page.selected : ""
                onOpened: (peerId, messages) => page.open(peerId, messages)
                onTransfersWanted: page.transfersWanted()
            }
            EmptyState {
                Layout.fillWidth: true
                visible: page.app.peers.count === 0 && !page.othersShown
                compact: page.narrow || list.height < 720
                symbol: "devices"
                headline: qsTr("No other device yet")
                text: qsTr("Open Wherry on another device on this network, and it appears here. On another network, copy its address there and paste it below.")
            }
            SectionHeader {
                Layout.fillWidth: true
                visible: elsewhere.visible
                text: qsTr("Somebody else")
            }
            ElsewhereCard {
                id: elsewhere

                Layout.fillWidth: true
                Layout.topMargin: -Theme.space3
                visible: !page.app.draft.empty
                app: page.app
                onShareWanted: sharing.open()
            }
            PasteCard {
                id: paste

                Layout.fillWidth: true
                visible: page.app.draft.empty
                app: page.app
                onHeightChanged: page.showProblem()
            }
            SharesList {
                Layout.fillWidth: true
                visible: page.app.shares.count > 0 && page.app.draft.empty
                shares: page.app.shares
                onShown: share => ticket.show(share)
            }
            SectionHeader {
                Layout.fillWidth: true
                visible: page.app.others.count > 0
                text: qsTr("Devices you do not know", "that have offered or written something, or bear the name of another")
                count: page.app.others.count

                CountBadge {
                    count: page.othersShown ? 0 : page.app.others.unread
                }
                Button {
                    Layout.rightMargin: page.narrow ? 0 : -Theme.quietInset
                    text: page.othersShown ? qsTr("Hide", "devices one does not know") : qsTr("Show", "devices one does not know")
                    kind: Button.Quiet
                    compact: true
                    onClicked: {
                        page.othersWanted = !page.othersShown;
                        page.othersChosen = true;
                    }
                }
            }
            PeerRows {
                id: strangers

                Layout.fillWidth: true
                Layout.topMargin: -Theme.space3
                visible: page.othersShown
                app: page.app
                model: page.app.others
                awaitsDrop: page.awaitsDrop
                selected: page.wide ? page.selected : ""
                onOpened: (peerId, messages) => page.open(peerId, messages)
                onTransfersWanted: page.transfersWanted()
            }
        }
        Separator {
            Layout.fillHeight: true
            vertical: true
            visible: page.wide && detail.known
        }
        PeerPane {
            id: detail

            Layout.preferredWidth: 360
            Layout.fillHeight: true
            visible: page.wide && known
            app: page.app
            peerId: page.selected
        }
    }
    Shortcut {
        sequence: "Escape"
        enabled: page.visible && !page.app.draft.empty
        onActivated: page.app.draft.clear()
    }
    Timer { // once the words have their place
        id: showing

        interval: 0
        onTriggered: page.showProblem()
    }
    Binding {
        target: page.app.shares
        property: "watched"
        value: page.visible && page.Window.visibility !== Window.Hidden
    }
    ShareDialog {
        id: sharing

        app: page.app
    }
    TicketDialog {
        id: ticket

        app: page.app
    }
    FetchDialog {
        app: page.app
    }
    Connections {
        function onPublished(share: string) {
            ticket.show(share);
        }

        target: page.app.shares
    }
    Connections {
        property string told
        property bool toldBusy: false

        function onChanged() {
            const busy = page.app.pasted.busy;
            if (busy && !toldBusy && paste.visible)
                list.reveal(paste); // wherever it was pasted
            else if (busy && !toldBusy)
                page.app.notices.tell(qsTr("Looking for this device"));
            toldBusy = busy;
            const problem = page.app.pasted.problem;
            if (problem.length > 0 && problem !== told && paste.visible) {
                paste.input.forceActiveFocus(Qt.OtherFocusReason);
                showing.restart();
            } else if (problem.length > 0 && problem !== told) {
                page.app.notices.tell(problem);
            }
            told = problem;
        }
        function onDeviceFound(peerId: string) {
            if (page.app.draft.empty)
                page.selected = peerId;
            else
                page.app.draft.setRecipient(peerId, true); // what is gathered waits for somebody
        }
        function onFetching() {
            page.transfersWanted();
        }

        target: page.app.pasted
    }
    Connections {
        function onDevicesWanted() {
            if (!page.wide)
                page.selected = ""; // what is gathered lies beneath the sheet
        }
        function onConversationWanted(peerId: string) {
            page.open(peerId, true);
        }

        target: page.app
    }
    Dialog {
        id: sheet

        visible: page.visible && !page.wide && page.selected.length > 0
        rejectText: "" // the cross in the pane's head
        defaultAnswer: Dialog.None
        preferredWidth: 520
        stretched: true // what is pressed to change the view stays where it is
        firstFocus: pane.view === 1 ? pane.input : pane.closer
        onClosed: {
            if (!page.wide && page.visible) // of another page it is not in the way, and waits
                page.selected = "";
        }

        PeerPane {
            id: pane

            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: 240
            Layout.preferredHeight: implicitHeight
            margins: 0
            closable: true
            onClosed: sheet.close()
            app: page.app
            peerId: page.selected
        }
    }
}
