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
    property string themeMode: "system"
    property bool reducedMotion: false
    readonly property var places: [
        {symbol: "devices", text: qsTr("Devices", "place in the app"), count: app.texts.count},
        {symbol: "transfers", text: qsTr("Transfers", "place in the app"), count: app.transfers.count}
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
        if (app.transfers.count === 0 || quitQuestion.answered)
            return;
        event.accepted = false;
        quitQuestion.open();
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
            window.app.draft.take(drop.urls, drop.hasText ? drop.text : "");
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

            PageStack {
                Layout.fillWidth: true
                Layout.fillHeight: true
                app: window.app
                currentIndex: window.place
                wide: window.wide
                onTransfersWanted: window.place = 1
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
        active: windowDrop.containsDrag
        headline: qsTr("Drop to send")
        text: qsTr("Then choose who gets it")
    }
    AcceptDialog {
        app: window.app
    }
    Dialog {
        id: quitQuestion

        property bool answered: false

        title: qsTr("Quit now?")
        message: visible ? window.app.stillRunning() : ""
        acceptText: qsTr("Quit", "ends the app")
        rejectText: qsTr("Stay", "does not end the app")
        destructive: true
        defaultAnswer: Dialog.Reject
        onAccepted: {
            answered = true;
            window.close();
        }
    }
    Toast {
        id: toast

        anchors.bottomMargin: window.narrow ? 80 : Theme.space5
    }
    Connections {
        function onNoticed(text: string) {
            toast.show(text, "");
        }

        target: window.app
    }
    Shortcut {
        sequence: "Ctrl+V"
        onActivated: {
            window.place = 0;
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
        sequence: "Ctrl+Q"
        onActivated: window.close()
    }
}
