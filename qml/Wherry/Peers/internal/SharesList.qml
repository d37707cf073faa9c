pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// What is shared by links at the moment, each with its way to the link and its end.
ColumnLayout {
    id: list

    required property SharesModel shares

    signal shown(string share)

    spacing: 0

    SectionHeader {
        Layout.fillWidth: true
        text: qsTr("Shared by links")
        count: list.shares.count
    }
    Column {
        Layout.fillWidth: true
        spacing: Theme.space2

        Repeater {
            model: list.shares

            ListRow {
                id: row

                required property string share
                required property string label
                required property string detail

                width: parent.width
                boxed: true
                title: label
                description: detail
                onClicked: list.shown(share)
                leading: Icon {
                    symbol: "link"
                    color: Theme.inkMuted
                }

                details: Label {
                    Layout.fillWidth: true
                    text: row.detail
                    kind: Label.Small
                    muted: true
                    wrapMode: Text.Wrap
                    Accessible.ignored: true
                }

                IconButton {
                    symbol: "qr"
                    text: qsTr("Show the link of %1").arg(row.label)
                    onClicked: list.shown(row.share)
                }
                IconButton {
                    symbol: "close"
                    text: qsTr("End the link of %1").arg(row.label)
                    onClicked: ending.ask(row.share, row.label)
                }
            }
        }
    }
    Dialog {
        id: ending

        property string share

        function ask(which: string, label: string) {
            share = which;
            message = qsTr("Nobody can fetch %1 with it any more, and who is fetching it now is cut off.").arg(label);
            open();
        }

        title: qsTr("End this link?")
        acceptText: qsTr("End it", "a link")
        destructive: true
        defaultAnswer: Dialog.Reject
        onAccepted: list.shares.revoke(share)
    }
}
