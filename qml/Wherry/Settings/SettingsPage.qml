pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models
import "internal"

// Every setting of the engine's table. What is changed holds at once and is in the file at once; what takes a restart says so.
ScrollColumn {
    id: page

    required property App app
    readonly property SettingsModel settings: app.settings
    property bool pendingWanted: false // somebody has asked for those that wait for a restart
    readonly property bool pendingOnly: pendingWanted && settings.restartWanted
    property bool opened: false // the rows are made when somebody looks for the first time

    objectName: "settingsPage"
    maximumWidth: Theme.pageWidth
    spacing: Theme.space4
    onVisibleChanged: {
        if (visible)
            opened = true;
    }

    PageHeader {
        Layout.fillWidth: true
        title: qsTr("Settings")
        subtitle: qsTr("Saved as they are changed")
    }
    Banner {
        Layout.fillWidth: true
        visible: page.settings.problem.length > 0
        kind: Banner.Danger
        text: qsTr("There is a mistake in the settings file")
        detail: qsTr("%1\nThe earlier settings stay in force until this is corrected.").arg(page.settings.problem)
        actionText: qsTr("Show the file", "in the file manager")
        onAction: page.settings.showFile()
    }
    Banner {
        Layout.fillWidth: true
        visible: page.app.host.length > 0
        kind: Banner.Info
        text: qsTr("%1 does the work at the moment").arg(page.app.host)
        detail: qsTr("This window takes up at once what you change about itself and about receiving. The rest is saved, and holds when that program reads its settings again or ends.")
    }
    Banner {
        Layout.fillWidth: true
        visible: page.settings.restartWanted && page.app.host.length === 0
        kind: Banner.Warn
        text: qsTr("Restart Wherry to use some changes")
        detail: qsTr("They are saved.")
        actionText: page.pendingOnly ? qsTr("Show all", "settings") : qsTr("Show them", "settings that wait for a restart")
        onAction: page.pendingWanted = !page.pendingOnly
    }
    SearchField {
        id: field

        Layout.fillWidth: true
        label: qsTr("Search settings")
    }
    Repeater {
        id: groups

        model: page.opened ? page.settings.groups : [] // never shrinks

        SettingsGroup {
            required property string modelData

            Layout.fillWidth: true
            app: page.app
            group: modelData
            search: field.text.trim()
            pendingOnly: page.pendingOnly
        }
    }
    EmptyState {
        Layout.fillWidth: true
        Layout.topMargin: Theme.space5
        visible: field.text.trim().length > 0 && page.found === 0
        symbol: "search"
        headline: qsTr("No setting like that")
        text: qsTr("Try another word, or a key of the settings file.")
    }
    Label {
        Layout.fillWidth: true
        text: qsTr("The settings are kept in %1").arg(page.settings.file)
        kind: Label.Small
        muted: true
        wrapMode: Text.WrapAnywhere
    }

    readonly property int found: {
        let sum = 0;
        for (let at = 0; at < groups.count; ++at)
            sum += (groups.itemAt(at) as SettingsGroup)?.count ?? 0;
        return sum;
    }
}
