pragma ComponentBehavior: Bound

import QtQuick
import Wherry.Controls

// The whole set at 24 and 20 px.
Flow {
    spacing: Theme.space3

    Repeater {
        model: ["send", "receive", "devices", "phone", "tablet", "laptop", "desktop", "server", "unknown-device", "folder", "file", "file-text", "file-code", "file-archive", "image", "video", "audio", "app", "transfers", "history", "settings", "pause", "resume", "cancel", "stop", "retry", "undo", "open", "show-in-folder", "share", "qr", "copy", "paste", "search", "check", "check-circle", "warning", "error", "info", "lock", "trust", "block", "link", "lan", "network", "relay", "direct", "punched", "route", "offline", "menu", "close", "back", "more", "chevron-down", "chevron-right", "theme", "message", "plus", "minus", "drop", "star", "edit", "trash", "key", "speed", "person", "filter", "keyboard", "eye"]

        Card {
            id: tile

            required property string modelData

            width: 112
            height: 84
            padding: 8

            Row {
                anchors.horizontalCenter: parent.horizontalCenter
                spacing: 10
                Icon { symbol: tile.modelData; size: 32 }
                Icon { symbol: tile.modelData; color: Theme.accentInk }
            }
            Label {
                anchors.bottom: parent.bottom
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                kind: Label.Caption
                text: tile.modelData
            }
        }
    }
}
