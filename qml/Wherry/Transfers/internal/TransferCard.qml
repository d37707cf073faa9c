import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// A transfer that is under way or waits for its turn.
Card {
    id: card

    required property int index
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
    required property string path
    required property string pathText
    required property string pathReason
    required property bool canPause
    required property bool canResume
    readonly property bool running: state === "running"

    signal pause
    signal resume
    signal cancel

    ColumnLayout {
        anchors.fill: parent
        spacing: Theme.space2

        RowLayout {
            spacing: Theme.space3

            Icon {
                symbol: card.incoming ? "receive" : "send"
                color: Theme.accentInk
            }
            ColumnLayout {
                spacing: 0

                Label {
                    Layout.fillWidth: true
                    text: card.label
                    kind: Label.Strong
                    elide: Text.ElideMiddle
                }
                Label {
                    Layout.fillWidth: true
                    text: card.incoming ? qsTr("from %1").arg(card.peerName) : qsTr("to %1").arg(card.peerName)
                    muted: true
                    kind: Label.Small
                }
            }
            PathBadge {
                compact: card.width < 520
                kind: card.path
                text: card.pathText
                reason: card.pathReason
            }
            IconButton {
                visible: card.canPause
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
        }
        RateGraph {
            Layout.fillWidth: true
            Layout.preferredHeight: 48
            visible: card.running && card.rates.length > 2
            samples: card.rates
            label: card.status + " " + card.pace
        }
        ProgressBar {
            Layout.fillWidth: true
            label: card.status + " " + card.label
            value: card.progress
            indeterminate: card.state === "preparing"
            phase: card.state === "paused" ? ProgressBar.Paused : ProgressBar.Running
        }
        RowLayout {
            spacing: Theme.space3

            Label {
                Layout.fillWidth: true
                text: card.detail
                kind: Label.Small
                muted: true
            }
            Label {
                text: card.pace
                kind: Label.Small
                muted: true
            }
        }
    }
}
