import QtQuick
import QtQuick.Layouts
import QtQuick.Window
import Wherry.Controls
import Wherry.Models
import Wherry.Transfers
import "internal"

// The window: its places at the side or below, the page that is shown, questions, and short words about what has happened.
// A page more is one entry in `places` and one child of PageStack.
AppWindow {
    id: window

    required property App app
    property int place: 0
    property string themeMode: app.settings.theme
    property bool reducedMotion: false
    readonly property var places: [
        {symbol: "devices", text: qsTr("Devices", "place in the app"), count: app.knownPeers.unread},
        {symbol: "transfers", text: qsTr("Transfers", "place in the app"), count: app.transfers.count},
        {symbol: "network", text: qsTr("Network", "place in the app")},
        {symbol: "settings", text: qsTr("Settings", "place in the app"), atEnd: true}
    ]

    width: 1040
    height: 720
    minimumWidth: 360
    minimumHeight: 480
    title: qsTr("Wherry")
    onActiveChanged: {
        if (active && app.offers.current)
            app.offers.current.arm();
    }
    onClosing: event => {
        event.accepted = false;
        if (!app.inTray)
            askToQuit();
        else if (app.trayExplained())
            hide();
        else
            trayNote.open();
    }

    // Ends the app; what is still under way is named first.
    function askToQuit() {
        if (app.stillRunning().length > 0)
            quitQuestion.open();
        else
            Qt.exit(0);
    }

    Binding {
        target: Theme
        property: "mode"
        value: window.themeMode
    }
    Binding {
        target: Theme
        property: "reducedMotion"
        value: window.reducedMotion
    }
    DropArea {
        id: windowDrop

        anchors.fill: parent
        onDropped: drop => {
            drop.accept(Qt.CopyAction);
            window.place = 0;
            const text = drop.hasText ? drop.text : "";
            if (!window.app.pasted.take(drop.urls, text))
                window.app.draft.take(drop.urls, text);
        }
    }
    RowLayout {
        anchors.fill: parent
        spacing: 0

        NavigationRail {
            Layout.fillHeight: true
            visible: !window.narrow
            expanded: window.wide
            model: window.places
            currentIndex: window.place
            onActivated: index => window.place = index
        }
        ColumnLayout {
            spacing: 0

            Item {
                Layout.fillWidth: true
                Layout.fillHeight: true

                PageStack {
                    id: pages

                    anchors.fill: parent
                    covered: toast.shown ? toast.height + toast.anchors.bottomMargin + Theme.space2 : 0
                    app: window.app
                    currentIndex: window.place
                    wide: window.wide
                    dragged: windowDrop.containsDrag
                    onTransfersWanted: window.place = 1
                    onDevicesWanted: window.place = 0
                }
                Item { // over the list: beside it there are fields and buttons at the foot
                    anchors.fill: parent
                    anchors.rightMargin: pages.aside

                    Toast {
                        id: toast

                        property int notice

                        objectName: "toast"
                        anchors.bottomMargin: window.narrow ? Theme.space3 : Theme.space4
                        onAction: index => window.app.notices.act(notice, index)
                    }
                }
            }
            NavigationBar {
                Layout.fillWidth: true
                visible: window.narrow
                model: window.places
                currentIndex: window.place
                onActivated: index => window.place = index
            }
        }
    }
    DropOverlay {
        active: windowDrop.containsDrag && window.place !== 0 // where the devices are they stay in sight
        headline: qsTr("Drop to send")
        text: qsTr("Then choose who gets it")
    }
    AcceptDialog {
        app: window.app
    }
    Dialog {
        id: quitQuestion

        title: qsTr("Quit now?")
        message: visible ? window.app.stillRunning() : ""
        acceptText: qsTr("Quit", "ends the app")
        rejectText: qsTr("Stay", "does not end the app")
        destructive: true
        defaultAnswer: Dialog.Reject
        onAccepted: Qt.exit(0)
    }
    Dialog {
        id: trayNote

        title: qsTr("Wherry stays in the tray")
        message: qsTr("It goes on receiving there. Its icon brings the window back, and so does starting Wherry again. Ctrl+Q or the menu of the icon quits it.")
        acceptText: qsTr("All right", "understood")
        rejectText: qsTr("Quit instead", "of staying in the tray")
        escapeRejects: false
        onAccepted: {
            window.app.setTrayExplained();
            window.hide();
        }
        onRejected: window.askToQuit()
    }
    Connections {
        function onQuitWanted() {
            window.askToQuit();
        }

        target: window.app
    }
    Connections {
        function onNoticed(notice: int, text: string, actions: var) {
            toast.notice = notice;
            toast.stays = window.app.notices.stays(notice);
            toast.show(text, actions);
        }
        function onDevicesWanted() {
            window.place = 0;
        }
        function onConversationWanted() {
            window.place = 0;
        }

        target: window.app
    }
    Connections {
        function onArrived(peerName: string, peerId: string) {
            if (window.place !== 0) // there it is seen
                window.app.tellOfText(peerName, peerId);
        }

        target: window.app.messages
    }
    Shortcut {
        sequence: "Ctrl+V"
        onActivated: {
            window.place = 0;
            if (!window.app.pasted.readClipboard())
                window.app.draft.paste();
        }
    }
    Shortcut {
        sequence: "Ctrl+1"
        onActivated: window.place = 0
    }
    Shortcut {
        sequence: "Ctrl+2"
        onActivated: window.place = 1
    }
    Shortcut {
        sequence: "Ctrl+3"
        onActivated: window.place = 2
    }
    Shortcut {
        sequences: ["Ctrl+4", "Ctrl+,"]
        onActivated: window.place = 3
    }
    Shortcut {
        sequence: "Ctrl+Q"
        onActivated: window.askToQuit()
    }
}
