pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// A page of devices with rail or bar, as the app has it.
Item {
    id: page

    readonly property bool narrow: width < 560
    readonly property var places: [
        {symbol: "devices", text: "Devices"}, {symbol: "transfers", text: "Transfers", count: 3}, {symbol: "message", text: "Messages"}, {symbol: "settings", text: "Settings", atEnd: true}]

    NavigationRail {
        id: rail

        visible: !page.narrow
        anchors.left: parent.left
        height: parent.height
        model: page.places
        expanded: page.width > 1100
    }
    NavigationBar {
        id: bar

        visible: page.narrow
        anchors.bottom: parent.bottom
        width: parent.width
        model: page.places
    }
    ScrollColumn {
        anchors.left: page.narrow ? parent.left : rail.right
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.bottom: page.narrow ? bar.top : parent.bottom
        spacing: Theme.space2

        PageHeader {
            Layout.fillWidth: true
            title: "Devices"
            subtitle: "This one is “Kitchen laptop”"
            IconButton { symbol: "plus"; text: "Add a device" }
            Button { text: "Send"; symbol: "send"; kind: Button.Primary; visible: !page.narrow }
        }
        Banner {
            Layout.fillWidth: true
            kind: Banner.Warn
            text: "This network keeps devices apart"
            detail: "Nearby devices may not show up. A ticket works all the same."
            actionText: "Make a ticket"
        }
        ListRow {
            Layout.fillWidth: true
            boxed: true
            title: "A row of its own"
            subtitle: "In a list that lies in no card"
            leading: Avatar { kind: "laptop"; words: "a"; hue: 0.2 }
        }
        SectionHeader { Layout.fillWidth: true; text: "Nearby"; count: 3 }
        Card {
            Layout.fillWidth: true
            padding: Theme.space1
            ColumnLayout {
                anchors.left: parent.left
                anchors.right: parent.right
                spacing: 2

                Repeater {
                    model: [
                        {name: "Mara’s phone", kind: "phone", words: "amber-canoe-lemon-owl", hue: 0.61, path: "lan", pathText: "Local network", presence: "connected"},
                        {name: "Studio desktop", kind: "desktop", words: "velvet-harp-tiger-moss", hue: 0.08, path: "direct6", pathText: "Direct, IPv6", presence: "connected"},
                        {name: "Grandma’s tablet with a rather long name", kind: "tablet", words: "puffin-radio-mint-sail", hue: 0.35, path: "relayed", pathText: "Relayed", presence: "nearby"},
                        {name: "nas", kind: "server", words: "owl-owl-cedar-drum", hue: 0.8, path: "", pathText: "", presence: "away"},
                        {name: "12D3KooWQ8…", kind: "", words: "quill-iris-ferry-lake", hue: 0.95, path: "punched", pathText: "Direct, through two routers", presence: "nearby"}]

                    ListRow {
                        id: row

                        required property var modelData
                        required property int index

                        Layout.fillWidth: true
                        title: modelData.name
                        selected: index === 1
                        details: KeyMark {
                            words: row.modelData.words
                            hue: row.modelData.hue
                        }
                        leading: Avatar {
                            kind: row.modelData.kind
                            words: row.modelData.words
                            hue: row.modelData.hue
                            presence: row.modelData.presence
                        }
                        PathBadge {
                            kind: row.modelData.path
                            text: row.modelData.pathText
                            compact: page.narrow
                            reason: "because"
                        }
                        IconButton {
                            symbol: "more"
                            text: "More about this device"
                        }
                    }
                }
            }
        }
    }
}
