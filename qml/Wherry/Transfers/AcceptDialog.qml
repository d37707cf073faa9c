import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models
import "internal"

// The question about what somebody offers: who, every file, where it goes. The default is no, and a yes counts only once the question has been
// on the screen for a moment.
Dialog {
    id: dialog

    required property App app
    readonly property Offer offer: app.offers.current

    preferredWidth: 560
    stretched: true
    title: offer ? qsTr("%1 wants to send you files").arg(offer.peerName) : ""
    acceptText: qsTr("Accept", "takes what is offered")
    rejectText: qsTr("Decline", "refuses what is offered")
    acceptEnabled: offer !== null && offer.armed && offer.fits && !offer.files.noneChosen
    defaultAnswer: Dialog.Reject
    escapeRejects: offer !== null && offer.armed
    onOfferChanged: {
        if (!offer)
            return close();
        offer.arm();
        open();
    }
    onAccepted: {
        if (offer)
            offer.accept();
    }
    onRejected: {
        if (offer)
            offer.decline();
    }
    footerItems: Button {
        text: qsTr("Block", "declines, and hears nothing of the device any more")
        symbol: "block"
        kind: Button.Quiet
        onClicked: {
            if (dialog.offer)
                dialog.offer.block();
        }
    }

    RowLayout {
        spacing: Theme.space3

        Avatar {
            kind: dialog.offer ? dialog.offer.kind : ""
            words: dialog.offer ? dialog.offer.words : ""
            hue: dialog.offer ? dialog.offer.hue : 0
        }
        ColumnLayout {
            spacing: 2

            Label {
                Layout.fillWidth: true
                text: dialog.offer ? dialog.offer.label : ""
                kind: Label.Strong
            }
            Label {
                Layout.fillWidth: true
                text: dialog.offer ? dialog.offer.contents : ""
                muted: true
            }
            KeyMark {
                words: dialog.offer ? dialog.offer.words : ""
                hue: dialog.offer ? dialog.offer.hue : 0
            }
        }
        Icon {
            visible: dialog.offer !== null && dialog.offer.trusted
            symbol: "trust"
            color: Theme.good
        }
    }
    Banner {
        Layout.fillWidth: true
        visible: dialog.offer !== null && dialog.offer.warnings > 0
        kind: Banner.Warn
        text: qsTr("Some of these names are started by programs")
        detail: qsTr("They are marked in the list. Take them only when you expect them.")
    }
    OfferFiles {
        Layout.fillWidth: true
        Layout.fillHeight: true
        files: dialog.offer ? dialog.offer.files : null
    }
    ColumnLayout {
        spacing: 2

        RowLayout {
            spacing: Theme.space2

            Icon {
                symbol: "folder"
                size: 16
                color: Theme.inkMuted
            }
            Label {
                Layout.fillWidth: true
                text: dialog.offer ? qsTr("Goes to %1").arg(dialog.offer.folder) : ""
                elide: Text.ElideMiddle
            }
        }
        Label {
            Layout.fillWidth: true
            text: dialog.offer ? dialog.offer.takenText + dialog.offer.conflict + (dialog.offer.renames > 0 ? qsTr(". Names that this disk cannot hold are changed") : "") : ""
            kind: Label.Small
            muted: true
            wrapMode: Text.Wrap
        }
        Label {
            Layout.fillWidth: true
            visible: dialog.offer !== null && dialog.offer.freeText.length > 0
            text: dialog.offer ? (dialog.offer.fits ? qsTr("%1 free on that disk").arg(dialog.offer.freeText) : qsTr("Not enough room: only %1 free on that disk").arg(dialog.offer.freeText)) : ""
            kind: Label.Small
            color: dialog.offer && !dialog.offer.fits ? Theme.danger : Theme.inkMuted
            wrapMode: Text.Wrap
        }
    }
}
