import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// Buttons, fields, rows, cards.
Flickable {
    id: page

    contentHeight: flow.implicitHeight

    Flow {
        id: flow

        width: page.width
        spacing: Theme.space5

        ColumnLayout {
            width: Math.min(page.width, 380)
            spacing: Theme.space3

            Label { text: "Display"; kind: Label.Display }
            Label { text: "Headline 1 234 567"; kind: Label.Headline }
            Label { text: "Title of a card"; kind: Label.Title }
            Label { text: "Lead paragraph"; kind: Label.Lead }
            Label { text: "Body text of 14 px"; }
            Label { text: "Strong body"; kind: Label.Strong }
            Label { text: "Caption, muted · 12.4 MB/s"; kind: Label.Caption; muted: true }
            RowLayout {
                Button { text: "Send files"; symbol: "send"; kind: Button.Primary }
                Button { text: "Choose folder" }
            }
            RowLayout {
                Button { text: "Learn more"; kind: Button.Quiet }
                Button { text: "Delete"; kind: Button.Danger; symbol: "trash" }
                Button { text: "Off"; enabled: false }
                Button { text: "Off"; enabled: false; kind: Button.Primary }
            }
            RowLayout {
                Button { text: "Retry"; compact: true; symbol: "retry" }
                Button { text: "Open"; compact: true; kind: Button.Quiet }
                IconButton { text: "Pause"; symbol: "pause" }
                IconButton { text: "Star"; symbol: "star"; checkable: true; checked: true }
                IconButton { text: "Off"; symbol: "copy"; enabled: false }
                IconButton { text: "Remove"; symbol: "trash"; danger: true }
            }
        }
        ColumnLayout {
            width: Math.min(page.width, 380)
            spacing: Theme.space3

            TextField { Layout.fillWidth: true; label: "Name of this device" }
            TextField { Layout.fillWidth: true; label: "Name"; text: "Filled in"; focus: true }
            TextField { Layout.fillWidth: true; label: "Address"; text: "Not an address"; invalid: true }
            TextField { Layout.fillWidth: true; label: "Off"; text: "Disabled"; enabled: false }
            SearchField { Layout.fillWidth: true }
            SearchField { Layout.fillWidth: true; text: "holiday" }
            Field {
                Layout.fillWidth: true
                label: "Download folder"
                hint: "Everything that arrives goes here."
                TextField { Layout.fillWidth: true; text: "~/Downloads"; label: "Download folder" }
            }
            Field {
                Layout.fillWidth: true
                label: "Upload limit"
                error: "Write a size a second, like 10 MB."
                TextField { Layout.fillWidth: true; text: "ten"; label: "Upload limit"; invalid: true }
            }
            TextArea { Layout.fillWidth: true; label: "Write a message" }
            ComboBox { Layout.fillWidth: true; label: "Theme"; model: ["Like the system", "Light", "Dark", "Black"] }
        }
        ColumnLayout {
            width: Math.min(page.width, 400)
            spacing: Theme.space3

            Card {
                Layout.fillWidth: true
                ColumnLayout {
                    anchors.left: parent.left
                    anchors.right: parent.right
                    CheckBox { text: "Remember for this device"; checked: true }
                    CheckBox { text: "Ask every time" }
                    CheckBox { text: "Some of them"; checkState: Qt.PartiallyChecked; tristate: true }
                    CheckBox { text: "Not now"; enabled: false }
                    Switch { Layout.fillWidth: true; text: "Start at login"; checked: true }
                    Switch { Layout.fillWidth: true; text: "Keep in the tray"; hint: "Closing the window then leaves Wherry running." }
                    Switch { Layout.fillWidth: true; text: "Off"; enabled: false }
                }
            }
            Card {
                Layout.fillWidth: true
                padding: Theme.space1
                ColumnLayout {
                    anchors.left: parent.left
                    anchors.right: parent.right
                    spacing: 2
                    ListRow {
                        Layout.fillWidth: true
                        title: "Mara's laptop"
                        subtitle: "On this network · 4 ms"
                        leading: Icon { symbol: "laptop"; size: 24 }
                        IconButton { symbol: "more"; text: "More" }
                    }
                    ListRow {
                        Layout.fillWidth: true
                        selected: true
                        title: "Studio with quite a long name that does not fit"
                        subtitle: "Relayed by harbour.example · 61 ms, and more words than there is room"
                        leading: Icon { symbol: "desktop"; size: 24 }
                        Icon { symbol: "chevron-right"; color: Theme.inkFaint }
                    }
                    ListRow {
                        Layout.fillWidth: true
                        title: "One line"
                        leading: CheckBox { label: "Choose" }
                    }
                }
            }
        }
    }
}
