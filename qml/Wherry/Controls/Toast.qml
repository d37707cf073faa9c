import QtQuick
import QtQuick.Layouts

// Short words about what has just happened, above everything, for a while. Place one in the window; `show` again replaces the words.
//
//   show(text, actionText)   actionText: a button, like "Show in folder"; may be left out
// Signals: action(), when the button is pressed. It stays while the pointer or the keyboard is on it.
Item {
    id: toast

    property string text
    property string actionText
    property int duration: 5000
    readonly property bool shown: state === "shown"

    signal action

    function show(words: string, button: string) {
        text = words;
        actionText = button;
        state = "shown";
        timer.restart();
    }
    function hide() {
        state = "";
    }

    width: Math.min(parent ? parent.width - 2 * Theme.space4 : 400, row.implicitWidth + Theme.space4 + (actionText.length > 0 ? 4 : Theme.space4))
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
        running: toast.shown && !pointer.hovered && !button.activeFocus
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
    RowLayout {
        id: row

        anchors.fill: parent
        anchors.leftMargin: Theme.space4
        anchors.rightMargin: toast.actionText.length > 0 ? 4 : Theme.space4
        spacing: Theme.space2

        Label {
            Layout.fillWidth: true
            Layout.topMargin: Theme.space2
            Layout.bottomMargin: Theme.space2
            text: toast.text
            wrapMode: Text.Wrap
            maximumLineCount: 2
            elide: Text.ElideRight
            lineHeight: 1
            color: Theme.inkInverse
            Accessible.ignored: true
        }
        Button {
            id: button

            text: toast.actionText
            visible: text.length > 0
            kind: Button.Quiet
            inverse: true
            onClicked: {
                toast.hide();
                toast.action();
            }
        }
    }
}
