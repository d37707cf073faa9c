import QtQuick
import QtQuick.Layouts
import Wherry.Controls

// Nothing there yet; a toast, a drop, a menu, a code.
SamplePage {
    id: page

    onPresent: {
        toast.show("Copied the ticket", ["Show it"]);
        if (width > 800)
            menu.popup(page.width - 280, 40);
    }

    EmptyState {
        width: page.width > 800 ? parent.width / 2 : parent.width
        height: parent.height / (page.width > 800 ? 1 : 2)
        symbol: "devices"
        headline: "No devices yet"
        text: "Open Wherry on another device in this network. It shows up here by itself."
        actionText: "Send by ticket"
        actionSymbol: "qr"
        secondText: "How to add a device"
    }
    ColumnLayout {
        x: page.width > 800 ? page.width / 2 : 0
        y: page.width > 800 ? 0 : page.height / 2
        width: page.width > 800 ? 320 : page.width
        spacing: Theme.space3

        Item {
            Layout.fillWidth: true
            implicitHeight: 200
            DropOverlay { active: true; headline: "Drop to choose a device"; text: "Files and folders" }
        }
        Item {
            Layout.fillWidth: true
            implicitHeight: 64
            DropOverlay { active: true; compact: true; headline: "Send to Mara’s phone" }
        }
        Banner { Layout.fillWidth: true; text: "A new version is there"; closable: true }
        Banner { Layout.fillWidth: true; kind: Banner.Danger; text: "The disk is full"; detail: "3 transfers wait for room."; actionText: "Open" }
        Banner { Layout.fillWidth: true; kind: Banner.Good; text: "Everything has arrived" }
        QrCode {
            Layout.alignment: Qt.AlignHCenter
            rows: ["111111100101101111111", "100000101100101000001", "101110100011001011101", "101110101011101011101", "101110100100001011101", "100000101110101000001", "111111101010101111111", "000000000110000000000",
                   "101011101101110100101", "010101011010010110010", "110010110100111010111", "001011010011000101100", "101101101110110011010", "000000001011010110010", "111111101100101101101", "100000100111010010110", "101110101001110111011", "101110100110001010100", "101110101110110101110", "100000100010011010011", "111111101101010110101"]
        }
    }
    Menu {
        id: menu

        MenuItem { text: "Open conversation"; symbol: "message" }
        MenuItem { text: "Show in folder"; symbol: "show-in-folder"; shortcutText: "Ctrl+L" }
        MenuItem { text: "Trusted"; symbol: "trust"; checkable: true; checked: true }
        MenuSeparator {}
        MenuItem { text: "Block"; symbol: "block"; danger: true }
    }
    Toast {
        id: toast
        duration: 100000
    }
}
