pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// Transfers, graphs, maps.
ScrollColumn {
    id: page

    function series(seed: int): list<real> {
        const out = [];
        let at = 40;
        for (let i = 0; i < 60; ++i) {
            at = Math.max(2, at + Math.sin(i * 0.7 + seed) * 9 + Math.cos(i * 1.9) * 6);
            out.push(at);
        }
        return out;
    }

    maximumWidth: 720

    PageHeader {
        Layout.fillWidth: true
        title: "Transfers"
        Button { text: "Pause all"; symbol: "pause" }
    }
    SegmentedControl {
        Layout.fillWidth: page.width < 600
        label: "Which transfers"
        model: ["Active", "Waiting", "History"]
        counts: [2, 14]
    }
    Card {
        Layout.fillWidth: true

        ColumnLayout {
            anchors.left: parent.left
            anchors.right: parent.right
            spacing: Theme.space3

            RowLayout {
                spacing: Theme.space3
                Avatar { kind: "phone"; words: "amber-canoe-lemon-owl"; hue: 0.61 }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 3
                    Label { Layout.fillWidth: true; text: "Holiday 2026 — 1 204 files"; kind: Label.Strong }
                    Label { Layout.fillWidth: true; text: "To Mara’s phone · 3.1 GB of 8.4 GB · 2 min left"; kind: Label.Small; muted: true }
                }
                IconButton { symbol: "pause"; text: "Pause" }
                IconButton { symbol: "close"; text: "Cancel" }
            }
            ProgressBar { Layout.fillWidth: true; value: 0.37; label: "Sending Holiday 2026" }
            RateGraph { Layout.fillWidth: true; samples: page.series(1); peakText: "46 MB/s" }
            RowLayout {
                Label { text: "Verified"; kind: Label.Caption; muted: true }
                ChunkMap { Layout.fillWidth: true; cells: [255, 255, 255, 120, 0, 255, 255, 3, 0, 0, 255, 40, 255, 255, 0, 0, 0, 12, 0, 0] }
                PathBadge { kind: "lan"; text: "Local network" }
            }
        }
    }
    Card {
        Layout.fillWidth: true

        ColumnLayout {
            anchors.left: parent.left
            anchors.right: parent.right
            spacing: Theme.space3

            ProgressBar { Layout.fillWidth: true; value: 0.6; phase: ProgressBar.Paused; label: "Paused" }
            ProgressBar { Layout.fillWidth: true; value: 1; phase: ProgressBar.Done; label: "Done" }
            ProgressBar { Layout.fillWidth: true; value: 0.2; phase: ProgressBar.Failed; label: "Failed" }
            ProgressBar { Layout.fillWidth: true; indeterminate: true; label: "Looking" }
            ChunkMap { Layout.fillWidth: true; cells: [255] }
            RateGraph { Layout.fillWidth: true; samples: page.series(3); paused: true }
            RowLayout {
                Spinner {}
                Kbd { keys: "Ctrl+O" }
                Kbd { keys: "?" }
                CountBadge { count: 7 }
                CountBadge { count: 1200; quiet: true }
            }
            Flow {
                Layout.fillWidth: true
                spacing: Theme.space2
                Repeater {
                    model: ["lan", "direct6", "direct4", "punched", "relayed", "routed"]
                    PathBadge {
                        required property string modelData
                        kind: modelData
                        text: modelData
                    }
                }
            }
            Flow {
                Layout.fillWidth: true
                spacing: Theme.space3
                Repeater {
                    model: 24
                    KeyMark {
                        required property int index
                        words: "word" + index
                        hue: index / 24
                        showWords: false
                        size: 20
                    }
                }
            }
        }
    }
}
