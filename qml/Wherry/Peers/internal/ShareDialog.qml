pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// How long, and how often, what is gathered may be fetched by whoever has its link.
Dialog {
    id: dialog

    required property App app
    readonly property var spans: [3600, 86400, 7 * 86400, 30 * 86400, 0] // seconds

    title: qsTr("Share by a link")
    message: qsTr("%1. Whoever has the link can fetch it: share it only with people you mean to have it. It works until it ends, while Wherry runs on this device and can be reached.").arg(app.draft.summary)
    acceptText: qsTr("Make the link")
    acceptEnabled: app.draft.count > 0 && !app.shares.busy
    onAccepted: app.shares.publish(spans[span.currentIndex], once.checked)

    Field {
        Layout.fillWidth: true
        label: qsTr("Ends after")

        ComboBox {
            id: span

            Layout.fillWidth: true
            label: qsTr("Ends after")
            model: [qsTr("1 hour"), qsTr("1 day"), qsTr("7 days"), qsTr("30 days"), qsTr("Only when I end it")]
            currentIndex: 1
        }
    }
    Switch {
        id: once

        Layout.fillWidth: true
        text: qsTr("Can be fetched once")
        hint: qsTr("The link ends as soon as somebody has fetched all of it")
    }
}
