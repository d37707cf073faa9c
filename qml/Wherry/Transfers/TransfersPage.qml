import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models
import "internal"

// What is under way or waits for its turn, and what has ended. Until the person chooses, the one that has something to show.
Item {
    id: page

    required property App app
    // -1: the person has not chosen; 0: under way, 1: history.
    property int chosen: -1
    // Height of what lies over the end of the page for a while.
    property int covered: 0
    readonly property int view: chosen >= 0 ? chosen : app.transfers.count === 0 && app.history.count > 0 ? 1 : 0
    readonly property int side: Math.max(width < Theme.narrow ? Theme.space4 : Theme.space5, Math.floor((width - Theme.pageWidth) / 2))

    // The page from which things are sent is wanted.
    signal sendWanted

    function limit() {
        app.bandwidth.refresh();
        limits.open();
    }

    objectName: "transfersPage"
    onVisibleChanged: {
        if (visible)
            app.bandwidth.refresh(); // other programs may have changed them
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        PageHeader {
            Layout.fillWidth: true
            Layout.leftMargin: page.side
            Layout.rightMargin: page.side
            Layout.topMargin: page.width < Theme.narrow ? Theme.space4 : Theme.space5
            title: qsTr("Transfers")
            subtitle: page.app.bandwidth.summary

            Button {
                Layout.rightMargin: -Theme.quietInset
                visible: page.width >= Theme.narrow
                symbol: "speed"
                text: qsTr("Limit…", "asks how much of the network transfers may take")
                kind: Button.Quiet
                Accessible.name: qsTr("Limit the speed")
                onClicked: page.limit()
            }
            IconButton {
                Layout.rightMargin: -Theme.quietInset
                visible: page.width < Theme.narrow
                symbol: "speed"
                text: qsTr("Limit the speed")
                prominent: page.app.bandwidth.summary.length > 0
                onClicked: page.limit()
            }
        }
        SegmentedControl {
            Layout.fillWidth: true
            Layout.leftMargin: page.side
            Layout.rightMargin: page.side
            Layout.topMargin: Theme.space2
            visible: page.app.transfers.count > 0 || page.app.history.count > 0
            label: qsTr("Which transfers")
            model: [qsTr("Under way", "transfers"), qsTr("History", "of transfers")]
            counts: [page.app.transfers.count]
            currentIndex: page.view
            onActivated: index => page.chosen = index
        }
        Banner {
            Layout.fillWidth: true
            Layout.leftMargin: page.side
            Layout.rightMargin: page.side
            Layout.topMargin: Theme.space3
            visible: page.view === 0 && page.app.history.retryable > 0
            kind: Banner.Warn
            text: page.app.history.retryableText
            detail: qsTr("Sending it again continues where it stopped.")
            actionText: qsTr("Send again")
            onAction: page.app.history.retryAll()
        }
        RowLayout {
            Layout.leftMargin: page.side
            Layout.rightMargin: page.side
            Layout.topMargin: Theme.space1
            visible: page.view === 1 && page.app.history.count > 0
            spacing: 0

            Item {
                Layout.fillWidth: true
            }
            Button {
                visible: page.app.history.retryable > 0
                text: qsTr("Send all again", "everything in the history that has not arrived")
                symbol: "retry"
                kind: Button.Quiet
                onClicked: page.app.history.retryAll()
            }
            Button {
                Layout.rightMargin: -Theme.quietInset
                text: qsTr("Clear", "the history")
                symbol: "trash"
                kind: Button.Quiet
                onClicked: clearQuestion.open()
            }
        }
        StackLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            currentIndex: page.view

            Item {
                ActiveTransfers {
                    id: active

                    anchors.fill: parent
                    app: page.app
                    covered: page.covered
                    onStopAllWanted: stopQuestion.open()
                }
                EmptyState {
                    anchors.fill: parent
                    visible: page.app.transfers.count === 0
                    symbol: "transfers"
                    headline: page.app.history.count > 0 ? qsTr("Nothing is under way") : qsTr("Nothing sent or received yet")
                    text: qsTr("What you send and receive appears here while it is under way, and in the history afterwards.")
                    actionText: qsTr("Send files", "goes to the page for it")
                    onAction: page.sendWanted()
                }
            }
            Item {
                EndedTransfers {
                    anchors.fill: parent
                    app: page.app
                    covered: page.covered
                }
                EmptyState {
                    anchors.fill: parent
                    visible: page.app.history.count === 0
                    symbol: "history"
                    headline: qsTr("The history is empty")
                    text: qsTr("What you send and receive stays here when it has ended.")
                }
            }
        }
    }
    LimitsDialog {
        id: limits

        bandwidth: page.app.bandwidth
    }
    Dialog {
        id: stopQuestion

        title: qsTr("Stop all transfers?")
        message: qsTr("What has arrived stays: the same send goes on from there.")
        acceptText: qsTr("Stop all", "every transfer that is under way")
        destructive: true
        defaultAnswer: Dialog.Reject
        onAccepted: page.app.transfers.cancelAll()
    }
    Dialog {
        id: clearQuestion

        title: qsTr("Clear the history?")
        message: qsTr("The list is forgotten. Files that you have received stay where they are.")
        acceptText: qsTr("Clear", "the history")
        destructive: true
        defaultAnswer: Dialog.Reject
        onAccepted: page.app.history.clear()
    }
}
