import QtQuick
import QtQuick.Layouts
import Wherry.Controls
import Wherry.Models
import "internal"

// The question about what somebody offers: who, every file under the name that it gets, where it goes. The default is no, and a yes counts only
// once the question has been on the screen for a moment. It stays until the place is good and the answer is taken.
Dialog {
    id: dialog

    required property App app
    readonly property Offer offer: app.offers.current

    preferredWidth: 720
    stretched: true
    titled: false
    title: offer ? qsTr("%1 wants to send you files").arg(offer.peerName) : ""
    acceptText: qsTr("Accept", "takes what is offered")
    rejectText: qsTr("Decline", "refuses what is offered")
    acceptEnabled: offer !== null && offer.answerable
    closesOnAccept: false
    defaultAnswer: Dialog.Reject
    escapeRejects: offer !== null && offer.armed
    onOfferChanged: {
        trustQuestion.close();
        blockQuestion.close();
        if (!offer)
            return close();
        offer.arm();
        open();
        settleFocus();
    }
    // A no closes the dialog after the next question has become the current one.
    onClosed: {
        if (!offer)
            return;
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
    footerItems: [
        Button {
            text: qsTr("Block…", "asks whether to hear nothing of the device any more")
            symbol: "block"
            kind: Button.Quiet
            grave: true
            onClicked: blockQuestion.open()
        },
        Button {
            visible: dialog.offer !== null && !dialog.offer.trusted
            text: qsTr("Trust…", "asks whether to mark the device as trusted")
            symbol: "trust"
            kind: Button.Quiet
            onClicked: trustQuestion.open()
        }
    ]

    OfferHeader {
        Layout.fillWidth: true
        offer: dialog.offer
        title: dialog.title
        waitingText: dialog.app.offers.waitingText
        canDeclineAll: dialog.offer !== null && dialog.offer.armed
        onDeclineAll: dialog.app.offers.declineAll()
    }
    Banner {
        Layout.fillWidth: true
        visible: text.length > 0
        kind: Banner.Warn
        text: dialog.offer ? dialog.offer.silenceText : ""
    }
    Banner {
        Layout.fillWidth: true
        visible: text.length > 0
        kind: Banner.Warn
        text: dialog.offer ? dialog.offer.warningText : ""
        detail: dialog.offer ? dialog.offer.warningDetail : ""
    }
    OfferFiles {
        id: files

        Layout.fillWidth: true
        Layout.fillHeight: true
        offer: dialog.offer
    }
    OfferPlaceBox {
        Layout.fillWidth: true
        offer: dialog.offer
    }
    Dialog {
        id: blockQuestion

        title: dialog.offer ? qsTr("Block %1?").arg(dialog.offer.peerName) : ""
        message: qsTr("What it offers is declined, and nothing that it sends reaches you any more. You can unblock it on its page.")
        acceptText: qsTr("Block", "hears nothing of the device any more")
        destructive: true
        defaultAnswer: Dialog.Reject
        onAccepted: {
            if (dialog.offer)
                dialog.offer.block();
        }
        onClosed: {
            if (dialog.offer)
                dialog.offer.arm();
        }
    }
    Dialog {
        id: trustQuestion

        title: dialog.offer ? qsTr("Trust %1?").arg(dialog.offer.peerName) : ""
        message: qsTr("Only if you are sure whose device this is. The four words help to recognise it; they prove nothing.")
        acceptText: qsTr("Trust", "marks the device as trusted")
        defaultAnswer: Dialog.Reject
        onAccepted: {
            if (dialog.offer)
                dialog.offer.trust();
        }
        onClosed: {
            if (dialog.offer)
                dialog.offer.arm();
        }

        KeyMark {
            words: dialog.offer ? dialog.offer.words : ""
            hue: dialog.offer ? dialog.offer.hue : 0
            kind: Label.Body
            size: 18
        }
        Label {
            Layout.fillWidth: true
            text: dialog.app.receiving.asksAboutTrusted ? qsTr("You are still asked about each of its offers, as about this one.") : qsTr("This offer still waits for your answer. Later ones from it begin without asking.")
            kind: Label.Small
            muted: true
            wrapMode: Text.Wrap
        }
    }
}
