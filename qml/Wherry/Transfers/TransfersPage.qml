pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models
import "internal"

// What is under way or waits for its turn, and what has ended, the newest first.
Item {
    id: page

    required property App app

    ScrollColumn {
        anchors.fill: parent
        maximumWidth: 720
        spacing: Theme.space3

        PageHeader {
            Layout.fillWidth: true
            title: qsTr("Transfers")
        }
        SectionHeader {
            Layout.fillWidth: true
            visible: page.app.transfers.count > 0
            text: qsTr("Under way")
            count: page.app.transfers.count

            Button {
                text: qsTr("Stop all", "every transfer that is under way")
                kind: Button.Quiet
                onClicked: page.app.transfers.cancelAll()
            }
        }
        Repeater {
            model: page.app.transfers

            TransferCard {
                Layout.fillWidth: true
                onPause: page.app.transfers.pause(index)
                onResume: page.app.transfers.resume(index)
                onCancel: page.app.transfers.cancel(index)
            }
        }
        SectionHeader {
            Layout.fillWidth: true
            visible: page.app.history.count > 0
            text: qsTr("History")

            Button {
                visible: page.app.history.retryable > 1
                text: qsTr("Send all again", "everything in the history that has not arrived")
                symbol: "retry"
                kind: Button.Quiet
                onClicked: page.app.history.retryAll()
            }
        }
        Repeater {
            model: page.app.history

            HistoryRow {
                Layout.fillWidth: true
                onRetry: page.app.history.retry(index)
                onShowInFolder: page.app.history.showInFolder(index)
            }
        }
        Button {
            Layout.alignment: Qt.AlignHCenter
            visible: page.app.history.more
            text: qsTr("Show older ones", "of the history")
            kind: Button.Quiet
            onClicked: page.app.history.showMore()
        }
        EmptyState {
            Layout.fillWidth: true
            Layout.topMargin: Theme.space6
            visible: page.app.history.count === 0 && page.app.transfers.count === 0
            symbol: "transfers"
            headline: qsTr("Nothing has been sent or received")
            text: qsTr("What you send and receive appears here while it is under way, and stays here afterwards.")
        }
    }
}
