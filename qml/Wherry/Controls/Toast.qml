pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts

// Short words about what has just happened, above everything, for a while. Place one in the window; `show` again replaces the words. It lies
// over the page and moves nothing of it; what is pressed on it does not reach what is beneath, a press on the words puts it away.
//
//   show(text, actions)   actions: the words on buttons, like ["Show in folder"]; may be empty
//   stays                 it does not go by itself
// Signals: action(index), when a button is pressed. It stays while the pointer or the keyboard is on it.
Item {
    id: toast

    property string text
    property var actions: []
    property int duration: 5000
    property bool stays: false
    readonly property bool shown: state === "shown"
    readonly property bool hasActions: actions.length > 0
    readonly property int room: parent ? parent.width - 2 * Theme.space4 : 400
    // The buttons stand below the words where they would leave too little room for them.
    readonly property bool stacked: buttons.implicitWidth > room / 2

    signal action(int index)

    function show(words: string, buttons: var) {
        text = words;
        actions = buttons;
        state = "shown";
        if (stays)
            timer.stop();
        else
            timer.restart();
    }
    function hide() {
        state = "";
    }

    width: Math.min(room, row.implicitWidth + row.anchors.leftMargin + row.anchors.rightMargin)
    height: Math.max(48, row.implicitHeight)
    anchors.horizontalCenter: parent ? parent.horizontalCenter : undefined
    anchors.bottom: parent ? parent.bottom : undefined
    anchors.bottomMargin: Theme.space5
    z: 100
    opacity: 0
    visible: opacity > 0
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text
    Keys.onEscapePressed: hide()

    states: State {
        name: "shown"
        PropertyChanges { toast.opacity: 1 }
    }
    transitions: Transition {
        NumberAnimation { property: "opacity"; duration: Theme.calm; easing.type: Easing.OutCubic }
    }
    Timer {
        id: timer

        interval: toast.duration
        running: toast.shown && !toast.stays && !pointer.hovered && !keys.activeFocus
        onTriggered: toast.hide()
    }
    HoverHandler {
        id: pointer
    }
    Shadow {
        radius: Theme.radius
        depth: 0.6
    }
    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        color: Theme.inverse
    }
    MouseArea {
        anchors.fill: parent
        onClicked: toast.hide()
    }
    GridLayout {
        id: row

        anchors.fill: parent
        anchors.leftMargin: Theme.space4
        anchors.rightMargin: toast.hasActions && !toast.stacked ? 4 : Theme.space4
        columns: toast.stacked ? 1 : 2
        columnSpacing: Theme.space2
        rowSpacing: 0

        Label {
            Layout.fillWidth: true
            Layout.topMargin: Theme.space2
            Layout.bottomMargin: toast.stacked ? 0 : Theme.space2
            text: toast.text
            wrapMode: Text.Wrap
            maximumLineCount: 3
            elide: Text.ElideRight
            lineHeight: 1
            color: Theme.inkInverse
            Accessible.ignored: true
        }
        FocusScope {
            id: keys

            Layout.alignment: Qt.AlignRight
            Layout.rightMargin: toast.stacked ? -Theme.quietInset : 0
            visible: toast.hasActions
            implicitWidth: buttons.implicitWidth
            implicitHeight: buttons.implicitHeight

            Row { // no layout: its buttons come and go
                id: buttons

                Repeater {
                    model: toast.actions

                    Button {
                        required property int index
                        required property string modelData

                        text: modelData
                        kind: Button.Quiet
                        inverse: true
                        onClicked: {
                            toast.hide();
                            toast.action(index);
                        }
                    }
                }
            }
        }
    }
}
