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
        stretched: true
        defaultAnswer: Dialog.Reject

        SearchField { Layout.fillWidth: true }
        ListView {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: 88
            implicitHeight: Math.min(contentHeight, 264)
            clip: true
            model: 40
            delegate: ListRow {
                required property int index
                width: ListView.view.width
                title: "IMG_" + (4200 + index) + ".jpg"
                interactive: false
                leading: CheckBox { label: "Take it"; checked: true }
                Label { text: "4.2 MB"; muted: true; kind: Label.Small }
            }
        }
        CheckBox { text: "Always accept from this device" }
        footerItems: Button { text: "Block"; kind: Button.Quiet }
    }
}
