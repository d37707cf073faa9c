import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// What lies above a page.
SamplePage {
    id: page

    onPresent: dialog.open()

    EmptyState {
        anchors.fill: parent
        symbol: "devices"
        headline: "No devices yet"
        text: "Open Wherry on another device in this network. It shows up here by itself."
        actionText: "Send by ticket"
        actionSymbol: "qr"
        secondText: "How to add a device"
    }
    Dialog {
        id: dialog

        title: "Accept 1 204 files from Mara’s phone?"
        message: "8.4 GB will go to Downloads. 212 GB are free there."
        acceptText: "Accept"
        rejectText: "Deny"
        defaultAnswer: Dialog.Reject

        SearchField { Layout.fillWidth: true }
        CheckBox { text: "Always accept from this device" }
        footerItems: Button { text: "Block"; kind: Button.Quiet }
    }
}
