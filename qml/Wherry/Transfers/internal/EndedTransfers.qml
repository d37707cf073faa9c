pragma ComponentBehavior: Bound

import QtQuick
import Wherry.Controls
import Wherry.Models

// What has ended, the newest first; older ones come as one scrolls.
ScrollList {
    id: list

    required property App app

    function ask(row: int, name: string) {
        runQuestion.row = row;
        runQuestion.name = name;
        runQuestion.open();
    }

    spacing: Theme.space2
    topMargin: Theme.space2
    model: app.history
    delegate: HistoryRow {
        width: list.column
        onRetry: list.app.history.retry(index)
        onOpen: list.app.history.open(index)
        onShowInFolder: list.app.history.showInFolder(index)
        onRemove: list.app.history.remove(index)
        onMore: at => {
            menu.row = index;
            menu.canOpen = openable;
            menu.canShow = folder.length > 0 && good;
            menu.canRetry = retryable;
            menu.popup(at, 0, at.height);
        }
    }

    Connections {
        function onRunQuestion(row: int, name: string) {
            list.ask(row, name);
        }

        target: list.app.history
    }
    Menu {
        id: menu

        property int row: -1
        property bool canOpen: false
        property bool canShow: false
        property bool canRetry: false

        MenuItem {
            text: qsTr("Open", "what was received")
            symbol: "open"
            enabled: menu.canOpen
            onTriggered: list.app.history.open(menu.row)
        }
        MenuItem {
            text: qsTr("Show in folder")
            symbol: "show-in-folder"
            enabled: menu.canShow
            onTriggered: list.app.history.showInFolder(menu.row)
        }
        MenuItem {
            text: qsTr("Send again")
            symbol: "retry"
            enabled: menu.canRetry
            onTriggered: list.app.history.retry(menu.row)
        }
        MenuSeparator {}
        MenuItem {
            text: qsTr("Remove from the history", "the files stay")
            symbol: "trash"
            shortcutText: qsTr("Del", "key")
            onTriggered: list.app.history.remove(menu.row)
        }
    }
    Dialog {
        id: runQuestion

        property int row: -1
        property string name

        title: qsTr("Open a program?")
        message: qsTr("“%1” came from another device. Opening it may run what is in it, with the same rights as you. Open it only if you expected a program.").arg(name)
        acceptText: qsTr("Open anyway", "a received file that may be a program")
        rejectText: qsTr("Do not open", "a received file that may be a program")
        destructive: true
        defaultAnswer: Dialog.Reject
        footerItems: Button {
            text: qsTr("Show in folder")
            symbol: "show-in-folder"
            kind: Button.Quiet
            onClicked: {
                list.app.history.showInFolder(runQuestion.row);
                runQuestion.close();
            }
        }
        onAccepted: list.app.history.open(row, true)
    }
}
