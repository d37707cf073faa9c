pragma ComponentBehavior: Bound

import QtQuick
import Wherry.Controls
import Wherry.Models

// What is under way, then what waits for its turn.
ScrollList {
    id: list

    required property App app
    readonly property bool several: app.transfers.count > 1

    signal stopAllWanted

    // The transfer that is opened; 0: the first one, -1: none.
    property real shown: 0

    spacing: Theme.space3
    topMargin: Theme.space3
    model: app.transferList
    section.property: "section"
    delegate: TransferCard {
        width: list.column
        // One alone needs no name.
        sectionTitle: !list.several || ListView.section === ListView.previousSection ? "" : ListView.section === "queue" ? qsTr("Waiting for their turn", "transfers") : qsTr("Now", "the transfers that do not wait")
        canStopAll: list.several && index === 0
        sectionCount: ListView.section === "queue" ? list.app.transferList.queued : list.app.transferList.active
        opened: list.shown === transfer || (list.shown === 0 && index === 0 && state !== "queued")
        onPause: list.app.transfers.pause(list.app.transferList.sourceRow(index))
        onResume: list.app.transfers.resume(list.app.transferList.sourceRow(index))
        onStopAll: list.stopAllWanted()
        onCancel: list.app.transfers.cancel(list.app.transferList.sourceRow(index))
        onPrioritise: priority => list.app.transfers.setPriority(list.app.transferList.sourceRow(index), priority)
        onToggle: list.shown = opened ? -1 : transfer
    }
}
