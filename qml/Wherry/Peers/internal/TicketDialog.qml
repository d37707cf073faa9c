import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models

// The link of one share, to be copied or read with a camera.
Dialog {
    id: dialog

    required property App app
    property string share
    property string ticket
    property list<string> rows

    function show(which: string) {
        share = which;
        ticket = app.shares.ticket(which);
        rows = app.shares.qrRows(which);
        title = app.shares.label(which);
        message = app.shares.detail(which);
        open();
    }

    preferredWidth: 420
    acceptText: qsTr("Copy link")
    rejectText: qsTr("Close", "button of a dialog")
    onAccepted: {
        app.copy(ticket);
        app.notices.tell(qsTr("Link copied. Whoever has it can fetch this."));
    }

    QrCode {
        Layout.alignment: Qt.AlignHCenter
        Layout.preferredWidth: Math.min(320, dialog.availableWidth, Math.max(200, (dialog.parent?.height ?? 0) - 340)) // all of it in sight
        Layout.preferredHeight: width
        visible: dialog.rows.length > 0
        rows: dialog.rows
        label: qsTr("Code of the link, for a camera")
    }
    Label {
        Layout.fillWidth: true
        text: dialog.ticket
        kind: Label.Caption
        muted: true
        elide: Text.ElideMiddle
        horizontalAlignment: Text.AlignHCenter
        Accessible.name: qsTr("The link as text")
    }
    Label {
        Layout.fillWidth: true
        text: qsTr("Paste the link into Wherry on the other device. The code is the same link, for a camera that reads codes.")
        kind: Label.Small
        wrapMode: Text.Wrap
        horizontalAlignment: Text.AlignHCenter
    }
    Connections {
        function onChanged(share: string) {
            if (share === dialog.share)
                dialog.message = dialog.app.shares.detail(share);
        }
        function onEnded(share: string) {
            if (share === dialog.share)
                dialog.close();
        }

        target: dialog.app.shares
    }
}
