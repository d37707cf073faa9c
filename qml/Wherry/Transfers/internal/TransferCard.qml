pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// A transfer that is under way or waits for its turn, below the head of its section where that begins. Opened, it shows its rate and which
// parts are verified. Its lines stand in columns and not in layouts: a layout in a layout in a layout finds no rest where words wrap.
Column {
    id: card

    required property int index
    required property real transfer
    required property bool incoming
    required property string peerName
    required property string words
    required property real hue
    required property string label
    required property string state
    required property real progress
    required property string status
    required property string detail
    required property string pace
    required property list<real> rates
    required property list<int> verified
    required property string path
    required property string pathText
    required property string pathReason
    required property bool canPause
    required property bool canResume
    required property bool canPrioritise
    required property string priority
    required property real leftOut
    property bool opened: false
    // Of the section that begins with it; empty: none does.
    property string sectionTitle
    property int sectionCount: 0
    property bool canStopAll: false
    // By the other device: here it can only be held as well.
    readonly property bool heldThere: state === "paused" && canPause
    readonly property bool running: state === "running"
    readonly property bool narrow: width < 520

    signal pause
    signal resume
    signal cancel
    signal stopAll
    signal prioritise(string priority)
    signal toggle

    Accessible.role: Accessible.ListItem
    Accessible.name: label + ", " + status
    Keys.onDeletePressed: card.cancel()

    SectionHeader {
        width: parent.width
        visible: card.sectionTitle.length > 0
        text: card.sectionTitle
        count: card.sectionCount

        Button {
            Layout.rightMargin: -Theme.quietInset
            visible: card.canStopAll
            text: qsTr("Stop all", "every transfer that is under way")
            kind: Button.Quiet
            onClicked: card.stopAll()
        }
    }
    Card {
        width: parent.width

        Column {
            anchors.left: parent.left
            anchors.right: parent.right
            spacing: Theme.space2

            RowLayout {
                width: parent.width
                spacing: Theme.space3

                Icon {
                    Layout.alignment: Qt.AlignTop
                    Layout.topMargin: 12
                    symbol: card.incoming ? "receive" : "send"
                    color: Theme.accentInk
                }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 4

                    TapHandler {
                        onTapped: card.toggle()
                    }
                    Label {
                        Layout.fillWidth: true
                        text: card.label
                        kind: Label.Strong
                        wrapMode: card.narrow && text.length < 60 ? Text.Wrap : Text.NoWrap // what is longer takes too many lines
                        elide: Text.ElideMiddle
                    }
                    RowLayout {
                        spacing: Theme.space2

                        Label {
                            Layout.fillWidth: true
                            Layout.maximumWidth: Math.ceil(implicitWidth)
                            text: card.incoming ? qsTr("from %1").arg(card.peerName) : qsTr("to %1").arg(card.peerName)
                            muted: true
                            kind: Label.Small
                            elide: Text.ElideMiddle
                        }
                        PathBadge {
                            Layout.preferredHeight: 20
                            kind: card.narrow ? "" : card.path
                            text: card.pathText
                            reason: card.pathReason
                        }
                        Item {
                            Layout.fillWidth: true
                        }
                    }
                }
                RowLayout {
                    Layout.alignment: Qt.AlignTop
                    Layout.rightMargin: -Theme.quietInset
                    spacing: 0

                    IconButton {
                        visible: card.canPause && !card.heldThere
                        symbol: "pause"
                        text: qsTr("Pause")
                        onClicked: card.pause()
                    }
                    IconButton {
                        visible: card.canResume
                        symbol: "resume"
                        text: qsTr("Go on", "a paused transfer")
                        onClicked: card.resume()
                    }
                    IconButton {
                        symbol: "cancel"
                        text: qsTr("Stop", "a transfer")
                        onClicked: card.cancel()
                    }
                    IconButton {
                        implicitWidth: card.narrow ? 32 : Theme.touch // the whole head does the same
                        symbol: "chevron-down"
                        text: card.opened ? qsTr("Less", "hides details of a transfer") : qsTr("Details", "of a transfer")
                        rotation: card.opened ? 180 : 0
                        onClicked: card.toggle()
                    }
                }
            }
            ProgressBar {
                width: parent.width
                label: card.status + " " + card.label
                visible: !map.shown && (card.running || indeterminate || value > 0) // a map says it in more detail
                value: card.progress
                indeterminate: card.state === "preparing"
                phase: card.state === "paused" || card.state === "queued" ? ProgressBar.Paused : ProgressBar.Running
            }
            ChunkMap {
                id: map

                readonly property bool shown: card.opened && card.verified.length > 0

                width: parent.width
                visible: shown
                label: card.status + " " + card.label
                cells: card.verified
                paused: !card.running
            }
            RowLayout {
                width: parent.width
                spacing: Theme.space3

                PathBadge {
                    Layout.alignment: Qt.AlignTop
                    Layout.topMargin: -2
                    compact: true
                    kind: card.narrow ? card.path : ""
                    text: card.pathText
                    reason: card.pathReason
                }
                Label {
                    Layout.fillWidth: true
                    text: card.detail
                    kind: Label.Small
                    color: card.state === "interrupted" || card.leftOut > 0 ? Theme.warn : Theme.inkMuted
                    wrapMode: Text.Wrap
                }
                Label {
                    Layout.alignment: Qt.AlignTop
                    visible: text.length > 0
                    text: card.pace
                    kind: Label.Small
                    color: Theme.ink
                }
            }
            Column {
                width: parent.width
                topPadding: Theme.space2
                visible: card.opened
                spacing: Theme.space3

                RateGraph {
                    width: parent.width
                    height: 56
                    visible: card.rates.length > 2
                    samples: card.rates
                    paused: !card.running
                    label: card.status + " " + card.pace
                }
                Label {
                    width: parent.width
                    visible: map.shown
                    text: card.incoming ? qsTr("Filled parts are verified and on your disk", "legend of a map") : qsTr("Filled parts are verified on the other device's disk", "legend of a map")
                    kind: Label.Caption
                    muted: true
                    wrapMode: Text.Wrap
                }
                Label {
                    width: parent.width
                    visible: card.pathReason.length > 0
                    text: card.pathText + ": " + card.pathReason
                    kind: Label.Caption
                    muted: true
                    wrapMode: Text.Wrap
                }
                Label {
                    width: parent.width
                    visible: card.state === "interrupted" && card.incoming
                    text: qsTr("It continues as soon as %1 sends it again: only that device can.").arg(card.peerName)
                    kind: Label.Small
                    color: Theme.warn
                    wrapMode: Text.Wrap
                }
                Button {
                    anchors.left: parent.left
                    anchors.leftMargin: -Theme.quietInset
                    visible: card.heldThere
                    text: qsTr("Pause here too", "a transfer that the other device has paused")
                    symbol: "pause"
                    kind: Button.Quiet
                    onClicked: card.pause()
                }
                GridLayout {
                    width: parent.width
                    visible: card.canPrioritise
                    columns: card.narrow ? 1 : 2
                    columnSpacing: Theme.space3
                    rowSpacing: Theme.space1

                    Label {
                        text: qsTr("When it is its turn", "priority of a transfer that waits")
                        kind: Label.Small
                        muted: true
                    }
                    SegmentedControl {
                        Layout.fillWidth: true
                        label: qsTr("Priority")
                        model: [qsTr("Last", "priority"), qsTr("Normal", "priority"), qsTr("First", "priority")]
                        currentIndex: card.priority === "low" ? 0 : card.priority === "high" ? 2 : 1
                        onActivated: index => card.prioritise(["low", "normal", "high"][index])
                    }
                }
            }
        }
    }
}
