pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Wherry.Controls
import Wherry.Models

// What has been said to one device and by it, and the field for the next message. The newest is at the bottom.
Item {
    id: conversation

    required property MessagesModel messages
    property string peerName
    property bool blocked: false
    readonly property Item input: field.input
    readonly property string problem: messages.problemWith(field.text)

    function sendNow() {
        if (conversation.messages.send(field.text))
            field.clear();
        list.toNewest();
    }

    implicitWidth: 320
    implicitHeight: 560
    onVisibleChanged: {
        if (visible)
            list.toNewest();
    }

    Binding {
        target: conversation.messages
        property: "watched"
        value: conversation.Window.window?.active ?? false
        when: conversation.visible
    }
    Connections {
        function onPeerIdChanged() {
            list.toNewest();
        }

        target: conversation.messages
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: Theme.space2

        Button {
            Layout.alignment: Qt.AlignRight
            Layout.rightMargin: -Theme.quietInset
            visible: conversation.messages.count > 0
            text: qsTr("Clear", "a conversation")
            symbol: "trash"
            kind: Button.Quiet
            compact: true
            onClicked: clearQuestion.open()
        }
        ListView {
            id: list

            property bool atNewest: true // until somebody scrolls away from it

            // The view forgets where it stands when its height changes, or that of a message; of very long ones it may lose all that is in sight.
            function settle() {
                if (atNewest)
                    positionViewAtBeginning();
                if (isBlank())
                    atNewest = true; // what was in sight is lost
                if (atNewest)
                    positionViewAtBeginning();
                if (isBlank())
                    contentY -= 1; // it looks anew for what is in sight
            }

            function isBlank(): bool {
                return count > 0 && height > 0 && !moving && !Array.from([0.02, 0.3, 0.5, 0.7, 0.98]).some(part => itemAt(width / 2, contentY + part * height));
            }
            function toNewest() {
                atNewest = true;
                settling.restart();
            }

            objectName: "messages"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.bottomMargin: Theme.space1
            onAtYEndChanged: {
                if (moving || bar.pressed)
                    atNewest = atYEnd;
            }
            onMovementEnded: settling.restart()
            onHeightChanged: settling.restart()
            onContentHeightChanged: settling.restart()
            onCountChanged: settling.restart()
            verticalLayoutDirection: ListView.BottomToTop
            model: conversation.messages
            spacing: Theme.space2
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            delegate: Message {
                width: list.width - Theme.space3 - 2 // beside the scroll bar
                messages: conversation.messages
                onCopy: conversation.messages.copy(index)
                onRetry: conversation.messages.retry(index)
                onLinkChosen: link => {
                    linkQuestion.link = link;
                    linkQuestion.open();
                }
            }

            Timer { // once everything has its height
                id: settling

                interval: 0
                onTriggered: list.settle()
            }
            T.ScrollBar.vertical: ScrollBar {
                id: bar
            }

            Label {
                anchors.centerIn: parent
                width: Math.min(parent.width - 2 * Theme.space4, 280)
                visible: conversation.messages.count === 0
                text: qsTr("No messages yet. What you write here goes straight to %1, and to nobody else.").arg(conversation.peerName)
                muted: true
                wrapMode: Text.Wrap
                horizontalAlignment: Text.AlignHCenter
            }
        }
        Label {
            Layout.fillWidth: true
            visible: conversation.problem.length > 0
            text: conversation.problem
            kind: Label.Small
            color: Theme.danger
            wrapMode: Text.Wrap
            Accessible.role: Accessible.AlertMessage
            Accessible.name: text
        }
        RowLayout {
            visible: !conversation.blocked
            spacing: Theme.space1

            ScrollTextArea {
                id: field

                Layout.fillWidth: true
                label: qsTr("Message to %1").arg(conversation.peerName)
                onSubmitted: conversation.sendNow()
            }
            IconButton {
                Layout.alignment: Qt.AlignBottom
                enabled: field.text.trim().length > 0 && conversation.problem.length === 0
                symbol: "send"
                prominent: true
                text: qsTr("Send", "a message")
                onClicked: conversation.sendNow()
            }
        }
    }
    Dialog {
        id: linkQuestion

        property string link

        title: qsTr("Open this address?")
        message: qsTr("It goes to your web browser exactly as it stands here.")
        acceptText: qsTr("Open in the browser", "a web address")
        defaultAnswer: Dialog.Reject
        onAccepted: conversation.messages.openLink(link)

        Label {
            Layout.fillWidth: true
            text: linkQuestion.link
            wrapMode: Text.WrapAnywhere
        }
    }
    Dialog {
        id: clearQuestion

        title: qsTr("Clear this conversation?")
        message: qsTr("It is forgotten on this device. The other device keeps what it has.")
        acceptText: qsTr("Clear", "a conversation")
        destructive: true
        defaultAnswer: Dialog.Reject
        onAccepted: conversation.messages.clear()
    }
}
