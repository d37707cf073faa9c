pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// A group of settings under its title; gone when a search finds none of it.
ColumnLayout {
    id: group

    required property App app
    required property string group
    property string search
    property bool pendingOnly: false
    readonly property int count: found.count

    visible: count > 0
    spacing: 0

    SettingGroupModel {
        id: found

        settings: group.app.settings
        group: group.group
        search: group.search
        pendingOnly: group.pendingOnly
    }
    SectionHeader {
        Layout.fillWidth: true
        text: group.app.settings.groupTitle(group.group)
    }
    Card {
        Layout.fillWidth: true
        topPadding: Theme.space2
        bottomPadding: Theme.space2

        Column {
            anchors.left: parent.left
            anchors.right: parent.right

            Repeater {
                model: found

                SettingRow {
                    width: parent.width
                    app: group.app
                }
            }
        }
    }
}
