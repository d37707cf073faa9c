pragma ComponentBehavior: Bound

import QtQuick
import Wherry.Controls
import Wherry.Models

// Devices, one below the other, as they are shown or chosen from. A column and no layout: its rows come and go.
Column {
    id: rows

    required property App app
    required property PeerListModel model
    property bool awaitsDrop: false // something is dragged over the window
    property string selected // whose page is beside the list
    property string underDrag

    signal transfersWanted
    signal opened(string peerId, bool messages)

    spacing: Theme.space2

    Repeater {
        model: rows.model
        onItemRemoved: rows.underDrag = ""

        PeerRow {
            width: parent.width
            app: rows.app
            sending: !rows.app.draft.empty
            choosing: rows.app.draft.recipients.length > 0
            chosen: Array.from(rows.app.draft.recipients).includes(peerId)
            awaitsDrop: rows.awaitsDrop
            onDraggedOverChanged: {
                if (draggedOver)
                    rows.underDrag = peerId;
                else if (rows.underDrag === peerId)
                    rows.underDrag = "";
            }
            selected: rows.selected === peerId && !sending
            onSend: rows.app.draft.sendTo([peerId])
            onFilesDropped: (urls, text) => rows.app.draft.sendNow(peerId, urls, text)
            onChoose: yes => rows.app.draft.setRecipient(peerId, yes)
            onTransfersWanted: rows.transfersWanted()
            onClicked: {
                if (sending)
                    rows.app.draft.setRecipient(peerId, !chosen);
                else
                    rows.opened(peerId, unread > 0);
            }
        }
    }
}
